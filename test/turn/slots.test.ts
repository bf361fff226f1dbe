import { describe, expect, it } from 'vitest';
import { TurnOver } from '../../lambda/errors.ts';
import { LIMIT, MINUTE_MS, send, stage } from './stage.ts';

describe('a slot for a write', () => {
  it('is waited for while the turn is held if it comes within seconds', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await send(turn, LIMIT, clock);
        await clock.sleep(57_000 - LIMIT * 100);
        await turn.renew();
        const before = clock.now();
        await turn.enter(true);
        expect(clock.now() - before).toBeGreaterThan(2_000);
        expect(clock.now() - before).toBeLessThan(5_000);
      })(),
    );
  });

  it('ends the turn if it comes later; a deletion needs none', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await send(turn, LIMIT, clock);
        await expect(turn.enter(true)).rejects.toThrow(/^the next write may go out in 58 s$/);
        await turn.enter(false);
        turn.leave(false);
      })(),
    );
  });

  it('is waited for before the turn is taken, up to the seconds that the slice reads', async () => {
    const { clock, turns, file } = stage();
    await clock.run(
      (async () => {
        const first = await turns('a').take();
        await send(first, LIMIT, clock);
        await first.release();
        const own = turns('a');
        const due = await own.due();
        expect(due).toBeGreaterThan(50_000);
        expect(due).toBeLessThan(MINUTE_MS - 5_000);
        await clock.sleep(due);
        expect(await own.due()).toBe(0);
        const before = clock.now();
        const second = await own.take();
        expect(clock.now()).toBe(before);
        await second.enter(true);
        expect(file()).toMatchObject({ holder: { runId: 'a' } });
      })(),
    );
  });

  it('costs no write time to reads of many seconds, after the first of them', async () => {
    const { clock, turns } = stage();
    const readsMs = 15_000;
    const starts: number[] = [];
    await clock.run(
      (async () => {
        for (let slice = 0; slice < 4; slice++) {
          // Each slice may be written by another process: what the last one learned is in the file.
          const own = turns('a');
          await clock.sleep(await own.due());
          const turn = await own.take();
          await clock.sleep(readsMs);
          await turn.renew();
          await turn.enter(true);
          starts.push(clock.now());
          turn.leave(true);
          await send(turn, LIMIT - 1, clock);
          await turn.release();
        }
      })(),
    );
    const minutes = starts.slice(1).map((at, n) => (at - (starts[n] ?? 0)) / MINUTE_MS);
    for (const minute of minutes) expect(minute).toBeLessThan(1.02);
  });

  it('is not held for longer than half a minute before its time, however slow the reads were', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const first = await turns('a').take();
        await clock.sleep(50_000);
        await first.renew();
        await send(first, LIMIT, clock);
        await first.release();
        const due = await turns('a').due();
        expect(due).toBeGreaterThan(MINUTE_MS - 30_000 - LIMIT * 100);
      })(),
    );
  });

  it('is waited for by taking the turn itself, unless only deletions are to come', async () => {
    const { clock, turns, waits } = stage();
    await clock.run(
      (async () => {
        const first = await turns('a').take();
        await send(first, LIMIT, clock);
        await first.release();
        const before = clock.now();
        await (await turns('b').take(false)).release();
        expect(clock.now()).toBe(before);
        await turns('c').take();
        expect(clock.now() - before).toBeGreaterThan(50_000);
        expect(waits).toEqual(['c budget']);
      })(),
    );
  });

  it('stays used by a write whose sender was killed, as late as that write can have arrived', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const killed = await turns('a').take();
        await send(killed, LIMIT - 1, clock);
        await killed.enter(true);
        const sentAt = clock.now();
        await clock.sleep(MINUTE_MS);
        const next = await turns('b').take();
        await send(next, LIMIT - 1, clock);
        await clock.sleep(2 * MINUTE_MS - 6_000 - (clock.now() - sentAt));
        await next.renew();
        await expect(next.enter(true)).rejects.toThrow('the next write may go out in');
        await next.release();
        await clock.sleep(2 * MINUTE_MS - (clock.now() - sentAt));
        await send(await turns('c').take(), 1, clock);
      })(),
    );
  });

  it('is had by nobody before the time that a 429 named, deletions included, in this run or another', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        turn.throttled(clock.now() + 40_000);
        await expect(turn.enter(true)).rejects.toThrow(TurnOver);
        await expect(turn.enter(false)).rejects.toThrow(TurnOver);
        await turn.release();
        const before = clock.now();
        expect(await turns('b').due()).toBe(35_000);
        await (await turns('b').take(false)).enter(false);
        expect(clock.now() - before).toBe(40_000);
      })(),
    );
  });

  it('comes back after an hour at the latest, whatever Secoda said', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        turn.throttled(Number.MAX_SAFE_INTEGER);
        await turn.release();
        expect(await turns('a').due()).toBeLessThanOrEqual(3_600_000);
      })(),
    );
  });

  it('is given to each of several writes under way at once', async () => {
    const { clock, turns } = stage();
    await clock.run(
      (async () => {
        const turn = await turns('a').take();
        await Promise.all(Array.from({ length: LIMIT }, () => turn.enter(true)));
        await expect(turn.enter(true)).rejects.toThrow(TurnOver);
        await clock.sleep(10_000);
        for (let n = 0; n < LIMIT; n++) turn.leave(true);
        await turn.release();
        expect(await turns('a').due()).toBe(MINUTE_MS - 5_000 + 250);
      })(),
    );
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"holder":null}',
    '{"version":2,"holder":null,"takenAt":0,"expiresAt":0,"writes":[],"sending":[],"blockedUntil":0,"waiting":[]}',
    '{"version":1,"holder":7,"takenAt":0,"expiresAt":0,"writes":[],"sending":[],"blockedUntil":0,"waiting":[]}',
    '{"version":1,"holder":null,"takenAt":0,"expiresAt":0,"writes":[1e999],"sending":[],"blockedUntil":0,"waiting":[]}',
  ])('is had a minute after the file was found to be %j', async (text) => {
    const { archive, clock, turns } = stage();
    archive.texts.set('turn.json', text);
    await clock.run(
      (async () => {
        const before = clock.now();
        await (await turns('a').take()).enter(true);
        expect(clock.now() - before).toBe(MINUTE_MS);
      })(),
    );
  });
});
