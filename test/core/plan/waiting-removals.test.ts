import { describe, expect, it } from 'vitest';
import type { WorkspaceGroup } from '../../../lambda/core/model/workspace.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { dueNow } from '../../../lambda/core/plan/reconcile.ts';
import {
  at,
  brief,
  briefs,
  handMade,
  identityOf,
  inputOf,
  managed,
  person,
  planOf,
  remembered,
  user,
  users,
  type World,
} from '../world.ts';

const map = (ids: Record<string, string>) => ({ map: new Map(Object.entries(ids)) });
/** `United` mirrors A and B; B goes to a group of its own. u1 is in A, u2 in B, u3 has left B. */
const apart: World = {
  okta: [
    { id: 'g1', name: 'A', people: [at('u1')] },
    { id: 'g2', name: 'B', people: [at('u2')] },
  ],
  mapping: map({ g1: 'United' }),
  users: users('u1', 'u2', 'u3'),
  groups: [managed('s1', 'United', ['g1', 'g2'], ['u1', 'u2', 'u3'])],
};
/** A and B are united in `Data`; B has a group of its own still. */
const united: World = {
  ...apart,
  mapping: map({ g1: 'Data', g2: 'Data' }),
  groups: [managed('s1', 'Data', ['g1'], ['u1']), managed('s2', 'B', ['g2'], ['u2', 'u3'])],
};

/** What is due of the change of this group, while Secoda's groups stand like this. */
function due(world: World, secodaId: string, standing: readonly WorkspaceGroup[] = world.groups ?? []) {
  const plan = planOf(world);
  const change = plan.changes.find((each) => each.secodaId === secodaId);
  if (change === undefined) throw new Error(`nothing is to be done about ${secodaId}`);
  return dueNow(change, plan, standing, 'okta', identityOf(world.people ?? {}, world.users ?? []));
}

it('a deletion waits for one of several accounts of a person whose status was never seen before', () => {
  const world: World = {
    okta: [
      { id: 'g1', name: 'A', people: [at('u1')] },
      { id: 'g2', name: 'B', people: [person(at('u2'), 'NEW')] },
    ],
    users: [...users('u1', 'u2', 'u3'), user('twin', at('u2')), user('other', at('u3'))],
    groups: [
      managed('s1', 'A', ['g1'], ['u1']),
      managed('s2', 'B', ['g2']),
      managed('s3', 'United', ['g1', 'g2'], ['u1', 'twin', 'other']),
    ],
  };
  const { change } = due(world, 's3');
  expect(change && [brief(change), change.content?.userIds]).toEqual([
    'update s3 United -u1',
    ['other', 'twin'],
  ]);
});

