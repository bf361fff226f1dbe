import { expect, it } from 'vitest';
import { markerOf } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

/** Finance stands in both; `Left` shares its marker with a group that is gone in Okta, which `Old` mirrors too. */
async function withALeftOver(): Promise<Scenario> {
  const stand = await scenario();
  const { okta, secoda } = stand;
  const ada = okta.state.addUser({ email: 'ada@acme.com' });
  const account = secoda.state.addUser({ email: 'ada@acme.com' });
  const finance = okta.state.addGroup({ name: 'Finance', members: [ada] });
  const gone = okta.state.addGroup({ name: 'Gone' });
  const users = [account];
  secoda.state.addGroup({ name: 'Finance', description: markerOf(finance), users });
  secoda.state.addGroup({
    name: 'Left',
    description: markerOf({ id: `${finance.id}, ${gone.id}` }),
    users,
  });
  secoda.state.addGroup({ name: 'Old', description: markerOf(gone), users });
  okta.state.removeGroup(gone);
  return stand;
}

const namesIn = ({ secoda }: Scenario) => [...secoda.state.groups.values()].map(({ name }) => name).sort();

it('a target deletes no group that only shares a marker with what goes along with it', async () => {
  const stand = await withALeftOver();
  expect(await stand.report('apply', '--group', 'Finance')).toMatchObject({ status: 'applied' });
  expect(namesIn(stand)).toEqual(['Finance', 'Old']);
});

it.each([['Old'], ['the id of its Okta group']])('a target named by %s is deleted itself', async (named) => {
  const stand = await withALeftOver();
  const old = [...stand.secoda.state.groups.values()].find(({ name }) => name === 'Old');
  const id = old?.description?.match(/00g\w+/)?.[0] ?? '';
  const target = named === 'Old' ? named : id;
  expect(await stand.report('apply', '--group', target)).toMatchObject({ status: 'applied' });
  expect(namesIn(stand)).not.toContain('Old');
});
