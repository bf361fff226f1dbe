import { describe, expect, it } from 'vitest';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import {
  at,
  briefs,
  handMade,
  inputOf,
  managed,
  NOW,
  oktaGroup,
  person,
  planOf,
  user,
  users,
  type World,
} from '../world.ts';

/** A managed group with two members whose Okta group g9 is not listed; Okta answers `null` (404) for it. */
const gone: World = {
  users: users('u1', 'u2'),
  groups: [managed('s1', 'Data', ['g9'], ['u1', 'u2'])],
  unlisted: new Map([['g9', null]]),
};
const listed = { ...gone, unlisted: new Map([['g9', oktaGroup('g9', 'Data')]]) };
const missedBefore = { unlistedSince: new Map([['g9', NOW - 1]]) };
const protect = { people: { protect: ['u1@*'] } };

it.each([
  ['goes to another one of its name when a second complete run agrees', {}, ['update s1 Data -u1 -u2']],
  ['is left alone when a run over named groups does', { mayGo: new Set(['g8']) }, []],
  [
    'is left alone when a run of events does',
    { named: { userIds: new Set(['u1']), deletedIds: new Set<string>() } },
    [],
  ],
] as const)('a group whose Okta group one complete run missed %s', (_, scope, plan) => {
  const input = inputOf({
    ...listed,
    okta: [{ id: 'g8', name: 'Data' }],
    memory: missedBefore,
    targets: ['g8'],
  });
  expect(briefs(makePlan({ ...input, ...scope }))).toEqual(plan);
});

describe('a group that is kept although its Okta group is gone', () => {
  it.each<[string, World, string[]]>([
    [
      'by whenGone',
      { ...gone, whenGone: 'keep' },
      ["kept, since groups.whenGone is 'keep': g9 no longer exists in Okta"],
    ],
    [
      'for its protected people',
      { ...gone, ...protect, groups: [managed('s1', 'Data', ['g9'], ['u1'])] },
      ['kept, since it holds protected people alone: g9 no longer exists in Okta'],
    ],
    ['not at all, as it is deleted', gone, []],
    [
      'empty, as it was emptied',
      { ...gone, whenGone: 'empty', groups: [managed('s1', 'Data', ['g9'], [])] },
      [],
    ],
  ])('is told of: %s', (_, world, expected) => {
    const { warnings, skipped } = planOf(world);
    expect(warnings.map(({ message }) => message)).toEqual(expected);
    expect(warnings.every(({ kind, group }) => kind === 'kept' && group === 'Data')).toBe(true);
    expect(skipped).toEqual([]);
  });
});

describe('a managed group', () => {
  it.each<[string, World, string[]]>([
    ['is deleted when Okta answers 404 for its id', gone, ['delete s1 Data -u1 -u2']],
    ['is emptied instead when whenGone says so', { ...gone, whenGone: 'empty' }, ['update s1 Data -u1 -u2']],
    ['is kept when whenGone says so', { ...gone, whenGone: 'keep' }, []],
    ['is deferred when Okta still knows it and the selection lists it no longer', listed, []],
    [
      'is deleted when a second complete run agrees',
      { ...listed, memory: missedBefore },
      ['delete s1 Data -u1 -u2'],
    ],
    [
      'is deferred when another run first missed it while this one was reading already',
      { ...listed, memory: { unlistedSince: new Map([['g9', NOW]]) } },
      [],
    ],
    ['is left alone when nobody asked Okta', { ...gone, unlisted: new Map() }, []],
    [
      'is deleted when our exclude leaves its Okta group out',
      { ...gone, okta: [{ id: 'g9', name: 'Data' }], mapping: { exclude: ['Data'] } },
      ['delete s1 Data -u1 -u2'],
    ],
    [
      'is deleted when our include never lets its unlisted Okta group in',
      { ...listed, mapping: { include: ['X*'] } },
      ['delete s1 Data -u1 -u2'],
    ],
    ['with a protected member is reduced to that member', { ...gone, ...protect }, ['update s1 Data -u2']],
    [
      'with only a protected member stays',
      { ...gone, ...protect, groups: [managed('s1', 'Data', ['g9'], ['u1'])] },
      [],
    ],
    [
      'is emptied but for hidden and ambiguous members',
      {
        ...gone,
        whenGone: 'empty',
        users: [user('u1'), user('t1', at('t')), user('t2', at('t'))],
        groups: [managed('s1', 'Data', ['g9'], ['robot', 't1', 'u1'])],
      },
      ['update s1 Data -u1'],
    ],
    [
      'of two ids is left as it is while one of them is only missed',
      {
        ...gone,
        groups: [managed('s1', 'Data', ['g8', 'g9'])],
        unlisted: new Map([
          ['g8', null],
          ['g9', oktaGroup('g9', 'D')],
        ]),
      },
      [],
    ],
    [
      'of another deployment is never touched',
      { ...gone, groups: [managed('s1', 'Data', ['g9'], ['u1'], 'emea')] },
      [],
    ],
    ['made by hand is never touched', { ...gone, groups: [handMade('s1', 'Data', ['u1'])] }, []],
    [
      'whose marker stands below another line is not ours',
      {
        ...gone,
        groups: [
          handMade(
            's1',
            'D',
            [],
            'x\nManaged by Okta (g9) via okta. Changes made in Secoda are overwritten.',
          ),
        ],
      },
      [],
    ],
    [
      'loses one of its ids without being gone',
      {
        okta: [{ id: 'g1', name: 'Data' }],
        groups: [managed('s1', 'Data', ['g1', 'g9'])],
        unlisted: new Map([['g9', null]]),
      },
      ['update s1 Data'],
    ],
  ])('%s', (_, world, expected) => {
    expect(briefs(planOf(world))).toEqual(expected);
  });
});

