import { describe, expect, it } from 'vitest';
import { at, briefs, handMade, managed, planOf, remembered, users, type World } from '../world.ts';

const oneGroup = [{ id: 'g1', name: 'Data', people: [at('u1')] }];
const united: World = {
  okta: ['g1', 'g2', 'g3'].map((id) => ({ id, name: id })),
  mapping: { map: new Map(['g1', 'g2', 'g3'].map((id) => [id, 'Data'])) },
};
const pair = (first: string, second: string) => [
  { id: 'g1', name: first },
  { id: 'g2', name: second },
];

describe('a wanted group', () => {
  it.each<[string, World, string[]]>([
    ['that nothing mirrors is created', { okta: oneGroup, users: users('u1') }, ['create new Data +u1']],
    [
      'takes the managed group of the same ids, whatever its name',
      { okta: oneGroup, groups: [managed('s1', 'Old', ['g1'])] },
      ['update s1 Data (was Old)'],
    ],
    [
      'prefers the same ids to the same name',
      { okta: pair('A', 'B'), groups: [managed('s1', 'A', ['g2']), managed('s2', 'B', ['g1'])] },
      [],
    ],
    [
      'prefers, of overlapping ids, the group that bears its name',
      {
        ...united,
        whenGone: 'keep',
        groups: [managed('s1', 'X', ['g1', 'g2']), managed('s2', 'Data', ['g3'])],
      },
      ['update s2 Data'],
    ],
    [
      'prefers the larger overlap when none bears its name',
      { ...united, whenGone: 'keep', groups: [managed('s1', 'X', ['g1']), managed('s2', 'Y', ['g2', 'g3'])] },
      ['update s2 Data (was Y)'],
    ],
    [
      'takes the lowest id when nothing else decides',
      { ...united, whenGone: 'keep', groups: [managed('s2', 'X', ['g1']), managed('s1', 'Y', ['g2'])] },
      ['update s1 Data (was Y)'],
    ],
    [
      'lets superseded groups follow whenGone',
      { ...united, groups: [managed('s1', 'X', ['g1']), managed('s2', 'Data', ['g2', 'g3'])] },
      ['update s2 Data', 'delete s1 X'],
    ],
    [
      'lets superseded groups be emptied after what takes their people, of whatever wave',
      {
        ...united,
        whenGone: 'empty',
        okta: ['A', 'B', 'Q', 'R'].map((name, i) => ({
          id: `g${i + 1}`,
          name,
          people: i === 1 ? [at('u1')] : [],
        })),
        mapping: { map: new Map(['g1', 'g2'].map((id) => [id, 'Q'])), rename: [{ match: '^Q$', to: 'P' }] },
        users: users('u1'),
        groups: [
          managed('s1', 'Data', ['g1']),
          managed('s2', 'A', ['g2', 'g9'], ['u1']),
          managed('s3', 'Q', ['g3']),
        ],
        unlisted: new Map([['g9', null]]),
      },
      ['update s3 P (was Q)', 'create new R', 'update s1 Q (was Data) +u1', 'update s2 A -u1'],
    ],
    [
      'adopts a hand-made group of its name',
      { okta: oneGroup, users: users('u1', 'u2'), groups: [handMade('s1', 'Data', ['u2'])] },
      ['update s1 Data +u1 -u2'],
    ],
    [
      'adopts by a name that only looks the same',
      { okta: [{ id: 'g1', name: 'zoe\u0308' }], groups: [handMade('s1', ' zo\u00eb ')] },
      ['update s1  zo\u00eb '],
    ],
    [
      'does not adopt by a name in another case',
      { okta: oneGroup, users: users('u1'), groups: [handMade('s1', 'data')] },
      ['create new Data +u1'],
    ],
    [
      'skips when several hand-made groups bear its name',
      { okta: oneGroup, groups: [handMade('s1', 'Data'), handMade('s2', 'Data')] },
      [],
    ],
    [
      'takes of several the one that memory knows',
      {
        okta: [{ id: 'g1', name: 'Data' }],
        groups: [handMade('s1', 'Data'), handMade('s2', 'Data')],
        memory: remembered(['s2', ['g1']]),
      },
      ['update s2 Data'],
    ],
    [
      'does not take a group of its name that bears a foreign marker',
      { okta: [{ id: 'g1', name: 'Data' }], groups: [managed('s1', 'Data', ['g1'], [], 'emea')] },
      ['create new Data'],
    ],
    [
      'of which two carry the same marker is skipped',
      { okta: oneGroup, groups: [managed('s1', 'Data', ['g1']), managed('s2', 'Copy', ['g1'])] },
      [],
    ],
    [
      'of which memory knows one of two identical markers takes that one',
      {
        okta: [{ id: 'g1', name: 'Data' }],
        groups: [managed('s1', 'Copy', ['g1']), managed('s2', 'Data', ['g1'])],
        memory: remembered(['s2', ['g1']]),
      },
      [],
    ],
    [
      'of which memory knows both identical markers is skipped',
      {
        okta: oneGroup,
        groups: [managed('s1', 'Data', ['g1']), managed('s2', 'Copy', ['g1'])],
        memory: remembered(['s1', ['g1']], ['s2', ['g1']]),
      },
      [],
    ],
    ['that only happens to share its name with another is skipped', { okta: pair('Data', 'Data') }, []],
    [
      'takes a name over from a group that is gone for good',
      {
        okta: [{ id: 'g2', name: 'Data' }],
        unlisted: new Map([['g1', null]]),
        groups: [managed('s1', 'Data', ['g1'])],
      },
      ['update s1 Data'],
    ],
    [
      'called like a property of objects is created like any other',
      { okta: [{ id: 'g1', name: '__proto__' }] },
      ['create new __proto__'],
    ],
  ])('%s', (_, world, expected) => {
    expect(briefs(planOf(world))).toEqual(expected);
  });
});

