import type { Leases } from '../../ports.ts';
import {
  ahead,
  type Holder,
  joined,
  latestArrivals,
  leadMs,
  LEASE_MS,
  type LeaseFile,
  present,
  readLease,
  slotAt,
  stillCounting,
  swapLease,
  without,
} from './lease-file.ts';
import { HeldLease, type LeasesOptions, PATIENCE_MS } from './held-lease.ts';

/** Between two looks at a lease that somebody else has. */
const POLL_MS = 500;
/** One who waits says so again this often at least, and is forgotten when not heard of for three times as long. */
const REFRESH_MS = 10_000;
const FORGOTTEN_MS = 3 * REFRESH_MS;
/** For coming back after a wait elsewhere: a function has to start again. */
const RETURN_MS = 30_000;
/** A request of a killed process can still be on its way; after this it has been dealt with. */
const CUT_OFF_MS = 2_000;

/** Hands out the lease over one archive by a conditional write; whoever had it last lets those who wait go first. */
export function createLeases(options: LeasesOptions): Leases {
  const { archive, clock, listen, holder, mayBeAlive, writesPerMinute } = options;
  const { runId } = holder;
  if (options.requestMs >= LEASE_MS) throw new RangeError('A request must be over before the lease is');
  let seen = { lease: '', since: 0 };

  /** `ours`: nobody has the lease, and nobody was here before us. */
  async function look() {
    const { file, tag } = await readLease(archive, clock.now());
    const now = clock.now();
    const lease = JSON.stringify([file.holder, file.takenAt, file.expiresAt]);
    if (lease !== seen.lease) seen = { lease, since: now };
    const waiting = present(file.waiting, now, mayBeAlive);
    // A lease that we saw unchanged for its whole length is over, whatever a wrong clock wrote into it.
    const free = isFree(file, now, mayBeAlive) || now - seen.since >= LEASE_MS;
    return { file, tag, now, waiting, ours: free && ahead(waiting, runId) === 0 };
  }

  type LeaseView = Awaited<ReturnType<typeof look>>;
  const waitFor = (metered: boolean, { file, now }: LeaseView): number => {
    const free = metered ? slotAt(file, writesPerMinute) : file.blockedUntil;
    return Math.max(0, free - leadMs(file, PATIENCE_MS) - now);
  };

  /** Takes a place in the queue, or keeps it. `false`: somebody else changed the file; look again. */
  const queue = async ({ file, tag, waiting }: LeaseView, until: number): Promise<boolean> =>
    (await swapLease(archive, { ...file, waiting: joined(waiting, holder, until) }, tag)) !== null;

  /** Whoever waits no longer gives its place up, so that nobody waits for it. */
  async function leaveQueue(): Promise<void> {
    for (let left = false; !left;) {
      const { file, tag } = await readLease(archive, clock.now());
      left = (await swapLease(archive, { ...file, waiting: without(file.waiting, runId) }, tag)) !== null;
    }
  }

  return {
    async due() {
      for (;;) {
        const found = await look();
        const ms = waitFor(true, found);
        if (ms === 0 || (await queue(found, found.now + ms + RETURN_MS))) return ms;
      }
    },

    async take(metered = true) {
      let attemptedAt: number | null = null;
      let told: string | null = null;
      for (;;) {
        const found = await look();
        const { file, tag, now, waiting } = found;
        // The answer to our own write was lost, so that repeating it met our own text.
        const already = file.holder?.runId === runId && file.takenAt === attemptedAt;
        if (already) return new HeldLease(options, found);
        const ms = waitFor(metered, found);
        if (found.ours && ms === 0) {
          const taken = { ...inherited(file, now), holder, waiting: without(waiting, runId) };
          const newTag = await swapLease(archive, taken, tag);
          if (newTag !== null) return new HeldLease(options, { file: taken, tag: newTag });
          attemptedAt = taken.takenAt;
          continue;
        }
        const reason = found.ours ? 'budget' : 'lease';
        if (told !== reason) listen({ kind: 'waiting', ms: Math.max(ms, file.expiresAt - now, 0), reason });
        told = reason;
        const ourUntil = waiting.find((each) => each.runId === runId)?.until ?? 0;
        if (ourUntil < now + FORGOTTEN_MS - REFRESH_MS && !(await queue(found, now + FORGOTTEN_MS))) continue;
        try {
          await clock.sleep(Math.min(REFRESH_MS, found.ours ? ms : Math.max(ms, POLL_MS)));
        } catch (error) {
          // Where the archive does not answer either, the place is forgotten after a while.
          await leaveQueue().catch(() => undefined);
          throw error;
        }
      }
    },
  };
}

function isFree(file: LeaseFile, now: number, mayBeAlive: (holder: Holder) => boolean): boolean {
  if (file.holder === null || file.expiresAt <= now) return true;
  return !mayBeAlive(file.holder) && file.sending.every((sentAt) => sentAt + CUT_OFF_MS <= now);
}

/** What the holder before us left, in a file that is ours. */
function inherited(file: LeaseFile, now: number): LeaseFile {
  const writes = stillCounting([...file.writes, ...latestArrivals(file)], now);
  return { ...file, takenAt: now, expiresAt: now + LEASE_MS, writes, sending: [] };
}
