import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LIMIT,
  MINUTE_MS,
  mostInAMinute,
  type Pace,
  type RunPlan,
  simulate,
  type Write,
} from './simulation.ts';

const steady: Pace = { latencyMs: () => 200, arrival: () => 0.5, archiveMs: () => 20, readMs: 3_000 };

/** Takes from a list of arbitrary numbers in turn. */
const from = (numbers: readonly number[]): (() => number) => {
  let n = 0;
  return () => numbers[n++ % numbers.length] ?? 0;
};

const paces = fc
  .record({
    latencies: fc.array(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 20_000 })), {
      minLength: 1,
      maxLength: 20,
    }),
    arrivals: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
    archive: fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 700 })), {
      minLength: 1,
      maxLength: 20,
    }),
  })
  .map(({ latencies, arrivals, archive }) => ({
    latencyMs: from(latencies),
    arrival: from(arrivals),
    archiveMs: from(archive),
  }));

const suspended = fc.record({
  afterMs: fc.integer({ min: 1, max: 150_000 }),
  forMs: fc.integer({ min: 10_000, max: 300_000 }),
});
const survivors = fc
  .array(
    fc.record(
      {
        writes: fc.integer({ min: 1, max: 70 }),
        skewMs: fc.integer({ min: -100, max: 100 }),
        suspended,
      },
      { requiredKeys: ['writes', 'skewMs'] },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((runs) => runs.map((run, n): RunPlan => ({ ...run, name: `run ${n}` })));

const victims = fc
  .array(fc.record({ killedAfterMs: fc.integer({ min: 1, max: 200_000 }), seenToDie: fc.boolean() }), {
    maxLength: 2,
  })
  .map((runs) => runs.map((run, n): RunPlan => ({ ...run, name: `victim ${n}`, writes: 1_000 })));

function overlaps(writes: readonly Write[]): [Write, Write][] {
  return writes.flatMap((a) =>
    writes
      .filter((b) => b.run !== a.run && b.sentAt >= a.sentAt && b.sentAt < a.arrivedAt)
      .map((b): [Write, Write] => [a, b]),
  );
}

describe('the write budget', () => {
  it('is used to 98 % and more by a run with steady work', async () => {
    const writes = await simulate([{ name: 'a', writes: 10 * LIMIT }], steady);
    const took = (writes.at(-1)?.sentAt ?? 0) - (writes[LIMIT - 1]?.sentAt ?? 0);
    expect(mostInAMinute(writes)).toBe(LIMIT);
    expect((9 * LIMIT) / (took / MINUTE_MS)).toBeGreaterThan(0.98 * LIMIT);
  });

  it('is used to 98 % and more by two runs together', async () => {
    const plans = ['a', 'b'].map((name) => ({ name, writes: 5 * LIMIT }));
    const writes = await simulate(plans, steady);
    const took = (writes.at(-1)?.sentAt ?? 0) - (writes[LIMIT - 1]?.sentAt ?? 0);
    expect((9 * LIMIT) / (took / MINUTE_MS)).toBeGreaterThan(0.98 * LIMIT);
  });

  it('is never exceeded as the server counts, and each run gets done, whatever takes how long', async () => {
    const holds = async (plans: readonly RunPlan[], pace: Pace): Promise<void> => {
      const writes = await simulate(plans, pace);
      expect(mostInAMinute(writes)).toBeLessThanOrEqual(LIMIT);
      for (const { name, writes: expected } of plans) {
        expect(writes.filter(({ run }) => run === name)).toHaveLength(expected);
      }
      expect(overlaps(writes)).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(survivors, paces, holds), { numRuns: 150 });
  });

  it('is never exceeded, and no write meets another, when runs are killed at any moment', async () => {
    const holds = async (alive: readonly RunPlan[], dying: readonly RunPlan[], pace: Pace): Promise<void> => {
      const writes = await simulate([...dying, ...alive], pace);
      expect(mostInAMinute(writes)).toBeLessThanOrEqual(LIMIT);
      for (const { name, writes: expected } of alive) {
        expect(writes.filter(({ run }) => run === name)).toHaveLength(expected);
      }
      const unseen = new Set(dying.filter(({ seenToDie }) => seenToDie === false).map(({ name }) => name));
      expect(
        overlaps(writes).filter(([{ run }]) => unseen.has(run) || alive.some((each) => each.name === run)),
      ).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(survivors, victims, paces, holds), { numRuns: 150 });
  });

  it('loses at most a minute to a run that was killed', async () => {
    const plans = [
      { name: 'victim', writes: 1_000, killedAfterMs: 5_000 },
      { name: 'next', writes: 1 },
    ];
    const writes = await simulate(plans, { ...steady, readMs: 0 });
    const died = writes.filter(({ run }) => run === 'victim').at(-1)?.sentAt ?? 0;
    const next = writes.find(({ run }) => run === 'next')?.sentAt ?? 0;
    expect(next - died).toBeLessThan(MINUTE_MS + 1_000);
  });

  it('loses seconds to a run that is seen to be dead, for the write that was under way', async () => {
    const plans = [
      { name: 'victim', writes: 1_000, killedAfterMs: 5_000, seenToDie: true },
      { name: 'next', writes: 1 },
    ];
    const writes = await simulate(plans, { ...steady, readMs: 0 });
    const died = writes.filter(({ run }) => run === 'victim').at(-1)?.sentAt ?? 0;
    const next = writes.find(({ run }) => run === 'next')?.sentAt ?? 0;
    expect(next - died).toBeLessThan(4_000);
  });
});
