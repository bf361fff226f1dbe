import { describe, expect, it } from 'vitest';
import { judge } from '../../../lambda/core/guard/guard.ts';
import { allowed, countRemovals } from '../../../lambda/core/guard/guard-rules.ts';
import { harmOf } from '../../../lambda/core/plan/change.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import { at, GUARD, handMade, managed, person, planOf, users, type World } from '../world.ts';

const NO_LIMITS: GuardRules = {
  invitations: { max: Infinity },
  groupDeletions: { max: 999, percent: 0 },
  memberRemovals: { max: 999, percent: 0 },
  removalsPerGroup: { max: 999, percent: 0 },
  emptiedGroups: { atLeast: 999 },
  additionsPerGroup: { max: 50, percent: 100 },
  adoptions: { max: 999 },
  minimumGroups: 0,
  overLimit: 'refuse',
};
const ids = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

/** `total` managed groups, of which `gone` no longer exist in Okta. */
function deletions(gone: number, total: number): World {
  const all = Array.from({ length: total }, (_, index) => `g${index}`);
  return {
    okta: all.slice(gone).map((id) => ({ id, name: id })),
    unlisted: new Map(all.slice(0, gone).map((id) => [id, null])),
    groups: all.map((id) => managed(`s-${id}`, id, [id])),
  };
}

/** One managed group of `total` people, of whom the first `leaving` leave. */
function removals(leaving: number, total: number): World {
  const okta = [{ id: 'g1', name: 'Data', people: ids(total).slice(leaving).map(at) }];
  return { okta, users: users(...ids(total)), groups: [managed('s1', 'Data', ['g1'], ids(total))] };
}

function adoptions(count: number): World {
  return {
    okta: ids(count).map((id) => ({ id, name: id })),
    groups: ids(count).map((id) => handMade(`s-${id}`, id)),
  };
}

function refusals(world: World, rules: Partial<GuardRules>): string[] {
  return judge(planOf(world), { ...NO_LIMITS, ...rules }, null).refusals.map(({ rule }) => rule);
}

