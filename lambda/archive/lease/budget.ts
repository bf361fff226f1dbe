import { LEASE_MS, type LeaseFile } from './lease-file.ts';

/** Secoda counts the writes of the last minute. */
const WINDOW_MS = 60_000;
/** For clocks of several machines that differ a little. It costs less than half a percent of the rate. */
const MARGIN_MS = 250;

type Spent = Pick<LeaseFile, 'writes' | 'sending' | 'blockedUntil'>;

/**
 * When the next metered write may go out, in epoch milliseconds; a time that has passed means now. Secoda counts a write
 * at some moment between our sending it and our hearing of it, so its slot is free again a minute after the later one.
 */
export function slotAt(spent: Spent, writesPerMinute: number): number {
  const freeAgain = [...spent.writes, ...latestArrivals(spent)]
    .map((at) => at + WINDOW_MS + MARGIN_MS)
    .sort((a, b) => b - a);
  return Math.max(spent.blockedUntil, freeAgain[writesPerMinute - 1] ?? 0);
}

/** A write that was cut off can have arrived as late as the lease it was sent in could have lasted. */
export function latestArrivals({ sending }: Pick<LeaseFile, 'sending'>): number[] {
  return sending.map((sentAt) => sentAt + LEASE_MS);
}

/** Leaves out the writes that no longer count. */
export function stillCounting(writes: readonly number[], now: number): number[] {
  return writes.filter((at) => at + WINDOW_MS + MARGIN_MS > now);
}
