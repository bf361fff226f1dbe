import { setTimeout as realSleep } from 'node:timers/promises';
import type { Clock } from '../lambda/ports.ts';

/**
 * A clock that starts at the present and runs `factor` times as fast: a minute's rate-limit window passes in a second at
 * factor 60. Give the same one to a client and to an emulator (whose `EmulatorClock` it is), so that they agree.
 */
export function scaledClock(factor: number): Clock {
  const epoch = Date.now();
  const start = performance.now();
  const now = (): number => epoch + (performance.now() - start) * factor;
  return {
    now,
    sleep: async (ms, signal) => {
      const until = now() + ms;
      // A real timer may fire a fraction early, which the factor would make large.
      for (let left = ms; left > 0; left = until - now()) {
        await realSleep(left / factor, undefined, signal === undefined ? {} : { signal });
      }
    },
  };
}
