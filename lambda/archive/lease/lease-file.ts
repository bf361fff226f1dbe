import { jsonOf } from '../../core/model/json.ts';
import * as z from 'zod';
import type { Archive } from '../../ports.ts';

const KEY = 'turn.json';

/** No lease outlives a kill by more than this, in milliseconds. */
export const LEASE_MS = 60_000;
/** The lease is never taken longer than this before the first slot is free, in milliseconds, however long the reads take. */
const LONGEST_LEAD_MS = 30_000;
/** Reads do not take the same time twice. */
const LEAD_MARGIN = 1.2;
/** The longest that Secoda can make everybody wait, so that an odd answer does not end the sync for good. */
export const LONGEST_BLOCK_MS = 3_600_000;

/** Who has the lease, or is at work on a run. */
export const holderShape = z.object({
  runId: z.string(),
  /** `null` where nobody could look for the process. */
  pid: z.int().positive().nullable(),
  host: z.string().nullable(),
});
const waiterShape = holderShape.extend({
  /** One not heard of until then has given up. */
  until: z.number(),
});
const shape = z.object({
  version: z.literal(1),
  holder: holderShape.nullable(),
  /** Epoch milliseconds, like every time in this file. With the run's id it names one taking of the lease. */
  takenAt: z.number(),
  expiresAt: z.number(),
  /** When the answers to metered writes came: Secoda counted each of them by then. */
  writes: z.array(z.number()).readonly(),
  /** When metered writes of the holder were sent whose answers are out. */
  sending: z.array(z.number()).readonly(),
  /** Secoda asked everybody to wait until then. */
  blockedUntil: z.number(),
  /** Who wants the lease next, first come first. */
  waiting: z.array(waiterShape).readonly(),
  /** How long the last holder read, in milliseconds, before its first write. */
  readMs: z.number().min(0).default(0).catch(0),
});

export type Holder = Readonly<z.infer<typeof holderShape>>;
export type Waiter = Readonly<z.infer<typeof waiterShape>>;
/** What `turn.json` holds; all times in epoch milliseconds. */
export type LeaseFile = Readonly<Omit<z.infer<typeof shape>, 'version'>>;

export interface StoredLease {
  readonly file: LeaseFile;
  /** `null` when there is no file yet. */
  readonly tag: string | null;
}

const NOBODY: LeaseFile = {
  holder: null,
  takenAt: 0,
  expiresAt: 0,
  writes: [],
  sending: [],
  blockedUntil: 0,
  waiting: [],
  readMs: 0,
};

/**
 * Reads `turn.json`. No file: nobody ever wrote. A file that cannot be read may have held somebody's lease and a whole
 * minute's writes: nobody writes for a minute, after which both are over. Times that no right clock can have put there
 * are ignored.
 */
export async function readLease(archive: Archive, now: number): Promise<StoredLease> {
  const stored = await archive.read(KEY);
  if (stored === null) return { file: NOBODY, tag: null };
  const file = shape.safeParse(jsonOf(stored.text)).data;
  if (file === undefined) return { file: { ...NOBODY, blockedUntil: now + LEASE_MS }, tag: stored.tag };
  const possible = (at: number): boolean => at <= now + LEASE_MS;
  return {
    file: {
      ...file,
      writes: file.writes.filter(possible),
      sending: file.sending.filter(possible),
      blockedUntil: file.blockedUntil <= now + LONGEST_BLOCK_MS ? file.blockedUntil : 0,
      waiting: file.waiting.filter(({ until }) => until <= now + LONGEST_BLOCK_MS + LEASE_MS),
    },
    tag: stored.tag,
  };
}

/** How long before the first free slot the lease is to be taken (milliseconds), so that a slice's reads cost no write time. */
export function leadMs({ readMs }: Pick<LeaseFile, 'readMs'>, leastMs: number): number {
  return readMs <= leastMs ? leastMs : Math.min(readMs * LEAD_MARGIN, LONGEST_LEAD_MS);
}

/** Replaces the file if it is still the one that was read; the new tag, or `null` when somebody was faster. */
export function swapLease(archive: Archive, file: LeaseFile, tag: string | null): Promise<string | null> {
  return archive.swap(KEY, `${JSON.stringify({ version: 1, ...file })}\n`, tag);
}

/** Those who still wait, in the order they came. */
export function present(waiting: readonly Waiter[], now: number, mayBeAlive: (waiter: Waiter) => boolean) {
  return waiting.filter((waiter) => waiter.until > now && mayBeAlive(waiter));
}

/** How many come before this run; a run that has not joined comes last. */
export function ahead(waiting: readonly Waiter[], runId: string): number {
  const place = waiting.findIndex((each) => each.runId === runId);
  return place < 0 ? waiting.length : place;
}

/** Joins at the end, or stays in place with a later time. */
export function joined(waiting: readonly Waiter[], holder: Holder, until: number): Waiter[] {
  const place = waiting.findIndex(({ runId }) => runId === holder.runId);
  const waiter = { ...holder, until: Math.max(until, waiting[place]?.until ?? 0) };
  return place < 0 ? [...waiting, waiter] : waiting.with(place, waiter);
}

/** The queue when this run has left it, or was never in it; the others keep their order. */
export function without(waiting: readonly Waiter[], runId: string): Waiter[] {
  return waiting.filter((each) => each.runId !== runId);
}

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
