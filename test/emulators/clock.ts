import type { Clock } from '../../lambda/ports.ts';

/** `clock`, seen by a machine that is `ms` ahead of it (behind it, when negative). */
export function skewed(clock: Clock, ms: number): Clock {
  return { now: () => clock.now() + ms, sleep: (...all) => clock.sleep(...all) };
}
