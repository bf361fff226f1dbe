import { type Refusal, tooManyInvitations, unknownRefusals } from '../../core/guard-rules.ts';
import { countInvited, type InviteOutcome } from '../../core/invitations.ts';
import type { Fingerprint } from '../../core/model.ts';
import { changeOf, type OnboardReport } from '../../core/onboard-report.ts';
import type { GuardRules, SyncRules } from '../../core/rules.ts';
import { UsageError } from '../../errors.ts';
import type { Adder, Archive, Inviter, Journey, Kept, People, Turns } from '../../ports.ts';
import { recentlyDone } from '../../recent-file.ts';
import { recordOf } from '../../record.ts';
import type { RunEnd } from '../../sync.ts';
import { countedSteps } from '../counted.ts';
import { invitationNotes } from '../invited.ts';
import type { Drawers } from '../kept.ts';
import { memoryOf } from '../missed.ts';
import { errorOf, type Note, noteOf, unforeseen } from '../note.ts';
import type { Sources } from '../read.ts';
import { findPeople } from './find.ts';
import { inviteFound } from './invite-found.ts';
import { writeJoins } from './slice.ts';
import { tell } from './tell.ts';

/** The most groups written at a stretch. */
const SLICE_JOINS = 30;
/** Turns taken in a row without a single write: somebody else uses up the whole write budget. */
const FRUITLESS_TURNS = 30;

/** Everything an onboarding stands on. Its only way to change a group is to add people to it. */
export interface OnboardWorld {
  readonly sources: Sources;
  readonly people: People;
  readonly archive: Archive;
  readonly drawers: Pick<Drawers, 'onboarding' | 'joined' | 'begunBefore'>;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly adder: Adder;
  readonly turns: Turns;
  /** Used only where the configuration invites people. */
  readonly inviter: Inviter;
  readonly guard: GuardRules;
}

/** All that it takes to see what an onboarding would do. */
export type OnboardView = Omit<OnboardWorld, 'adder' | 'turns' | 'inviter'>;

export interface OnboardTask {
  readonly runId: string;
  readonly emails: readonly string[];
  /** What becomes of a mistake in how it was set up. */
  readonly usage: 'throw' | 'report';
  /** Gets the whole report in the last step, which may be repeated after a kill. */
  readonly finished: (report: OnboardReport) => Promise<void>;
}

/** What the first step found: all of it small, since thousands of joins are more than a step's result may hold. */
export interface Found {
  readonly startedAt: number;
  /** `null`: it was not found out. */
  readonly onboarding: Kept | null;
  readonly joins: number;
  readonly invitations: number;
  readonly refusals: readonly Refusal[];
  readonly stop: Note | null;
  readonly waitMs: number;
}

/** What came of one slice: small, too. */
interface Written {
  /** The outcomes of the first of its joins; `null` when nothing came of any. */
  readonly joined: Kept | null;
  readonly settled: number;
  readonly failures: number;
  readonly stop: Note | null;
  readonly waitMs: number;
}

/**
 * Adds people to the managed groups that mirror the Okta groups they are in: find them, write slice by slice under the
 * turn, report. Whatever happens, it ends in a report, which is kept in the record; only a `UsageError` is thrown.
 */
export async function runOnboard(task: OnboardTask, world: OnboardWorld, journey: Journey): Promise<RunEnd> {
  const { step, requests } = countedSteps(journey, world.sources);
  const found = await step('find', () => find(task, world, world.turns));
  const { onboarding, refusals } = found;
  const joined: Kept[] = [];
  let invited: readonly InviteOutcome[] = [];
  let { stop, waitMs } = found;
  let [at, failures, fruitless] = [0, 0, 0];
  const joins = refusals.length > 0 ? 0 : found.joins;
  try {
    for (let n = 1; onboarding && at < joins && stop === null && fruitless < FRUITLESS_TURNS; n++) {
      if (waitMs > 0) await journey.wait(`budget-${n}`, waitMs);
      const slice = { name: `slice-${n}`, onboarding, at, failures };
      const result: Written = await step(slice.name, () => write({ ...world, ...task }, slice));
      await journey.rest(`rest-${n}`);
      if (result.joined !== null) joined.push(result.joined);
      ({ failures, stop, waitMs } = result);
      fruitless = result.settled === 0 ? fruitless + 1 : 0;
      at += result.settled;
    }
    if (onboarding !== null && found.invitations > 0 && stop === null && refusals.length === 0)
      ({ outcomes: invited, stop } = await inviteFound(
        world,
        { ...journey, step },
        onboarding,
        joined,
        task.runId,
      ));
  } catch (error) {
    stop = noteOf(unforeseen(error));
  }
  const late = stop?.message ?? 'the write budget was used up by others all the time';
  const why = refusals.length > 0 ? null : late;
  const ends = { ...found, planned: false, stop, why, joined, invited, requests: requests() };
  return ended(await journey.step('report', () => tell(task, world, ends)));
}

