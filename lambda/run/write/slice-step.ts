import { memoryOf } from '../../archive/state-file.ts';
import { makePlan } from '../../core/plan/plan.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import type { CheckpointRef } from '../../ports.ts';
import { type Decision, type ReadEnd, readingOf, type SliceOutcomes, type Written } from '../checkpoints.ts';
import { askForAddresses } from '../read/recheck.ts';
import type { ApplyTask, RunContext } from '../context.ts';
import { readAhead, refresh, usersAhead } from '../read/refresh.ts';
import type { Attempt, LeaseStep, Slices, SliceWork } from './lease-by-lease.ts';
import type { LeaseEnd } from './under-lease.ts';
import { isMetered, prepareSlice } from './slice.ts';

/** A plan of which slices are to be written. */
interface SlicedPlan extends Pick<ReadEnd, 'listing' | 'users'>, Pick<Decision, 'sliceCount' | 'changes'> {
  /** Where the slices are named. */
  readonly slices: CheckpointRef;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

/** What is kept of one step of writing. */
export interface SliceKept {
  readonly written: SliceOutcomes;
  /** Changes that the last look has to see. */
  readonly toSee: number;
  /** The latest users list. */
  readonly users: CheckpointRef;
}

/** The slices of an approved plan, each written on fresh reads. */
export function slicesOf(
  task: ApplyTask,
  context: RunContext,
  plan: SlicedPlan,
): Slices<number, ChangeOutcome, SliceKept> {
  return {
    name: 'slice',
    count: plan.sliceCount,
    startedAt: plan.startedAt,
    begin: (step, before) => beginSlice(task, context, plan, step, before?.users ?? plan.users),
  };
}

/** Reads what a slice, or what is left of it, needs of Okta. */
async function beginSlice(
  task: ApplyTask,
  context: RunContext,
  plan: SlicedPlan,
  step: LeaseStep<number>,
  usersKept: CheckpointRef,
): Promise<SliceWork<number, ChangeOutcome, SliceKept>> {
  const { sources, checkpoints, archive, rules } = context;
  const { clock, listen } = sources;
  const again = await checkpoints.isRetry(step.name);
  const places = await checkpoints.slices.get(plan.slices);
  const [place, following] = [places[step.at], places[step.at + 1]];
  if (place === undefined) throw new Error(`the plan has no slice ${step.at + 1}`);
  const slice = await checkpoints.slice.get(place.kept);
  const listing = await checkpoints.listing.get(plan.listing);
  const users = await checkpoints.users.get(usersKept);
  const planned = new Map(slice.approved.changes.map((change, n) => [slice.positions[n] ?? -1, change]));
  const pending = step.pending ?? slice.positions;
  const changes = pending.flatMap((position) => planned.get(position) ?? []);

  let reading = readingOf({ ...listing, workspaceGroups: slice.before }, users, slice.memberships);
  reading = await readAhead(sources, reading, changes);
  return {
    keys: pending,
    metered: isMetered(changes[0]),
    bounds: { ...slice, byOperator: slice.approved.byOperator },
    async prepare(lease, claim) {
      reading = await refresh(sources, reading, changes);
      const memory = await memoryOf(archive, rules.name);
      const targets = new Set(changes.flatMap(({ oktaIds }) => oktaIds));
      const input = { ...context, memory, targets, leftAlone: slice.leftAlone };
      const before = { ...input, ...reading, now: clock.now() };
      reading = { ...reading, directory: await askForAddresses(sources, before) };
      await lease.renew();
      const fresh = makePlan({ ...input, ...reading, now: clock.now() });
      const cutOffSince = again ? plan.startedAt : null;
      return prepareSlice({
        ...{ context, task, planned, reading, fresh, memory, lease, claim, pending, cutOffSince },
      });
    },
    told(position, outcome, done) {
      const change = planned.get(position);
      if (change === undefined) return;
      listen({ kind: 'outcome', change, outcome, done: step.done + done, total: plan.changes });
    },
    async keep(end, attempt) {
      const written = await keepWritten(context, step, end, attempt);
      const more = end.stop === null && (end.left.length > 0 || following !== undefined);
      const latest = await attempt(async () => {
        const seen = { users: reading.workspace.users, readAt: reading.usersReadAt };
        const newest = more ? await usersAhead(sources, seen) : seen;
        if (newest.readAt === users.readAt) return usersKept;
        return checkpoints.users.put(`${step.name}-users`, newest);
      }, usersKept);
      return { written, toSee: end.outcomes.filter(isToBeSeen).length, users: latest };
    },
    waits: ([next]) => (next === undefined ? following?.metered === true : isMetered(planned.get(next))),
  };
}

/** Keeps what came of changes; where that fails, as much of it as is small enough for the result of a step. */
export function keepWritten(
  { checkpoints }: RunContext,
  { name }: LeaseStep<number>,
  { outcomes, shown }: LeaseEnd<number, ChangeOutcome>,
  attempt: Attempt,
): Promise<SliceOutcomes> {
  return attempt<SliceOutcomes>(() => checkpoints.written.put(`${name}-written`, { outcomes, shown }), {
    outcomes: outcomes.map(withoutPeople),
  });
}

function withoutPeople([position, outcome]: Written['outcomes'][number]): Written['outcomes'][number] {
  return [position, { ...outcome, written: null, unsettled: [] }];
}

/** Whether there is something for the last look in it: a group was written, or is said to be gone. */
function isToBeSeen([, { outcome, written }]: Written['outcomes'][number]): boolean {
  return written !== null && outcome !== 'failed';
}
