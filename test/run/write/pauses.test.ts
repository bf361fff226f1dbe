import { expect, it } from 'vitest';
import * as z from 'zod';
import { Interrupted } from '../../../lambda/errors.ts';
import type { Workflow } from '../../../lambda/ports.ts';
import type { RunContext } from '../../../lambda/run/context.ts';
import { errorRecordOf } from '../../../lambda/run/error-record.ts';
import { leaseByLease } from '../../../lambda/run/write/lease-by-lease.ts';

/** What a step of writing ended as; it settled all of its slice unless something else is said. */
const END = { kept: 'kept', settled: 1, left: [], failures: 0, stop: null, due: 0, endedAt: 0 };
const LEFT = { left: ['b'] };
const NOTHING = { settled: 0, left: ['a'], kept: null };

/** Goes through slices whose steps end so, without doing any of the work, and tells what was done in which order. */
async function through(ends: readonly object[], { count = 99, mostSteps = 999, endBefore = Infinity } = {}) {
  const done: string[] = [];
  const interruption = new AbortController();
  const told = (text: string) => Promise.resolve(void done.push(text));
  const step: Workflow['step'] = async (name) => {
    await told(name);
    if (done.length >= endBefore) interruption.abort(new Interrupted(130));
    const steps = done.filter((each) => each.startsWith('slice-')).length;
    return z.custom<never>(() => true).parse({ ...END, ...ends[steps - 1] });
  };
  const wait = (name: string, ms: number) => told(`${name}: ${ms}`);
  const context = z
    .custom<RunContext>(() => true)
    .parse({ workflow: { step, wait, rest: told }, interrupted: interruption.signal });
  const task = z.custom<Parameters<typeof leaseByLease>[1]>(() => true).parse({});
  const begin = () => Promise.reject(new Error('no step does its work'));
  const end = await leaseByLease(context, task, { name: 'slice', count, startedAt: 0, mostSteps, begin });
  return { ...end, done, steps: done.filter((each) => each.startsWith('slice-')).length };
}

const AS_LONG = 'the run is as long as one may be; the next one goes on from here';

it('between two slices a run comes back 15 seconds before the next write is allowed, or goes on at once', async () => {
  const { done, kept } = await through([{ due: 15_000 }, { due: 15_001 }, { due: 60_000 }, { due: 60_000 }], {
    count: 4,
  });
  expect(done).toEqual([
    'slice-1',
    'rest-after-slice-1',
    'slice-2',
    'budget-after-slice-2: 1',
    'slice-3',
    'budget-after-slice-3: 45000',
    'slice-4',
  ]);
  expect(kept).toEqual(['kept', 'kept', 'kept', 'kept']);
});

it('a slice of which something is left is gone on with before the next one', async () => {
  expect(await through([LEFT, LEFT, {}, LEFT, {}], { count: 2 })).toMatchObject({ steps: 5, stopped: null });
});

it('a run ends after 30 leases in a row in which nothing could be written, since others use up the budget', async () => {
  const { steps, why, stopped } = await through(Array<object>(99).fill(NOTHING));
  expect([steps, why, stopped]).toEqual([30, 'the write budget was used up by others all the time', null]);
  const fruitless = Array<object>(29).fill(NOTHING);
  const between = await through([...fruitless, LEFT, ...fruitless, LEFT, ...fruitless, {}], { count: 1 });
  expect(between).toMatchObject({ steps: 90, stopped: null });
});

it.each([
  ['20 hours', { endedAt: 20 * 3_600_000 }, { endedAt: 20 * 3_600_000 + 1 }],
  ['36,000 writes', { settled: 35_999 }, { settled: 36_000 }],
])('a run goes on up to %s, and no further', async (_, within, beyond) => {
  expect(await through([within, {}], { count: 2 })).toMatchObject({ steps: 2 });
  expect(await through([beyond, {}], { count: 2 })).toMatchObject({ steps: 1, why: AS_LONG, stopped: null });
  // What is all done is not cut short.
  expect((await through([beyond], { count: 1 })).why).not.toBe(AS_LONG);
});

it('a run takes no more leases than it may', async () => {
  expect(await through([], { mostSteps: 3 })).toMatchObject({ steps: 3, why: AS_LONG });
});

it('a lease that stops the run is the last one, and says why', async () => {
  const stop = errorRecordOf(new Error('ten failures in a row'));
  const end = await through([{}, { ...LEFT, stop }, {}]);
  expect(end).toMatchObject({ steps: 2, why: 'ten failures in a row', kept: ['kept', 'kept'] });
  expect(end.stopped?.message).toBe('ten failures in a row');
});

it('a run that is interrupted takes no further lease', async () => {
  const end = await through([{}, {}], { endBefore: 1 });
  expect(end).toMatchObject({ steps: 1, kept: ['kept'] });
  expect(end.stopped).toBeInstanceOf(Interrupted);
});
