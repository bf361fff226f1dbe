import { setTimeout as realSleep } from 'node:timers/promises';
import type { Clock } from '../../lambda/ports.ts';

/** A clock that several processes of one machine can share: each makes its own from these numbers. */
export interface ClockSetting {
  /** Real epoch milliseconds at which the clock showed the same time. */
  readonly origin: number;
  /** How many times as fast as real time it runs. */
  readonly factor: number;
  /** How far it was moved ahead since, in its own milliseconds. */
  readonly aheadMs: number;
}

/** `setting` is asked anew each time, so that whoever owns the clock can move it ahead. */
export function sharedClock(setting: () => ClockSetting): Clock {
  const now = (): number => {
    const { origin, factor, aheadMs } = setting();
    return origin + (performance.timeOrigin + performance.now() - origin) * factor + aheadMs;
  };
  return {
    now,
    sleep: async (ms, signal) => {
      const until = now() + ms;
      // A real timer may fire a fraction early, which the factor would make large.
      for (let left = ms; left > 0; left = until - now()) {
        await realSleep(left / setting().factor, undefined, signal === undefined ? {} : { signal });
      }
    },
  };
}
