/** What an answer says of a service's limits, be the headers doubled by a gateway, late, or of a clock that is not ours. */

/** What a service says of the bucket that a request was counted in (`X-Rate-Limit-*`). */
export interface RateLimit {
  /** Requests a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** When the bucket is filled again, in epoch seconds of the service's clock: names the window. */
  readonly reset: number;
  /** How long that is from now, in milliseconds, whatever our clock says. */
  readonly resetInMs: number;
}

/** A service that says "now" and throttles again must not be asked in a tight circle. */
export const FLOOR_MS = 1_000;

/** Both headers are whole seconds, so the true reset may be up to this much later. */
const GRANULARITY_MS = 1_000;

/** Okta's windows last a minute; a reset further off is a mistake that must not stall a run. */
const LONGEST_WINDOW_MS = 60_000 + GRANULARITY_MS;

/** `null` without usable headers, and for the answer to too many concurrent requests, whose limit is 0 and whose reset is a guess. */
export function rateLimitOf(headers: Headers, now: number): RateLimit | null {
  const of = (name: string): readonly number[] => numbersIn(headers.get(`x-rate-limit-${name}`));
  const [limit, remaining, reset] = [
    Math.min(...of('limit')),
    Math.min(...of('remaining')),
    Math.max(...of('reset')),
  ];
  if (limit === 0 || ![limit, remaining, reset].every(Number.isFinite)) return null;
  const aheadMs = reset * 1000 - (servedAt(headers) ?? now) + GRANULARITY_MS;
  return { limit, remaining, reset, resetInMs: Math.min(Math.max(aheadMs, FLOOR_MS), LONGEST_WINDOW_MS) };
}

/**
 * How long a 429 asks to wait, in milliseconds, a second at least: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), or
 * until its bucket is filled again. `null` if it says nothing usable. Times are measured against the answer's own `Date`,
 * so that a clock that is off changes nothing.
 */
export function askedWaitMs(headers: Headers, now: number): number | null {
  const after = headers.get('retry-after');
  const since = servedAt(headers) ?? now;
  const waits = [...numbersIn(after).map((s) => s * 1000), ...datesIn(after).map((at) => at - since)];
  const bucket = rateLimitOf(headers, now);
  if (bucket !== null) waits.push(bucket.resetInMs);
  return waits.length === 0 ? null : Math.max(...waits, FLOOR_MS);
}

/** The service's time when it answered, in epoch milliseconds, cut to the second; `null` where it does not say. */
export function servedAt(headers: Headers): number | null {
  return datesIn(headers.get('date'))[0] ?? null;
}

/** A gateway may double a header, which arrives as `600, 600`. Nothing where any part of it is no number. */
function numbersIn(text: string | null): readonly number[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return parts.every((part) => /^\d{1,15}(\.\d+)?$/.test(part)) ? parts.map(Number) : [];
}

/** A date has a comma of its own, behind the day of the week. */
function datesIn(text: string | null): readonly number[] {
  const dates = [...(text ?? '').matchAll(/[a-z]{3,9}, [^,]+/gi)].map(([date]) => Date.parse(date));
  return dates.filter((date) => !Number.isNaN(date));
}
