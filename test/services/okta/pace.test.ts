import { describe, expect, test } from 'vitest';
import { Pace, type RequestsPerMinute } from '../../../lambda/services/okta/pace.ts';
import { HeldClock } from '../../time/clock.ts';

/** So much that only what Okta says of its buckets counts. */
const MANY = 100_000;

/** A pace whose time passes by hand, and what became of those who asked it. */
function paced(requestsPerMinute: RequestsPerMinute) {
  const clock = new HeldClock();
  clock.enter();
  const pace = new Pace(clock, requestsPerMinute);
  const owner = {};
  const seen = { sent: 0, waits: [] as number[] };
  const settled = async () => {
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    return seen.sent;
  };
  return {
    ...{ pace, seen },
    /** So many more ask; how many have been sent by now. */
    ask: (times = 1, bucket = 'groups') => {
      const waited = (ms: number) => void seen.waits.push(ms);
      for (let n = 0; n < times; n++)
        void pace.enter(owner, pace.join(), bucket, waited).then(() => (seen.sent += 1));
      return settled();
    },
    /** One is answered. `remaining`: `null` where the answer says nothing of the bucket. */
    answer: (
      remaining: number | null,
      { limit = 100, reset = 60, resetInMs = 60_000, throttled = false } = {},
    ) => {
      pace.leave('groups', remaining === null ? null : { limit, remaining, reset, resetInMs }, throttled);
      return settled();
    },
    pass: (ms: number) => {
      clock.advance(ms);
      return settled();
    },
  };
}

describe('a bucket', () => {
  test('is asked by one alone until its size is known', async () => {
    const { ask, answer, seen } = paced('auto');
    expect(await ask(3)).toBe(1);
    expect(await answer(99)).toBe(3);
    expect(seen.waits).toEqual([]);
  });

  test('of which a tenth is left is not asked again before it is full', async () => {
    const { ask, answer, pass, seen } = paced(MANY);
    await ask();
    await answer(12, { resetInMs: 30_000 });
    expect(await ask(3)).toBe(3);
    expect(seen.waits).toEqual([30_000]);
    expect(await pass(29_999)).toBe(3);
    expect(await pass(1)).toBe(4);
  });

  test('of one request a minute is asked all the same', async () => {
    const { ask, answer } = paced(MANY);
    await ask();
    await answer(1, { limit: 1 });
    expect(await ask()).toBe(2);
  });

  test('is full again when its time is over, but for what is still under way', async () => {
    const { ask, answer, pass, seen } = paced(MANY);
    await ask();
    await answer(5, { limit: 10, resetInMs: 10_000 });
    await ask();
    await pass(10_000);
    // Nine are left for sure, and one is a tenth of ten.
    for (let n = 0; n < 8; n++) {
      await ask();
      await answer(null);
    }
    expect(seen).toEqual({ sent: 10, waits: [] });
    await ask();
    expect(seen).toEqual({ sent: 10, waits: [60_000] });
  });

  test('believes no answer of a time that is over', async () => {
    const { ask, answer, pass } = paced(MANY);
    await ask();
    await answer(50, { resetInMs: 10_000 });
    await ask();
    await pass(10_000);
    await ask();
    await answer(0, { resetInMs: 10_000 });
    expect(await ask()).toBe(4);
  });

  test('has the least that any answer of its time said, and in the next one what that says', async () => {
    const { ask, answer, seen } = paced(MANY);
    await ask();
    await answer(90);
    await ask(2);
    await answer(11);
    await answer(80);
    expect(await ask(2)).toBe(4);
    expect(seen.waits).toEqual([60_000]);
    await answer(80, { reset: 61 });
    expect(await ask()).toBe(6);
  });

  test('that throttled somebody is asked by one alone, a second later', async () => {
    const { ask, answer, pass, seen } = paced(MANY);
    await ask();
    await answer(99);
    await ask();
    await answer(98, { throttled: true });
    expect(await ask(2)).toBe(2);
    expect(seen.waits).toEqual([1_000]);
    expect(await pass(999)).toBe(2);
    expect(await pass(1)).toBe(3);
    expect(await answer(97)).toBe(4);
  });

  test('is left alone for as long as was asked for, and no shorter for being asked again', async () => {
    const { ask, pass, pace, seen } = paced(MANY);
    pace.hold('groups', 9_000);
    pace.hold('groups', 2_000);
    expect(await ask()).toBe(0);
    expect(await ask(1, 'users')).toBe(0);
    expect(seen.waits).toEqual([9_000]);
    expect(await pass(9_000)).toBe(2);
  });
});

