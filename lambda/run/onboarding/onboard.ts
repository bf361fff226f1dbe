import { tooManyInvitations, unknownRefusals } from '../../core/guard/guard-rules.ts';
import { countInvited, type InviteOutcome } from '../../core/people/invitations.ts';
import { requested } from '../../core/model/request.ts';
import { changeOf } from '../../core/report/onboard-report.ts';
import { UsageError } from '../../errors.ts';
import type { Workflow, CheckpointRef, Leases } from '../../ports.ts';
import { recentlyDone } from '../../archive/recent.ts';
import { recordOf } from '../../archive/record.ts';
import type { RunEnd } from '../context.ts';
import { meteredSteps } from '../metered-steps.ts';
import { invitationNotes } from '../../archive/invitations.ts';
import { memoryOf, mergeMemory } from '../../archive/memory.ts';
import { errorOf, type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';
import { findPeople } from './find.ts';
import { inviteFound } from './invite-found.ts';
import { writeJoins } from './slice.ts';
import { tell, WHOLE } from './report.ts';
import type { OnboardingPlan, OnboardTask, OnboardView, OnboardContext } from './context.ts';

/** The most groups written at a stretch. */
const SLICE_JOINS = 30;
/** Turns taken in a row without a single write: somebody else uses up the whole write budget. */
const FRUITLESS_LEASES = 30;

/** What came of one slice: small, too. */
interface Joined {
  /** The outcomes of the first of its joins; `null` when nothing came of any. */
  readonly joined: CheckpointRef | null;
  readonly settled: number;
  readonly failures: number;
  readonly stop: ErrorRecord | null;
  readonly waitMs: number;
}

/**
 * Adds people to the managed groups that mirror the Okta groups they are in: find them, write slice by slice under the
 * lease, report. Whatever happens, it ends in a report, which is kept in the record; only a `UsageError` is thrown.
 */
export async function runOnboard(
  task: OnboardTask,
  context: OnboardContext,
  workflow: Workflow,
): Promise<RunEnd> {
  const { step, requests } = meteredSteps(workflow, context.sources);
  const found = await step('find', () => find(task, context, context.leases));
  const { onboarding, refusals } = found;
  const joined: CheckpointRef[] = [];
  let invited: readonly InviteOutcome[] = [];
  let { stop, waitMs } = found;
  let [at, failures, fruitless] = [0, 0, 0];
  const joins = refusals.length > 0 ? 0 : found.joins;
  try {
    for (let n = 1; onboarding && at < joins && stop === null && fruitless < FRUITLESS_LEASES; n++) {
      if (waitMs > 0) await workflow.wait(`budget-${n}`, waitMs);
      const slice = { name: `slice-${n}`, onboarding, at, failures };
      const result: Joined = await step(slice.name, () => write({ ...context, ...task }, slice));
      await workflow.rest(`rest-${n}`);
      if (result.joined !== null) joined.push(result.joined);
      ({ failures, stop, waitMs } = result);
      fruitless = result.settled === 0 ? fruitless + 1 : 0;
      at += result.settled;
    }
    if (onboarding !== null && found.invitations > 0 && stop === null && refusals.length === 0)
      ({ outcomes: invited, stop } = await inviteFound(
        context,
        { ...workflow, step },
        { ...found, onboarding, joined },
        task,
      ));
  } catch (error) {
    stop = errorRecordOf(unforeseen(error));
  }
  const late = stop?.message ?? 'the write budget was used up by others all the time';
  const why = refusals.length > 0 ? null : late;
  const ends = { ...found, planned: false, stop, why, joined, invited, requests: requests() };
  return ended(await workflow.step('report', () => tell(task, context, ends)));
}

/** Finds out what `runOnboard` would do, and reports it. It is given nothing that it could write with. */
export async function planOnboard(
  task: OnboardTask,
  context: OnboardView,
  workflow: Workflow,
): Promise<RunEnd> {
  const { step, requests } = meteredSteps(workflow, context.sources);
  const found = await step('find', () => find(task, context, null));
  const ends = { ...found, planned: true, why: null, joined: [], invited: [], requests: requests() };
  return ended(await workflow.step('report', () => tell(task, context, ends)));
}

function ended({ status, stop }: Awaited<ReturnType<typeof tell>>): RunEnd {
  return { status, failure: stop === null ? null : errorOf(stop) };
}

/** Throws a mistake in usage, unless it is to be told in the report. `leases`: where the write budget is kept; `null` in a dry run. */
async function find(task: OnboardTask, context: OnboardView, leases: Leases | null): Promise<OnboardingPlan> {
  const { archive, checkpoints, rules, sources, guard } = context;
  const startedAt = sources.clock.now();
  try {
    const memory = await memoryOf(archive, rules.name);
    const notes = await invitationNotes(archive, rules.name);
    const { runId, inviteAgain = false } = task;
    const onboarding = await findPeople({ ...context, memory, notes, inviteAgain }, task.emails);
    const { name } = rules;
    // Before there is a record of this run, which may be one of those that it is made from.
    const recent = await recentlyDone(archive, name, sources.clock.now(), leases !== null);
    const request = requested(context.origin, { ...WHOLE, dryRun: leases === null });
    await recordOf(archive, runId).plan({ runId, name, mode: 'onboard', request, ...onboarding });
    // Once a group was written, nothing tells what else was ours, and what a copy of it.
    if (leases !== null) await mergeMemory(archive, { remember: [], forget: [], found: onboarding.ours });
    const joins = onboarding.joins.length;
    const judged = {
      changes: onboarding.joins.map((join) => changeOf(join)),
      invited: onboarding.invitations.flatMap(({ emails }) => emails),
      recent,
    };
    return {
      startedAt,
      onboarding: await checkpoints.onboarding.put('onboarding', onboarding),
      joins,
      invitations: countInvited(onboarding.invitations),
      refusals: [...unknownRefusals(judged), ...tooManyInvitations(judged, guard)],
      stop: null,
      waitMs: leases !== null && joins > 0 ? await leases.due() : 0,
    };
  } catch (error) {
    if (error instanceof UsageError && task.usage === 'throw') throw error;
    const nothing = { onboarding: null, joins: 0, invitations: 0, refusals: [], waitMs: 0 };
    return { ...nothing, startedAt, stop: errorRecordOf(error) };
  }
}

interface Slice {
  readonly name: string;
  readonly onboarding: CheckpointRef;
  /** Its first join, by its place in the onboarding. */
  readonly at: number;
  readonly failures: number;
}

async function write(
  context: OnboardContext & Pick<OnboardTask, 'runId'>,
  { name, onboarding, at, failures }: Slice,
): Promise<Joined> {
  const { checkpoints } = context;
  try {
    const again = await checkpoints.isRetry(name);
    const { joins: all, memberships } = await checkpoints.onboarding.get(onboarding);
    const joins = all.slice(at, at + SLICE_JOINS);
    const baseline = { groupsInScope: 0, managedGroups: 0, memberships };
    const { outcomes, ...result } = await writeJoins(context, joins, { failures, baseline, again });
    const joined = outcomes.length > 0 ? await checkpoints.joined.put(name, outcomes) : null;
    return { ...result, joined, settled: outcomes.length };
  } catch (error) {
    // Both sides were read before, so it is no matter of usage any more.
    return { joined: null, settled: 0, failures, stop: errorRecordOf(unforeseen(error)), waitMs: 0 };
  }
}
