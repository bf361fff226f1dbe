import type { Clock } from '../../ports.ts';
import { FLOOR_MS, type RateLimit } from '../http/backoff.ts';

/**
 * The bucket of Okta's rate limits that a path counts in, by the path's shape: single groups have another than lists of groups
 * and of their members. Where shapes that share one are told apart it does no harm: what each learns of it is true, and a
 * reserve is left.
 */
export function bucketOf(path: string): string {
  const [family = '', , below] = path.replace(/^\/api\/v1\//, '').split('/');
  if (family === 'apps' || (family === 'groups' && below === 'users')) return family;
  return path.replace(/^(\/api\/v1\/[^/]+)\/[^/]+/, '$1/{id}').replace(/^\/api\/v1\//, '');
}

const CONCURRENCY = 5;
const WINDOW_MS = 60_000;

/** A share of what Okta says each bucket holds; or requests to Okta of all kinds in any 60 s. */
export type RequestsPerMinute = 'auto' | number;
/** With `auto`: what is taken of a bucket that nobody else draws from, and what a minute may hold before Okta has said its size. */
const SHARE = 0.4;
const UNTOLD_PER_MINUTE = 50;
/** With `auto` from a list of groups or members, where the org has the limit that most have, 600. */
export const USUAL_PER_MINUTE = 240;

/** Counts the requests of the last minute. */
class LastMinute {
  /** When requests of the last minute ended, ascending. Okta counted each somewhere between its start and its end. */
  readonly #ended: number[] = [];
  underWay = 0;

  enter(): void {
    this.underWay += 1;
  }

  leave(now: number): void {
    this.underWay -= 1;
    this.#ended.push(now);
  }

  /** Those that are under way and those that ended within the minute. */
  get count(): number {
    return this.underWay + this.#ended.length;
  }

  /** How long until there is room for another, in milliseconds; `Infinity` until an answer comes. */
  waitMs(now: number, most: number): number {
    while (this.#ended[0] !== undefined && now - this.#ended[0] > WINDOW_MS) this.#ended.shift();
    if (this.count < most) return 0;
    const [oldest] = this.#ended;
    return oldest === undefined ? Infinity : oldest + WINDOW_MS + 1 - now;
  }
}

/**
 * Stays below Okta's rate limits instead of running into them, since Okta writes to the org's admins about each 429. A
 * request goes out at once, in the order they came, unless five are under way, `requestsPerMinute` went out within a
 * minute, or others have nearly used up its bucket.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #requestsPerMinute: RequestsPerMinute;
  readonly #buckets = new Map<string, Bucket>();
  readonly #all = new LastMinute();
  #last: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => undefined;
  readonly #abandoned = new Map<object, { readonly error: Error; readonly before: number }>();
  #joined = 0;

  constructor(clock: Clock, requestsPerMinute: RequestsPerMinute) {
    this.#clock = clock;
    this.#requestsPerMinute = requestsPerMinute;
  }

  /** For everything that belongs to one read, its retries too: what `abandon` turns away is whoever has joined before. */
  join(): number {
    return this.#joined++;
  }

  /** Resolves when a request of this bucket may be sent; `leave` must follow. `owner`: its connection. `onWait` hears of waits. */
  enter(owner: object, joined: number, bucket: string, onWait: (ms: number) => void): Promise<void> {
    const admitted = this.#last.then(() => this.#admit(owner, joined, bucket, onWait));
    this.#last = admitted.catch(() => undefined);
    return admitted;
  }

  /** `seen`: what the answer said of the bucket; `null` if there was none or it said nothing. `throttled`: it was a 429. */
  leave(bucket: string, seen: RateLimit | null, throttled: boolean): void {
    const now = this.#clock.now();
    this.#all.leave(now);
    this.#bucket(bucket).leave(seen, now);
    if (throttled) this.hold(bucket, FLOOR_MS);
    this.#wake();
  }

  /** Okta said 429: nobody asks of this bucket before so many milliseconds have passed. */
  hold(bucket: string, ms: number): void {
    this.#bucket(bucket).hold(this.#clock.now() + ms);
  }

  /** All reads of this connection that are under way end with this error. Others go on: they may have rights that this one lacks. */
  abandon(owner: object, error: Error): void {
    this.#abandoned.set(owner, { error, before: this.#joined });
    this.#wake();
  }

  async #admit(owner: object, joined: number, bucket: string, onWait: (ms: number) => void): Promise<void> {
    for (;;) {
      const abandoned = this.#abandoned.get(owner);
      if (abandoned !== undefined && joined < abandoned.before) throw abandoned.error;
      const waitMs = this.#waitMs(bucket);
      if (waitMs === 0) break;
      if (waitMs !== Infinity) onWait(waitMs);
      await this.#pause(waitMs);
    }
    this.#all.enter();
    this.#bucket(bucket).enter();
  }

  /** `Infinity`: until an answer comes. */
  #waitMs(bucket: string): number {
    if (this.#all.underWay >= CONCURRENCY) return Infinity;
    const now = this.#clock.now();
    const perMinute = this.#requestsPerMinute;
    if (perMinute === 'auto') return this.#bucket(bucket).waitMs(now, true);
    return this.#all.waitMs(now, perMinute) || this.#bucket(bucket).waitMs(now, false);
  }

  /** Until the time has passed or something has changed, whichever is first. */
  async #pause(ms: number): Promise<void> {
    const stop = new AbortController();
    const changed = new Promise<void>((resolve) => (this.#wake = resolve));
    const passed = ms === Infinity ? changed : this.#clock.sleep(ms, stop.signal).catch(() => undefined);
    await Promise.race([changed, passed]);
    stop.abort();
  }

  #bucket(name: string): Bucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket();
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

/** The share of a bucket that is left to others. */
const RESERVE = 0.1;

interface Window {
  readonly limit: number;
  /** Names the window; Okta's seconds. */
  readonly reset: number;
  /** When it ends by our clock, in milliseconds. */
  readonly endsAt: number;
  /** What is left at worst: what Okta said last, less what was sent since. */
  left: number;
  /** How many of ours it has at most. */
  drawn: number;
  /** How many others drew from it, at least. */
  others: number;
}

/** One of Okta's rate-limit buckets as its answers show it. Others draw from it too. */
class Bucket {
  readonly #lastMinute = new LastMinute();
  #window: Window | null = null;
  #seen = false;
  #heldUntil = -Infinity;

  /** In epoch milliseconds. From then on one request goes ahead, and the others once it is not throttled. */
  hold(until: number): void {
    this.#seen = false;
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** How long the next request is held back, in milliseconds; `Infinity` until an answer comes. `shared`: only a share is ours. */
  waitMs(now: number, shared: boolean): number {
    if (now < this.#heldUntil) return this.#heldUntil - now;
    // The size of a bucket is unknown until its first answer: only that one request goes ahead.
    if (!this.#seen && this.#lastMinute.underWay > 0) return Infinity;
    if (this.#window === null) return shared ? this.#lastMinute.waitMs(now, UNTOLD_PER_MINUTE) : 0;
    if (now >= this.#window.endsAt) this.#window = renewed(this.#window, now, this.#lastMinute.underWay);
    const { limit, left, others, endsAt } = this.#window;
    const reserve = Math.min(Math.ceil(limit * RESERVE), limit - 1);
    if (left <= reserve) return endsAt - now;
    if (!shared) return 0;
    const wait = this.#lastMinute.waitMs(now, Math.max(1, Math.floor((limit - others) * SHARE)));
    // In the next window the others may draw less.
    return others === 0 ? wait : Math.min(wait, endsAt - now);
  }

  /** A request is sent: it counts as drawn until Okta says more. */
  enter(): void {
    this.#lastMinute.enter();
    if (this.#window === null) return;
    this.#window.left -= 1;
    this.#window.drawn += 1;
  }

  /** It was answered. `seen`: what the answer said of the bucket, `null` where it said nothing or none came; `now` in epoch milliseconds. */
  leave(seen: RateLimit | null, now: number): void {
    this.#lastMinute.leave(now);
    this.#seen = true;
    if (seen === null) return;
    const { limit, reset, remaining } = seen;
    const { underWay } = this.#lastMinute;
    const known = this.#window;
    // Answers overtake each other; one of an earlier window tells nothing of this one.
    if (known !== null && reset < known.reset) return;
    const same = known?.reset === reset;
    const left = same ? Math.min(known.left, remaining) : remaining - underWay;
    const drawn = known?.drawn ?? this.#lastMinute.count;
    const others = Math.max(same ? known.others : 0, limit - remaining - drawn);
    this.#window = { limit, reset, endsAt: now + seen.resetInMs, left, drawn, others };
  }
}

/**
 * A new window is full as far as we know; its first answer will tell, and give it its name. Until then it has one that
 * is later than that of the old window, so that a belated answer of the old one is told apart.
 */
function renewed({ limit, reset }: Window, now: number, underWay: number): Window {
  return {
    limit,
    reset: reset + 1,
    endsAt: now + WINDOW_MS,
    left: limit - underWay,
    drawn: underWay,
    others: 0,
  };
}

/** Nothing is asked for a while: to stay below the rate limit, because Okta said 429, or because a request failed. */
export interface OktaProgress {
  readonly kind: 'wait';
  readonly reason: 'pace' | 'throttled' | 'failure';
  readonly ms: number;
}