/** Finds out what `runOnboard` would do, and reports it. It is given nothing that it could write with. */
export async function planOnboard(task: OnboardTask, world: OnboardView, journey: Journey): Promise<RunEnd> {
  const { step, requests } = countedSteps(journey, world.sources);
  const found = await step('find', () => find(task, world, null));
  const ends = { ...found, planned: true, why: null, joined: [], invited: [], requests: requests() };
  return ended(await journey.step('report', () => tell(task, world, ends)));
}

function ended({ status, stop }: Awaited<ReturnType<typeof tell>>): RunEnd {
  return { status, failure: stop === null ? null : errorOf(stop) };
}

/** Throws a mistake in usage, unless it is to be told in the report. `turns`: where the write budget is kept; `null` in a dry run. */
async function find(task: OnboardTask, world: OnboardView, turns: Turns | null): Promise<Found> {
  const { archive, drawers, rules, sources, guard } = world;
  const startedAt = sources.clock.now();
  try {
    const memory = await memoryOf(archive, rules.name);
    const notes = await invitationNotes(archive, rules.name);
    const onboarding = await findPeople({ ...world, memory, notes }, task.emails);
    const { runId } = task;
    const { name } = rules;
    // Before there is a record of this run, which may be one of those that it is made from.
    const recent = await recentlyDone(archive, name, sources.clock.now(), turns !== null);
    await recordOf(archive, runId).plan({ runId, name, mode: 'onboard', ...onboarding });
    const joins = onboarding.joins.length;
    const judged = {
      changes: onboarding.joins.map((join) => changeOf(join)),
      invited: onboarding.invitations.flatMap(({ emails }) => emails),
      recent,
    };
    return {
      startedAt,
      onboarding: await drawers.onboarding.put('onboarding', onboarding),
      joins,
      invitations: countInvited(onboarding.invitations),
      refusals: [...unknownRefusals(judged), ...tooManyInvitations(judged, guard)],
      stop: null,
      waitMs: turns !== null && joins > 0 ? await turns.due() : 0,
    };
  } catch (error) {
    if (error instanceof UsageError && task.usage === 'throw') throw error;
    const nothing = { onboarding: null, joins: 0, invitations: 0, refusals: [], waitMs: 0 };
    return { ...nothing, startedAt, stop: noteOf(error) };
  }
}

interface Slice {
  readonly name: string;
  readonly onboarding: Kept;
  /** Its first join, by its place in the onboarding. */
  readonly at: number;
  readonly failures: number;
}

async function write(
  world: OnboardWorld & Pick<OnboardTask, 'runId'>,
  { name, onboarding, at, failures }: Slice,
): Promise<Written> {
  const { drawers } = world;
  try {
    const again = await drawers.begunBefore(name);
    const { joins: all, memberships } = await drawers.onboarding.get(onboarding);
    const joins = all.slice(at, at + SLICE_JOINS);
    const baseline = { groupsInScope: 0, managedGroups: 0, memberships };
    const { outcomes, ...result } = await writeJoins(world, joins, { failures, baseline, again });
    const joined = outcomes.length > 0 ? await drawers.joined.put(name, outcomes) : null;
    return { ...result, joined, settled: outcomes.length };
  } catch (error) {
    // Both sides were read before, so it is no matter of usage any more.
    return { joined: null, settled: 0, failures, stop: noteOf(unforeseen(error)), waitMs: 0 };
  }
}
