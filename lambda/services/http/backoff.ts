import pRetry from 'p-retry';
import type { Clock } from '../../ports.ts';
import { NoAnswer } from './send.ts';

/** The service failed (5xx) and may do better in a moment. `NoAnswer` is treated alike. */
export class Transient extends Error {
  override readonly name = 'Transient';
}

/** The service is well but wants to be asked later (429). Waiting for it does not count against the deadline. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  /** How long to wait, in milliseconds; `null` leaves it to the policy's own back-off. */
  readonly waitMs: number | null;
  constructor(message: string, waitMs: number | null) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** What is worth another attempt. */
export type Repeatable = NoAnswer | Transient | Throttled;

/** Every attempt failed in a way that was worth repeating. The message ends with how often and how long it was tried. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
  readonly last: Repeatable;
  constructor(last: Repeatable, attempts: number, ms: number) {
    const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    super(`${last.message}; given up after ${tries} in ${Math.round(ms / 1000)} s`, { cause: last });
    this.last = last;
  }
}

export interface Attempt {
  /** Counted from 1. */
  readonly number: number;
  /** What is left of the deadline: an attempt must not take longer. */
  readonly remainingMs: number;
}

/** How long and how often something is tried again. */
export interface RetryPolicy {
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** Bounds all attempts together with the pauses after a `NoAnswer` or `Transient`; 30 s unless said otherwise. */
  readonly deadlineMs?: number;
  /** How often to repeat after a `NoAnswer` or `Transient`; as often as the deadline allows unless said otherwise. */
  readonly retries?: number;
  /** How many `Throttled` in a row are too many; 10 unless said otherwise. */
  readonly throttles?: number;
  /** Awaited before each attempt (a pace, a gate). Its time does not count; what it throws ends everything as it is. */
  readonly before?: () => Promise<void>;
  /** Called when another attempt will follow `pauseMs` later. */
  readonly onRetry?: (error: Repeatable, pauseMs: number) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** With less than this left an attempt would only be cut off. */
const SHORTEST_ATTEMPT_MS = 1_000;

/**
 * Runs `attempt` until it succeeds. After a `NoAnswer`, `Transient` or `Throttled` it pauses on the policy's clock,
 * exponentially longer and jittered, and goes on, until the policy's bounds are reached: then it throws `GaveUp`. Any
 * other error ends it at once and is thrown as it is.
 */
export async function retrying<T>(
  attempt: (attempt: Attempt) => Promise<T>,
  policy: RetryPolicy,
): Promise<T> {
  const { clock, deadlineMs = 30_000, retries = Infinity, throttles = 10 } = policy;
  const startedAt = clock.now();
  let spentMs = 0;
  let failures = 0;
  let throttledInRow = 0;

  /** `null`: no more. */
  const pauseAfter = (error: Repeatable): number | null => {
    if (error instanceof Throttled) {
      throttledInRow += 1;
      if (throttledInRow >= throttles) return null;
      return error.waitMs ?? backoffMs(throttledInRow, policy.random);
    }
    throttledInRow = 0;
    failures += 1;
    const pauseMs = backoffMs(failures, policy.random);
    spentMs += pauseMs;
    return failures > retries || spentMs + SHORTEST_ATTEMPT_MS > deadlineMs ? null : pauseMs;
  };

  return pRetry(
    async (number) => {
      await policy.before?.();
      const sentAt = clock.now();
      try {
        return await attempt({ number, remainingMs: deadlineMs - spentMs });
      } finally {
        spentMs += clock.now() - sentAt;
      }
    },
    {
      // p-retry would pause on the machine's timers; the pauses here are on the injected clock.
      retries: Infinity,
      minTimeout: 0,
      onFailedAttempt: async ({ error, attemptNumber }) => {
        if (!isRepeatable(error)) throw error;
        const pauseMs = pauseAfter(error);
        if (pauseMs === null) throw new GaveUp(error, attemptNumber, clock.now() - startedAt);
        policy.onRetry?.(error, pauseMs);
        await clock.sleep(pauseMs);
      },
    },
  );
}

function isRepeatable(error: Error): error is Repeatable {
  return error instanceof NoAnswer || error instanceof Transient || error instanceof Throttled;
}

/** Doubles with each failure up to a ceiling; the jitter takes away up to half, so that clients do not march in step. */
function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return full * (0.5 + random() / 2);
}

/** The window of Secoda's throttle: after a 429 that names no time, it has passed for certain. In milliseconds. */
export const WINDOW_MS = 60_000;

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
export function atLeastASecond(ms: number): number {
  return Math.max(ms, 1000);
}
