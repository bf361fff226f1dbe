import { afterAll, describe, expect, it } from 'vitest';
import { playBigWorld } from './big-world.ts';
import { leastReads, windowsMs } from './bounds.ts';
import { chart } from './chart.ts';
import { HeldClock } from '../time/clock.ts';
import { exponent, figureOf } from './figures.ts';
import { clearBundles } from './launch.ts';
import { playNights } from './nights.ts';
import { markdown, terminalText } from './pages.ts';
import { measurePlanning } from './planning.ts';
import type { Results } from './programme.ts';
import { measureLists } from './lists.ts';
import { writingRate } from './rates.ts';
import { SCENARIOS } from './world.ts';

const SIZE = { groups: 8, people: 60, members: 5 };

afterAll(clearBundles);

describe('the nights of a bench', () => {
  it('count requests and writes against the least possible, for the sync', async () => {
    const nights = await playNights(SIZE, 'sync', new HeldClock());
    expect(nights.map(({ scenario }) => scenario)).toEqual(SCENARIOS);
    expect(nights.map(({ secodaWrites }) => secodaWrites)).toEqual([8, 0, 1, 2]);
    expect(nights.map(({ leastWrites }) => leastWrites)).toEqual([8, 0, 1, 2]);
    for (const { leastReads: least, oktaReads, right, spare, scenario } of nights) {
      expect({ right, spare }, scenario).toEqual({ right: 8, spare: 0 });
      expect(least, scenario).toBe(9);
      // Before somebody is removed, Okta's own count is asked for.
      expect(oktaReads, scenario).toBeLessThanOrEqual(least + 1);
    }
    expect(nights.every(({ oktaThrottled, secodaThrottled }) => oktaThrottled + secodaThrottled === 0)).toBe(
      true,
    );
  });

  it('count what a plain loop does, which leaves renamed groups behind', async () => {
    const nights = await playNights(SIZE, 'plain loop', new HeldClock());
    expect(nights.map(({ oktaReads }) => oktaReads)).toEqual([9, 9, 9, 9]);
    expect(nights.map(({ secodaWrites }) => secodaWrites)).toEqual([8, 0, 1, 2]);
    expect(nights.at(-1)).toMatchObject({ right: 8, spare: 1 });
  });
});

describe('the parts of a bench', () => {
  it('bring a world up to date with every limit out of the way', async () => {
    const big = await playBigWorld({ groups: 40, people: 300, members: 20 }, 'tenth');
    expect(big).toMatchObject({ right: 40, secodaWrites: 4, leastWrites: 4, oktaReads: 41, leastReads: 41 });
    expect(big.peakBytes).toBeGreaterThan(50_000_000);
  });

  it('see the rate of writes that the limit allows, and no 429', async () => {
    const rate = await writingRate({ groups: 40, changes: 31 });
    expect(rate).toMatchObject({ requests: 31, throttled: 0 });
    expect(rate.ms).toBeGreaterThanOrEqual(60_000);
  });

  it('list all groups before each slice and at the end, and by themselves', async () => {
    const lists = await measureLists({ groups: 40, people: 100, members: 3 }, 31, 1);
    expect(lists).toMatchObject({ writes: 31, lists: 3 });
    expect(lists.listMs).toBeGreaterThan(0);
  });

  it('plan a world in memory, in sync or with one change for each group that differs', () => {
    const size = { groups: 40, people: 100, members: 10 };
    const changes = (kind: Parameters<typeof measurePlanning>[1]) => measurePlanning(size, kind, 1).changes;
    expect(changes('first sync')).toBe(40);
    expect(changes('quiet night')).toBe(0);
    expect(changes('drifted')).toBe(4);
    expect(changes('beside hand-made')).toBe(0);
  });
});