it('the people of a group that is deleted are known as switched off where Okta shows them so', () => {
  const okta = [{ id: 'g1', name: 'Other', people: [person(at('u1'), 'SUSPENDED')] }];
  const [, change] = planOf({ ...gone, okta }).changes;
  expect(change).toMatchObject({ action: 'delete', remove: [{ ineligible: true }, { ineligible: false }] });
});

describe('what could not be read', () => {
  const mirror = managed('s1', 'Data', ['g1', 'g2'], ['u1']);
  const both: World = {
    users: users('u1'),
    mapping: {
      map: new Map([
        ['g1', 'Data'],
        ['g2', 'Data'],
      ]),
    },
    groups: [mirror],
  };

  it.each<[string, World]>([
    [
      'a group that vanished while it was read',
      {
        okta: [
          { id: 'g1', name: 'A', people: null },
          { id: 'g2', name: 'B' },
        ],
      },
    ],
    [
      'a managed group that shares an id with something vanished',
      { okta: [{ id: 'g1', name: 'A', people: null }], unlisted: new Map([['g2', null]]) },
    ],
    [
      'a managed group that shares an id with something missed',
      { okta: [{ id: 'g1', name: 'A' }], unlisted: new Map([['g2', oktaGroup('g2', 'B')]]) },
    ],
    [
      'a managed group that shares an id with something skipped',
      {
        okta: [
          { id: 'g1', name: 'A' },
          { id: 'g2', name: 'B' },
          { id: 'g3', name: 'Data' },
        ],
      },
    ],
  ])('%s leaves the group as it is and says so', (_, world) => {
    const plan = planOf({ ...both, ...world });
    expect(plan.changes.filter(({ secodaId }) => secodaId === 's1')).toEqual([]);
    expect(plan.skipped).not.toEqual([]);
  });

  it('spreads from group to group, and its reason with it', () => {
    const okta = [
      { id: 'g1', name: 'A', people: null },
      ...['g2', 'g3', 'g4'].map((id) => ({ id, name: id })),
    ];
    const groups = [
      managed('s1', 'X', ['g3', 'g4']),
      managed('s2', 'Y', ['g2', 'g3']),
      managed('s3', 'Z', ['g1', 'g2']),
    ];
    const plan = planOf({ okta, groups });
    const reason = 'it vanished from Okta while it was read; it is left alone in this run';
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped).toEqual(
      ['A', 'g2', 'g3', 'g4'].map((group, i) => ({ group, oktaIds: [`g${i + 1}`], reason })),
    );
  });

  it('names the Okta group it is about, not those that only share a Secoda group with it', () => {
    const unlisted = new Map([
      ['g8', null],
      ['g9', oktaGroup('g9', 'D')],
    ]);
    const plan = planOf({ groups: [managed('s1', 'Data', ['g8', 'g9'])], unlisted });
    expect(plan.skipped).toMatchObject([{ group: 'Data', oktaIds: ['g9'] }]);
  });

  it('spreads over every group that shares an id', () => {
    const okta = [
      { id: 'g1', name: 'A', people: null },
      { id: 'g2', name: 'B' },
    ];
    const groups = [managed('s1', 'X', ['g1', 'g2']), managed('s2', 'Y', ['g2', 'g9'])];
    const plan = planOf({ okta, groups, unlisted: new Map([['g9', null]]) });
    expect(briefs(plan)).toEqual([]);
  });

  it('does not keep the rest from being synced', () => {
    const okta = [
      { id: 'g1', name: 'A', people: null },
      { id: 'g2', name: 'B', people: [at('u1')] },
    ];
    expect(briefs(planOf({ okta, users: users('u1') }))).toEqual(['create new B +u1']);
  });

  it('an empty Okta group is not: its members leave', () => {
    const okta = [{ id: 'g1', name: 'Data' }];
    const groups = [managed('s1', 'Data', ['g1'], ['u1'])];
    expect(briefs(planOf({ okta, groups, users: users('u1') }))).toEqual(['update s1 Data -u1']);
  });
});

describe('an absence', () => {
  it('that must be seen twice names what waits, why and until when', () => {
    const plan = planOf({ ...listed, nextRunAt: NOW });
    expect(plan.missed).toEqual(['g9']);
    expect(plan.skipped).toEqual([
      {
        group: 'Data',
        because: 'deferred',
        oktaIds: ['g9'],
        reason:
          'Okta still knows “Data” (g9), but the selection no longer lists it; it counts as gone and is deleted when the next complete run agrees, due 2026-01-05T02:00:00.000Z',
      },
    ]);
  });

  it('is remembered until the group is gone, be its deletion approved or not', () => {
    expect(planOf({ ...listed, memory: missedBefore }).missed).toEqual(['g9']);
  });

  it.each<[string, World, string]>([
    ['a 404', gone, 'g9 no longer exists in Okta'],
    [
      'two complete runs',
      { ...listed, memory: missedBefore },
      'g9 has left the selection, seen by two complete runs',
    ],
    [
      'our own rules, of a group that is listed,',
      { ...gone, okta: [{ id: 'g9', name: 'Data' }], mapping: { exclude: ['Data'] } },
      'g9 is left out by include/exclude',
    ],
    ['our own rules', { ...listed, mapping: { include: ['X'] } }, 'g9 is left out by include/exclude'],
  ])('seen by %s is the reason of the deletion', (_, world, reason) => {
    expect(planOf(world).changes[0]?.reason).toBe(reason);
  });
});
