import type { Clock } from '../../lambda/ports.ts';

const windowMs = 60_000;

/**
 * A sliding window of allowed requests, as Django REST's `SimpleRateThrottle`: a request that was throttled does not
 * count against the next, and one that was let through counts whatever became of it.
 */
export class WriteThrottle {
  readonly #clock: Clock;
  readonly #perMinute: number;
  #allowed: number[] = [];

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Lets a request through (0), or says in how many seconds one will be. */
  take(): number {
    const now = this.#clock.now();
    this.#allowed = this.#allowed.filter((at) => at > now - windowMs);
    const [oldest] = this.#allowed;
    if (oldest !== undefined && this.#allowed.length >= this.#perMinute)
      return Math.ceil((oldest + windowMs - now) / 1000);
    this.#allowed.push(now);
    return 0;
  }
}
