import { expect, it } from 'vitest';
import type { Edges } from '../../../lambda/compose.ts';
import { applyInSteps, type Traps } from '../killed-steps.ts';
import { smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

const GROUPS = 20;

it.each([
  ['join', 0, 'old', 1],
  ['leave', 1, 'old', 1],
  ['join', 0, 'fresh', 0],
  ['leave', 1, 'fresh', 0],
] as const)(
  'where people %s, a slice asks Okta %i times to count; for %s reads, also %i times a group and for all of them',
  async (what, counting, age, again) => {
    const stand = await scenario();
    const { pairs } = smallWorld(stand, { groups: GROUPS });
    const person = stand.okta.state.addUser({ email: 'person@acme.com' });
    const account = stand.secoda.state.addUser({ email: 'person@acme.com' });
    for (const { okta, secoda } of pairs) {
      if (what === 'join') stand.okta.state.join(person, okta);
      else stand.secoda.state.join(account, secoda);
    }
    let lists = 0;
    const aging: Traps = (_killing, _archive, edges) => {
      const groups = () => {
        if (++lists === 2 && age === 'old') stand.jump(180_000);
        return edges.workspace.groups();
      };
      return { edges: { ...edges, workspace: { ...edges.workspace, groups } } };
    };
    const { reports } = await applyInSteps(stand, aging);
    expect(reports).toMatchObject([{ status: 'applied', requests: { secoda: { writes: GROUPS } } }]);
    const asked = Map.groupBy(stand.okta.requests, ({ route }) => route);
    expect(asked.get('okta.group.users')).toHaveLength(GROUPS + again * GROUPS);
    expect(asked.get('okta.group.list')).toHaveLength(1 + again + counting);
    expect(asked.get('okta.group.get')).toBeUndefined();
  },
);

it.each([
  ['is read again between two leases, not within one', 0, true],
  ['of twelve thousand may be older', 12_000, false],
] as const)('a users list that grows old %s', async (_, users, again) => {
  const stand = await scenario();
  for (let n = 0; n < users; n += 1) stand.secoda.state.addUser({ email: `person.${n}@acme.com` });
  for (const name of ['One', 'Two']) stand.okta.state.addGroup({ name });
  let jumped = false;
  const aging: Traps = (_killing, _archive, edges) => {
    const create: Edges['writer']['create'] = async (...args) => {
      const group = await edges.writer.create(...args);
      if (!jumped) stand.jump(8 * 60_000);
      jumped = true;
      return group;
    };
    return { edges: { ...edges, writer: { ...edges.writer, create } } };
  };
  const { reports } = await applyInSteps(stand, aging);
  expect(reports).toMatchObject([{ status: 'applied', requests: { secoda: { writes: 2 } } }]);
  const lists = stand.secoda.requests.filter(({ query }) => query.page === undefined);
  expect(lists.map(({ route }) => route)).toEqual([
    'secoda.user.list',
    'secoda.group.list',
    'secoda.group.list',
    'secoda.group.create',
    ...(again ? ['secoda.user.list'] : []),
    'secoda.group.list',
    'secoda.group.create',
    'secoda.group.list',
  ]);
});