describe('the guard', () => {
  it.each<[string, World, Partial<GuardRules>, string[]]>([
    [
      'lets as many deletions pass as max says',
      deletions(3, 5),
      { groupDeletions: { max: 3, percent: 0 } },
      [],
    ],
    [
      'refuses one deletion more',
      deletions(4, 5),
      { groupDeletions: { max: 3, percent: 0 } },
      ['groupDeletions'],
    ],
    [
      'takes the percentage when it is larger',
      deletions(4, 20),
      { groupDeletions: { max: 3, percent: 20 } },
      [],
    ],
    [
      'rounds the percentage down',
      deletions(4, 19),
      { groupDeletions: { max: 3, percent: 20 } },
      ['groupDeletions'],
    ],
    [
      'lets as many removals pass as max says',
      removals(2, 9),
      { memberRemovals: { max: 2, percent: 0 } },
      [],
    ],
    [
      'refuses one removal more',
      removals(3, 9),
      { memberRemovals: { max: 2, percent: 0 } },
      ['memberRemovals'],
    ],
    [
      'refuses too many in one group',
      removals(3, 9),
      { removalsPerGroup: { max: 2, percent: 30 } },
      ['removalsPerGroup'],
    ],
    ['lets half of one group go', removals(4, 9), { removalsPerGroup: { max: 2, percent: 50 } }, []],
    [
      'refuses to empty a group of the least size',
      removals(3, 3),
      { emptiedGroups: { atLeast: 3 } },
      ['emptiedGroups'],
    ],
    [
      'refuses that of a group of one, too',
      removals(1, 1),
      { emptiedGroups: { atLeast: 1 } },
      ['emptiedGroups'],
    ],
    ['lets a smaller group be emptied', removals(2, 2), { emptiedGroups: { atLeast: 3 } }, []],
    ['lets as many adoptions pass as max says', adoptions(2), { adoptions: { max: 2 } }, []],
    ['refuses one adoption more', adoptions(3), { adoptions: { max: 2 } }, ['adoptions']],
    [
      'does not count as adopted what memory knows',
      {
        ...adoptions(1),
        memory: {
          groups: new Map([
            [
              's-u0',
              {
                secodaId: 's-u0',
                oktaIds: ['u0'],
                asked: '',
                answered: '',
                unsettled: [],
                shortfall: null,
                triedAt: 0,
              },
            ],
          ]),
        },
      },
      { adoptions: { max: 0 } },
      [],
    ],
    ['refuses a directory without enough groups', {}, { minimumGroups: 1 }, ['minimumGroups']],
    [
      'counts groups in scope only',
      { ...adoptions(2), mapping: { include: ['u0'] } },
      { minimumGroups: 2 },
      ['minimumGroups'],
    ],
    [
      'counts the members of a deleted group as removals',
      { ...deletions(1, 1), users: users('u1', 'u2'), groups: [managed('s', 'g0', ['g0'], ['u1', 'u2'])] },
      { memberRemovals: { max: 1, percent: 50 } },
      ['memberRemovals'],
    ],
    [
      'finds every reason, the one that explains the others first',
      { ...deletions(1, 1), users: users('u1'), groups: [managed('s', 'g0', ['g0'], ['u1'])] },
      {
        minimumGroups: 1,
        removalsPerGroup: { max: 0, percent: 0 },
        memberRemovals: { max: 0, percent: 0 },
        groupDeletions: { max: 0, percent: 0 },
      },
      ['minimumGroups', 'groupDeletions', 'memberRemovals', 'removalsPerGroup'],
    ],
  ])('%s', (_, world, rules, expected) => {
    expect(refusals(world, rules)).toEqual(expected);
  });

  it('counts someone who is out in Okta once, however many groups they leave', () => {
    const okta = ['g1', 'g2', 'g3'].map((id) => ({ id, name: id, people: [person(at('u1'), 'SUSPENDED')] }));
    const groups = okta.map(({ id }) => managed(`s-${id}`, id, [id], ['u1', 'u2']));
    const plan = planOf({ okta, groups, users: users('u1', 'u2') });
    expect(countRemovals(plan.changes)).toBe(1 + 3);
    const { refusals: found } = judge(plan, { ...NO_LIMITS, memberRemovals: { max: 3, percent: 50 } }, null);
    expect(found[0]?.message).toBe(
      'remove 4 of 6 memberships (67 %); the limit is 3 (the larger of 3 and 50 %). The plan removes 6: somebody who is out in Okta counts once',
    );
  });

  it('measures against managed and adopted groups alone', () => {
    const okta = [
      { id: 'g1', name: 'A' },
      { id: 'g2', name: 'B' },
    ];
    const groups = [
      managed('s1', 'A', ['g1'], ['u1']),
      handMade('s2', 'B', ['u1', 'u2']),
      handMade('s3', 'C', ['u1']),
      managed('s4', 'D', ['g1'], ['u1'], 'emea'),
    ];
    expect(planOf({ okta, groups, users: users('u1', 'u2') }).baseline).toEqual({
      groupsInScope: 2,
      managedGroups: 2,
      memberships: 3,
    });
  });

  it('carries its numbers in a refusal', () => {
    const { refusals: found } = judge(planOf(removals(18, 30)), GUARD, null);
    expect(found).toEqual([
      {
        rule: 'removalsPerGroup',
        message: 'remove 18 of 30 members of Data (60 %); the limit is 15 (the larger of 5 and 50 %)',
        count: 18,
        limit: 15,
      },
    ]);
  });

  it.each([
    [{ max: 3, percent: 10 }, 29, 3],
    [{ max: 3, percent: 10 }, 40, 4],
    [{ max: 0, percent: 10 }, 9, 0],
    [{ max: 0, percent: 0 }, 1_000_000, 0],
  ])('a limit of %j of %i allows %i', (limit, whole, expected) => {
    expect(allowed(limit, whole)).toBe(expected);
  });
});

describe('an approval', () => {
  const plan = planOf(removals(18, 30));

  it('of this digest lets the plan pass over every limit', () => {
    expect(judge(plan, GUARD, { digest: plan.digest, harm: null }).approved?.plan).toBe(plan);
  });

  it('of another digest refuses even a plan within all limits, and says how they differ', () => {
    const small = planOf(removals(1, 30));
    const verdict = judge(small, GUARD, { digest: plan.digest, harm: harmOf(plan.changes) });
    expect(verdict.approved).toBeNull();
    expect(verdict.refusals[0]?.rule).toBe('approve');
    expect(verdict.refusals[0]?.message).toContain(
      'changed: update s1, 18 of 30 members leave, now update s1, 1 of 30 members leave',
    );
  });

  it('without the record of its plan still refuses', () => {
    const { refusals: found } = judge(plan, GUARD, { digest: 'other', harm: null });
    expect(found[0]?.message).toContain('no record of the approved plan is at hand');
  });
});
