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
const GRANULARITY_MS = 1_000;
/** Okta's windows last a minute; a reset further off is a mistake that must not stall a run. */
const LONGEST_WINDOW_MS = 60_000 + GRANULARITY_MS;

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

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}
