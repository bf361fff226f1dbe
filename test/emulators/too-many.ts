import { type Effect, status } from './effects.ts';
import { oktaErrorBody } from './okta-errors.ts';

/** Okta's 429 for a bucket that is used up until `resetSeconds` (since the epoch). */
export function oktaTooMany(resetSeconds: number, limit = 600): Effect {
  return okta('oktaTooMany', limit, resetSeconds);
}

/** Okta's 429 for too many requests at once: a limit of zero, and a reset that is only a guess. */
export function oktaTooManyAtOnce(resetSeconds: number): Effect {
  return okta('oktaTooManyAtOnce', 0, resetSeconds);
}

/** Secoda's 429 of the write throttle. Without `retryAfterSeconds` there is no `Retry-After` header. */
export function secodaTooMany(retryAfterSeconds?: number): Effect {
  const detail =
    retryAfterSeconds === undefined
      ? 'Request was throttled.'
      : `Request was throttled. Expected available in ${retryAfterSeconds} seconds.`;
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { ...status(429, { detail }, headers), name: 'secodaTooMany' };
}

function okta(name: string, limit: number, resetSeconds: number): Effect {
  const headers = {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': '0',
    'x-rate-limit-reset': String(resetSeconds),
  };
  return { ...status(429, oktaErrorBody('E0000047'), headers), name };
}
