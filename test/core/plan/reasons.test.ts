import { expect, it } from 'vitest';
import { countGroups, harmDifference, type Harm } from '../../../lambda/core/plan/change.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { at, handMade, inputOf, managed, planOf, remembered, user, users, type World } from '../world.ts';

const DATA = { id: 'g1', name: 'Data', people: [at('u1')] };
const world: World = { okta: [DATA], users: users('u1', 'u2') };
const ours = (userIds: string[], name = 'Data', oktaIds = ['g1']) => managed('s1', name, oktaIds, userIds);
const gone = new Map([['g0', null]]);

it.each<[string, World]>([
  ['its members differ', { groups: [ours([])] }],
  ['its name differs', { groups: [ours(['u1'], 'Old')] }],
  ['its name differs; its members differ', { groups: [ours(['u1', 'u2'], 'Old')] }],
  ['its description differs', { groups: [ours(['u1'], 'Data', ['g1', 'g0'])], unlisted: gone }],
  ['adopts the hand-made group of this name', { groups: [handMade('s1', 'Data', ['u1'])] }],
  [
    'adopts the hand-made group of this name; its members differ',
    { groups: [handMade('s1', 'Data', ['u2'])] },
  ],
  [
    'its marker line is restored',
    { groups: [handMade('s1', 'Data', ['u1'])], memory: remembered(['s1', ['g1']]) },
  ],
  [
    'its Okta groups are gone and another Okta group has its name now; its members differ',
    { groups: [ours([], 'Data', ['g0'])], unlisted: gone },
  ],
  ['new: has no Secoda group yet', { groups: [] }],
  ['g0 no longer exists in Okta', { okta: [], groups: [ours(['u1'], 'Data', ['g0'])], unlisted: gone }],
  [
    'g0 no longer exists in Okta; it is emptied',
    { okta: [], groups: [ours(['u1'], 'Data', ['g0'])], unlisted: gone, whenGone: 'empty' },
  ],
  [
    'g0 no longer exists in Okta; it holds protected people, so it is reduced to them',
    {
      okta: [],
      groups: [ours(['u1', 'u2'], 'Data', ['g0'])],
      unlisted: gone,
      people: { protect: [at('u2')] },
    },
  ],
])('the reason of a change is: %s', (reason, changed) => {
  expect(planOf({ ...world, ...changed }).changes.map((change) => change.reason)).toEqual([reason]);
});

it('what is held in part counts once, as the part has it that is held', () => {
  const [create] = planOf({ ...world, groups: [] }).changes;
  const [update] = planOf({ ...world, groups: [ours([])] }).changes;
  if (create === undefined || update === undefined) throw new Error('both change');
  expect(countGroups([])).toEqual({ create: 0, update: 0, delete: 0 });
  expect(countGroups([create, update])).toEqual({ create: 1, update: 1, delete: 0 });
  const held = { ...update, action: 'delete', held: true } as const;
  expect(countGroups([create, update, held])).toEqual({ create: 1, update: 0, delete: 1 });
});

it('how the harm differs is told with the first five groups', () => {
  const harm = (secodaId: string, more: Partial<Harm> = {}): Harm => ({
    action: 'update',
    oktaIds: ['g1'],
    secodaId,
    remove: ['u1'],
    membersBefore: ['u1', 'u2'],
    adopted: false,
    renamedTo: null,
    ...more,
  });
  expect(harmDifference([harm('a')], [harm('a')])).toBe('');
  const renamed = harm('a', { adopted: true, renamedTo: 'New' });
  expect(harmDifference([harm('a'), harm('b')], [renamed, harm('c', { action: 'delete' })])).toBe(
    'changed: update a, 1 of 2 members leave, now update a, 1 of 2 members leave, adopted, renamed; new: delete c, 1 of 2 members leave; no longer planned: update b, 1 of 2 members leave',
  );
  const many = (count: number) =>
    harmDifference(
      Array.from({ length: count }, (_, n) => harm(`s${n}`)),
      [],
    );
  expect(many(5).split('; ')).toHaveLength(5);
  expect(many(5)).not.toContain('more');
  expect(many(7)).toMatch(/; no longer planned: update s4, 1 of 2 members leave; and 2 more$/);
});

it('people are sorted by address, those without one first, then by id', () => {
  const all = [user('b', null), user('a', null), user('d', 'x@acme.com'), user('c', 'y@acme.com')];
  const [change] = planOf({
    ...world,
    users: all,
    groups: [handMade('s1', 'Data', ['c', 'b', 'd', 'a'])],
  }).changes;
  expect(change?.before?.members.map(({ userId }) => userId)).toEqual(['a', 'b', 'd', 'c']);
});

it('a group is made beside one of another deployment that has its name, which is told', () => {
  const plan = planOf({ ...world, groups: [managed('x', 'Data', ['g9'], [], 'emea')] });
  expect(plan.changes.map(({ action }) => action)).toEqual(['create']);
  expect(plan.warnings.map(({ message }) => message)).toEqual([
    'another Secoda group (x), managed via emea, has the same name',
  ]);
});

it('a group whose members were not read is left alone', () => {
  const { directory, ...input } = inputOf(world);
  const { changes, skipped } = makePlan({ ...input, directory: { ...directory, memberships: new Map() } });
  expect(changes).toEqual([]);
  expect(skipped).toEqual([{ group: 'Data', oktaIds: ['g1'], reason: 'its members were not read' }]);
});