describe('a group that another one takes people over from', () => {
  const b = (...ids: string[]) => managed('new', 'B', ['g2'], ids);
  it.each<[string, World, readonly WorkspaceGroup[], string | null]>([
    [
      'loses the others at once, and keeps those while that one is not there',
      apart,
      [],
      'update s1 United -u3',
    ],
    ['loses all when that one shows them', apart, [b('u2')], 'update s1 United -u2 -u3'],
    ['keeps those whom that one does not show', apart, [b('u1')], 'update s1 United -u3'],
    [
      'keeps them whatever a group of others shows',
      apart,
      [managed('x', 'B', ['g2'], ['u2'], 'emea')],
      'update s1 United -u3',
    ],
    [
      'keeps them whatever a hand-made group shows',
      apart,
      [handMade('x', 'B', ['u2'])],
      'update s1 United -u3',
    ],
    [
      'keeps nobody whom Okta shows as out',
      {
        ...apart,
        okta: [
          { id: 'g1', name: 'A', people: [at('u1')] },
          { id: 'g2', name: 'B', people: [person(at('u2'), 'SUSPENDED')] },
        ],
      },
      [],
      'update s1 United -u2 -u3',
    ],
    [
      'keeps people of a status never seen before',
      {
        ...apart,
        okta: [
          { id: 'g1', name: 'A', people: [at('u1')] },
          { id: 'g2', name: 'B', people: [person(at('u2'), 'NEW')] },
        ],
      },
      [b()],
      'update s1 United -u3',
    ],
    [
      'keeps nobody for an Okta group that is gone',
      { ...apart, okta: [{ id: 'g1', name: 'A', people: [at('u1')] }], unlisted: new Map([['g2', null]]) },
      [],
      'update s1 United -u2 -u3',
    ],
    [
      'keeps nobody for an Okta group that our rules leave out',
      { ...apart, mapping: { ...apart.mapping, exclude: ['B'] } },
      [],
      'update s1 United -u2 -u3',
    ],
  ])('%s', (_, world, others, expected) => {
    const { change } = due(world, 's1', [...(world.groups ?? []), ...others]);
    expect(change && brief(change)).toBe(expected);
  });

  it('keeps its marker as long as it keeps people for it, and takes its new name and people all the same', () => {
    const renamed = {
      ...apart,
      mapping: {},
      okta: [{ id: 'g1', name: 'A', people: [at('u1'), at('u4')] }, ...(apart.okta?.slice(1) ?? [])],
      users: users('u1', 'u2', 'u3', 'u4'),
    };
    const { change, reason } = due(renamed, 's1');
    expect(change?.content).toEqual({
      name: 'A',
      description: apart.groups?.[0]?.description,
      userIds: ['u1', 'u2', 'u4'],
    });
    expect(reason).toBe(
      'g2 was to be mirrored by another Secoda group, “B”, which does not show one person yet: they stay here',
    );
  });

  it('keeps its marker, too, where a run of events takes nobody out of it', () => {
    const named = { userIds: new Set<string>(), deletedIds: new Set<string>() };
    const renamed = { ...apart, mapping: {} };
    const [first] = makePlan({ ...inputOf(renamed), named }).changes;
    expect(first).toMatchObject({
      secodaId: 's1',
      content: { name: 'A', description: apart.groups?.[0]?.description },
    });
  });

  it('is told for all of those that take people over', () => {
    const three: World = {
      ...apart,
      okta: [...(apart.okta ?? []), { id: 'g3', name: 'C', people: [at('u3'), at('u4')] }],
      users: users('u1', 'u2', 'u3', 'u4'),
      groups: [managed('s1', 'United', ['g1', 'g2', 'g3'], ['u1', 'u2', 'u3', 'u4'])],
    };
    const { change, reason } = due(three, 's1');
    expect(change).toBe(null);
    expect(reason).toMatch(
      /^g2 was .* “B”, which does not show one person yet: .*; g3 was .* “C”, which does not show 2 people yet: /,
    );
  });

  it('is not written while all that is left to do has to wait', () => {
    expect(
      due({ ...apart, groups: [managed('s1', 'United', ['g1', 'g2'], ['u1', 'u2'])] }, 's1'),
    ).toMatchObject({ change: null, agreed: true });
  });

  it('is known by what memory says where its marker was lost', () => {
    const lost = {
      ...apart,
      groups: [handMade('s1', 'United', ['u1', 'u2'])],
      memory: remembered(['s1', ['g1', 'g2']]),
    };
    expect(due(lost, 's1').change).toBe(null);
  });
});

