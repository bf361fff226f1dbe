import { expect, it } from 'vitest';
import * as z from 'zod';
import type { Workflow } from '../../../lambda/ports.ts';
import { leaseByLease } from '../../../lambda/run/write/lease-by-lease.ts';
import { slicesOf } from '../../../lambda/run/write/slice-step.ts';
import { lookOnceMore } from '../../../lambda/run/write/write.ts';
import type { ApplyTask, RunContext } from '../../../lambda/run/context.ts';

/** What a durable execution may have, reading, inviting and repeated steps included. */
const MOST_OPERATIONS = 3_000;
/** A slice has 30 writes. */
const SLICE = 30;

const kept = { key: 'kept', version: '1' };
const stretch = {
  kept: { written: kept, toSee: SLICE, users: kept },
  settled: SLICE,
  left: [],
  failures: 0,
  stop: null,
  due: 60_000,
  endedAt: 0,
};
const answer = z.custom<never>(() => true);

/** Writes a plan of so many slices without doing any of the work, and counts the operations that this would be. */
async function operationsOf(sliceCount: number, result: Partial<typeof stretch> = {}) {
  let [operations, settled] = [0, 0];
  const count = (): Promise<void> => {
    operations++;
    return Promise.resolve();
  };
  const step: Workflow['step'] = async (name) => {
    await count();
    if (name === 'look-again') return answer.parse(kept);
    const done = { ...stretch, ...result };
    settled += done.settled;
    return answer.parse(done);
  };
  const task = z.custom<ApplyTask>(() => true).parse({});
  const context = z
    .custom<RunContext>(() => true)
    .parse({
      workflow: { step, wait: count, rest: count },
      interrupted: new AbortController().signal,
    });
  const slices = slicesOf(task, context, {
    ...{ listing: kept, users: kept, slices: kept, startedAt: 0 },
    ...{ sliceCount, changes: sliceCount * SLICE },
  });
  const { why } = await lookOnceMore(context, kept, await leaseByLease(context, task, slices));
  return { operations, writes: settled, why };
}

const AS_LONG = 'the run is as long as one may be; the next one goes on from here';

it('5,000 groups take an eighth at most of the operations that an execution may have', async () => {
  const { operations, writes } = await operationsOf(Math.ceil(5_000 / SLICE));
  expect(writes).toBe(5_010);
  expect(operations).toBeLessThan(MOST_OPERATIONS / 8);
});

it('a plan of more than 36,000 writes ends after these, with operations left for all the rest', async () => {
  const { operations, writes, why } = await operationsOf(2_000);
  expect(writes).toBe(36_000);
  expect(why).toBe(AS_LONG);
  expect(operations).toBeLessThanOrEqual(MOST_OPERATIONS - 600);
});

it('and so does one whose steps settle little, since others use up the write budget', async () => {
  const { operations, why } = await operationsOf(2_000, { settled: 1 });
  expect(why).toBe(AS_LONG);
  expect(operations).toBeLessThanOrEqual(MOST_OPERATIONS - 600);
});
