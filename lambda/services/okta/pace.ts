import type { Clock } from '../../ports.ts';

/** Okta counts the paths of a family in one bucket. */
export type Family = 'groups' | 'apps' | 'users' | 'other';

/** The bucket of Okta's rate limits that a path counts in. */
export function familyOf(path: string): Family {
  const [, family] = /^\/api\/v1\/(groups|apps|users)(?=[/?]|$)/.exec(path) ?? [];
  return family === 'groups' || family === 'apps' || family === 'users' ? family : 'other';
}

const CONCURRENCY = 5;
const WINDOW_MS = 60_000;

/**
 * Stays below Okta's rate limits instead of running into them, since Okta writes to the org's admins about each 429. A
 * request goes out at once, in the order they came, unless five are under way, `requestsPerMinute` went out within a
 * minute, or others have nearly used up its bucket.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #requestsPerMinute: number;
  readonly #buckets = new Map<Family, Bucket>();
  /** When requests of the last minute ended, ascending. Okta counted each somewhere between its start and its end. */
  #ended: number[] = [];
  #underWay = 0;
  #last: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => undefined;
  readonly #abandoned = new Map<object, { readonly error: Error; readonly before: number }>();
  #joined = 0;

  constructor(clock: Clock, requestsPerMinute: number) {
    this.#clock = clock;
    this.#requestsPerMinute = requestsPerMinute;
  }

  /** For everything that belongs to one read, its retries too: what `abandon` turns away is whoever has joined before. */
  join(): number {
    return this.#joined++;
  }

  /**
   * Resolves when a request of this family may be sent; `leave` must follow. `owner`: the connection that sends it, of which
   * there may be several. `onWait` hears of a wait before it begins.
   */
  enter(owner: object, joined: number, family: Family, onWait: (ms: number) => void): Promise<void> {
    const admitted = this.#last.then(() => this.#admit(owner, joined, family, onWait));
    this.#last = admitted.catch(() => undefined);
    return admitted;
  }

  /** `seen`: what the answer said of the bucket; `null` if there was none or it said nothing. */
  leave(family: Family, seen: RateLimit | null): void {
    const now = this.#clock.now();
    this.#underWay -= 1;
    this.#ended.push(now);
    this.#bucket(family).leave(seen, now);
    this.#wake();
  }

  /**
   * Every read of this connection that is under way now ends with this error before its next request: it is of no use any
   * more. Others go on: they may have rights that this one lacks.
   */
  abandon(owner: object, error: Error): void {
    this.#abandoned.set(owner, { error, before: this.#joined });
    this.#wake();
  }

  async #admit(owner: object, joined: number, family: Family, onWait: (ms: number) => void): Promise<void> {
    for (;;) {
      const abandoned = this.#abandoned.get(owner);
      if (abandoned !== undefined && joined < abandoned.before) throw abandoned.error;
      const waitMs = this.#waitMs(family);
      if (waitMs === 0) break;
      if (waitMs !== Infinity) onWait(waitMs);
      await this.#pause(waitMs);
    }
    this.#underWay += 1;
    this.#bucket(family).enter();
  }

  /** `Infinity`: until an answer comes. */
  #waitMs(family: Family): number {
    if (this.#underWay >= CONCURRENCY) return Infinity;
    const now = this.#clock.now();
    this.#ended = this.#ended.filter((at) => now - at <= WINDOW_MS);
    if (this.#underWay + this.#ended.length >= this.#requestsPerMinute) {
      const [oldest] = this.#ended;
      return oldest === undefined ? Infinity : oldest + WINDOW_MS + 1 - now;
    }
    return this.#bucket(family).waitMs(now);
  }

  /** Until the time has passed or something has changed, whichever is first. */
  async #pause(ms: number): Promise<void> {
    const stop = new AbortController();
    const changed = new Promise<void>((resolve) => (this.#wake = resolve));
    const passed = ms === Infinity ? changed : this.#clock.sleep(ms, stop.signal).catch(() => undefined);
    await Promise.race([changed, passed]);
    stop.abort();
  }

  #bucket(family: Family): Bucket {
    const known = this.#buckets.get(family);
    if (known !== undefined) return known;
    const bucket = new Bucket();
    this.#buckets.set(family, bucket);
    return bucket;
  }
}

/** The share of a bucket that is left to others. */
export const RESERVE = 0.1;

export const BUCKET_MS = 60_000;

export interface Window {
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
export function renewed({ limit, reset }: Window, now: number, underWay: number): Window {
  return { limit, reset: reset + 1, endsAt: now + BUCKET_MS, left: limit - underWay };
}

/** What reading Okta is busy with, for people who watch. */
export type OktaProgress =
  /** Another page came, of so many rows. */
  | { readonly kind: 'read'; readonly what: 'groups' | 'members' | 'people'; readonly rows: number }
  /** Nothing is asked for a while: to stay below the rate limit, because Okta said 429, or because a request failed. */
  | { readonly kind: 'wait'; readonly reason: 'pace' | 'throttled' | 'failure'; readonly ms: number };

/** What Okta says of the bucket a request was counted in. */
export interface RateLimit {
  /** Requests a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** When the bucket is filled again, in epoch seconds of Okta's clock: names the window. */
  readonly reset: number;
  /** How long that is from now, in milliseconds, whatever our clock says. */
  readonly resetInMs: number;
}

/** Both headers are whole seconds, so the true reset may be up to this much later. */
export const GRANULARITY_MS = 1_000;

/** Okta's windows last a minute; a reset further off is a mistake that must not stall a run. */
export const LONGEST_WINDOW_MS = 60_000 + GRANULARITY_MS;

/** `null` without usable headers, and for the answer to too many concurrent requests, whose limit is 0. */
export function rateLimitOf(headers: Headers, now: number): RateLimit | null {
  const limit = wholeNumber(headers.get('x-rate-limit-limit'));
  const remaining = wholeNumber(headers.get('x-rate-limit-remaining'));
  const reset = wholeNumber(headers.get('x-rate-limit-reset'));
  if (limit === null || limit === 0 || remaining === null || reset === null) return null;
  const oktaNow = Date.parse(headers.get('date') ?? '');
  const aheadMs = reset * 1000 - (Number.isNaN(oktaNow) ? now : oktaNow) + GRANULARITY_MS;
  return { limit, remaining, reset, resetInMs: Math.min(Math.max(aheadMs, 0), LONGEST_WINDOW_MS) };
}

/**
 * How long a 429 asks to wait, in milliseconds; `null` if it does not say. One for too many concurrent requests does not:
 * its reset is a guess.
 */
export function throttledForMs(headers: Headers, now: number): number | null {
  const limit = rateLimitOf(headers, now);
  if (limit !== null) return limit.resetInMs;
  if (headers.get('x-rate-limit-limit') !== null) return null;
  const seconds = wholeNumber(headers.get('retry-after'));
  return seconds === null ? null : Math.min(seconds * 1000, LONGEST_WINDOW_MS);
}

export function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}
