import { describe, expect, it } from 'vitest';
import {
  basisOf,
  completeRun,
  isWholeTruth,
  leftAloneBy,
  mirrorsOf,
} from '../../../lambda/core/groups/onboarding-basis.ts';
import { NO_MEMORY } from '../../../lambda/core/model/memory.ts';
import { warningOf } from '../../../lambda/core/model/warning.ts';
import { plan } from '../../render/plans.ts';
import { ORIGIN as FROM } from '../requested.ts';
import { handMade, managed, oktaGroup, remembered, rulesOf, type World } from '../world.ts';

const MINUTE_MS = 60_000;
const LISTED = Date.UTC(2026, 0, 5, 2);
const changed = (id: string, at: number | null) => ({
  ...oktaGroup(id, id),
  lastUpdated: at === null ? null : new Date(at).toISOString(),
});
const ORIGIN = { ...FROM, version: '1.0.0', config: 'c0ffee' };

describe('what a complete run leaves behind', () => {
  const seenUntil = (skewMs: number, ...times: readonly (number | null)[]) => {
    const groups = times.map((at, n) => changed(`00g${n}`, at));
    const run = completeRun(ORIGIN, { groups, listedAt: LISTED, basis: { skewMs } }, plan());
    return run === null ? null : run.seenUntil - LISTED;
  };

  it('shows every change up to the newest one before the list was begun, or to ten minutes before', () => {
    expect(seenUntil(0)).toBe(-10 * MINUTE_MS);
    expect(seenUntil(0, LISTED - 20 * MINUTE_MS)).toBe(-10 * MINUTE_MS);
    expect(seenUntil(0, LISTED - 5_000, LISTED - 2_000, LISTED - 9_000)).toBe(-2_000);
    expect(seenUntil(0, LISTED - 1, LISTED, LISTED + 1, null)).toBe(-1);
    expect(seenUntil(3_000, LISTED + 2_000)).toBe(2_000);
    expect(seenUntil(3_000)).toBe(3_000 - 10 * MINUTE_MS);
  });

  it('is nothing where Okta did not tell its time, and else what it left alone and what matched nothing', () => {
    const given = plan({
      skipped: [
        { group: 'A', oktaIds: ['00g1', '00g2'], reason: 'x' },
        { group: 'B', oktaIds: ['00g3'], reason: 'a copy', secodaId: 's3' },
      ],
      frozen: [{ group: 'C', oktaIds: ['00g4'], wouldRemove: [] }],
      warnings: [
        warningOf('matches-nothing', { group: null, oktaIds: [] }, 'idle'),
        warningOf('name-held', { group: 'A', oktaIds: [] }, 'other'),
      ],
    });
    expect(completeRun(ORIGIN, { groups: [], listedAt: LISTED, basis: null }, given)).toBeNull();
    expect(completeRun(ORIGIN, { groups: [], listedAt: LISTED, basis: { skewMs: 0 } }, given)).toMatchObject({
      ...{ basis: basisOf(ORIGIN), leftAlone: ['00g1', '00g2', '00g4'], idle: ['idle'] },
    });
    expect(leftAloneBy(given)).toEqual(['00g1', '00g2', '00g4']);
    expect(basisOf({ ...ORIGIN, config: 'other' })).not.toBe(basisOf(ORIGIN));
  });
});

it('all that is bound up with some Okta groups is found, one behind the other', () => {
  const memory = {
    ...NO_MEMORY,
    ...remembered(['s1', ['00g1', '00g2']], ['s2', ['00g4']], ['s3', ['00g2', '00g3']], ['s4', ['00g3']]),
  };
  const { oktaIds, secodaIds } = mirrorsOf(['00g1'], memory);
  expect([...oktaIds].sort()).toEqual(['00g1', '00g2', '00g3']);
  expect([...secodaIds].sort()).toEqual(['s1', 's3', 's4']);
  expect(mirrorsOf(['00g9'], memory)).toEqual({ oktaIds: new Set(['00g9']), secodaIds: [] });
});

describe('a few groups tell all that the lists would', () => {
  type Nearby = Parameters<typeof isWholeTruth>[0];
  const GROUPS = [changed('00g1', LISTED), changed('00g2', LISTED - 1)];
  const told = (given: Partial<Nearby> = {}, world: World = {}) =>
    isWholeTruth({
      rules: rulesOf(world),
      memory: { ...NO_MEMORY, ...remembered(['s1', ['00g1']], ['s2', ['00g2']]) },
      complete: { basis: 'b', seenUntil: LISTED, leftAlone: [], idle: [] },
      joined: new Set(['00g1']),
      groups: GROUPS,
      secodaGroups: [managed('s1', '00g1', ['00g1']), managed('s2', '00g2', ['00g2'])],
      ...given,
    });

  it('where each is mirrored as memory knows it, and nothing changed since', () => {
    expect(told()).toBe(true);
  });

  it.each<[string, Partial<Nearby>, World?]>([
    ['one of them changed since', { groups: [changed('00g1', LISTED + 1), ...GROUPS.slice(1)] }],
    ['nobody knows when one changed', { groups: [changed('00g1', null), ...GROUPS.slice(1)] }],
    [
      'the last run left one alone',
      { complete: { basis: 'b', seenUntil: LISTED, leftAlone: ['00g2'], idle: [] } },
    ],
    ['somebody is in one that no group mirrors', { joined: new Set(['00g1', '00g3']) }],
    [
      'one has no marker of ours',
      { secodaGroups: [managed('s1', '00g1', ['00g1']), handMade('s2', '00g2')] },
    ],
    [
      'one has the marker of another sync',
      { secodaGroups: [managed('s1', '00g1', ['00g1']), managed('s2', '00g2', ['00g2'], [], 'emea')] },
    ],
    [
      'two have the same marker',
      { secodaGroups: [managed('s1', '00g1', ['00g1']), managed('s2', '00g1', ['00g1'])] },
    ],
    [
      'memory knows other ids',
      { memory: { ...NO_MEMORY, ...remembered(['s1', ['00g1']], ['s2', ['00g2', '00g3']]) } },
    ],
    ['memory does not know one', { memory: { ...NO_MEMORY, ...remembered(['s1', ['00g1']]) } }],
    [
      'they are mapped together by now',
      {},
      {
        mapping: {
          map: new Map([
            ['00g1', 'X'],
            ['00g2', 'X'],
          ]),
        },
      },
    ],
    ['one is left out by now', {}, { mapping: { exclude: ['00g2'] } }],
  ])('but not where %s', (_, given, world) => {
    expect(told(given, world)).toBe(false);
  });
});
