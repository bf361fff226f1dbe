import { expect, it } from 'vitest';
import { fingerprintOf } from '../../../lambda/core/groups/settled-content.ts';
import type { Person } from '../../../lambda/core/model/directory.ts';
import type { Memory } from '../../../lambda/core/model/memory.ts';
import type { GroupContent } from '../../../lambda/core/model/workspace.ts';
import { type KnownBefore, withCauses } from '../../../lambda/core/plan/causes.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { causeText } from '../../../lambda/render/change-text.ts';
import {
  at,
  handMade,
  inputOf,
  managed,
  oktaGroup,
  person,
  planOf,
  remembered,
  users,
  type World,
} from '../world.ts';

const NOTHING: KnownBefore = { unmatched: new Set(), people: [], peopleIn: () => null };
const TWO = users('ada', 'bob');
const DATA = { id: '00g1', name: 'Data', people: [at('ada')] };
const HOLDS_BOTH = managed('s1', 'Data', ['00g1'], ['ada', 'bob']);

/** What each person's change is put down to, by their Secoda id. */
function causes(world: World, before: Partial<KnownBefore> = {}): Record<string, string> {
  const input = inputOf(world);
  const { changes } = withCauses(makePlan(input), input, { ...NOTHING, ...before });
  return Object.fromEntries(
    changes.flatMap(({ add, remove }) =>
      [...add, ...remove].map(({ userId, why }) => [userId, why?.cause ?? 'in-group']),
    ),
  );
}

/** A memory in which just this was asked of the group. */
function asked(secodaId: string, content: GroupContent | null | undefined): Partial<Memory> {
  const group = remembered([secodaId, ['00g1']]).groups?.get(secodaId);
  if (!group || !content) throw new Error('nothing is planned');
  return { groups: new Map([[secodaId, { ...group, asked: fingerprintOf(content) }]]) };
}

const contentPlanned = (world: World) => planOf(world).changes[0]?.content;

const removals: [cause: string, world: World][] = [
  [
    'group-gone',
    { users: TWO, groups: [managed('s1', 'Old', ['00g9'], ['bob'])], unlisted: new Map([['00g9', null]]) },
  ],
  [
    'group-gone',
    {
      users: TWO,
      okta: [DATA],
      groups: [managed('s1', 'Data', ['00g1', '00g9'], ['ada', 'bob'])],
      unlisted: new Map([['00g9', null]]),
    },
  ],
  [
    'group-excluded',
    {
      users: TWO,
      okta: [{ id: '00g9', name: 'Old', people: [at('bob')] }],
      mapping: { exclude: ['Old'] },
      groups: [managed('s1', 'Old', ['00g9'], ['bob'])],
    },
  ],
  [
    'status:DEPROVISIONED',
    {
      users: TWO,
      okta: [{ ...DATA, people: [at('ada'), person(at('bob'), 'DEPROVISIONED')] }],
      groups: [HOLDS_BOTH],
    },
  ],
  [
    'status:SUSPENDED',
    {
      users: TWO,
      okta: [DATA, { id: '00g2', name: 'Others', people: [person(at('bob'), 'SUSPENDED')] }],
      groups: [HOLDS_BOTH, managed('s2', 'Others', ['00g2'])],
    },
  ],
  [
    'mapping-changed',
    {
      users: TWO,
      okta: [DATA, { id: '00g2', name: 'BI', people: [at('bob')] }],
      groups: [
        managed('s1', 'Data', ['00g1', '00g2'], ['ada', 'bob']),
        managed('s2', 'BI', ['00g2'], ['bob']),
      ],
      memory: remembered(['s1', ['00g1', '00g2']], ['s2', ['00g2']]),
    },
  ],
  ['before-adoption', { users: TWO, okta: [DATA], groups: [handMade('s1', 'Data', ['ada', 'bob'])] }],
  [
    'added-by-hand',
    {
      users: TWO,
      okta: [DATA],
      groups: [HOLDS_BOTH],
      memory: asked('s1', contentPlanned({ users: TWO, okta: [DATA], groups: [HOLDS_BOTH] })),
    },
  ],
  ['not-in-group', { users: TWO, okta: [DATA], groups: [HOLDS_BOTH] }],
  ['not-in-group', { users: TWO, okta: [DATA], groups: [HOLDS_BOTH], memory: remembered(['s1', ['00g1']]) }],
];

