import { setImmediate as settled } from 'node:timers/promises';
import type { Turns } from '../../lambda/ports.ts';
import { createTurns } from '../../lambda/turn/turns.ts';
import type { Holder } from '../../lambda/turn/turn-file.ts';
import { HeldClock } from '../time/clock.ts';
import { type MemoryArchive, memoryArchive } from './memory-archive.ts';

export const LIMIT = 30;
export const MINUTE_MS = 60_000;

/** For whoever waits for nothing but this clock, which settles within a turn of the event loop. */
export function simulatedClock(): HeldClock {
  return new HeldClock(Date.UTC(2026, 0, 1), { atRest: () => settled() });
}

export interface Stage {
  readonly clock: HeldClock;
  readonly archive: MemoryArchive;
  /** `RUN REASON` of every wait that a run told of. */
  readonly waits: string[];
  /** Runs whose processes are seen to be dead. */
  readonly dead: Set<string>;
  readonly turns: (runId: string) => Turns;
  /** What `turn.json` holds now. */
  readonly file: () => unknown;
}

/** One archive in memory and one clock, for as many runs as a test needs. */
export function stage(): Stage {
  const clock = simulatedClock();
  const archive = memoryArchive();
  const waits: string[] = [];
  const dead = new Set<string>();
  const turns = (runId: string): Turns => {
    const holder: Holder = { runId, pid: null, host: null };
    return createTurns({
      archive,
      clock,
      listen: (event) => event.kind === 'waiting' && waits.push(`${runId} ${event.reason}`),
      holder,
      mayBeAlive: (other) => !dead.has(other.runId),
      writesPerMinute: LIMIT,
      requestMs: 25_000,
    });
  };
  const file = (): unknown => JSON.parse(archive.texts.get('turn.json') ?? 'null');
  return { clock, archive, waits, dead, turns, file };
}

/** Sends metered writes whose answers come after 100 ms each. */
export async function send(turn: Awaited<ReturnType<Turns['take']>>, count: number, clock: HeldClock) {
  for (let n = 0; n < count; n++) {
    await turn.enter(true);
    await clock.sleep(100);
    turn.leave(true);
  }
}
