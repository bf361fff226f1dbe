import { describe, expect, it } from 'vitest';
import { MINUTE_MS, send, scenario } from './scenario.ts';

describe('those who want the lease', () => {
  it('get it in the order they came', async () => {
    const { clock, leases } = scenario();
    const order: string[] = [];
    const slice = async (runId: string): Promise<void> => {
      const lease = await leases(runId).take();
      order.push(runId);
      await clock.sleep(5_000);
      await lease.release();
    };
    const runs = ['a', 'b', 'c', 'd'].map(async (runId, n) => {
      await clock.sleep(n * 1_000);
      await slice(runId);
    });
    await clock.run(Promise.all(runs));
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('have it by leases, slice by slice, when two have much to do', async () => {
    const { clock, leases } = scenario();
    const order: string[] = [];
    const bulk = async (runId: string): Promise<void> => {
      const own = leases(runId);
      for (let n = 0; n < 4; n++) {
        const lease = await own.take();
        order.push(runId);
        await send(lease, 10, clock);
        await lease.release();
      }
    };
    await clock.run(Promise.all([bulk('a'), bulk('b')]));
    expect(order.join('')).toBe('abababab');
  });

  it('keep their place while they wait elsewhere for the budget', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const bulk = leases('bulk');
        const lease = await bulk.take();
        await send(lease, 30, clock);
        await lease.release();
        const small = leases('small');
        const ms = await small.due();
        expect(ms).toBeGreaterThan(0);
        const order: string[] = [];
        const again = bulk.take().then(async (next) => {
          order.push('bulk');
          await next.release();
        });
        await clock.sleep(ms + 2_000);
        const own = await small.take();
        order.push('small');
        await own.release();
        await again;
        expect(order).toEqual(['small', 'bulk']);
      })(),
    );
  });

  it('are forgotten when they do not come back', async () => {
    const { clock, leases, file } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('bulk').take();
        await send(lease, 30, clock);
        await lease.release();
        await leases('gone').due();
        const before = clock.now();
        await leases('bulk').take();
        expect(clock.now() - before).toBeLessThan(1.5 * MINUTE_MS);
        expect(file()).toMatchObject({ holder: { runId: 'bulk' }, waiting: [] });
      })(),
    );
  });

  it('are forgotten at once when they are seen to be dead', async () => {
    const { clock, leases, dead } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('bulk').take();
        await send(lease, 30, clock);
        await lease.release();
        const ms = await leases('gone').due();
        dead.add('gone');
        const before = clock.now();
        await leases('bulk').take();
        expect(clock.now() - before).toBeLessThanOrEqual(ms);
      })(),
    );
  });

  it('keep their place however long they wait', async () => {
    const { clock, leases, file } = scenario();
    const order: string[] = [];
    const want = async (runId: string): Promise<void> => {
      const lease = await leases(runId).take();
      order.push(runId);
      await lease.release();
    };
    await clock.run(
      (async () => {
        const lease = await leases('bulk').take();
        const first = want('first');
        await clock.sleep(1_300);
        const second = want('second');
        // Just after the first has to have said again that it waits, and before the second has to.
        await clock.sleep(29_400);
        expect(file()).toMatchObject({ waiting: [{ runId: 'first' }, { runId: 'second' }] });
        await lease.release();
        await Promise.all([first, second]);
      })(),
    );
    expect(order).toEqual(['first', 'second']);
  });

  it('leave it when they are interrupted', async () => {
    const { clock, leases, file } = scenario();
    const interruption = new AbortController();
    await clock.run(
      (async () => {
        const lease = await leases('bulk').take();
        const ended = leases('ended', interruption.signal).take().catch(String);
        await clock.sleep(1_300);
        const other = leases('other').take();
        await clock.sleep(1_300);
        interruption.abort(new Error('Interrupted'));
        expect(await ended).toBe('Error: Interrupted');
        expect(file()).toMatchObject({ waiting: [{ runId: 'other' }] });
        await lease.release();
        await (await other).release();
      })(),
    );
  });

  it('say again that they wait for as long as they do', async () => {
    const { clock, leases } = scenario();
    await clock.run(
      (async () => {
        const lease = await leases('bulk').take();
        const small = leases('small').take();
        for (let n = 0; n < 10; n++) {
          await clock.sleep(20_000);
          await lease.renew();
        }
        await lease.release();
        const again = leases('bulk').take();
        await (await small).release();
        await again;
      })(),
    );
  });
});
