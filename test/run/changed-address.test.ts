import { expect, it } from 'vitest';
import { smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const OLD = 'p1@acme.com';
const NEW = 'p1.married@acme.com';
const ALIAS = `'${NEW}': '${OLD}'`;

/** Two managed groups in sync, and one person of both whose address changes in Okta after a night. */
async function afterAMarriage() {
  const config = { users: { invite: { role: 'viewer' } } };
  const stand = await scenario({ config });
  const { pairs } = smallWorld(stand, { groups: 2 });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  const person = stand.okta.state.user(OLD);
  stand.okta.state.changeProfile(person, { email: NEW, login: NEW });
  const alias = { [NEW]: OLD };
  return { stand, person, pairs, config, alias };
}

it('whose address changes in Okta keeps what they are wanted in, night after night, and is not invited', async () => {
  const { stand, person, pairs } = await afterAMarriage();
  for (const command of ['plan', 'apply', 'apply', 'apply']) {
    const night = await stand.report(command);
    expect(night).toMatchObject({ code: 0, changes: [], unmatched: [], invited: [] });
    expect(night.warnings).toMatchObject([{ kind: 'address-changed', email: OLD }]);
    expect(night.warnings[0]?.message).toContain(`users.aliases has ${ALIAS}`);
  }
  const [first, second] = pairs;
  if (!first || !second) throw new Error('empty world');
  // What they are no longer wanted in is lost, and what they are wanted in anew is not gained.
  stand.okta.state.leave(person, first.okta);
  stand.okta.state.addGroup({ name: 'New', members: [person] });
  expect(await stand.report('apply')).toMatchObject({ code: 0, summary: { members: { add: 0, remove: 1 } } });
  expect(stand.secoda.state.memberEmails('Group A')).not.toContain(OLD);
  expect(stand.secoda.state.memberEmails('Group B')).toContain(OLD);
  expect(stand.secoda.state.memberEmails('New')).toEqual([]);
  const told = await stand.sync('onboard', NEW);
  expect(told.stdout).toContain(`gains nothing until users.aliases has ${ALIAS}`);
  expect(stand.secoda.state.mailed).toEqual([]);
});

it('with the alias set, or a new account, is like anybody else', async () => {
  const { stand, config, alias, person } = await afterAMarriage();
  await stand.report('apply');
  stand.okta.state.addGroup({ name: 'New', members: [person] });
  await stand.configure({ users: { ...config.users, aliases: alias } });
  expect(await stand.report('apply')).toMatchObject({ code: 0, warnings: [] });
  expect(stand.secoda.state.memberEmails('New')).toEqual([OLD]);
  await stand.configure(config);
  stand.secoda.state.addUser({ email: NEW });
  expect(await stand.report('apply')).toMatchObject({ warnings: [], summary: { members: { remove: 3 } } });
  expect(stand.secoda.state.memberEmails('New')).toEqual([NEW]);
});

it('is let go of where their old address is somebody else’s in Okta by now', async () => {
  const { stand } = await afterAMarriage();
  await stand.report('apply');
  stand.okta.state.addGroup({ name: 'Else', members: [stand.okta.state.addUser({ email: OLD })] });
  const night = await stand.report('apply');
  expect(night.warnings).toEqual([]);
  expect(night.invited.map(({ email }) => email)).toEqual([NEW]);
  expect(stand.secoda.state.memberEmails('Group A')).not.toContain(OLD);
});

it('is out like anybody else once Okta shows them so', async () => {
  const { stand, person } = await afterAMarriage();
  await stand.report('apply');
  stand.okta.state.deactivate(person);
  expect(await stand.report('apply')).toMatchObject({ summary: { members: { remove: 2 } } });
});
