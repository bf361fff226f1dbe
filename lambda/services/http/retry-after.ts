/** The window of Secoda's throttle: after a 429 that names no time, it has passed for certain. In milliseconds. */
const WINDOW_MS = 60_000;

/**
 * How long a 429 asks to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), else a whole
 * window. A date is measured against the answer's own `Date`, so that a clock that is off changes nothing.
 */
export function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return atLeastASecond(Number(value) * 1000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return WINDOW_MS;
  const served = Date.parse(headers.get('date') ?? '');
  return atLeastASecond(until - (Number.isNaN(served) ? now : served));
}

/** A service that says "now" and throttles again must not be asked in a tight circle. */
function atLeastASecond(ms: number): number {
  return Math.max(ms, 1000);
}
