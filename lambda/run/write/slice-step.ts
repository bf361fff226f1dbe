import type { ChangeOutcome } from '../../core/report/report.ts';
import { LeaseOver } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import { openClaim } from './claim.ts';
import type { SliceOutcomes, SliceStep, SliceStepResult, Written } from '../checkpoints.ts';
import { askForAddresses } from '../read/bearers.ts';
import { isToBeSeen } from './last-look.ts';
import { errorRecordOf, unforeseen } from '../error-record.ts';
import { readingOf } from '../reading.ts';
import type { Writing } from '../context.ts';
import { readAhead, refresh, usersAhead } from '../read/refresh.ts';
import { isMetered, type SliceResult, writeSlice } from './slice.ts';

/** Waits longer than this are left to the workflow: a step may not sleep through an invocation. */
const LONGEST_SLEEP_MS = 2 * 60_000;

/** Writes one slice, or what is left of it, under the lease and on fresh reads. */
export async function writeSliceStep(input: Writing, sliceStep: SliceStep): Promise<SliceStepResult> {
  const { sources, checkpoints, leases } = input;
  const { clock, listen } = sources;
  const again = await checkpoints.isRetry(sliceStep.name);
  const places = await checkpoints.slices.get(sliceStep.slices);
  const place = places[sliceStep.at];
  if (place === undefined) throw new Error(`the plan has no slice ${sliceStep.at + 1}`);
  const task = await checkpoints.slice.get(place.kept);
  const listing = await checkpoints.listing.get(sliceStep.listing);
  const users = await checkpoints.users.get(sliceStep.users);
  const { changes } = task.approved;
  const pending = sliceStep.pending ?? changes.map((_, index) => index);
  const slice = pending.flatMap((index) => changes[index] ?? []);
  const metered = isMetered(slice[0]);

  let reading = readingOf({ ...listing, workspaceGroups: task.before }, users, task.memberships);
  reading = await readAhead(sources, reading, slice);
  const due = metered ? await leases.due() : 0;
  if (due > LONGEST_SLEEP_MS) {
    const { failures } = sliceStep;
    return {
      written: { outcomes: [] },
      toSee: 0,
      settled: 0,
      left: pending,
      failures,
      stop: null,
      users: sliceStep.users,
      due,
    };
  }
  if (due > 0) {
    listen({ kind: 'waiting', ms: due, reason: 'budget' });
    await clock.sleep(due);
  }
  const outcomes: (readonly [number, ChangeOutcome])[] = [];
  let result: SliceResult = {
    remember: [],
    forget: [],
    copies: [],
    shown: [],
    effective: [],
    left: pending,
    failures: sliceStep.failures,
    stop: null,
  };
  const lease = await leases.take(metered);
  try {
    reading = await refresh(sources, reading, slice);
    const memory = await input.memory.read();
    const targets = new Set(slice.flatMap(({ oktaIds }) => oktaIds));
    const { leftAlone } = task;
    const fresh = { ...input, ...reading, memory, targets, leftAlone, now: clock.now() };
    reading = { ...reading, directory: await askForAddresses(sources, fresh) };
    if (await renewed(lease)) {
      const { byOperator } = task.approved;
      const claim = openClaim({ ...input, ...task, ...sources, name: input.rules.name, byOperator });
      result = await writeSlice({
        ...input,
        ...task,
        lease,
        claim,
        reading,
        memory,
        pending,
        cutOffSince: again ? sliceStep.startedAt : null,
        failures: sliceStep.failures,
        settle: (index, outcome) => {
          outcomes.push([task.positions[index] ?? -1, outcome]);
          const change = changes[index];
          if (change === undefined) return;
          const done = sliceStep.done + outcomes.length;
          listen({ kind: 'outcome', change, outcome, done, total: sliceStep.changes });
        },
      });
      await input.memory.merge(result);
      await claim.settle(result.effective);
    }
  } catch (error) {
    // What was written stays written, and has to be told.
    if (outcomes.length === 0) throw error;
    const settled = new Set(outcomes.map(([position]) => position));
    const left = pending.filter((index) => !settled.has(task.positions[index] ?? -1));
    result = { ...result, left, stop: unforeseen(error) };
  } finally {
    await lease.release();
  }
  const { left, failures, shown } = result;
  let { stop } = result;
  // From here on the step may not fail any more: what was written has to be told.
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      stop ??= unforeseen(error);
      return otherwise;
    }
  };
  const written = await attempt<SliceOutcomes>(
    () => checkpoints.written.put(`${sliceStep.name}-written`, { outcomes, shown }),
    { outcomes: outcomes.map(withoutPeople) },
  );
  const [next] = left;
  const more = stop === null && (next !== undefined || places[sliceStep.at + 1] !== undefined);
  const nextMetered = next === undefined ? places[sliceStep.at + 1]?.metered : isMetered(changes[next]);
  const latest = await attempt(async () => {
    const seen = { users: reading.workspace.users, readAt: reading.usersReadAt };
    const newest = more ? await usersAhead(sources, seen) : seen;
    return newest.readAt === users.readAt
      ? sliceStep.users
      : checkpoints.users.put(`${sliceStep.name}-users`, newest);
  }, sliceStep.users);
  const nextDue = stop === null && nextMetered === true ? await attempt(() => leases.due(), 0) : 0;
  return {
    written,
    toSee: outcomes.filter(isToBeSeen).length,
    settled: outcomes.length,
    left,
    failures,
    stop: stop === null ? null : errorRecordOf(stop),
    users: latest,
    due: nextDue,
  };
}

/** Small enough for the result of a step. */
function withoutPeople([position, outcome]: Written['outcomes'][number]): Written['outcomes'][number] {
  return [position, { ...outcome, written: null, unsettled: [] }];
}

/** Whether the lease is still ours now that the slice's reads are done. */
async function renewed(lease: Lease): Promise<boolean> {
  try {
    await lease.renew();
    return true;
  } catch (error) {
    if (error instanceof LeaseOver) return false;
    throw error;
  }
}
