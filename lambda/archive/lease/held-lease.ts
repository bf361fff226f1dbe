import { LeaseOver } from '../../errors.ts';
import type { Archive, Clock, Lease, Listener } from '../../ports.ts';
import {
  type Holder,
  leadMs,
  LEASE_MS,
  type LeaseFile,
  LONGEST_BLOCK_MS,
  readLease,
  slotAt,
  stillCounting,
  type StoredLease,
  swapLease,
} from './lease-file.ts';

/** Nothing is written from what was read longer ago than this, however often the lease was renewed. */
const FRESH_MS = 2 * 60_000;

export interface LeasesOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly listen: Listener;
  readonly holder: Holder;
  readonly mayBeAlive: (holder: Holder) => boolean;
  readonly writesPerMinute: number;
  /**
   * The longest a single request can take, in milliseconds; well below `LEASE_MS`. Nothing is sent when the lease could end
   * before its answer.
   */
  readonly requestMs: number;
  /** Aborted when nothing more may be sent; never unless given. */
  readonly interrupted?: AbortSignal;
}

/**
 * How long a slot is worth waiting for while the lease is held, in milliseconds; beyond it others get theirs. The lease is taken
 * that much before the first slot is free, or as much as the last holder's reads took (`leadMs`), so that they cost no write time.
 */
export const PATIENCE_MS = 5_000;

/**
 * The lease while it is ours. Every write is noted in the file *before* it is sent, which also renews the lease, so that a
 * kill loses no write from the shared budget, and a run that lost its lease learns it before it writes. Only the holder
 * changes the notes of writes, so what it knows itself is what the file should say.
 */
export class HeldLease implements Lease {
  readonly #options: LeasesOptions;
  readonly #takenAt: number;
  #tag: string | null;
  #waiting: LeaseFile['waiting'];
  #writes: number[];
  #sending: number[] = [];
  #blockedUntil: number;
  #expiresAt: number;
  /** From then on what the lease was taken for is no longer fresh. */
  #freshUntil: number;
  /** Until the first write: how long the slice's reads took. */
  #readMs: number;
  #begun = false;
  #patienceMs: number;
  #released = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LeasesOptions, { file, tag }: StoredLease) {
    this.#options = options;
    this.#takenAt = file.takenAt;
    this.#expiresAt = file.expiresAt;
    this.#freshUntil = file.takenAt + FRESH_MS;
    this.#tag = tag;
    this.#waiting = file.waiting;
    this.#writes = [...file.writes];
    this.#blockedUntil = file.blockedUntil;
    this.#readMs = file.readMs;
    this.#patienceMs = leadMs(file, PATIENCE_MS);
  }

  renew(): Promise<void> {
    return this.#afterTheLast(async () => {
      if (this.#released) throw new LeaseOver('the lease was given up');
      const now = this.#options.clock.now();
      await this.#save(now + LEASE_MS);
      this.#freshUntil = now + FRESH_MS;
    });
  }

  enter(metered: boolean): Promise<void> {
    return this.#afterTheLast(async () => {
      const { clock, requestMs, interrupted } = this.#options;
      interrupted?.throwIfAborted();
      if (this.#released) throw new LeaseOver('the lease was given up');
      if (!this.#begun) this.#readMs = clock.now() - this.#takenAt;
      this.#begun = true;
      await this.#untilAllowed(metered);
      this.#patienceMs = PATIENCE_MS;
      const now = clock.now();
      if (now > Math.min(this.#expiresAt - requestMs, this.#freshUntil))
        throw new LeaseOver('the lease took too long');
      this.#writes = stillCounting(this.#writes, now);
      if (metered) this.#sending.push(now);
      try {
        await this.#save(now + LEASE_MS);
        if (clock.now() > now + LEASE_MS - requestMs) throw new LeaseOver('the archive answered too slowly');
      } catch (error) {
        if (metered) this.#sending.splice(this.#sending.lastIndexOf(now), 1);
        throw error;
      }
    });
  }

  /** With several answers out, the write sent first is taken for the one answered: its arrival was the earliest possible. */
  leave(metered: boolean): void {
    if (metered && this.#sending.shift() !== undefined) this.#writes.push(this.#options.clock.now());
  }

  throttled(until: number): void {
    const latest = this.#options.clock.now() + LONGEST_BLOCK_MS;
    this.#blockedUntil = Math.max(this.#blockedUntil, Math.min(until, latest));
  }

  /** Never fails: a lease that cannot be given back ends by itself, with its writes noted as they were sent. */
  release(): Promise<void> {
    return this.#afterTheLast(async () => {
      if (this.#released) return;
      this.#released = true;
      await this.#save(null).catch(() => undefined);
    });
  }

  /** One at a time: each saves what the one before it left. */
  #afterTheLast<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #untilAllowed(metered: boolean): Promise<void> {
    const { clock, writesPerMinute } = this.#options;
    for (;;) {
      const spent = { writes: this.#writes, sending: this.#sending, blockedUntil: this.#blockedUntil };
      const ms = (metered ? slotAt(spent, writesPerMinute) : spent.blockedUntil) - clock.now();
      if (ms <= 0) return;
      if (ms > this.#patienceMs)
        throw new LeaseOver(`the next write may go out in ${Math.ceil(ms / 1000)} s`);
      await clock.sleep(ms);
    }
  }

  /** `expiresAt`: `null` gives the lease back. Others may have joined the queue meanwhile, which is no reason to stop. */
  async #save(expiresAt: number | null): Promise<void> {
    const { archive, clock, holder } = this.#options;
    for (;;) {
      const file = {
        holder: expiresAt === null ? null : holder,
        takenAt: this.#takenAt,
        expiresAt: expiresAt ?? 0,
        writes: this.#writes,
        sending: this.#sending,
        blockedUntil: this.#blockedUntil,
        waiting: this.#waiting,
        readMs: this.#readMs,
      };
      const tag = await swapLease(archive, file, this.#tag);
      if (tag !== null) {
        this.#tag = tag;
        this.#expiresAt = file.expiresAt;
        return;
      }
      const found = await readLease(archive, clock.now());
      const ours = found.file.holder?.runId === holder.runId && found.file.takenAt === this.#takenAt;
      if (!ours) throw new LeaseOver('another run has taken the lease');
      this.#tag = found.tag;
      this.#waiting = found.file.waiting;
    }
  }
}
