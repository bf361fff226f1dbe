import type { Clock } from '../../lambda/ports.ts';
import { type Header, type Reply, reply, withHeaders } from './exchange.ts';
import { oktaErrorBody } from './okta-errors.ts';

const windowMs = 60_000;

/** A bucket of Okta's rate limits: so many requests in each minute of the clock. */
class Bucket {
  readonly limit: number;
  readonly #form: RateHeaders;
  #window = -1;
  #used = 0;

  constructor(limit: number, form: RateHeaders) {
    this.limit = limit;
    this.#form = form;
  }

  /** Takes one request if there is one left. */
  take(now: number): { allowed: boolean; headers: Header[] } {
    const window = Math.floor(now / windowMs);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    const allowed = this.#used < this.limit;
    if (allowed) this.#used += 1;
    return {
      allowed,
      headers: told(this.#form, this.limit, this.limit - this.#used, ((window + 1) * windowMs) / 1000),
    };
  }
}

/** How the limits are told: as Okta does; doubled, by a gateway; with a reset that is past, by a clock that is off; not at all. */
export type RateHeaders = 'plain' | 'doubled' | 'past' | 'none';

/** Paths of one bucket, and how many requests it takes a minute. */
export interface Share {
  readonly paths: RegExp;
  readonly perMinute: number;
}

/** The rate limits of an org: its buckets, and how many requests may be served at once. */
export class OktaLimits {
  readonly #clock: Clock;
  readonly #buckets: readonly (readonly [RegExp, Bucket])[];
  readonly #concurrency: number;
  #running = 0;

  /** @param shares the first that fits a path counts */
  constructor(clock: Clock, shares: readonly Share[], concurrency: number, form: RateHeaders) {
    this.#clock = clock;
    this.#buckets = shares.map(({ paths, perMinute }) => [paths, new Bucket(perMinute, form)]);
    this.#concurrency = concurrency;
  }

  /** Runs the call if the limits allow it; a 429 if not. Either answer tells the state of its bucket. */
  async admit(path: string, run: () => Promise<Reply>): Promise<Reply> {
    if (this.#running >= this.#concurrency) return tooManyAtOnce(this.#clock.now());
    const bucket = this.#buckets.find(([paths]) => paths.test(path))?.[1];
    const taken = bucket?.take(this.#clock.now());
    if (taken?.allowed === false) return reply(429, oktaErrorBody('E0000047'), taken.headers);
    this.#running += 1;
    try {
      return withHeaders(await run(), taken?.headers ?? []);
    } finally {
      this.#running -= 1;
    }
  }
}

/** The 429 of the concurrency limit, which is known by its limit of zero; its reset is only a guess. */
function tooManyAtOnce(now: number): Reply {
  return reply(429, oktaErrorBody('E0000047'), rateHeaders(0, 0, Math.ceil((now + windowMs) / 1000)));
}

function rateHeaders(limit: number, remaining: number, resetSeconds: number): Header[] {
  return [
    ['x-rate-limit-limit', String(limit)],
    ['x-rate-limit-remaining', String(remaining)],
    ['x-rate-limit-reset', String(resetSeconds)],
  ];
}

function told(form: RateHeaders, limit: number, remaining: number, reset: number): Header[] {
  if (form === 'none') return [];
  const headers = rateHeaders(limit, remaining, form === 'past' ? reset - 3600 : reset);
  return form === 'doubled' ? headers.map(([name, value]) => [name, `${value}, ${value}`]) : headers;
}
