import { expect, test } from 'vitest';
import { durableWorkflow } from '../../lambda/aws/durable-workflow.ts';
import { AskLater, SourceError } from '../../lambda/errors.ts';
import { errorOf } from '../discretion.ts';

const clock = { now: () => 0 };

/** What a durable context keeps of a run: its waits, in seconds, and how often a step began. */
function aContext() {
  const waits: number[] = [];
  const retried: boolean[] = [];
  let steps = 0;
  const context = {
    step: async (
      _: string,
      work: () => Promise<unknown>,
      { retryStrategy }: { retryStrategy: () => { shouldRetry: boolean } },
    ) => {
      steps += 1;
      retried.push(retryStrategy().shouldRetry);
      return JSON.parse(JSON.stringify(await work())) as unknown;
    },
    wait: (_: string, { seconds }: { seconds: number }) => Promise.resolve(waits.push(seconds)),
  };
  const workflow = durableWorkflow(context as never, () => Promise.resolve(1), clock);
  return { workflow, waits, retried, steps: () => steps };
}

test('what a step asked for and how long it worked is known to later invocations, too, which rest where the first did', async () => {
  const history = new Map<string, unknown>();
  const invocation = async (ms: number) => {
    const waits: string[] = [];
    const context = {
      step: async (name: string, work: () => Promise<unknown>) => {
        if (!history.has(name)) history.set(name, JSON.parse(JSON.stringify(await work())));
        return history.get(name);
      },
      wait: (name: string) => Promise.resolve(waits.push(name)),
    };
    let [now, reads] = [0, 0];
    const okta = { throttled: 0, retries: 0 };
    const asked = () => ({ okta: { ...okta, reads }, secoda: { ...okta, reads: 0, writes: 0 } });
    const workflow = durableWorkflow(context as never, () => Promise.resolve(1), { now: () => now }, asked);
    for (const name of ['list', 'members-1']) {
      await workflow.step(name, () => {
        [now, reads] = [now + ms, reads + 3];
        return Promise.resolve(name);
      });
      await workflow.rest(`after-${name}`, 60_000);
    }
    return { reads: workflow.requests?.().okta.reads, waits };
  };
  const first = await invocation(30_000);
  expect(first).toEqual({ reads: 6, waits: ['after-members-1'] });
  expect(await invocation(0)).toEqual(first);
});

test('a step that a service asks to wait for long begins anew after a wait that costs nothing', async () => {
  const { workflow, waits, steps } = aContext();
  let asked = 0;
  const read = (): Promise<string> => {
    asked += 1;
    if (asked < 3) return Promise.reject(new AskLater('GET /api/v1/groups: 429', 3_600_000));
    return Promise.resolve('read');
  };
  expect(await workflow.step('list', read)).toBe('read');
  expect(waits).toEqual([3600, 3600]);
  expect(steps()).toBe(3);
});

test('waits last whole seconds, one at least, and the service itself repeats no step that failed', async () => {
  const { workflow, waits, retried } = aContext();
  for (const ms of [0, 1, 1_000, 1_001, 90_000]) await workflow.wait('budget', ms);
  await workflow.rest('between slices');
  expect(waits).toEqual([1, 1, 1, 2, 90, 1]);
  await workflow.step('list', () => Promise.resolve('read'));
  expect(retried).toEqual([false]);
});

test.each([
  [7_199_999, 2],
  [7_200_000, 1],
])('a step that has waited for %i ms is begun %i times more, up to two hours in all', async (ms, waited) => {
  const { workflow, waits } = aContext();
  await errorOf(workflow.step('list', () => Promise.reject(new AskLater('GET /api/v1/groups: 429', ms))));
  expect(waits).toHaveLength(waited);
});

test('a step that is asked to wait for more than two hours in all fails', async () => {
  const { workflow, waits } = aContext();
  const read = (): Promise<string> => Promise.reject(new AskLater('GET /api/v1/groups: 429', 2_000_000));
  const error = await errorOf(workflow.step('list', read));
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toBe('GET /api/v1/groups: 429; it asks to wait 2000 s');
  expect(waits).toEqual([2000, 2000, 2000, 2000]);
});

test('a step that is cut off each time is begun three times, and then given up', async () => {
  const begun = new Map<string, number>();
  const begins = (name: string) => {
    begun.set(name, (begun.get(name) ?? 0) + 1);
    return Promise.resolve(begun.get(name) ?? 0);
  };
  let ran = 0;
  // As the service does it: what was cut off has no result, and is begun again.
  const step = async (_: string, work: () => Promise<unknown>) => {
    for (;;) {
      const value = await work();
      if (value !== undefined && JSON.stringify(value).includes('cut off each time')) return value;
      if (ran > 9) throw new Error('it is begun for ever');
    }
  };
  const workflow = durableWorkflow({ step, wait: () => Promise.resolve() } as never, begins, clock);
  const error = await errorOf(workflow.step('list', () => Promise.resolve(++ran)));
  expect([ran, error.message]).toEqual([
    3,
    expect.stringMatching(/^the step list was begun 3 times and cut off each time: .*the run is given up$/),
  ]);
});
