import { describe, expect, it } from 'vitest';
import { LeaseOver } from '../../../lambda/errors.ts';
import { createLeases } from '../../../lambda/archive/lease/leases.ts';
import { LIMIT, MINUTE_MS, send, scenario } from './scenario.ts';

describe('the lease', () => {
  it('belongs to one run at a time, and to the next as soon as it is given up', async () => {
    const { clock, leases, waits } = scenario();
    await clock.run(
      (async () => {
        const first = await leases('a').take();
        const second = leases('b').take();
        await clock.sleep(10_000);
        expect(waits).toEqual(['b lease 60000']);
        const givenUpAt = clock.now();
        await first.release();
        await (await second).enter(true);
        expect(clock.now() - givenUpAt).toBeLessThanOrEqual(500);
        await expect(first.enter(true)).rejects.toThrow(LeaseOver);
      })(),
    );
  });

  it('is renewed by every write, deletions too', async () => {
    const { clock, leases, file } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        for (const metered of [true, false]) {
          await clock.sleep(30_000);
          await lease.enter(metered);
          lease.leave(metered);
          const expiresAt = clock.now() + MINUTE_MS;
          // What comes before the first write is the reading.
          expect(file()).toMatchObject({ holder: { runId: 'a' }, expiresAt, readMs: 30_000 });
        }
      })(),
    );
  });

  it('passes on after a minute and not before when its holder is gone; a late riser may not write', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const gone = await leases('a').take();
        await clock.sleep(20_000);
        await gone.enter(true);
        const lastAt = clock.now();
        const next = await leases('b').take();
        expect(clock.now() - lastAt).toBeGreaterThanOrEqual(MINUTE_MS);
        expect(clock.now() - lastAt).toBeLessThanOrEqual(MINUTE_MS + 500);
        for (const metered of [true, false]) await expect(gone.enter(metered)).rejects.toThrow(LeaseOver);
        await expect(gone.renew()).rejects.toThrow('another run has taken the lease');
        await gone.release();
        await next.enter(true);
      })(),
    );
  });

  it('is refused to its holder by the next write when it was taken for dead', async () => {
    const { clock, leases, dead } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        dead.add('a');
        await leases('b').take();
        await expect(lease.enter(true)).rejects.toThrow('another run has taken the lease');
      })(),
    );
  });

  it('is over for a late riser even if nobody wanted it, since what was read has aged', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await clock.sleep(36_000);
        await expect(lease.enter(true)).rejects.toThrow('the lease took too long');
        await lease.renew();
        await lease.enter(true);
      })(),
    );
  });

  it('writes nothing on reads older than two minutes, however often it was renewed', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        for (let round = 0; round < 2; round++) {
          for (let n = 0; n < 4; n++) {
            await lease.enter(true);
            lease.leave(true);
            await clock.sleep(30_100);
          }
          await expect(lease.enter(true)).rejects.toThrow('the lease took too long');
          await lease.renew();
        }
      })(),
    );
  });

  it('passes on at once when its holder is seen to be dead', async () => {
    const { clock, leases, dead } = scenario();
    await clock.run(
      (async () => {
        await send(await leases('a').take(), 3, clock);
        const died = await leases('b')
          .take()
          .catch(() => null);
        expect(died).not.toBeNull();
        dead.add('b');
        const before = clock.now();
        await leases('c').take();
        expect(clock.now()).toBe(before);
      })(),
    );
  });

  it('passes on from the dead after two seconds when a write was on its way', async () => {
    const { clock, leases, dead } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await lease.enter(true);
        const sentAt = clock.now();
        dead.add('a');
        await leases('b').take();
        expect(clock.now() - sentAt).toBeGreaterThanOrEqual(2_000);
        expect(clock.now() - sentAt).toBeLessThanOrEqual(2_500);
      })(),
    );
  });

  it('is over after a minute even if the holder’s clock was hours ahead', async () => {
    const { clock, leases, archive } = scenario();
    const holder = { runId: 'a', pid: null, host: null };
    const ahead = { takenAt: clock.now() + 7_200_000, expiresAt: clock.now() + 7_260_000 };
    const nothing = {
      writes: Array.from({ length: LIMIT }, () => ahead.takenAt),
      sending: [],
      blockedUntil: 0,
      waiting: [],
    };
    archive.texts.set('turn.json', JSON.stringify({ version: 1, holder, ...ahead, ...nothing }));
    const before = clock.now();
    await clock.run(leases('b').take());
    expect(clock.now() - before).toBeLessThanOrEqual(MINUTE_MS + 5_000);
  });

  it('lets nothing be sent that could outlast it', async () => {
    const { clock, leases, archive, file } = scenario();
    const swap = archive.swap.bind(archive);
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        archive.swap = async (...args) => {
          const tag = await swap(...args);
          await clock.sleep(36_000);
          return tag;
        };
        await expect(lease.enter(true)).rejects.toThrow('the archive answered too slowly');
        await lease.release();
        expect(file()).toMatchObject({ holder: null, writes: [], sending: [] });
      })(),
    );
  });

  it('has to be taken again by whoever gave it up', async () => {
    const { clock, leases, file } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('a').take();
        await lease.release();
        await expect(lease.enter(true)).rejects.toThrow('the lease was given up');
        expect(file()).toMatchObject({ holder: null, sending: [] });
      })(),
    );
  });

  it('is given back without a word when it is lost or the archive cannot be reached', async () => {
    const { leases, archive, clock } = scenario();
    await clock.run(
      (async () => {
        const lost = await leases('a').take();
        archive.texts.delete('turn.json');
        await lost.release();
        await lost.release();
        const cutOff = await leases('b').take();
        archive.swap = () => Promise.reject(new Error('no route'));
        await expect(cutOff.enter(true)).rejects.toThrow('no route');
        await cutOff.release();
      })(),
    );
  });

  it('is recognised by its holder when the answer to taking or renewing it was lost', async () => {
    const { leases, archive, clock } = scenario();
    const startedAt = clock.now();
    await clock.run(
      (async () => {
        archive.loseAnswer();
        const lease = await leases('a').take();
        archive.loseAnswer();
        await lease.enter(true);
        lease.leave(true);
        archive.loseAnswer();
        await lease.release();
        await leases('b').take();
      })(),
    );
    expect(clock.now()).toBe(startedAt);
  });

  it('is not taken twice by processes of one run', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const first = await leases('a').take();
        const again = leases('a').take();
        await clock.sleep(30_000);
        await first.enter(true);
        await again;
        await expect(first.renew()).rejects.toThrow('another run has taken the lease');
      })(),
    );
  });

  it('cannot be had for requests that could outlast it', () => {
    const { archive, clock } = scenario();
    const holder = { runId: 'a', pid: null, host: null };
    const rest = { listen: () => undefined, mayBeAlive: () => true, writesPerMinute: LIMIT };
    expect(() => createLeases({ archive, clock, holder, ...rest, requestMs: MINUTE_MS })).toThrow(RangeError);
  });
});
