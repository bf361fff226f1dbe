import type { Workflow, CheckpointRef } from '../../ports.ts';
import type { SliceStepResult, SliceOutcomes } from '../checkpoints.ts';
import { lookAtAll } from './last-look.ts';
import type { Step } from '../metered-steps.ts';
import { errorOf, unforeseen } from '../error-record.ts';
import { writeSliceStep } from './slice-step.ts';
import type { Writing } from '../context.ts';

/** Steps in a row without a single change settled: somebody else uses up the whole write budget. */
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

interface WritePlan {
  readonly listing: CheckpointRef;
  readonly users: CheckpointRef;
  /** Where the slices are named, and how many there are. */
  readonly slices: CheckpointRef;
  readonly sliceCount: number;
  /** Changes in all slices together. */
  readonly changes: number;
  /** When the run began, in epoch milliseconds. */
  readonly startedAt: number;
}

export interface WriteEnd {
  readonly written: readonly SliceOutcomes[];
  /** What ended the run before its end; `null` when it went through. */
  readonly stopped: Error | null;
  /** Why changes were not attempted, if any were not. */
  readonly why: string;
}

/** Writes an approved plan slice by slice, with waits for the write budget between them, and looks at the result once more. */
export async function writePlan(
  input: Writing,
  { step, workflow }: { readonly step: Step; readonly workflow: Workflow },
  plan: WritePlan,
): Promise<WriteEnd> {
  const written: SliceOutcomes[] = [];
  const toSee: CheckpointRef[] = [];
  let { users } = plan;
  let stopped: Error | null = null;
  let why = 'the write budget was used up by others all the time';
  let pending: readonly number[] | null = null;
  let [failures, fruitless, settled, at, steps] = [0, 0, 0, 0, 0];
  try {
    while (at < plan.sliceCount && fruitless < FRUITLESS_STEPS) {
      steps++;
      const name = `slice-${steps}`;
      const sliceStep = { ...plan, name, users, at, pending, failures, done: settled };
      const end: SliceStepResult & { readonly now: number } = await step(name, async () => ({
        ...(await writeSliceStep(input, sliceStep)),
        now: input.sources.clock.now(),
      }));
      written.push(end.written);
      if (end.toSee > 0 && 'key' in end.written) toSee.push(end.written);
      ({ users, failures } = end);
      settled += end.settled;
      fruitless = end.settled === 0 ? fruitless + 1 : 0;
      pending = end.left.length > 0 ? end.left : null;
      if (pending === null) at++;
      if (end.stop !== null) stopped = errorOf(end.stop);
      if (stopped !== null || at === plan.sliceCount) break;
      if (end.now - plan.startedAt > LONGEST_MS || settled >= MOST_WRITES || steps >= MOST_STEPS) {
        why = 'the run is as long as one may be; the next one goes on from here';
        break;
      }
      if (end.due > LEAD_MS) await workflow.wait(`budget-after-${name}`, end.due - LEAD_MS);
      else await workflow.rest(`rest-after-${name}`);
    }
    if (toSee.length > 0 && stopped === null) {
      const look = await step('look-again', () => lookAtAll(input, users, toSee));
      written.push(look);
    }
  } catch (error) {
    stopped = unforeseen(error);
  }
  return { written, stopped, why: stopped?.message ?? why };
}
