import { setImmediate as settled } from 'node:timers/promises';
import type { Leases } from '../../../lambda/ports.ts';
import { interruptibleClock } from '../../../lambda/services/clock.ts';
import { createLeases } from '../../../lambda/archive/lease/leases.ts';
import type { Holder } from '../../../lambda/archive/lease/lease-file.ts';
import { HeldClock } from '../../time/clock.ts';
import { type MemoryArchive, memoryArchive } from './memory-archive.ts';

export const LIMIT = 30;
export const MINUTE_MS = 60_000;

/** For whoever waits for nothing but this clock, which settles within a lease of the event loop. */
export function simulatedClock(): HeldClock {
  return new HeldClock(Date.UTC(2026, 0, 1), { atRest: () => settled() });
}

export interface Scenario {
  readonly clock: HeldClock;
  readonly archive: MemoryArchive;
  /** `RUN REASON MILLISECONDS` of every wait that a run told of. */
  readonly waits: string[];
  /** Runs whose processes are seen to be dead. */
  readonly dead: Set<string>;
  readonly leases: (runId: string, interrupted?: AbortSignal) => Leases;
  /** What `turn.json` holds now. */
  readonly file: () => unknown;
}

/** One archive in memory and one clock, for as many runs as a test needs. */
export function scenario(): Scenario {
  const clock = simulatedClock();
  const archive = memoryArchive();
  const waits: string[] = [];
  const dead = new Set<string>();
  const leases = (runId: string, interrupted = new AbortController().signal): Leases => {
    const holder: Holder = { runId, pid: null, host: null };
    return createLeases({
      archive,
      clock: interruptibleClock(clock, interrupted),
      listen: (event) => event.kind === 'waiting' && waits.push(`${runId} ${event.reason} ${event.ms}`),
      holder,
      mayBeAlive: (other) => !dead.has(other.runId),
      writesPerMinute: LIMIT,
      requestMs: 25_000,
    });
  };
  const file = (): unknown => JSON.parse(archive.texts.get('turn.json') ?? 'null');
  return { clock, archive, waits, dead, leases, file };
}

/** Sends metered writes whose answers come after 100 ms each. */
export async function send(lease: Awaited<ReturnType<Leases['take']>>, count: number, clock: HeldClock) {
  for (let n = 0; n < count; n++) {
    await lease.enter(true);
    await clock.sleep(100);
    lease.leave(true);
  }
}
