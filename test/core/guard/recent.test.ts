import { describe, expect, it } from 'vitest';
import { countRemovals } from '../../../lambda/core/guard/guard-rules.ts';
import { judge, judgeAgain } from '../../../lambda/core/guard/guard.ts';
import {
  COUNTING_MS,
  effectsOf,
  measure,
  NOTHING_RECENT,
  type RecentEntry,
  recentOf,
} from '../../../lambda/core/guard/recent.ts';
import { at, GUARD, handMade, managed, NOW, person, planOf, users } from '../world.ts';

const entry = (effects: Partial<RecentEntry>): RecentEntry => ({
  at: NOW - 1_000,
  runId: '20260102T030405Z-1a2b',
  approved: false,
  ...effectsOf([]),
  ...effects,
});
const recent = (...entries: readonly Partial<RecentEntry>[]) =>
  recentOf({ entries: entries.map(entry), unknown: null }, NOW);

const six = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'];
/** In one managed group of six; `u0` and `u1` have left, and `u2` is out. */
const plan = planOf({
  okta: [{ id: 'g1', name: 'Data', people: [person(at('u2'), 'SUSPENDED'), ...six.slice(3).map(at)] }],
  users: users(...six),
  groups: [managed('s1', 'Data', ['g1'], six)],
});

describe('what was done lately', () => {
  it.each([
    ['just now', 0, 1],
    ['almost twenty hours ago', COUNTING_MS - 1, 1],
    ['twenty hours ago', COUNTING_MS, 0],
    ['by a clock that was a little ahead', -60_000, 1],
    ['by a clock that was a year ahead', -365 * 24 * 3_600_000, 0],
  ])('%s counts as it should', (_, ago, expected) => {
    expect(recent({ at: NOW - ago, deleted: ['s9'] }).deleted.size).toBe(expected);
  });

  it('and approved does not count, unless it was done again without', () => {
    const approved = { at: NOW - 3, approved: true, removed: [['s1', ['u1']]], invited: ['a@b.c'] } as const;
    const again = { at: NOW - 2, removed: [['s1', ['u1']]] } as const;
    expect(recent(approved).removed.get('s1')?.size).toBe(0);
    expect(recent(again, approved).removed.get('s1')?.size).toBe(1);
    expect(recent({ ...again, at: NOW - 4 }, approved).removed.get('s1')?.size).toBe(0);
    expect(recent({ at: NOW - 9, invited: ['a@b.c', 'd@e.f'] }, approved).invited).toEqual(
      new Set(['d@e.f']),
    );
  });

  it.each<[string, Partial<RecentEntry>, number]>([
    ['by nobody', {}, 3],
    ['from the same group, as by a run that was cut off', { removed: [['s1', ['u0', 'u1', 'u2']]] }, 3],
    ['from the same group, of others', { removed: [['s1', ['u3']]] }, 4],
    ['from another group', { removed: [['s2', ['u0']]] }, 4],
    ['from another group, of somebody who is out now', { removed: [['s2', ['u2']]] }, 3],
    [
      'from two groups, of somebody who was out',
      {
        removed: [
          ['s2', ['u4']],
          ['s3', ['u4']],
        ],
        out: ['u4'],
      },
      4,
    ],
    [
      'from two groups, of somebody who was not',
      {
        removed: [
          ['s2', ['u4']],
          ['s3', ['u4']],
        ],
      },
      5,
    ],
  ])('removals %s count along, each once', (_, effects, expected) => {
    expect(countRemovals(plan.changes, recent(effects).removed)).toBe(expected);
  });

  it('is added to what stands, so that a run that was cut off may be finished', () => {
    const groups = [managed('s1', 'Data', ['g1'], ['u0', 'u1'])];
    const done = recent({
      removed: [
        ['s1', ['u1', 'u2']],
        ['s9', ['u1']],
      ],
      deleted: ['s9'],
    });
    expect(measure({ groupsInScope: 1, managedGroups: 1, memberships: 2 }, done, groups)).toEqual({
      groupsInScope: 1,
      managedGroups: 2,
      memberships: 4,
    });
  });

  it('breaks no limit for a plan that adds nothing to it', () => {
    const much = recent({
      removed: [['s9', Array.from({ length: 50 }, (_, n) => `x${n}`)]],
      deleted: ['a', 'b', 'c', 'd'],
      adopted: ['e', 'f', 'g', 'h'],
      invited: Array.from({ length: 50 }, (_, n) => `x${n}@acme.com`),
    });
    const quiet = planOf({ okta: [{ id: 'g1', name: 'Data', people: six.map(at) }], users: users(...six) });
    expect(judge(quiet, GUARD, null, much).refusals).toEqual([]);
    expect(judge(plan, GUARD, null, much).refusals.map(({ rule }) => rule)).toEqual(['memberRemovals']);
  });

  it('and is not known lets a plan only create, rename and describe', () => {
    const unknown = { ...NOTHING_RECENT, unknown: 'it cannot be read' };
    const okta = [{ id: 'g1', name: 'Data', people: six.map(at) }];
    const rules = (groups: Parameters<typeof planOf>[0]['groups'] = [], approve = false) => {
      const made = planOf({ okta, users: users(...six, 'u9'), groups });
      expect(made.changes).toHaveLength(1);
      const approval = approve ? { digest: made.digest, harm: null } : null;
      return judge(made, GUARD, approval, unknown).refusals.map(({ rule }) => rule);
    };
    expect(rules()).toEqual([]);
    expect(rules([managed('s1', 'Old name', ['g1'], six)])).toEqual([]);
    for (const approve of [false, true]) {
      expect(rules([managed('s1', 'Data', ['g1'], [...six, 'u9'])], approve)).toEqual(['recent']);
      expect(rules([handMade('s1', 'Data', six)], approve)).toEqual(['recent']);
    }
  });

  it('is judged again for a part of a plan, but not where an operator approved that', () => {
    const { changes, baseline } = plan;
    const judged = {
      changes,
      baseline,
      invited: [],
      recent: recent({ removed: [['s1', ['u3', 'u4', 'u5']]] }),
    };
    expect(judgeAgain(judged, GUARD, false).map(({ rule }) => rule)).toEqual(['removalsPerGroup']);
    expect(judgeAgain(judged, GUARD, true)).toEqual([]);
    const unknown = { ...judged, recent: { ...NOTHING_RECENT, unknown: 'x' } };
    expect(judgeAgain(unknown, GUARD, true).map(({ rule }) => rule)).toEqual(['recent']);
  });
});

it('the effects of a change name who loses, who gains and what is taken over, and a creation has none', () => {
  const { changes } = planOf({
    okta: [
      { id: 'g1', name: 'Data', people: [at('u0'), at('u3')] },
      { id: 'g2', name: 'New', people: [at('u0')] },
      { id: 'g3', name: 'Hand', people: [at('u1')] },
    ],
    unlisted: new Map([['g4', null]]),
    users: users(...six),
    groups: [
      managed('s1', 'Data', ['g1'], ['u0', 'u1']),
      handMade('s3', 'Hand'),
      managed('s4', 'Gone', ['g4'], ['u5']),
    ],
  });
  expect(effectsOf(changes, ['a@b.c'])).toEqual({
    removed: [
      ['s1', ['u1']],
      ['s4', ['u5']],
    ],
    out: [],
    deleted: ['s4'],
    granted: [
      ['s1', ['u3']],
      ['s3', ['u1']],
    ],
    adopted: ['s3'],
    invited: ['a@b.c'],
  });
});