describe('the figures', () => {
  it('are medians with their spread', () => {
    expect(figureOf([9, 1, 2])).toEqual({ median: 2, least: 1, most: 9 });
    expect(figureOf([1, 2]).median).toBe(1.5);
  });

  it('tell linear growth from quadratic', () => {
    expect(exponent(10, 40, 4)).toBeCloseTo(1);
    expect(exponent(10, 160, 4)).toBeCloseTo(2);
  });

  it('know what a window lets through', () => {
    expect(windowsMs(30, 30)).toBe(0);
    expect(windowsMs(31, 30)).toBe(60_000);
    expect(windowsMs(0, 30)).toBe(0);
  });

  it('know the pages that have to be read', () => {
    const group = (members: number) => ({ members: { size: members } });
    const groups = new Map([1, 500, 501, 0].map((members, n) => [String(n), group(members)]));
    expect(leastReads({ state: { groups } })).toBe(1 + 1 + 1 + 2 + 1);
  });
});

describe('the page of a bench', () => {
  it('shows every night of both, in a table and in a chart of well-formed XML', async () => {
    const results = madeUp();
    const page = await markdown(results);
    const bars = chart(results);
    for (const scenario of SCENARIOS) {
      expect(page).toContain(`| ${scenario}`);
      expect(terminalText(results)).toContain(scenario);
      expect(bars).toContain(`>${scenario}</text>`);
    }
    expect(page).toContain('7 [6–8]');
    expect(page).toContain('10.0 % of the CPU');
    expect(bars.match(/<(rect|text|svg|style)\b/g)?.length).toBe(
      (bars.match(/<\/(text|svg|style)>/g)?.length ?? 0) + (bars.match(/\/>/g)?.length ?? 0),
    );
    expect(page + bars).not.toMatch(/NaN|undefined|Infinity/);
  });
});

/** Three runs of each night, as no machine ever measured them. */
function madeUp(): Results {
  const sizes = [2, 8].map((groups) => ({ groups, people: 4, members: 2 }));
  const measured = { code: 0, said: '', wallMs: 90_000, cpuMs: 1_000, peakBytes: 2e8 };
  const traffic = { oktaReads: 9, oktaThrottled: 0, secodaReads: 7, secodaWrites: 8, secodaThrottled: 1 };
  const counted = { leastReads: 9, leastWrites: 8, boundMs: 60_000, right: 8, spare: 0 };
  const contenders = ['sync', 'plain loop'] as const;
  const nights = sizes.flatMap((size) =>
    SCENARIOS.flatMap((scenario) =>
      contenders.flatMap((contender) =>
        [6, 7, 8].map((secodaReads) => ({
          ...{ ...measured, ...traffic, ...counted, size, scenario, contender },
          secodaReads,
        })),
      ),
    ),
  );
  return {
    programme: {
      name: 'quick',
      sizes,
      repeats: 3,
      rates: { groups: 1, changes: 1 },
      hires: [{ groups: 8, people: 4, members: 2 }],
      lists: { size: { groups: 8, people: 4, members: 2 }, changes: 1 },
      big: { groups: 8, people: 4, members: 2 },
      feats: ['whole'],
    },
    nights,
    hires: [{ ...measured, ...traffic, size: { groups: 8, people: 4, members: 2 }, accessMs: 2_000 }],
    lists: { size: { groups: 8, people: 4, members: 2 }, writes: 60, lists: 2, listMs: 1, runMs: 20 },
    rates: [{ what: 'Okta: reading', requests: 9, perMinute: 30, ms: 1, used: 0.99, throttled: 0 }],
    planned: [2, 4, 8].map((memberships) => ({
      case: 'first sync',
      memberships,
      changes: 1,
      cpuMs: memberships,
    })),
    big: [
      {
        ...measured,
        ...traffic,
        ...counted,
        feat: 'whole',
        snapshotBytes: 1e6,
        size: { groups: 8, people: 4, members: 2 },
      },
    ],
    bundles: [{ name: 'Sync', bytes: 5_000_000, startMs: figureOf([200, 210, 190]) }],
    seconds: 1,
  };
}
