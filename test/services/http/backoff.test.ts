import { describe, expect, test } from 'vitest';
import { AskLater } from '../../../lambda/errors.ts';
import { GaveUp, Renewed, retrying, Throttled, Transient } from '../../../lambda/services/http/backoff.ts';
import { NoAnswer } from '../../../lambda/services/http/send.ts';
import type { Clock } from '../../../lambda/ports.ts';
import { HeldClock } from '../../time/clock.ts';
import { errorOf } from '../okta/setup.ts';

/** It tells how long was slept, and how much time passed in all. */
class LoggedClock extends HeldClock {
  readonly slept: number[] = [];
  readonly #startedAt = this.now();

  get passedMs(): number {
    return this.now() - this.#startedAt;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return super.sleep(ms, signal);
  }
}

/** Fails with each of `errors` in turn, each after `ms`, then succeeds. */
function failing(clock: Clock, errors: readonly Error[], ms = 0): () => Promise<string> {
  const left = [...errors];
  return async () => {
    if (ms > 0) await clock.sleep(ms);
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
}

const again = new Transient('503');
const random = (): number => 0.999_999;

describe('retrying', () => {
  test('pauses longer each time, up to 5 s', async () => {
    const clock = new LoggedClock();
    const attempt = failing(
      clock,
      Array.from({ length: 6 }, () => again),
    );
    expect(await retrying(attempt, { clock, random })).toBe('done');
    expect(clock.slept.map(Math.round)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
  });

  test('takes up to half of a pause away by chance', async () => {
    const clock = new LoggedClock();
    await retrying(failing(clock, [again, again]), { clock, random: () => 0 });
    expect(clock.slept).toEqual([250, 500]);
  });

  test('ends within the deadline, and tells each attempt what is left of it', async () => {
    const clock = new LoggedClock();
    const left: number[] = [];
    const error = await errorOf(
      retrying(
        async ({ remainingMs }) => {
          left.push(remainingMs);
          await clock.sleep(Math.min(remainingMs, 10_000));
          throw new NoAnswer('GET /: no answer', { unsent: false, noHost: false });
        },
        { clock, random },
      ),
    );
    expect(clock.passedMs).toBeLessThanOrEqual(30_000);
    expect(left.map(Math.round)).toEqual([30_000, 19_500, 8_500]);
    expect(error).toBeInstanceOf(GaveUp);
    expect(error.message).toBe('GET /: no answer; given up after 3 attempts in 30 s');
  });

  test.each([
    [1_749, 2],
    [1_750, 3],
  ])(
    'begins no attempt with less than a second left: of %i ms there are %i',
    async (deadlineMs, attempts) => {
      const clock = new LoggedClock();
      const errors = Array.from({ length: 9 }, () => again);
      const error = await errorOf(retrying(failing(clock, errors), { clock, random: () => 0, deadlineMs }));
      expect(error).toMatchObject({ attempts });
    },
  );

  test('gives up after one attempt where it may not repeat', async () => {
    const clock = new LoggedClock();
    const error = await errorOf(retrying(failing(clock, [again]), { clock, random, retries: 0 }));
    expect(error.message).toBe('503; given up after 1 attempt in 0 s');
  });

  test('goes on at once with newer credentials, however often, which is no failure', async () => {
    const clock = new LoggedClock();
    const renewed = Array.from({ length: 3 }, () => new Renewed('401'));
    expect(await retrying(failing(clock, renewed), { clock, random, retries: 0 })).toBe('done');
    expect(clock.slept).toEqual([0, 0, 0]);
  });

  test('repeats no more often than it may', async () => {
    const clock = new LoggedClock();
    const error = await errorOf(
      retrying(failing(clock, [again, again, again]), { clock, random, retries: 2 }),
    );
    expect(error.message).toContain('given up after 3 attempts');
    expect(error).toMatchObject({ last: again });
  });

  test('waits as long as it is told, whatever the deadline', async () => {
    const clock = new LoggedClock();
    const throttled = new Throttled('429', 60_000);
    const attempt = failing(clock, [throttled, throttled, throttled, again]);
    expect(await retrying(attempt, { clock, random })).toBe('done');
    expect(clock.slept.slice(0, 3)).toEqual([60_000, 60_000, 60_000]);
  });

  test.each([null, 0, 1])('asks less and less often where %s is all that it is told', async (told) => {
    const clock = new LoggedClock();
    const throttled = Array.from({ length: 9 }, () => new Throttled('429', told));
    expect(await retrying(failing(clock, throttled), { clock, random: () => 0 })).toBe('done');
    const seconds = clock.slept.map((ms) => ms / 1000);
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('adds up to half to what it was not told, and takes up to half from the wait after a failure', async () => {
    const clock = new LoggedClock();
    const errors = [new Throttled('429', null), new Throttled('429', null), again];
    expect(await retrying(failing(clock, errors), { clock, random: () => 0.5 })).toBe('done');
    expect(clock.slept).toEqual([1_250, 2_500, expect.any(Number)]);
    const [, , failure = 0] = clock.slept;
    await retrying(failing(clock, errors), { clock, random: () => 0 });
    expect(failure / (clock.slept.at(-1) ?? 0)).toBe(1.5);
  });

  test('waits for an hour and more where it is told to', async () => {
    const clock = new LoggedClock();
    const throttled = new Throttled('429', 3 * 3_600_000);
    expect(await retrying(failing(clock, [throttled]), { clock, random })).toBe('done');
    expect(clock.passedMs).toBe(3 * 3_600_000);
  });

  test('gives up after two hours of waiting for a throttled service', async () => {
    const clock = new LoggedClock();
    const throttled = Array.from({ length: 1000 }, () => new Throttled('429', 1));
    const error = await errorOf(retrying(failing(clock, throttled), { clock, random: () => 0 }));
    expect(error).toBeInstanceOf(GaveUp);
    expect(clock.passedMs).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect(clock.passedMs).toBeLessThan(2 * 3_600_000 + 60_000);
  });

  test('does not begin to wait where it has waited for two hours', async () => {
    const clock = new LoggedClock();
    const throttled = Array.from({ length: 9 }, () => new Throttled('429', 3_600_000));
    const error = await errorOf(retrying(failing(clock, throttled), { clock, random: () => 0 }));
    expect(error).toMatchObject({ attempts: 3, ms: 2 * 3_600_000 });
  });

  test('waits no longer in one go than it may, and says when to ask again', async () => {
    const clock = new LoggedClock();
    const throttled = Array.from({ length: 3 }, () => new Throttled('429', 60_000));
    const heard: number[] = [];
    const onRetry = (_: Error, ms: number): unknown => heard.push(ms);
    const policy = { clock, random: () => 0, holdMs: 120_000, onRetry };
    const error = await errorOf(retrying(failing(clock, throttled), policy));
    expect(error).toMatchObject({ ms: 60_000, message: '429; it asks to wait 60 s' });
    expect(error).toBeInstanceOf(AskLater);
    expect(clock.slept).toEqual([60_000, 60_000]);
    expect(heard).toEqual([60_000, 60_000, 60_000]);
    // What was waited before another failure does not count.
    const [first, ...others] = throttled;
    const broken = failing(clock, [first ?? again, again, ...others]);
    expect(await retrying(broken, policy)).toBe('done');
  });

  test('leaves the waiting to a gate, which hears how long, and never longer for being asked again', async () => {
    const clock = new LoggedClock();
    const held: number[] = [];
    const throttled = [1, 1, 60_000].map((ms) => new Throttled('429', ms));
    const policy = { clock, random: () => 0, hold: (ms: number): unknown => held.push(ms) };
    expect(await retrying(failing(clock, [...throttled, again]), policy)).toBe('done');
    expect(held).toEqual([1_000, 1_000, 60_000]);
    expect(clock.slept).toEqual([250]);
  });

  test('gives up when it was throttled in a row as often as it may be', async () => {
    const clock = new LoggedClock();
    const throttled = Array.from({ length: 4 }, () => new Throttled('429', 1));
    const policy = { clock, random, throttles: 4 };
    expect(await errorOf(retrying(failing(clock, throttled), policy))).toBeInstanceOf(GaveUp);
    const broken = [...throttled.slice(1), again, ...throttled.slice(1)];
    expect(await retrying(failing(clock, broken), policy)).toBe('done');
    // Its waits begin anew as well.
    expect(clock.slept.slice(-3)).toEqual(clock.slept.slice(0, 3));
  });

  test('ends at once with any other error, as it is', async () => {
    const clock = new LoggedClock();
    for (const error of [new Error('no'), new TypeError('no')]) {
      expect(await errorOf(retrying(failing(clock, [error]), { clock, random }))).toBe(error);
    }
    expect(clock.slept).toEqual([]);
  });

  test('asks before each attempt, at no cost to the deadline', async () => {
    const clock = new LoggedClock();
    let asked = 0;
    const before = async (): Promise<void> => {
      asked += 1;
      await clock.sleep(100_000);
    };
    expect(await retrying(failing(clock, [again, again]), { clock, random, before })).toBe('done');
    expect(asked).toBe(3);
    const closed = new Error('closed');
    const refuse = (): Promise<void> => Promise.reject(closed);
    expect(await errorOf(retrying(failing(clock, []), { clock, random, before: refuse }))).toBe(closed);
  });

  test('tells of each repetition before its pause', async () => {
    const clock = new LoggedClock();
    const seen: unknown[] = [];
    const onRetry = (error: Error, ms: number): unknown => seen.push([error, ms, clock.passedMs]);
    await retrying(failing(clock, [again], 7), { clock, random: () => 0, onRetry });
    expect(seen).toEqual([[again, 250, 7]]);
  });
});
