import { LeaseOver } from '../../../lambda/errors.ts';
import type { Archive, Clock } from '../../../lambda/ports.ts';
import { createLeases } from '../../../lambda/archive/lease/leases.ts';
import { memoryArchive } from './memory-archive.ts';
import { simulatedClock } from './scenario.ts';

export const LIMIT = 30;
export const MINUTE_MS = 60_000;
const REQUEST_MS = 25_000;

/** One metered write, in milliseconds of true time. */
export interface Write {
  readonly run: string;
  readonly sentAt: number;
  /** When the server counts it. */
  readonly arrivedAt: number;
  readonly answeredAt: number;
}

export interface RunPlan {
  readonly name: string;
  readonly writes: number;
  /** How far the clock of its machine is off (milliseconds). */
  readonly skewMs?: number;
  /** When it is killed, in milliseconds from the start. A write under way then still arrives. */
  readonly killedAfterMs?: number;
  /** When its machine sleeps, in milliseconds from the start, and for how long; then it goes on as if nothing had been. */
  readonly suspended?: { readonly afterMs: number; readonly forMs: number };
  /** The other runs can see that it is dead. */
  readonly seenToDie?: boolean;
}

export interface Pace {
  /** How long the server takes for each write. */
  readonly latencyMs: () => number;
  /** At which part of that time it counts the write: 0 when it is sent, 1 when it is answered. */
  readonly arrival: () => number;
  /** How long a slice reads before its first write. */
  readonly readMs?: number;
  /** How long half a request to the archive takes. */
  readonly archiveMs: () => number;
}

/** Several runs over one archive, each writing in slices of up to 30 as fast as it may. All writes in the order they were sent. */
export async function simulate(plans: readonly RunPlan[], pace: Pace): Promise<Write[]> {
  const clock = simulatedClock();
  const startedAt = clock.now();
  const archive = memoryArchive(() => clock.sleep(pace.archiveMs()));
  const isDead = ({ killedAfterMs = Infinity }: RunPlan): boolean => clock.now() >= startedAt + killedAfterMs;
  const writes: Write[] = [];

  async function run(plan: RunPlan): Promise<void> {
    let { suspended = null } = plan;
    const alive = async <T>(work: Promise<T>): Promise<T> => {
      const result = await work;
      if (isDead(plan)) return new Promise(() => undefined);
      if (suspended === null || clock.now() < startedAt + suspended.afterMs) return result;
      const { forMs } = suspended;
      suspended = null;
      await clock.sleep(forMs);
      return result;
    };
    const own: Clock = {
      now: () => clock.now() + (plan.skewMs ?? 0),
      sleep: (ms) => alive(clock.sleep(ms)),
    };
    const leases = createLeases({
      archive: mortal(archive, alive),
      clock: own,
      listen: () => undefined,
      holder: { runId: plan.name, pid: null, host: null },
      mayBeAlive: ({ runId }) =>
        !plans.some((each) => each.name === runId && each.seenToDie === true && isDead(each)),
      writesPerMinute: LIMIT,
      requestMs: REQUEST_MS,
    });
    let left = plan.writes;
    while (left > 0) {
      const lease = await leases.take();
      try {
        await own.sleep(pace.readMs ?? 0);
        for (let n = 0; n < LIMIT && left > 0; n++, left--) {
          await lease.enter(true);
          const sentAt = clock.now();
          const latency = pace.latencyMs();
          const arrivedAt = sentAt + latency * pace.arrival();
          writes.push({ run: plan.name, sentAt, arrivedAt, answeredAt: sentAt + latency });
          await own.sleep(latency);
          lease.leave(true);
        }
      } catch (error) {
        if (!(error instanceof LeaseOver)) throw error;
      }
      await lease.release();
    }
  }

  const survivors = plans.filter(({ killedAfterMs }) => killedAfterMs === undefined);
  const all = plans.map((plan) => ({ plan, work: run(plan) }));
  await clock.run(Promise.all(all.filter(({ plan }) => survivors.includes(plan)).map(({ work }) => work)));
  return writes;
}

function mortal(archive: Archive, alive: <T>(work: Promise<T>) => Promise<T>): Archive {
  return {
    address: archive.address,
    read: (key) => alive(archive.read(key)),
    write: (key, text) => alive(archive.write(key, text)),
    swap: (key, text, expected) => alive(archive.swap(key, text, expected)),
    writeBytes: () => Promise.reject(new Error('no bytes are written here')),
    readBytes: () => Promise.resolve(null),
    hash: (key) => alive(archive.hash(key)),
    folders: (after) => alive(archive.folders(after)),
    names: (folder, after) => alive(archive.names(folder, after)),
  };
}

/** The most writes that any minute held, as the server counted them. */
export function mostInAMinute(writes: readonly Write[]): number {
  const arrivals = writes.map(({ arrivedAt }) => arrivedAt).sort((a, b) => a - b);
  return Math.max(
    ...arrivals.map((at) => arrivals.filter((other) => other > at - MINUTE_MS && other <= at).length),
  );
}
