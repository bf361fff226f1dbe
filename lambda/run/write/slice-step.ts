import { memoryOf } from '../../archive/memory.ts';
import type { CheckpointRef } from '../../ports.ts';
import { type SliceOutcomes, type Written, readingOf } from '../checkpoints.ts';
import { askForAddresses } from '../read/recheck.ts';
import { errorRecordOf, unforeseen } from '../error-record.ts';
import type { ApplyTask, RunContext } from '../context.ts';
import { readAhead, refresh, usersAhead } from '../read/refresh.ts';
import type { LeaseStep, LeaseStepEnd } from './lease-by-lease.ts';
import { isToBeSeen } from './look-again.ts';
import { changesOf, isMetered, prepareSlice } from './slice.ts';
import { underLease } from './under-lease.ts';

/** What one step of writing a plan starts from: all of it small. */
interface SliceStep extends LeaseStep<number> {
  readonly listing: CheckpointRef;
  readonly users: CheckpointRef;
  /** Where the slices are named. */
  readonly slices: CheckpointRef;
  /** How many changes the plan has. */
  readonly changes: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

export interface SliceStepResult extends LeaseStepEnd<number> {
  readonly written: SliceOutcomes;
  /** Changes that the last look has to see. */
  readonly toSee: number;
  /** The latest users list. */
  readonly users: CheckpointRef;
}

/** Writes one slice, or what is left of it, under the lease and on fresh reads. */
export async function writeSliceStep(
  task: ApplyTask,
  context: RunContext,
  step: SliceStep,
): Promise<SliceStepResult> {
  const { sources, checkpoints, archive, rules } = context;
  const { clock, listen } = sources;
  const again = await checkpoints.isRetry(step.name);
  const places = await checkpoints.slices.get(step.slices);
  const place = places[step.at];
  if (place === undefined) throw new Error(`the plan has no slice ${step.at + 1}`);
  const slice = await checkpoints.slice.get(place.kept);
  const listing = await checkpoints.listing.get(step.listing);
  const users = await checkpoints.users.get(step.users);
  const planned = changesOf(slice);
  const pending = step.pending ?? slice.positions;
  const changes = pending.flatMap((position) => planned.get(position) ?? []);
  const metered = isMetered(changes[0]);

  let reading = readingOf({ ...listing, workspaceGroups: slice.before }, users, slice.memberships);
  reading = await readAhead(sources, reading, changes);
  const { outcomes, shown, left, failures, ...end } = await underLease(context, task, {
    keys: pending,
    metered,
    failures: step.failures,
    bounds: { ...slice, byOperator: slice.approved.byOperator },
    async prepare(lease, claim) {
      reading = await refresh(sources, reading, changes);
      const memory = await memoryOf(archive, rules.name);
      const targets = new Set(changes.flatMap(({ oktaIds }) => oktaIds));
      const { leftAlone } = slice;
      const fresh = { ...context, ...reading, memory, targets, leftAlone, now: clock.now() };
      reading = { ...reading, directory: await askForAddresses(sources, fresh) };
      await lease.renew();
      const cutOffSince = again ? step.startedAt : null;
      return prepareSlice({ context, task, slice, reading, memory, lease, claim, pending, cutOffSince });
    },
    told(position, outcome, done) {
      const change = planned.get(position);
      if (change === undefined) return;
      listen({ kind: 'outcome', change, outcome, done: step.done + done, total: step.changes });
    },
  });
  let { stop } = end;
  // From here on the step may not fail any more: what was written has to be told.
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      stop ??= unforeseen(error);
      return otherwise;
    }
  };
  const waits = { settled: 0, toSee: 0, left, failures, stop: null, users: step.users };
  if (end.due > 0) return { ...waits, written: { outcomes: [] }, due: end.due };
  const written = await attempt<SliceOutcomes>(
    () => checkpoints.written.put(`${step.name}-written`, { outcomes, shown }),
    { outcomes: outcomes.map(withoutPeople) },
  );
  const [next] = left;
  const following = places[step.at + 1];
  const more = stop === null && (next !== undefined || following !== undefined);
  const nextMetered = next === undefined ? following?.metered : isMetered(planned.get(next));
  const latest = await attempt(async () => {
    const seen = { users: reading.workspace.users, readAt: reading.usersReadAt };
    const newest = more ? await usersAhead(sources, seen) : seen;
    return newest.readAt === users.readAt ? step.users : checkpoints.users.put(`${step.name}-users`, newest);
  }, step.users);
  const due = stop === null && nextMetered === true ? await attempt(() => task.leases.due(), 0) : 0;
  return {
    written,
    toSee: outcomes.filter(isToBeSeen).length,
    settled: outcomes.length,
    left,
    failures,
    stop: stop === null ? null : errorRecordOf(stop),
    users: latest,
    due,
  };
}

/** Small enough for the result of a step. */
function withoutPeople([position, outcome]: Written['outcomes'][number]): Written['outcomes'][number] {
  return [position, { ...outcome, written: null, unsettled: [] }];
}