describe('a rename', () => {
  it.each<[string, World, string[]]>([
    [
      'keeps the old name when another group holds the new one',
      { okta: oneGroup, users: users('u1'), groups: [managed('s1', 'Old', ['g1']), handMade('s2', 'Data')] },
      ['update s1 Old +u1'],
    ],
    [
      'waits for a group that gives the name up',
      { okta: pair('B', 'C'), groups: [managed('s1', 'A', ['g1']), managed('s2', 'B', ['g2'])] },
      ['update s2 C (was B)', 'update s1 B (was A)'],
    ],
    [
      'takes the name of a group that the same plan deletes',
      {
        okta: [{ id: 'g1', name: 'B' }],
        unlisted: new Map([['g2', null]]),
        groups: [managed('s1', 'A', ['g1']), managed('s2', 'B', ['g2'])],
      },
      ['delete s2 B', 'update s1 B (was A)'],
    ],
    [
      'leaves both alone that want each other’s names',
      { okta: pair('B', 'A'), groups: [managed('s1', 'A', ['g1']), managed('s2', 'B', ['g2'])] },
      [],
    ],
    [
      'frees the old name for a creation',
      { okta: pair('B', 'A'), groups: [managed('s1', 'A', ['g1'])] },
      ['update s1 B (was A)', 'create new A'],
    ],
    [
      'is none when only invisible differences remain',
      { okta: [{ id: 'g1', name: ' Data ' }], groups: [managed('s1', 'Data', ['g1'])] },
      [],
    ],
  ])('%s', (_, world, expected) => {
    expect(briefs(planOf(world))).toEqual(expected);
  });

  it('puts a change that needs a freed name into a later wave', () => {
    const groups = [managed('s1', 'A', ['g1']), managed('s2', 'B', ['g2'])];
    expect(planOf({ okta: pair('B', 'C'), groups }).changes.map(({ wave }) => wave)).toEqual([0, 1]);
  });

  it('waits with every deletion that frees no name until all else is done', () => {
    const groups = [
      managed('s1', 'A', ['g1']),
      managed('s2', 'B', ['g2']),
      managed('s3', 'C', ['g3']),
      managed('s4', 'D', ['g4']),
    ];
    const unlisted = new Map(['g3', 'g4'].map((id) => [id, null]));
    const plan = planOf({ okta: pair('B', 'C'), unlisted, groups });
    expect(briefs(plan)).toEqual([
      'delete s3 C',
      'update s2 C (was B)',
      'update s1 B (was A)',
      'delete s4 D',
    ]);
  });

  it('that cannot happen is reported with the id of the holder', () => {
    const groups = [managed('s1', 'Old', ['g1']), handMade('s2', 'Data')];
    expect(planOf({ okta: oneGroup, groups }).warnings[0]?.message).toBe(
      'it cannot be renamed to “Data”: Secoda group s2 holds that name; it stays “Old”',
    );
  });
});

