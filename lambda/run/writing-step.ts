import type { ChangeOutcome } from '../core/outcome.ts';
import type { Memory } from '../core/memory.ts';
import type { Fingerprint } from '../core/model.ts';
import type { GuardRules, SyncRules } from '../core/rules.ts';
import { TurnOver } from '../errors.ts';
import type { Learned } from '../memory-file.ts';
import type { Archive, Kept, Turn, Turns, WorkspaceWriter } from '../ports.ts';
import { openClaim } from './claim.ts';
import type { Drawers, Told, Written } from './kept.ts';
import { askForAddresses } from './bearers.ts';
import { isToBeSeen } from './last-look.ts';
import { type Note, noteOf, unforeseen } from './note.ts';
import { readingOf, type Sources } from './read.ts';
import { readAhead, refresh, usersAhead } from './refresh.ts';
import { isMetered, type SliceResult, writeSlice } from './slice.ts';

/** Waits longer than this are left to the journey: a step may not sleep through an invocation. */
const LONGEST_SLEEP_MS = 2 * 60_000;

/** Where the run keeps what it learned, so that the next slice and the next run know it. */
export interface MemoryKeeper {
  read(): Promise<Memory>;
  merge(learned: Learned): Promise<void>;
}

export interface Writing {
  readonly sources: Sources;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly nextRunAt: number | null;
  readonly drawers: Drawers;
  readonly writer: WorkspaceWriter;
  readonly turns: Turns;
  readonly memory: MemoryKeeper;
  readonly archive: Archive;
  readonly runId: string;
  readonly guard: GuardRules;
}

/** What one step of writing starts from: all of it small. */
export interface Stretch {
  readonly name: string;
  readonly listing: Kept;
  readonly users: Kept;
  /** Where the slices are named, and which of them this is. */
  readonly slices: Kept;
  readonly at: number;
  /** Positions in the slice; `null` for all of them. */
  readonly pending: readonly number[] | null;
  /** Server failures in a row before it. */
  readonly failures: number;
  /** Changes of the plan whose fate is known, and how many there are in all. */
  readonly done: number;
  readonly changes: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

export interface StretchResult {
  readonly written: Told;
  /** Changes that the last look has to see. */
  readonly toSee: number;
  readonly settled: number;
  readonly left: readonly number[];
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Note | null;
  /** The latest users list. */
  readonly users: Kept;
  /** Milliseconds until the next write could go out; 0 when there is none. */
  readonly due: number;
}

/** Writes one slice, or what is left of it, under the turn and on fresh reads. */
export async function writeStretch(input: Writing, stretch: Stretch): Promise<StretchResult> {
  const { sources, drawers, turns } = input;
  const { clock, listen } = sources;
  const again = await drawers.begunBefore(stretch.name);
  const places = await drawers.slices.get(stretch.slices);
  const place = places[stretch.at];
  if (place === undefined) throw new Error(`the plan has no slice ${stretch.at + 1}`);
  const task = await drawers.slice.get(place.kept);
  const listing = await drawers.listing.get(stretch.listing);
  const users = await drawers.users.get(stretch.users);
  const { changes } = task.approved;
  const pending = stretch.pending ?? changes.map((_, index) => index);
  const slice = pending.flatMap((index) => changes[index] ?? []);
  const metered = isMetered(slice[0]);

  let reading = readingOf({ ...listing, workspaceGroups: task.before }, users, task.memberships);
  reading = await readAhead(sources, reading, slice);
  const due = metered ? await turns.due() : 0;
  if (due > LONGEST_SLEEP_MS) {
    const { failures } = stretch;
    return {
      written: { outcomes: [] },
      toSee: 0,
      settled: 0,
      left: pending,
      failures,
      stop: null,
      users: stretch.users,
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
    failures: stretch.failures,
    stop: null,
  };
  const turn = await turns.take(metered);
  try {
    reading = await refresh(sources, reading, slice);
    const memory = await input.memory.read();
    const targets = new Set(slice.flatMap(({ oktaIds }) => oktaIds));
    const { leftAlone } = task;
    const fresh = { ...input, ...reading, memory, targets, leftAlone, now: clock.now() };
    reading = { ...reading, directory: await askForAddresses(sources, fresh) };
    if (await renewed(turn)) {
      const { byOperator } = task.approved;
      const claim = openClaim({ ...input, ...task, ...sources, name: input.rules.name, byOperator });
      result = await writeSlice({
        ...input,
        ...task,
        turn,
        claim,
        reading,
        memory,
        pending,
        cutOffSince: again ? stretch.startedAt : null,
        failures: stretch.failures,
        settle: (index, outcome) => {
          outcomes.push([task.positions[index] ?? -1, outcome]);
          const change = changes[index];
          if (change === undefined) return;
          const done = stretch.done + outcomes.length;
          listen({ kind: 'outcome', change, outcome, done, total: stretch.changes });
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
    await turn.release();
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
  const written = await attempt<Told>(
    () => drawers.written.put(`${stretch.name}-written`, { outcomes, shown }),
    { outcomes: outcomes.map(withoutPeople) },
  );
  const [next] = left;
  const more = stop === null && (next !== undefined || places[stretch.at + 1] !== undefined);
  const nextMetered = next === undefined ? places[stretch.at + 1]?.metered : isMetered(changes[next]);
  const latest = await attempt(async () => {
    const seen = { users: reading.workspace.users, readAt: reading.usersReadAt };
    const newest = more ? await usersAhead(sources, seen) : seen;
    return newest.readAt === users.readAt
      ? stretch.users
      : drawers.users.put(`${stretch.name}-users`, newest);
  }, stretch.users);
  const nextDue = stop === null && nextMetered === true ? await attempt(() => turns.due(), 0) : 0;
  return {
    written,
    toSee: outcomes.filter(isToBeSeen).length,
    settled: outcomes.length,
    left,
    failures,
    stop: stop === null ? null : noteOf(stop),
    users: latest,
    due: nextDue,
  };
}

/** Small enough for the result of a step. */
function withoutPeople([position, outcome]: Written['outcomes'][number]): Written['outcomes'][number] {
  return [position, { ...outcome, written: null, unsettled: [] }];
}

/** Whether the turn is still ours now that the slice's reads are done. */
async function renewed(turn: Turn): Promise<boolean> {
  try {
    await turn.renew();
    return true;
  } catch (error) {
    if (error instanceof TurnOver) return false;
    throw error;
  }
}
