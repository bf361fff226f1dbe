import { describe, expect, it } from 'vitest';
import { LeaseOver } from '../../../lambda/errors.ts';
import { LIMIT, MINUTE_MS, send, scenario } from './scenario.ts';

describe('a slot for a write', () => {
  it('is waited for while the lease is held if it comes within seconds', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await send(lease, LIMIT, clock);
        await clock.sleep(57_000 - LIMIT * 100);
        await lease.renew();
        const before = clock.now();
        await lease.enter(true);
        expect(clock.now() - before).toBeGreaterThan(2_000);
        expect(clock.now() - before).toBeLessThan(5_000);
      })(),
    );
  });

  it('ends the lease if it comes later; a deletion needs none', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await send(lease, LIMIT, clock);
        await expect(lease.enter(true)).rejects.toThrow(/^the next write may go out in 58 s$/);
        await lease.enter(false);
        lease.leave(false);
      })(),
    );
  });

  it('is waited for before the lease is taken, up to the seconds that the slice reads', async () => {
    const { clock, leases, file } = scenario();
    await clock.run(
      (async () => {
        const first = await leases('a').take();
        await send(first, LIMIT, clock);
        await first.release();
        const own = leases('a');
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
    const { clock, leases } = scenario();
    const readsMs = 15_000;
    const starts: number[] = [];
    await clock.run(
      (async () => {
        for (let slice = 0; slice < 4; slice++) {
          // Each slice may be written by another process: what the last one learned is in the file.
          const own = leases('a');
          await clock.sleep(await own.due());
          const lease = await own.take();
          await clock.sleep(readsMs);
          await lease.renew();
          await lease.enter(true);
          starts.push(clock.now());
          lease.leave(true);
          await send(lease, LIMIT - 1, clock);
          await lease.release();
        }
      })(),
    );
    const minutes = starts.slice(1).map((at, n) => (at - (starts[n] ?? 0)) / MINUTE_MS);
    for (const minute of minutes) expect(minute).toBeLessThan(1.02);
  });

  it('is not held for longer than half a minute before its time, however slow the reads were', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const first = await leases('a').take();
        await clock.sleep(50_000);
        await first.renew();
        await send(first, LIMIT, clock);
        await first.release();
        const due = await leases('a').due();
        expect(due).toBeGreaterThan(MINUTE_MS - 30_000 - LIMIT * 100);
      })(),
    );
  });

  it('is waited for by taking the lease itself, unless only deletions are to come', async () => {
    const { clock, leases, waits } = scenario();
    await clock.run(
      (async () => {
        const first = await leases('a').take();
        await send(first, LIMIT, clock);
        await first.release();
        const before = clock.now();
        await (await leases('b').take(false)).release();
        expect(clock.now()).toBe(before);
        await leases('c').take();
        expect(clock.now() - before).toBeGreaterThan(50_000);
        expect(waits).toEqual([`c budget ${clock.now() - before}`]);
      })(),
    );
  });

  it('stays used by a write whose sender was killed, as late as that write can have arrived', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const killed = await leases('a').take();
        await send(killed, LIMIT - 1, clock);
        await killed.enter(true);
        const sentAt = clock.now();
        await clock.sleep(MINUTE_MS);
        const next = await leases('b').take();
        await send(next, LIMIT - 1, clock);
        await clock.sleep(2 * MINUTE_MS - 6_000 - (clock.now() - sentAt));
        await next.renew();
        await expect(next.enter(true)).rejects.toThrow('the next write may go out in');
        await next.release();
        await clock.sleep(2 * MINUTE_MS - (clock.now() - sentAt));
        await send(await leases('c').take(), 1, clock);
      })(),
    );
  });

  it('is had by nobody before the time that a 429 named, deletions included, in this run or another', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        lease.throttled(clock.now() + 40_000);
        await expect(lease.enter(true)).rejects.toThrow(LeaseOver);
        await expect(lease.enter(false)).rejects.toThrow(LeaseOver);
        await lease.release();
        const before = clock.now();
        expect(await leases('b').due()).toBe(35_000);
        await (await leases('b').take(false)).enter(false);
        expect(clock.now() - before).toBe(40_000);
      })(),
    );
  });

  it('comes back after an hour at the latest, whatever Secoda said', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        lease.throttled(Number.MAX_SAFE_INTEGER);
        await lease.release();
        expect(await leases('a').due()).toBeLessThanOrEqual(3_600_000);
      })(),
    );
  });

  it('is given to each of several writes under way at once', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await Promise.all(Array.from({ length: LIMIT }, () => lease.enter(true)));
        await expect(lease.enter(true)).rejects.toThrow(LeaseOver);
        await clock.sleep(10_000);
        for (let n = 0; n < LIMIT; n++) lease.leave(true);
        await lease.release();
        expect(await leases('a').due()).toBe(MINUTE_MS - 5_000 + 250);
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
    const { archive, clock, leases } = scenario();
    archive.texts.set('turn.json', text);
    await clock.run(
      (async () => {
        const before = clock.now();
        await (await leases('a').take()).enter(true);
        expect(clock.now() - before).toBe(MINUTE_MS);
      })(),
    );
  });
});