describe('a plan says of', () => {
  it('an adoption what the group held before', () => {
    const groups = [handMade('s1', 'Data', ['u2'], 'Made by hand')];
    const [change] = planOf({ okta: oneGroup, users: users('u1', 'u2'), groups }).changes;
    expect(change).toMatchObject({
      adopted: true,
      reason: 'adopts the hand-made group of this name; its members differ',
      before: { name: 'Data', description: 'Made by hand', members: [{ userId: 'u2', email: at('u2') }] },
    });
  });

  it('a remembered group without its marker that it is restored, not adopted', () => {
    const world = { okta: [{ id: 'g1', name: 'Data' }], groups: [handMade('s1', 'Data')] };
    const [change] = planOf({ ...world, memory: remembered(['s1', ['g1']]) }).changes;
    expect(change).toMatchObject({ adopted: false, known: true, reason: 'its marker line is restored' });
  });

  it('a group that is remembered for other Okta groups, and lost its marker, that it is adopted, and known', () => {
    const world = { okta: [{ id: 'g1', name: 'Data' }], groups: [handMade('s1', 'Data')] };
    const [change] = planOf({ ...world, memory: remembered(['s1', ['g7']]) }).changes;
    expect(change).toMatchObject({ adopted: true, known: true });
  });

  it('a copied marker that the copy is left alone', () => {
    const groups = [managed('s1', 'Copy', ['g1']), managed('s2', 'Data', ['g1'])];
    const { skipped } = planOf({ okta: oneGroup, groups, memory: remembered(['s2', ['g1']]) });
    expect(skipped).toMatchObject([{ group: 'Copy', oktaIds: ['g1'], secodaId: 's1' }]);
  });

  it('an undecided group why it is skipped, once for each Okta group', () => {
    const groups = [handMade('s1', 'Data'), handMade('s2', 'Data')];
    const reason = '2 hand-made Secoda groups have this name (s1, s2); rename or delete all but one';
    expect(planOf({ ...united, groups }).skipped).toEqual(
      ['g1', 'g2', 'g3'].map((id) => ({ group: 'Data', oktaIds: [id], reason })),
    );
  });

  it('a name that a hand-made group and one whose Okta group is gone both bear that nobody guesses', () => {
    const groups = [managed('s1', 'Data', ['g9']), handMade('s2', 'Data')];
    const plan = planOf({ okta: oneGroup, groups, unlisted: new Map([['g9', null]]) });
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped[0]?.reason).toBe(
      'several Secoda groups have its name (s1, s2); rename or delete all but one',
    );
  });

  it('Okta groups that are not mapped together the name they arrive at, once for each', () => {
    const { skipped } = planOf({ okta: pair('Data', 'Data') });
    expect(skipped.map(({ group, oktaIds }) => [group, ...oktaIds])).toEqual([
      ['Data', 'g1'],
      ['Data', 'g2'],
    ]);
  });

  it('a name that two groups bore whose Okta groups are gone that neither inherits', () => {
    const groups = [managed('s1', 'Data', ['g8']), managed('s2', 'Data', ['g9'])];
    const unlisted = new Map(['g8', 'g9'].map((id) => [id, null]));
    const plan = planOf({ okta: oneGroup, groups, unlisted });
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped[0]?.reason).toContain('several Secoda groups have its name (s1, s2)');
  });

  it('a name that several groups bore whose Okta groups are gone that none of them is touched', () => {
    const groups = [managed('s1', 'Data', ['g8']), managed('s2', 'Data', ['g9']), handMade('s3', 'Data')];
    const unlisted = new Map([
      ['g8', null],
      ['g9', null],
    ]);
    const plan = planOf({ okta: oneGroup, groups, unlisted });
    expect(briefs(plan)).toEqual([]);
    expect(plan.skipped[0]?.reason).toBe(
      'several Secoda groups have its name (s1, s2, s3); rename or delete all but one',
    );
  });

  it('a group that memory knows, also when one of its name is left by Okta groups that are gone', () => {
    const groups = [managed('s1', 'Data', ['g9']), handMade('s2', 'Data')];
    const memory = remembered(['s2', ['g1']]);
    const plan = planOf({ okta: oneGroup, groups, memory, unlisted: new Map([['g9', null]]) });
    expect(briefs(plan)).toEqual(['update s2 Data', 'delete s1 Data']);
  });

  it('all changes in writing order: removals, additions, creations, deletions', () => {
    const okta = [
      { id: 'g1', name: 'D', people: [at('u1')] },
      { id: 'g2', name: 'C' },
      { id: 'g3', name: 'B', people: [at('u1')] },
    ];
    const groups = [
      managed('s1', 'D', ['g1']),
      managed('s2', 'C', ['g2'], ['u1']),
      managed('s9', 'A', ['g9']),
    ];
    const plan = planOf({ okta, groups, users: users('u1'), unlisted: new Map([['g9', null]]) });
    expect(briefs(plan)).toEqual(['update s2 C -u1', 'update s1 D +u1', 'create new B +u1', 'delete s9 A']);
  });
});