describe('of a minute', () => {
  test('two fifths of a bucket are taken, the next when the first is a minute old', async () => {
    const { ask, answer, pass, seen } = paced('auto');
    await ask();
    await answer(99);
    await pass(1_000);
    for (let n = 2; n <= 40; n++) {
      await ask();
      await answer(100 - n);
    }
    expect(await ask()).toBe(40);
    expect(seen.waits).toEqual([59_001]);
    expect(await pass(59_000)).toBe(40);
    expect(await pass(1)).toBe(41);
  });

  test('less is taken while others draw from the bucket, until it is full again', async () => {
    const { ask, answer, pass, seen } = paced('auto');
    await ask();
    await answer(49, { resetInMs: 30_000 });
    for (let n = 2; n <= 20; n++) {
      await ask();
      // Some of what the others drew has come back meanwhile, as far as this answer shows.
      await answer(60 - n, { resetInMs: 30_000 });
    }
    expect(await ask()).toBe(20);
    expect(seen.waits).toEqual([30_000]);
    expect(await pass(30_000)).toBe(21);
  });

  test('fifty are asked for where Okta never says how large a bucket is', async () => {
    const { ask, answer, pass, seen } = paced('auto');
    for (let n = 1; n <= 50; n++) {
      await ask();
      await answer(null);
    }
    expect(await ask()).toBe(50);
    expect(seen.waits).toEqual([60_001]);
    expect(await pass(60_001)).toBe(51);
  });

  test('as many are asked for as are configured, of all buckets together', async () => {
    const { ask, answer, seen } = paced(3);
    for (const bucket of ['groups', 'users', 'apps']) {
      await ask(1, bucket);
      await answer(null);
    }
    expect(await ask(1, 'groups/{id}')).toBe(3);
    expect(seen.waits).toEqual([60_001]);
  });

  test('what was answered just a minute ago still counts', async () => {
    const { ask, answer, pass, seen } = paced(1);
    await ask();
    await answer(null);
    await pass(60_000);
    expect(await ask()).toBe(1);
    expect(seen.waits).toEqual([1]);
    expect(await pass(1)).toBe(2);
  });
});

test('each that was answered makes room for one, a minute later', async () => {
  const { ask, answer, pass, seen } = paced(2);
  await ask();
  await answer(null);
  await pass(10_000);
  await ask();
  await answer(null);
  await pass(50_001);
  expect(await ask()).toBe(3);
  await answer(null);
  expect(await ask()).toBe(3);
  expect(seen.waits).toEqual([10_000]);
});

test('an error ends whoever was at it by then, before their next request, and nobody who comes later', async () => {
  const clock = new HeldClock();
  const pace = new Pace(clock, MANY);
  const [owner, other] = [{}, {}];
  const enter = (whose: object, joined: number, bucket: string) =>
    pace.enter(whose, joined, bucket, () => undefined);
  const [first, second, others] = [pace.join(), pace.join(), pace.join()];
  pace.abandon(owner, new Error('no access'));
  const later = pace.join();
  await expect(enter(owner, first, 'a')).rejects.toThrow('no access');
  await expect(enter(owner, second, 'b')).rejects.toThrow('no access');
  await enter(other, others, 'c');
  await enter(owner, later, 'd');
});

test('five are under way at once, and whoever waits for one of them is not told how long', async () => {
  const { ask, answer, seen } = paced(MANY);
  await ask();
  await answer(99);
  expect(await ask(7)).toBe(6);
  expect(seen.waits).toEqual([]);
  expect(await answer(90)).toBe(7);
});
