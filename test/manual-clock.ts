import type { Clock } from '../lambda/ports.ts';

/** A clock that stands still until somebody sleeps on it: a sleep takes no time and moves it on. For one sleeper at a time. */
export function manualClock(start = 1_800_000_000_000): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    sleep: (ms) => {
      now += Math.max(0, ms);
      return Promise.resolve();
    },
    advance: (ms) => {
      now += ms;
    },
  };
}