it.each(removals)('somebody is removed for %s', (cause, world) => {
  expect(causes(world)).toMatchObject({ bob: cause });
});

it('somebody who left a group is not put down to another group of it that is gone, where that list is known', () => {
  const world: World = {
    users: TWO,
    okta: [DATA],
    groups: [managed('s1', 'Data', ['00g1', '00g9'], ['ada', 'bob'])],
    unlisted: new Map([['00g9', null]]),
  };
  expect(causes(world, { peopleIn: () => [person(at('ada'))] })).toMatchObject({ bob: 'not-in-group' });
  expect(causes(world, { peopleIn: () => [person(at('bob'))] })).toMatchObject({ bob: 'group-gone' });
});

it('a group that Okta lists no more, but knows, is gone for its people once it was seen twice', () => {
  const world: World = {
    users: TWO,
    groups: [managed('s1', 'Old', ['00g9'], ['bob'])],
    unlisted: new Map([['00g9', oktaGroup('00g9', 'Old')]]),
    memory: { ...remembered(['s1', ['00g9']]), unlistedSince: new Map([['00g9', 1]]) },
  };
  expect(causes(world)).toEqual({ bob: 'group-gone' });
});

it('somebody comes because an account has appeared', () => {
  const world: World = { users: TWO, okta: [DATA], groups: [managed('s1', 'Data', ['00g1'])] };
  expect(causes(world, { unmatched: new Set([at('ada')]) })).toEqual({ ada: 'account-appeared' });
});

it.each([
  ['was taken out of the group', [managed('s1', 'Data', ['00g1'])], 's1'],
  ['was in a group that was deleted', [], 's-gone'],
] as const)('somebody is restored who %s in Secoda', (_, groups, secodaId) => {
  const world: World = { users: TWO, okta: [DATA], groups };
  expect(causes({ ...world, memory: asked(secodaId, contentPlanned(world)) })).toEqual({ ada: 'restored' });
});

it('somebody comes because they are in the Okta group, and nothing is said of it', () => {
  expect(causes({ users: TWO, okta: [DATA], groups: [managed('s1', 'Data', ['00g1'])] })).toEqual({
    ada: 'in-group',
  });
});

it('a cause names the Okta id and the Okta address, aliases and all', () => {
  const bob = person('robert@acme.io', 'DEPROVISIONED');
  const input = inputOf({
    users: TWO,
    okta: [{ ...DATA, people: [at('ada'), bob] }],
    groups: [HOLDS_BOTH],
    people: { aliases: new Map([['robert@acme.io', at('bob')]]) },
  });
  const [change] = withCauses(makePlan(input), input, NOTHING).changes;
  expect(change?.remove[0]?.why).toEqual({
    cause: 'status:DEPROVISIONED',
    oktaId: bob.id,
    okta: 'robert@acme.io',
  });
});

it('whom this run does not see any more is named by what was read before', () => {
  const input = inputOf({ users: TWO, okta: [DATA], groups: [HOLDS_BOTH] });
  const plan = makePlan(input);
  const bob: Person = person(at('bob'));
  const [change] = withCauses(plan, input, { ...NOTHING, people: [bob] }).changes;
  expect(change?.remove[0]?.why).toEqual({ cause: 'not-in-group', oktaId: bob.id, okta: bob.email });
});

it.each([
  ['status:DEPROVISIONED', 'deactivated in Okta'],
  ['not-in-group', 'not in the Okta group'],
  ['status:NEW', 'has the status NEW'],
] as const)('the terminal says %s as “%s”', (cause, text) => {
  expect(causeText({ cause })).toBe(text);
});
