import { expect, it } from 'vitest';
import type { WriteGate } from '../../../lambda/ports.ts';
import { LIMIT, MINUTE_MS, scenario } from './scenario.ts';
import { createTurns } from './version-0.2.0.ts';

/** A write: of which run, and when its answer was there (epoch milliseconds). */
interface Sent {
  readonly run: string;
  readonly at: number;
}

/** A run of this version and one of 0.2.0 over one archive. Each writes what it has to in slices, and notes what it sent. */
function sideBySide() {
  const { clock, archive, dead, leases } = scenario();
  const turns = createTurns({
    archive,
    clock,
    listen: () => undefined,
    holder: { runId: 'old', pid: null, host: null },
    mayBeAlive: ({ runId }) => !dead.has(runId),
    writesPerMinute: LIMIT,
    requestMs: 25_000,
  });
  const sent: Sent[] = [];
  const holding = new Set<string>();
  const write = async (run: string, gate: WriteGate): Promise<void> => {
    await gate.enter(true);
    // Whoever may write is alone with that.
    holding.add(run);
    expect([...holding]).toEqual([run]);
    await clock.sleep(100);
    sent.push({ run, at: clock.now() });
    gate.leave(true);
  };
  /** So many slices of so many writes. */
  const work = async (run: 'old' | 'new', slices: number, writes: number): Promise<void> => {
    for (let n = 0; n < slices; n++) {
      const held = await (run === 'old' ? turns : leases('new')).take();
      for (let each = 0; each < writes; each++) await write(run, held);
      holding.delete(run);
      await held.release();
    }
  };
  return { clock, turns, leases, holding, sent, write, work };
}

/** The most writes in any minute. */
function densest(sent: readonly Sent[]): number {
  return Math.max(
    ...sent.map(({ at }) => sent.filter((other) => other.at >= at && other.at < at + MINUTE_MS).length),
  );
}

it('a run of version 0.2.0 and one of this version share one lease and one write budget', async () => {
  const { clock, work, sent } = sideBySide();
  await clock.run(Promise.all([work('old', 6, 10), work('new', 6, 10)]).then(() => undefined));
  expect(sent).toHaveLength(120);
  expect(densest(sent)).toBeLessThanOrEqual(LIMIT);
  // Neither waits until the other has done everything: they take turns.
  const slices = sent.filter(({ run }, n) => run !== sent[n - 1]?.run).map(({ run }) => run);
  expect(slices.length).toBeGreaterThan(4);
});

it.each([
  ['old', 'new'],
  ['new', 'old'],
] as const)(
  'what the %s version sent before it was killed counts for the %s one, a minute later',
  async (killed, other) => {
    const { clock, turns, leases, holding, work, write } = sideBySide();
    await clock.run(
      (async () => {
        const held = await (killed === 'old' ? turns : leases('new')).take();
        for (let n = 1; n < LIMIT; n++) await write(killed, held);
        // Sent, and killed before the answer: nobody knows when Secoda counted it.
        await held.enter(true);
        const killedAt = clock.now();
        holding.delete(killed);
        await work(other, 1, 1);
        expect(clock.now() - killedAt).toBeGreaterThanOrEqual(MINUTE_MS);
        expect(clock.now() - killedAt).toBeLessThan(2 * MINUTE_MS);
      })(),
    );
  },
);