describe('a group that goes because another one mirrors its Okta groups', () => {
  it.each<[string, World, string | null]>([
    ['waits with its deletion, and loses those whom that one is not to have', united, 'update s2 B -u3'],
    [
      'waits, and is not written, with nobody else in it',
      { ...united, groups: [managed('s1', 'Data', ['g1']), managed('s2', 'B', ['g2'], ['u2'])] },
      null,
    ],
    [
      'goes when nobody of its people is wanted',
      { ...united, groups: [managed('s1', 'Data', ['g1']), managed('s2', 'B', ['g2'], ['u3'])] },
      'delete s2 B -u3',
    ],
    [
      'keeps people who cannot be matched, too, while it waits',
      {
        ...united,
        groups: [managed('s1', 'Data', ['g1']), managed('s2', 'B', ['g2'], ['u2', 'u3', 'robot'])],
      },
      'update s2 B -u3',
    ],
    ['waits before it is emptied', { ...united, whenGone: 'empty' }, 'update s2 B -u3'],
    [
      'waits before it is reduced to protected people',
      {
        ...united,
        people: { protect: [at('u1')] },
        groups: [managed('s1', 'Data', ['g1']), managed('s2', 'B', ['g2'], ['u1', 'u2'])],
      },
      null,
    ],
  ])('%s', (_, world, expected) => {
    const { change } = due(world, 's2');
    expect(change && brief(change)).toBe(expected);
    expect(change?.content?.userIds ?? []).not.toContain('u3');
  });

  it('goes when that one shows them', () => {
    const shown = managed('s1', 'Data', ['g1'], ['u1', 'u2']);
    const { change } = due(united, 's2', [shown, ...(united.groups?.slice(1) ?? [])]);
    expect(change && brief(change)).toBe('delete s2 B -u2 -u3');
  });

  it('waits as well where it is taken over by its name, for another Okta group', () => {
    const okta = [...(united.okta ?? []), { id: 'g3', name: 'B', people: [at('u3')] }];
    expect(due({ ...united, okta }, 's2').change).toBe(null);
  });
});

describe('in the order of writing', () => {
  it('a group comes after those that take people over from it, and those come early for it', () => {
    const more: World = {
      ...apart,
      okta: [
        ...(apart.okta ?? []),
        { id: 'g3', name: 'C', people: [at('u1')] },
        { id: 'g4', name: 'D', people: [at('u1')] },
      ],
      groups: [...(apart.groups ?? []), managed('s4', 'D', ['g4'])],
    };
    expect(briefs(planOf(more))).toEqual([
      'create new B +u2',
      'update s1 United -u2 -u3',
      'update s4 D +u1',
      'create new C +u1',
    ]);
  });

  it('a group that takes over nobody who is not there yet comes as it would', () => {
    const there = { ...apart, groups: [...(apart.groups ?? []), managed('s2', 'B', ['g2'], ['u2', 'u1'])] };
    expect(briefs(planOf(there))).toEqual(['update s2 B -u1', 'update s1 United -u2 -u3']);
  });

  it('of two groups that wait for each other one is written twice', () => {
    const swapping: World = {
      okta: ['g1', 'g2', 'g3', 'g4'].map((id, index) => ({ id, name: id, people: [at(`u${index + 1}`)] })),
      mapping: map({ g1: 'A', g3: 'A', g2: 'B', g4: 'B' }),
      users: users('u1', 'u2', 'u3', 'u4'),
      groups: [
        managed('s1', 'A', ['g1', 'g2'], ['u1', 'u2']),
        managed('s2', 'B', ['g3', 'g4'], ['u3', 'u4']),
      ],
    };
    const { changes } = planOf(swapping);
    expect(changes.map((change) => [brief(change), change.again])).toEqual([
      ['update s2 B +u2 -u3', true],
      ['update s1 A +u3 -u2', false],
    ]);
  });

  it('what needs a name that a waiting deletion frees is written twice, too', () => {
    const names: World = {
      okta: [
        { id: 'g1', name: 'A', people: [at('u1')] },
        { id: 'g2', name: 'B', people: [at('u2')] },
      ],
      mapping: map({ g1: 'B', g2: 'B' }),
      users: users('u1', 'u2'),
      groups: [managed('s1', 'A', ['g1', 'g2'], ['u1']), managed('s2', 'B', ['g2'], ['u2'])],
    };
    const { changes } = planOf(names);
    expect(changes.map((change) => [brief(change), change.again])).toEqual([
      ['delete s2 B -u2', true],
      ['update s1 B (was A) +u2', true],
    ]);
  });
});
