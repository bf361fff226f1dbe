import { describe, expect, it } from 'vitest';
import { mapGroups } from '../../../lambda/core/groups/mapping.ts';
import { markedBy } from '../../../lambda/core/groups/match.ts';
import { resolveTargets } from '../../../lambda/core/groups/requested-groups.ts';
import { at, briefs, managed, mappingRules, oktaGroup, planOf, users } from '../world.ts';

const groups = [
  oktaGroup('g1', 'BI'),
  oktaGroup('g2', 'BI team'),
  oktaGroup('g3', 'Data'),
  oktaGroup('g4', 'HR'),
  oktaGroup('g5', 'Twin'),
  oktaGroup('g6', 'Twin'),
];
const mapping = mappingRules({
  exclude: ['HR'],
  map: new Map([
    ['BI', 'Analytics'],
    ['BI team', 'Analytics'],
  ]),
});
const secoda = [
  managed('s1', 'Old Data', ['g3']),
  managed('s2', 'Left', ['g9']),
  managed('s3', 'Foreign', ['g8'], [], 'emea'),
];

function resolve(...targets: string[]) {
  const ours = markedBy(secoda, 'okta');
  const found = resolveTargets(targets, groups, mapGroups(groups, mapping), ours);
  return { oktaIds: [...found.oktaIds].sort(), unknown: found.unknown };
}

describe('a target', () => {
  it.each([
    ['an Okta id', 'g3', ['g3']],
    ['an Okta name', 'Data', ['g3']],
    ['an Okta id of a united group', 'g2', ['g1', 'g2']],
    ['an Okta name of a united group', 'BI team', ['g1', 'g2']],
    ['a wanted Secoda name', 'Analytics', ['g1', 'g2']],
    ['the name its Secoda group still bears', 'Old Data', ['g3']],
    ['a managed group whose Okta groups are gone', 'Left', ['g9']],
    ['the id of an Okta group that is gone', 'g9', ['g9']],
    ['a name that two Okta groups bear', 'Twin', ['g5', 'g6']],
    ['a name with white space around it', ' Data ', ['g3']],
  ])('may be %s', (_, target, expected) => {
    expect(resolve(target)).toEqual({ oktaIds: expected, unknown: [] });
  });

  it.each([['nothing known'], ['HR'], ['g4'], ['Foreign'], ['data'], ['__proto__'], ['']])(
    'is unknown: %j',
    (target) => {
      expect(resolve(target)).toEqual({ oktaIds: [], unknown: [target] });
    },
  );

  it('that is unknown is named beside those that are known', () => {
    expect(resolve('g3', 'x', 'y')).toEqual({ oktaIds: ['g3'], unknown: ['x', 'y'] });
  });
});

it('what is named may be deleted: Okta ids of wanted groups, Secoda ids of managed ones', () => {
  const named = (target: string) => {
    const found = resolveTargets([target], groups, mapGroups(groups, mapping), markedBy(secoda, 'okta'));
    return [...found.named].sort();
  };
  expect(named('g3')).toEqual(['g3', 's1']);
  expect(named('Left')).toEqual(['Left', 's2']);
  expect(named('Analytics')).toEqual(['Analytics', 'g1', 'g2']);
});

describe('with targets', () => {
  it('only targeted groups change and nothing else is gone or skipped', () => {
    const world = {
      okta: [
        { id: 'g1', name: 'A', people: [at('u1')] },
        { id: 'g2', name: 'B', people: [at('u1')] },
        { id: 'g3', name: 'Twin' },
        { id: 'g4', name: 'Twin' },
      ],
      unlisted: new Map([['g9', null]]),
      users: users('u1'),
      groups: [managed('s1', 'A', ['g1']), managed('s2', 'B', ['g2']), managed('s9', 'Gone', ['g9'])],
    };
    const plan = planOf({ ...world, targets: ['g1'] });
    expect(briefs(plan)).toEqual(['update s1 A +u1']);
    expect(plan.skipped).toEqual([]);
    expect(briefs(planOf({ ...world, targets: ['g9'] }))).toEqual(['delete s9 Gone']);
  });

  it('members of groups that are no target need not be read', () => {
    const okta = [
      { id: 'g1', name: 'A', people: [at('u1')] },
      { id: 'g2', name: 'B', people: null },
    ];
    const plan = planOf({ okta, users: users('u1'), targets: ['g1'] });
    expect(briefs(plan)).toEqual(['create new A +u1']);
    expect(plan.skipped).toEqual([]);
  });
});
