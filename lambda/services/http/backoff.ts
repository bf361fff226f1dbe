import pRetry from 'p-retry';
import { AskLater } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { NoAnswer } from './send.ts';

/** The service failed (5xx) and may do better in a moment. `NoAnswer` is treated alike. */
export class Transient extends Error {
  override readonly name = 'Transient';
}

/** The service is well but wants to be asked later (429). Waiting for it does not count against the deadline. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  /** How long it asks to wait, in milliseconds; `null`: it does not say. Throttled again and again, it is asked less and less often. */
  readonly waitMs: number | null;
  constructor(message: string, waitMs: number | null) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** Refused what was asked with, and there is something newer: the next attempt goes out at once. */
export class Renewed extends Error {
  override readonly name = 'Renewed';
}

/** What is worth another attempt. */
export type Repeatable = NoAnswer | Transient | Throttled | Renewed;

/** Every attempt failed in a way that was worth repeating. The message ends with how often and how long it was tried. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
  readonly last: Repeatable;
  readonly attempts: number;
  readonly ms: number;
  constructor(last: Repeatable, attempts: number, ms: number) {
    const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    super(`${last.message}; given up after ${tries} in ${Math.round(ms / 1000)} s`, { cause: last });
    this.last = last;
    this.attempts = attempts;
    this.ms = ms;
  }
}

export interface Attempt {
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
  /** How many `Throttled` in a row are too many; as many as come within two hours of waiting unless said otherwise. */
  readonly throttles?: number;
  /** How long to wait for a throttled service in one go; beyond it `AskLater` is thrown. Without bound unless said otherwise. */
  readonly holdMs?: number | undefined;
  /** Where `before` does the waiting for a throttled service: hears how long it should, before `onRetry` does. */
  readonly hold?: (ms: number) => void;
  /** Awaited before each attempt (a pace, a gate). Its time does not count; what it throws ends everything as it is. */
  readonly before?: () => Promise<void>;
  /** Called when another attempt will follow `pauseMs` later. */
  readonly onRetry?: (error: Repeatable, pauseMs: number) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
const LONGEST_FLOOR_MS = 60_000;
/** Waited for a throttled service for so long, another run is as good. */
export const PATIENCE_MS = 2 * 3_600_000;
/** With less than this left an attempt would only be cut off. */
const SHORTEST_ATTEMPT_MS = 1_000;

/**
 * Runs `attempt` until it succeeds. After a `NoAnswer`, `Transient` or `Throttled` it pauses on the policy's clock,
 * exponentially longer and jittered, and goes on, until the policy's bounds are reached: then it throws `GaveUp`, or
 * `AskLater`. Any other error ends it at once and is thrown as it is.
 */
export async function retrying<T>(attempt: (attempt: Attempt) => Promise<T>, policy: RetryPolicy) {
  const { clock, deadlineMs = 30_000, retries = Infinity, throttles = Infinity, holdMs = Infinity } = policy;
  const startedAt = clock.now();
  let spentMs = 0;
  let failures = 0;
  let throttledInRow = 0;
  let heldMs = 0;

  /** `null`: no more. */
  const pauseAfter = (error: Repeatable): number | null => {
    if (error instanceof Renewed) return 0;
    if (error instanceof Throttled) {
      throttledInRow += 1;
      if (throttledInRow >= throttles || heldMs >= PATIENCE_MS) return null;
      // A gate is for the waits that are asked for: longer ones would end the lease again and again, and nothing would fail.
      const inRow = policy.hold === undefined ? throttledInRow : 1;
      const pauseMs = Math.max(error.waitMs ?? 0, floorMs(inRow, policy.random));
      heldMs += pauseMs;
      return pauseMs;
    }
    [throttledInRow, heldMs] = [0, 0];
    failures += 1;
    const pauseMs = backoffMs(failures, policy.random);
    spentMs += pauseMs;
    return failures > retries || spentMs + SHORTEST_ATTEMPT_MS > deadlineMs ? null : pauseMs;
  };

  return pRetry(
    async () => {
      await policy.before?.();
      const sentAt = clock.now();
      try {
        return await attempt({ remainingMs: deadlineMs - spentMs });
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
        if (error instanceof Throttled) policy.hold?.(pauseMs);
        policy.onRetry?.(error, pauseMs);
        if (heldMs > holdMs) throw new AskLater(error.message, pauseMs);
        if (!(error instanceof Throttled && policy.hold)) await clock.sleep(pauseMs);
      },
    },
  );
}

function isRepeatable(error: Error): error is Repeatable {
  return [NoAnswer, Transient, Throttled, Renewed].some((kind) => error instanceof kind);
}

/** Doubles with each failure up to a ceiling; the jitter takes away up to half, so that clients do not march in step. */
function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return full * (0.5 + random() / 2);
}

/** Doubles with each 429 in a row up to a ceiling; the jitter adds up to half. */
function floorMs(throttled: number, random: () => number): number {
  return Math.min(LONGEST_FLOOR_MS, FLOOR_MS * 2 ** (throttled - 1)) * (1 + random() / 2);
}

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
