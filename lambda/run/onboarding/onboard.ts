import { rulesIn } from '../../core/guard/guard.ts';
import { type Change, NO_BASELINE } from '../../core/plan/change.ts';
import type { Onboarding } from '../../core/plan/plan-onboarding.ts';
import { countInvited } from '../../core/people/invitations.ts';
import { requested } from '../../core/model/request.ts';
import { type OnboardReport, onboardReport } from '../../core/report/onboard-report.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import { UsageError } from '../../errors.ts';
import type { CheckpointRef } from '../../ports.ts';
import { recentlyDone } from '../../archive/recent-file.ts';
import { keepRefused, recordOf, wordFor } from '../../archive/record.ts';
import { invitationNotes } from '../../archive/invitation-notes.ts';
import { memoryOf, mergeMemory } from '../../archive/state-file.ts';
import { dueIn } from '../decide.ts';
import type { Ending, OnboardTask, RunContext, RunEnd } from '../context.ts';
import { requestsOf } from '../workflow.ts';
import { errorOf, type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';
import { type JudgedOnboarding, judgeOnboarding } from '../../core/guard/judge-plan.ts';
import { leaseByLease, mayGoOn } from '../write/lease-by-lease.ts';
import { findPeople } from './find.ts';
import { slicesOfJoins } from './joins.ts';
import { everyInviteOutcome, inviteEverybody } from '../invite/invite-everybody.ts';
import type { InviteResult } from '../invite/invite.ts';
import { endRun, type Reported, type SoFar } from '../make-report.ts';
import { outcomesOf, type WriteEnd } from '../write/write.ts';

/** Adds people to the managed groups of their Okta groups: find, write under the lease, invite, report. Throws only `UsageError`. */
export async function runOnboard(
  task: OnboardTask,
  context: RunContext & Ending<OnboardReport>,
): Promise<RunEnd> {
  const found = await context.workflow.step('find', () => find(task, context));
  const { onboarding, startedAt, passed } = found;
  let failure = found.stop && errorOf(found.stop);
  let writing: WriteEnd | null = null;
  let inviting: InviteResult | null = null;
  if (task.mode === 'onboard' && onboarding !== null && found.refusals.length === 0) {
    try {
      writing = await leaseByLease(context, task, slicesOfJoins(task, context, { ...found, onboarding }));
      failure = writing.stopped;
      if (found.invitations > 0 && mayGoOn(failure)) {
        const plan = async () => asPlanned(await context.checkpoints.onboarding.get(onboarding));
        const anew = task.inviteAgain === true ? startedAt : null;
        const how = { approved: passed.includes('invitations'), anew, startedAt };
        inviting = await inviteEverybody(task, context, plan, writing, how);
        failure ??= inviting.stop;
      }
    } catch (error) {
      failure = unforeseen(error);
    }
  }
  const soFar = { writing, inviting, failure, requests: requestsOf(context) };
  const { status, note } = await context.workflow.step('report', () =>
    reportOnboarding(task, context, found, soFar),
  );
  return { status, failure: failure ?? (note && errorOf(note)) };
}

const asPlanned = (onboarding: Onboarding) => ({ ...onboarding, changes: onboarding.joins });

/** Throws a mistake in usage, unless it is to be told in the report. */
async function find(task: OnboardTask, context: RunContext & Ending<OnboardReport>): Promise<OnboardingPlan> {
  const { archive, checkpoints, rules, sources } = context;
  const { emails, inviteAgain = false, approve = null } = task;
  const { name } = rules;
  const startedAt = sources.clock.now();
  const writes = task.mode === 'onboard';
  try {
    const memory = await memoryOf(archive, name);
    const notes = await invitationNotes(archive, name);
    const found = await findPeople(task, context, memory, notes);
    // Before there is a record of this run, which may be one of those that it is made from.
    const recent = await recentlyDone(archive, name, sources.clock.now(), writes);
    const request = requested(context.origin, { ...WHOLE, dryRun: !writes, approve });
    const approval = await wordFor(archive, approve);
    const due = await dueIn(found.joins, { baseline: NO_BASELINE, recent }, memory, context);
    const onboarding = { ...found, due: due ?? [] };
    const judged = judgeOnboarding(onboarding, { ...context, recent, approval });
    const { runId } = task;
    const holder = context.holder(runId);
    const record = { runId, name, holder, mode: 'onboard', request, approve, ...judged };
    // Who is in the groups already is not its business.
    const joins = onboarding.joins.map(({ secodaId, name, oktaIds, add, before }) => ({
      ...{ secodaId, name, oktaIds, before: before.members.length },
      add: add.map(({ user, email, personIds }) => ({ user, email, personIds })),
    }));
    await recordOf(archive, runId).plan({ ...record, ...onboarding, joins });
    if (judged.refusals.length > 0) {
      const again = { scope: { groups: [], hints: null }, onboard: { emails, inviteAgain } };
      const refused = { harm: [], rules: rulesIn(judged.refusals), held: null, ...again };
      await keepRefused(archive, judged.digest, refused);
    }
    // Once a group was written, nothing tells what else was ours, and what a copy of it.
    if (writes) await mergeMemory(archive, { remember: [], forget: [], found: onboarding.ours });
    return {
      ...judged,
      startedAt,
      onboarding: await checkpoints.onboarding.put('onboarding', onboarding),
      joins: onboarding.joins.length,
      invitations: countInvited(onboarding.invitations),
      stop: null,
    };
  } catch (error) {
    if (error instanceof UsageError && context.usage === 'throw') throw error;
    const nothing = { onboarding: null, joins: 0, invitations: 0, refusals: [], digest: '', passed: [] };
    return { ...nothing, startedAt, stop: errorRecordOf(error) };
  }
}

/** What the first step found: all of it small, since thousands of joins are more than a step's result may hold. */
interface OnboardingPlan extends JudgedOnboarding {
  readonly startedAt: number;
  /** `null`: it was not found out. */
  readonly onboarding: CheckpointRef | null;
  readonly joins: number;
  readonly invitations: number;
  readonly stop: ErrorRecord | null;
}

/** An onboarding is about people: what else a run can be asked for does not concern it. */
const WHOLE = { groups: [], full: false } as const;

/** Reports an onboarding. */
function reportOnboarding(
  { runId, mode, approve = null }: OnboardTask,
  context: RunContext & Ending<OnboardReport>,
  { startedAt, refusals, digest, ...found }: OnboardingPlan,
  { writing, inviting, requests, failure: before }: Omit<SoFar, 'startedAt' | 'decision'>,
): Promise<Reported> {
  const { sources, checkpoints, origin } = context;
  const planned = mode === 'plan';
  let onboarding: Onboarding | null = null;
  let outcomes: ReadonlyMap<Change, ChangeOutcome> = new Map();
  return endRun(runId, context, before, {
    async gather() {
      if (found.onboarding === null) return;
      onboarding = await checkpoints.onboarding.get(found.onboarding);
      if (writing !== null) outcomes = await outcomesOf(asPlanned(onboarding), writing, checkpoints);
    },
    build: (failure) =>
      onboardReport({
        ...{ runId, planned, onboarding, digest, outcomes, startedAt, refusals, requests },
        invited: onboarding === null || inviting === null ? [] : everyInviteOutcome(onboarding, inviting),
        endedAt: sources.clock.now(),
        request: requested(origin, { ...WHOLE, dryRun: planned, approve }),
        failure,
      }),
  });
}
