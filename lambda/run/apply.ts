import type { Change } from '../core/change.ts';
import type { ApprovedPlan } from '../core/guard.ts';
import type { Memory } from '../core/memory.ts';
import type { Fingerprint } from '../core/model.ts';
import { type ChangeOutcome, notAttempted } from '../core/outcome.ts';
import type { SyncRules } from '../core/rules.ts';
import { TurnOver, UsageError } from '../errors.ts';
import type { Turn, Turns, WorkspaceWriter } from '../ports.ts';
import { lookAgain, type Shown } from './look-again.ts';
import type { Reading, Sources } from './read.ts';
import { readAhead, refresh } from './refresh.ts';
import { SLICE_WRITES, writeSlice } from './slice.ts';

/** Turns taken in a row without a single change done: somebody else uses up the whole write budget. */
const FRUITLESS_TURNS = 30;

/** Where the run keeps what it learned, so that the next slice and the next run know it. */
export interface MemoryKeeper {
  read(): Promise<Memory>;
  merge(learned: Pick<Awaited<ReturnType<typeof writeSlice>>, 'remember' | 'forget'>): Promise<void>;
}

export interface ApplyInput {
  readonly sources: Sources;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly nextRunAt: number | null;
  readonly writer: WorkspaceWriter;
  readonly turns: Turns;
  readonly memory: MemoryKeeper;
  readonly reading: Reading;
  readonly approved: ApprovedPlan;
}

export interface Applied {
  /** One for each change of the plan. */
  readonly outcomes: ReadonlyMap<Change, ChangeOutcome>;
  /** What ended the run before its end; `null` when it went through. */
  readonly stopped: Error | null;
}

/** Writes an approved plan in slices, each under the turn and on fresh reads. Never throws: what happened is in the outcomes. */
export async function applyPlan(input: ApplyInput): Promise<Applied> {
  const { changes } = input.approved.plan;
  const { listen, clock } = input.sources;
  const outcomes = new Map<Change, ChangeOutcome>();
  const settle = (change: Change, outcome: ChangeOutcome) => {
    outcomes.set(change, outcome);
    listen({ kind: 'outcome', change, outcome, done: outcomes.size, total: changes.length });
  };

  const shown: Shown[] = [];
  let reading = input.reading;
  let pending: readonly Change[] = changes;
  let stopped: Error | null = null;
  let failures = 0;
  let fruitless = 0;
  try {
    while (pending.length > 0 && stopped === null && fruitless < FRUITLESS_TURNS) {
      const slice = nextSlice(pending);
      const metered = slice[0]?.action !== 'delete';
      reading = await readAhead(input.sources, reading, slice);
      const due = metered ? await input.turns.due() : 0;
      if (due > 0) {
        listen({ kind: 'waiting', ms: due, reason: 'budget' });
        await clock.sleep(due);
      }
      const turn = await input.turns.take(metered);
      try {
        reading = await refresh(input.sources, reading, slice);
        const memory = await input.memory.read();
        if (!(await renewed(turn))) {
          fruitless++;
          continue;
        }
        const result = await writeSlice({
          ...input,
          gate: turn,
          reading,
          memory,
          changes: slice,
          failures,
          settle,
        });
        await input.memory.merge(result);
        shown.push(...result.shown);
        ({ failures, stop: stopped } = result);
        fruitless = result.left.length === slice.length ? fruitless + 1 : 0;
        pending = [...result.left, ...pending.slice(slice.length)];
      } finally {
        await turn.release();
      }
    }
    if (shown.length > 0 && stopped === null) {
      const second = await lookAgain({ ...input, reading, shown, outcomes });
      await input.memory.merge(second);
      for (const [change, outcome] of second.corrected) outcomes.set(change, outcome);
    }
  } catch (error) {
    // An archive that fails in the middle is no mistake of usage any more.
    stopped = error instanceof Error && !(error instanceof UsageError) ? error : new Error(String(error));
  }
  const why = stopped?.message ?? 'the write budget was used up by others all the time';
  for (const change of changes) if (!outcomes.has(change)) settle(change, notAttempted(why));
  return { outcomes, stopped };
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

/** Changes of different waves are never written at one stretch: the later ones need names that the earlier ones free. */
function nextSlice(pending: readonly Change[]): readonly Change[] {
  const wave = pending[0]?.wave;
  const end = pending.findIndex((change) => change.wave !== wave);
  return pending.slice(0, Math.min(SLICE_WRITES, end < 0 ? pending.length : end));
}
