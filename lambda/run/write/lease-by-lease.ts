import { Interrupted } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import { errorOf, type ErrorRecord, unforeseen } from '../error-record.ts';

/** Steps in a row without a single outcome: somebody else uses up the whole write budget. */
const FRUITLESS_STEPS = 30;
/** The next step comes back so long before its first write is allowed: it has to start, and to read ahead. */
const LEAD_MS = 15_000;
/**
 * A durable execution ends after 24 hours or 3,000 operations; a run goes on in the next one well before that. A step and
 * the wait behind it are two, and reading, inviting and repeated steps need some as well.
 */
const LONGEST_MS = 20 * 3_600_000;
const MOST_WRITES = 36_000;
const MOST_STEPS = 1_200;

/** What one step of writing starts from: all of it small. */
export interface LeaseStep<K> {
  readonly name: string;
  /** Which of the slices this is. */
  readonly at: number;
  /** What the steps before left of it; `null` for all of it. */
  readonly pending: readonly K[] | null;
  /** Server failures in a row before it. */
  readonly failures: number;
  /** How much is settled already, in all slices. */
  readonly done: number;
}

/** What came of it: small, too. */
export interface LeaseStepEnd<K> {
  readonly settled: number;
  readonly left: readonly K[];
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: ErrorRecord | null;
  /** Milliseconds until the next write could go out; 0 when there is none. */
  readonly due: number;
}

interface Slices {
  /** Of the steps: with `slice` they are `slice-1`, `slice-2` … */
  readonly name: string;
  readonly count: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
  readonly mostSteps?: number;
}

export interface LeasesEnd<E> {
  readonly ends: readonly E[];
  /** What ended it before its end; `null` when it went through. */
  readonly stopped: Error | null;
  /** Why something was not attempted, if anything was not. */
  readonly why: string;
}

/** Works through slices, a step for each lease, with waits for the write budget between them. Never throws. */
export async function leaseByLease<K, E extends LeaseStepEnd<K>>(
  { workflow, sources, interrupted }: RunContext,
  { name: kind, count, startedAt, mostSteps = MOST_STEPS }: Slices,
  work: (step: LeaseStep<K>, before: E | undefined) => Promise<E>,
): Promise<LeasesEnd<E>> {
  const ends: E[] = [];
  let why = 'the write budget was used up by others all the time';
  let pending: readonly K[] | null = null;
  let [failures, fruitless, done, at] = [0, 0, 0, 0];
  try {
    while (at < count && fruitless < FRUITLESS_STEPS) {
      interrupted.throwIfAborted();
      const name = `${kind}-${ends.length + 1}`;
      const step: LeaseStep<K> = { name, at, pending, failures, done };
      const before = ends.at(-1);
      const { end, now }: { readonly end: E; readonly now: number } = await workflow.step(name, async () => ({
        end: await work(step, before),
        now: sources.clock.now(),
      }));
      ends.push(end);
      if (end.stop !== null) {
        const stopped = errorOf(end.stop);
        return { ends, stopped, why: stopped.message };
      }
      ({ failures } = end);
      done += end.settled;
      fruitless = end.settled === 0 ? fruitless + 1 : 0;
      pending = end.left.length > 0 ? end.left : null;
      if (pending === null) at++;
      if (at === count) break;
      if (now - startedAt > LONGEST_MS || done >= MOST_WRITES || ends.length >= mostSteps) {
        why = 'the run is as long as one may be; the next one goes on from here';
        break;
      }
      if (end.due > LEAD_MS) await workflow.wait(`budget-after-${name}`, end.due - LEAD_MS);
      else await workflow.rest(`rest-after-${name}`);
    }
  } catch (error) {
    const stopped = unforeseen(error);
    return { ends, stopped, why: stopped.message };
  }
  return { ends, stopped: null, why };
}

/** Whether there is more to be done behind this end. Of an interrupted run, too, each invitation has an outcome: it was not attempted. */
export function mayGoOn(stopped: Error | null): boolean {
  return stopped === null || stopped instanceof Interrupted;
}
