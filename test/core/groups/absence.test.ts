import { expect, it } from 'vitest';
import { spread } from '../../../lambda/core/groups/absence.ts';
import { lookAlikes } from '../../../lambda/core/groups/name-decisions.ts';
import { at, briefs, handMade, managed, oktaGroup, planOf, user, users, type World } from '../world.ts';

it('all that shares an id is reached through however many sets, from where it was reached', () => {
  const sets = [
    ['c', 'd'],
    ['b', 'c'],
    ['a', 'b'],
    ['x', 'y'],
  ];
  expect([...spread(['a'], sets)]).toEqual(['a', 'b', 'c', 'd'].map((id) => [id, 'a']));
  expect([...spread([], sets)]).toEqual([]);
});

const world: World = {
  okta: [
    { id: 'g1', name: 'Data', people: [at('u1')] },
    { id: 'g2', name: 'Other', people: [at('u1')] },
  ],
  unlisted: new Map([
    ['g8', oktaGroup('g8', 'Unlisted')],
    ['g9', null],
  ]),
  users: users('u1', 'u2'),
  groups: [managed('s1', 'Old', ['g1'], ['u1', 'u2']), managed('s8', 'Eight', ['g8'], ['u1'])],
};
const frozenIn = (changed: World, ...frozen: string[]) =>
  planOf({ ...world, ...changed, mapping: { ...changed.mapping, frozen } });
const old = { group: 'Old', oktaIds: ['g1'], wouldRemove: [at('u2')] };
const eight = { group: 'Eight', oktaIds: ['g8'], wouldRemove: [at('u1')] };

it.each([
  ['an Okta id', 'g1', old],
  ['an Okta name', 'Data', old],
  ['the name that its group has in Secoda', 'Old', old],
  ['the id of its group in Secoda', 's1', old],
  ['the name that it would have', 'Renamed', old],
  ['the Okta name of a group that is not listed', 'Unlisted', eight],
])('frozen is a group by %s', (_, frozen, expected) => {
  const map = new Map(frozen === 'Renamed' ? [['g1', 'Renamed']] : []);
  const plan = frozenIn({ mapping: { map } }, frozen);
  expect(plan.frozen).toEqual([expected]);
  expect(plan.skipped.map(({ oktaIds }) => oktaIds.join())).toEqual(expected === old ? ['g8'] : []);
  expect(briefs(plan).sort()).toEqual([
    'create new Other +u1',
    ...(expected === old ? [] : ['update s1 Data (was Old) -u2']),
  ]);
});

it('nothing is frozen unless told', () => {
  expect(frozenIn({}).frozen).toEqual([]);
});

it.each<[string, World, string[], unknown]>([
  [
    'what shares an Okta group with it, whether it is in Secoda or not',
    { mapping: { map: new Map(['g1', 'g2'].map((id) => [id, 'Both'])) } },
    ['g2'],
    [{ group: 'Both', oktaIds: ['g2'], wouldRemove: [] }, old],
  ],
  ['what is in Okta alone', {}, ['g2'], [{ group: 'Other', oktaIds: ['g2'], wouldRemove: [] }]],
  ['several by their names', {}, ['g1', 'g8'], [eight, old]],
  ['those alone that a run is about', { targets: ['g1'] }, ['g1', 'g8'], [old]],
  [
    'one that is gone from Okta, where nobody would lose access',
    { whenGone: 'keep' },
    ['g8'],
    [{ ...eight, wouldRemove: [] }],
  ],
  [
    'one whose people were not read, so that nobody knows',
    { okta: [{ id: 'g1', name: 'Data', people: null }] },
    ['g1'],
    [{ ...old, wouldRemove: [] }],
  ],
  [
    'one with somebody without an address, by the id of the account',
    {
      users: [...users('u1'), user('u2', 'u2@acme.com'), user('u3', 'x@acme.com')],
      groups: [managed('s1', 'Old', ['g1'], ['u3'])],
    },
    ['g1'],
    [{ ...old, wouldRemove: ['x@acme.com'] }],
  ],
])('frozen is %s', (_, changed, frozen, expected) => {
  expect(frozenIn(changed, ...frozen).frozen).toEqual(expected);
});

it('names that differ in case, blanks or invisible characters alone are told', () => {
  const wanted = planOf({ ...world, okta: [{ id: 'g1', name: 'Data', people: [at('u1')] }] });
  expect(wanted.warnings.filter(({ kind }) => kind === 'look-alike')).toEqual([]);
  const names = ['DATA', 'da ta\u200b', 'Data', 'Dates'].map((name, n) => handMade(`s${n}`, name));
  const message =
    '"DATA", "da ta\u200b" differs from this name in case, blanks or invisible characters alone; they are two groups';
  expect(lookAlikes([{ name: 'Data', oktaIds: ['g1'], description: null }], names)).toMatchObject([
    { kind: 'look-alike', group: 'Data', oktaIds: ['g1'], message },
  ]);
});
