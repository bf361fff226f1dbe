import { expect, it } from 'vitest';
import { markerOf } from './small-world.ts';
import { scenario } from './scenario.ts';

/** A managed group of two people, in sync, that the configuration names letter by letter. */
async function world(groups: object, secodaName = 'Équipe Data') {
  const stand = await scenario({ config: {} });
  await stand.configure({ groups });
  const { okta, secoda } = stand;
  const emails = ['ada@acme.com', 'bob@acme.com'];
  const members = emails.map((email) => okta.state.addUser({ email }));
  const users = emails.map((email) => secoda.state.addUser({ email }));
  const team = okta.state.addGroup({ name: 'Équipe Data', members });
  secoda.state.addGroup({ name: secodaName, description: markerOf(team), users });
  return { ...stand, team };
}

it.each([
  ['include', { include: ['Équipe *'] }, 'Équipe Data'],
  ['map', { map: { 'Équipe Data': 'Team' } }, 'Team'],
  ['rename', { rename: [{ match: '^Équipe ', to: '' }] }, 'Data'],
])('a name that Okta begins to write with separate accents changes nothing (%s)', async (_, groups, name) => {
  const { okta, secoda, team, report } = await world(groups, name);
  okta.state.renameGroup(team, team.name.normalize('NFD'));
  expect(await report('apply')).toMatchObject({ code: 0, status: 'in-sync', changes: [] });
  expect(secoda.state.writes).toEqual([]);
});

it('a group that is left out stays left out when its name is written otherwise', async () => {
  const { okta, secoda, report } = await world({ exclude: ['Équipe secrète*'] });
  okta.state.addGroup({ name: 'Équipe secrète 1'.normalize('NFD') });
  expect(await report('apply')).toMatchObject({ code: 0, status: 'in-sync', changes: [] });
  expect(secoda.state.groups.size).toBe(1);
});
