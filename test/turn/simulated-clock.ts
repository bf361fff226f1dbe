import { setImmediate as settled } from 'node:timers/promises';
import type { Clock } from '../../lambda/ports.ts';

/** No test lets more time pass, so that work without end is found out. */
const LONGEST_MS = 12 * 3_600_000;

export interface SimulatedClock extends Clock {
  /** Lets time pass, from one sleeper to the next, until `work` is done. Nothing may wait for anything but this clock. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** A clock for many sleepers at once that takes no real time: it jumps to whoever is due first. */
export function simulatedClock(start = 1_800_000_000_000): SimulatedClock {
  let now = start;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((wake) => {
        const at = now + Math.max(0, ms);
        const later = sleepers.findIndex((sleeper) => sleeper.at > at);
        sleepers.splice(later < 0 ? sleepers.length : later, 0, { at, wake });
      }),
    async run(work) {
      const state = { done: false };
      const finish = () => {
        state.done = true;
      };
      work.then(finish, finish);
      await settled();
      while (!state.done) {
        const next = sleepers.shift();
        if (next === undefined) throw new Error('Everybody waits for something else than time');
        if (next.at - start > LONGEST_MS) throw new Error('Still at work after twelve hours');
        now = next.at;
        next.wake();
        await settled();
      }
      return work;
    },
  };
}
