import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TurnOver } from '../../lambda/errors.ts';
import type { Turns } from '../../lambda/ports.ts';
import { holderHere, mayBeAlive } from '../../lambda/turn/holder.ts';
import { createTurns } from '../../lambda/turn/turns.ts';
import { manualClock } from '../manual-clock.ts';
import { memoryArchive } from './memory-archive.ts';

const LIMIT = 30;
const MINUTE = 60_000;

function world() {
  const clock = manualClock();
  const archive = memoryArchive();
  const waits: string[] = [];
  const turns = (runId: string, alive = true) =>
    createTurns({
      archive,
      clock,
      listen: (event) => event.kind === 'waiting' && waits.push(`${runId} ${event.reason}`),
      holder: { runId, pid: null, host: null },
      mayBeAlive: () => alive,
      writesPerMinute: LIMIT,
      requestMs: 25_000,
    });
  return { clock, archive, turns, waits };
}

/** Writes as a run does: in turns, one write after the other; returns when the server counted each. */
async function write(
  turns: Turns,
  count: number,
  clock: ReturnType<typeof manualClock>,
  latency: () => number,
) {
  const counted: number[] = [];
  while (counted.length < count) {
    await clock.sleep(await turns.due());
    const turn = await turns.take();
    try {
      for (let n = 0; n < LIMIT && counted.length < count; n++) {
        await turn.enter(true);
        const ms = latency();
        clock.advance(ms / 2);
        counted.push(clock.now());
        clock.advance(ms / 2);
        turn.leave(true);
      }
    } catch (error) {
      if (!(error instanceof TurnOver)) throw error;
    } finally {
      await turn.release();
    }
  }
  return counted;
}

/** A turn that nobody has and this run waits for. */
function queueOf(runId: string, until: number): string {
  const nobody = {
    version: 1,
    holder: null,
    takenAt: 0,
    expiresAt: 0,
    writes: [],
    sending: [],
    blockedUntil: 0,
  };
  return JSON.stringify({ ...nobody, waiting: [{ runId, pid: null, host: null, until }] });
}

/** The most writes that any window of a minute holds, as a server counts them. */
function most(counted: readonly number[]): number {
  const sorted = [...counted].sort((a, b) => a - b);
  return Math.max(...sorted.map((at) => sorted.filter((other) => other > at - MINUTE && other <= at).length));
}

describe('the turn', () => {
  it('uses at least 98 % of the allowed rate when there is work, and never more than is allowed', async () => {
    const { clock, turns } = world();
    const counted = await write(turns('a'), 300, clock, () => 200);
    expect(most(counted)).toBe(LIMIT);
    const bound = 9 * MINUTE; // 30 writes at once, then 270 at 30 a minute
    expect(((counted.at(-1) ?? 0) - (counted[0] ?? 0)) * 0.98).toBeLessThan(bound);
  });

  it('never lets a server count more writes than allowed, whatever each answer takes', async () => {
    const run = async (latencies: readonly number[]) => {
      const { clock, turns } = world();
      let n = 0;
      const counted = await write(turns('a'), 100, clock, () => latencies[n++ % latencies.length] ?? 0);
      expect(most(counted)).toBeLessThanOrEqual(LIMIT);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 20 }), run),
      { numRuns: 40 },
    );
  });

  it('shares one budget between runs that write slice by slice', async () => {
    const { clock, turns } = world();
    const counted: number[] = [];
    for (let n = 0; n < 10; n++) counted.push(...(await write(turns(`run ${n % 2}`), 17, clock, () => 150)));
    expect(most(counted)).toBeLessThanOrEqual(LIMIT);
  });

  it('keeps a second run out until the first has given it up', async () => {
    const { turns, clock } = world();
    const first = await turns('a').take();
    let taken = false;
    const second = turns('b')
      .take()
      .then((turn) => {
        taken = true;
        return turn;
      });
    await Promise.resolve();
    expect(taken).toBe(false);
    const before = clock.now();
    await first.release();
    await (await second).release();
    expect(clock.now() - before).toBeLessThan(MINUTE);
  });

  it('lets a run that waits go before one that just had a slice', async () => {
    const { archive, turns, clock } = world();
    archive.texts.set('turn.json', queueOf('b', clock.now() + MINUTE));
    const order: string[] = [];
    const bulk = turns('a')
      .take()
      .then(() => order.push('a'));
    const small = turns('b')
      .take()
      .then(async (turn) => {
        order.push('b');
        await turn.release();
      });
    await Promise.all([bulk, small]);
    expect(order).toEqual(['b', 'a']);
  });

  it('forgets somebody who no longer waits', async () => {
    const { archive, turns, clock } = world();
    archive.texts.set('turn.json', queueOf('dead', clock.now() + 5_000));
    const before = clock.now();
    await turns('a').take();
    expect(clock.now() - before).toBeGreaterThanOrEqual(5_000);
    expect(clock.now() - before).toBeLessThan(MINUTE);
    expect(JSON.parse(archive.texts.get('turn.json') ?? '')).toMatchObject({
      holder: { runId: 'a' },
      waiting: [],
    });
  });

  it('passes on after a minute when its holder was killed, and the late riser may not write', async () => {
    const { clock, turns } = world();
    const killed = await turns('a').take();
    const before = clock.now();
    const next = await turns('b').take();
    expect(clock.now() - before).toBeLessThanOrEqual(MINUTE + 500);
    await expect(killed.enter(true)).rejects.toThrow(TurnOver);
    await killed.release();
    await next.enter(true);
  });

  it('passes on at once when its holder is seen to be dead', async () => {
    const { clock, turns } = world();
    await turns('a').take();
    const before = clock.now();
    await turns('b', false).take();
    expect(clock.now()).toBe(before);
  });

  it('remembers a write that was sent by a run that was killed before the answer', async () => {
    const { clock, turns } = world();
    const killed = await turns('a').take();
    for (let n = 0; n < LIMIT; n++) await killed.enter(true);
    expect(await turns('b').due()).toBeGreaterThan(MINUTE - 5_000);
    expect(clock.now()).toBeGreaterThan(0);
  });

  it('lets nobody write before the time that a 429 named, and deletions neither', async () => {
    const { clock, turns } = world();
    const turn = await turns('a').take();
    turn.throttled(clock.now() + 40_000);
    await expect(turn.enter(true)).rejects.toThrow(TurnOver);
    await expect(turn.enter(false)).rejects.toThrow(TurnOver);
    await turn.release();
    expect(await turns('b').due()).toBeGreaterThanOrEqual(35_000);
  });

  it('needs no slot for a deletion', async () => {
    const { turns } = world();
    const turn = await turns('a').take();
    for (let n = 0; n < LIMIT; n++) {
      await turn.enter(true);
      turn.leave(true);
    }
    await expect(turn.enter(true)).rejects.toThrow(TurnOver);
    await turn.enter(false);
  });

  it.each(['', '{', '[]', '{"holder":1}', 'null'])(
    'takes a garbled file %j for nobody’s turn',
    async (text) => {
      const { archive, turns } = world();
      archive.texts.set('turn.json', text);
      await (await turns('a').take()).enter(true);
    },
  );

  it('knows a dead process of this host from a living one', () => {
    const here = holderHere('a');
    expect(mayBeAlive(here)).toBe(true);
    expect(mayBeAlive({ ...here, pid: 2 ** 22 + 1 })).toBe(false);
    expect(mayBeAlive({ ...here, pid: 2 ** 22 + 1, host: 'elsewhere' })).toBe(true);
  });
});
