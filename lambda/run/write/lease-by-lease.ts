import { Interrupted } from '../../errors.ts';
import type { RunContext, WritingTask } from '../context.ts';
import { errorOf, type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';
import { type LeaseEnd, type LeaseWork, underLease } from './under-lease.ts';

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
  /** How much is settled already, in all slices. */
  readonly done: number;
}

/** What is written a slice at a time: the changes of a plan, or its invitations. */
export interface Slices<K, O, T> {
  /** Of the steps: with `slice` they are `slice-1`, `slice-2` … */
  readonly name: string;
  readonly count: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
  readonly mostSteps?: number;
  /** Reads ahead of the lease what a step needs. `before`: what the step before it kept. */
  readonly begin: (step: LeaseStep<K>, before: T | null) => Promise<SliceWork<K, O, T>>;
}

export interface SliceWork<K, O, T> extends LeaseWork<K, O> {
  /**
   * Keeps what came of the lease: as small as the result of a step has to be. It may not fail, since what was written has to be told:
   * what goes wrong in an `attempt` stops the run behind it.
   */
  readonly keep: (end: LeaseEnd<K, O>, attempt: Attempt) => Promise<T>;
  /** Whether what comes next, which are these or the next slice, waits for the write budget. */
  readonly waits: (left: readonly K[]) => boolean;
}

export type Attempt = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>;

interface LeaseStepEnd<K, T> {
  /** `null`: the lease was not even taken. */
  readonly kept: T | null;
  readonly settled: number;
  readonly left: readonly K[];
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: ErrorRecord | null;
  /** Milliseconds until the next write could go out; 0 when there is none. */
  readonly due: number;
  readonly endedAt: number;
}

export interface LeasesEnd<T> {
  readonly kept: readonly T[];
  /** What ended it before its end; `null` when it went through. */
  readonly stopped: Error | null;
  /** Why something was not attempted, if anything was not. */
  readonly why: string;
}

/** Works through slices, a step for each lease, with waits for the write budget between them. Never throws. */
export async function leaseByLease<K, O, T>(
  context: RunContext,
  task: WritingTask,
  { name: kind, count, startedAt, mostSteps = MOST_STEPS, begin }: Slices<K, O, T>,
): Promise<LeasesEnd<T>> {
  const { workflow, sources, interrupted } = context;
  const kept: T[] = [];
  let why = 'the write budget was used up by others all the time';
  let pending: readonly K[] | null = null;
  let [steps, failures, fruitless, done, at] = [0, 0, 0, 0, 0];
  try {
    while (at < count && fruitless < FRUITLESS_STEPS) {
      interrupted.throwIfAborted();
      const name = `${kind}-${++steps}`;
      const [step, before, failed] = [{ name, at, pending, done }, kept.at(-1) ?? null, failures];
      const end: LeaseStepEnd<K, T> = await workflow.step(name, async () => {
        const work = await begin(step, before);
        const written = await underLease(context, task, work, failed);
        return { ...(await close(task, work, written)), endedAt: sources.clock.now() };
      });
      if (end.kept !== null) kept.push(end.kept);
      if (end.stop !== null) {
        const stopped = errorOf(end.stop);
        return { kept, stopped, why: stopped.message };
      }
      ({ failures } = end);
      done += end.settled;
      fruitless = end.settled === 0 ? fruitless + 1 : 0;
      pending = end.left.length > 0 ? end.left : null;
      if (pending === null) at++;
      if (at === count) break;
      if (end.endedAt - startedAt > LONGEST_MS || done >= MOST_WRITES || steps >= mostSteps) {
        why = 'the run is as long as one may be; the next one goes on from here';
        break;
      }
      if (end.due > LEAD_MS) await workflow.wait(`budget-after-${name}`, end.due - LEAD_MS);
      else await workflow.rest(`rest-after-${name}`);
    }
  } catch (error) {
    const stopped = unforeseen(error);
    return { kept, stopped, why: stopped.message };
  }
  return { kept, stopped: null, why };
}

/** Keeps what came of a lease, and finds out when the next one is worth taking. */
async function close<K, O, T>(
  { leases }: WritingTask,
  work: SliceWork<K, O, T>,
  end: LeaseEnd<K, O>,
): Promise<Omit<LeaseStepEnd<K, T>, 'endedAt'>> {
  const { outcomes, left, failures } = end;
  if (end.due > 0) return { kept: null, settled: 0, left, failures, stop: null, due: end.due };
  let { stop } = end;
  const attempt: Attempt = async (each, otherwise) => {
    try {
      return await each();
    } catch (error) {
      stop ??= unforeseen(error);
      return otherwise;
    }
  };
  const kept = await work.keep(end, attempt);
  const isDue = stop === null && work.waits(left);
  const due = isDue ? await attempt(() => leases.due(), 0) : 0;
  return { kept, settled: outcomes.length, left, failures, stop: stop && errorRecordOf(stop), due };
}

/** Whether there is more to be done behind this end. Of an interrupted run, too, each invitation has an outcome: it was not attempted. */
export function mayGoOn(stopped: Error | null): boolean {
  return stopped === null || stopped instanceof Interrupted;
}
