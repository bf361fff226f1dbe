import type { RateLimit } from './rate-limit.ts';

/** The share of a bucket that is left to others. */
const RESERVE = 0.1;
const WINDOW_MS = 60_000;

interface Window {
  readonly limit: number;
  /** Names the window; Okta's seconds. */
  readonly reset: number;
  /** When it ends by our clock, in milliseconds. */
  readonly endsAt: number;
  /** What is left at worst: what Okta said last, less what was sent since. */
  left: number;
}

/** One of Okta's rate-limit buckets as its answers show it. Others draw from it too. */
export class Bucket {
  #window: Window | null = null;
  #underWay = 0;
  #seen = false;

  /** How long to hold the next request back, in milliseconds; `Infinity` until an answer comes. */
  waitMs(now: number): number {
    // The size of a bucket is unknown until its first answer: only that one request goes ahead.
    if (!this.#seen && this.#underWay > 0) return Infinity;
    if (this.#window === null) return 0;
    if (now >= this.#window.endsAt) this.#window = renewed(this.#window, now, this.#underWay);
    const { limit, left, endsAt } = this.#window;
    const reserve = Math.min(Math.ceil(limit * RESERVE), limit - 1);
    return left > reserve ? 0 : endsAt - now;
  }

  /** A request is sent: it counts as drawn until Okta says more. */
  enter(): void {
    this.#underWay += 1;
    if (this.#window !== null) this.#window.left -= 1;
  }

  /** It was answered. `seen`: what the answer said of the bucket, `null` where it said nothing or none came; `now` in epoch milliseconds. */
  leave(seen: RateLimit | null, now: number): void {
    this.#underWay -= 1;
    this.#seen = true;
    if (seen === null) return;
    const { limit, reset, remaining } = seen;
    const known = this.#window;
    // Answers overtake each other; one of an earlier window tells nothing of this one.
    if (known !== null && reset < known.reset) return;
    const left = known?.reset === reset ? Math.min(known.left, remaining) : remaining - this.#underWay;
    this.#window = { limit, reset, endsAt: now + seen.resetInMs, left };
  }
}

/**
 * A new window is full as far as we know; its first answer will tell, and give it its name. Until then it has one that
 * is later than that of the old window, so that a belated answer of the old one is told apart.
 */
function renewed({ limit, reset }: Window, now: number, underWay: number): Window {
  return { limit, reset: reset + 1, endsAt: now + WINDOW_MS, left: limit - underWay };
}
