import { expect, test } from 'vitest';
import { Interrupted } from '../../lambda/errors.ts';
import { interruptible, interruptibleClock, systemClock } from '../../lambda/services/clock.ts';
import { HeldClock } from '../time/clock.ts';

const HOUR_MS = 3_600_000;

test('a pause on the time of the machine ends with its signal', async () => {
  await expect(systemClock.sleep(HOUR_MS, AbortSignal.abort())).rejects.toThrow('aborted');
});

test('a pause ends with the interruption, or with a signal of its own', async () => {
  const [clock, interruption, own] = [new HeldClock(), new AbortController(), new AbortController()];
  clock.enter();
  const pausing = interruptibleClock(clock, interruption.signal);
  const [other, first, second] = [
    pausing.sleep(HOUR_MS, own.signal),
    pausing.sleep(HOUR_MS, new AbortController().signal),
    pausing.sleep(HOUR_MS),
  ];
  own.abort();
  await expect(other).rejects.toThrow('Nobody waits any more');
  interruption.abort(new Interrupted(130));
  for (const pause of [first, second, pausing.sleep(HOUR_MS)]) await expect(pause).rejects.toThrow();
});

test('of a port, an interruption ends what is waited for, and nothing else', async () => {
  const [interruption, reason] = [new AbortController(), new Interrupted(143)];
  const port = interruptible(
    { url: 'there', now: () => 7, done: () => Promise.resolve('done'), never: () => new Promise(() => null) },
    interruption.signal,
  );
  const waiting = port.never();
  expect(await port.done()).toBe('done');
  interruption.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(port.never()).rejects.toBe(reason);
  expect([port.url, port.now()]).toEqual(['there', 7]);
});
