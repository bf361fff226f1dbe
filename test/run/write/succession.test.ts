import { expect, it } from 'vitest';
import { status } from '../../emulators/index.ts';
import { membersOf } from '../small-world.ts';
import { type Scenario, scenario } from '../scenario.ts';

/** Two groups that are mirrored apart, and are from now on mapped to one. */
async function united(
  config: { readonly whenGone?: string; readonly protect?: string[] } = {},
): Promise<Scenario> {
  const stand = await scenario();
  for (const name of ['Ada', 'Bob']) {
    const email = `${name.toLowerCase()}@acme.com`;
    stand.secoda.state.addUser({ email });
    stand.okta.state.addGroup({ name, members: [stand.okta.state.addUser({ email })] });
  }
  await stand.report('apply');
  const { whenGone = 'delete', protect = [] } = config;
  await stand.configure({ groups: { map: { Ada: 'Ada', Bob: 'Ada' }, whenGone }, users: { protect } });
  return stand;
}

it('a group whose Okta group is united with another is deleted after the other has taken its people', async () => {
  const stand = await united();
  expect(await stand.report('apply')).toMatchObject({
    code: 0,
    changes: [
      { action: 'update', outcome: 'applied' },
      { action: 'delete', outcome: 'applied' },
    ],
  });
  expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com', 'bob@acme.com'] });
});

it.each([
  ['refuses', () => status(400, { name: ['Not like this.'] })],
  ['cannot write', () => status(500)],
])('it stays, with its people, when Secoda %s the other one', async (_, effect) => {
  const stand = await united();
  stand.secoda.faults.add({ on: 'secoda.group.update', effect: effect(), times: Infinity });
  const done = await stand.report('apply');
  expect(done).toMatchObject({
    code: 4,
    changes: [
      { action: 'update', outcome: 'failed' },
      { action: 'delete', outcome: 'not-attempted' },
    ],
  });
  expect(done.changes[1]?.error).toMatch(/was to be mirrored by another Secoda group/);
  expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com'], Bob: ['bob@acme.com'] });

  stand.secoda.faults.clear();
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com', 'bob@acme.com'] });
});

it('it stays when nothing but a copy of its marker names its Okta group', async () => {
  const stand = await united();
  const bob = [...stand.secoda.state.groups.values()].find(({ name }) => name === 'Bob');
  stand.secoda.state.addGroup({ name: 'Copy', description: bob?.description ?? '' });
  stand.secoda.faults.add({ on: 'secoda.group.update', effect: status(400), times: Infinity });
  await stand.report('apply');
  expect(membersOf(stand)).toMatchObject({ Bob: ['bob@acme.com'] });
  await stand.report('apply');
  expect(membersOf(stand)).toMatchObject({ Bob: ['bob@acme.com'] });
});

/** What becomes of Bob's group, who stays in it, and who does while it waits. */
const FAREWELLS = [
  ['is emptied', { whenGone: 'empty' }, [], ['bob@acme.com'], 'unsettled'],
  [
    'is reduced to its protected people',
    { protect: ['cleo@acme.com'] },
    ['cleo@acme.com'],
    ['bob@acme.com', 'cleo@acme.com'],
    'not-attempted',
  ],
] as const;

/** As above; whatever becomes of Bob's group, it is not deleted. Cleo is in it, by somebody's hand. */
async function unitedBut(config: (typeof FAREWELLS)[number][1]): Promise<Scenario> {
  const stand = await united({ ...config, protect: [...('protect' in config ? config.protect : [])] });
  const bob = [...stand.secoda.state.groups.values()].find(({ name }) => name === 'Bob');
  bob?.users.add(stand.secoda.state.addUser({ email: 'cleo@acme.com' }));
  return stand;
}

it.each(FAREWELLS)('a group that %s waits for the other one, too', async (_, config, left) => {
  const stand = await unitedBut(config);
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 0, changes: [{ group: { name: 'Ada' } }, { group: { name: 'Bob' } }] });
  expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com', 'bob@acme.com'], Bob: left });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
});

it.each(FAREWELLS)(
  'a group that %s keeps its people when the other one cannot be written',
  async (_, config, left, waiting, outcome) => {
    const stand = await unitedBut(config);
    stand.secoda.faults.add({
      on: 'secoda.group.update',
      times: 2,
      effect: status(400, { users: ['Not like this.'] }),
    });
    const done = await stand.report('apply');
    expect(done).toMatchObject({
      code: 4,
      changes: [
        { group: { name: 'Ada' }, outcome: 'failed' },
        { group: { name: 'Bob' }, outcome },
      ],
    });
    expect(done.changes[1]?.error).toMatch(/was to be mirrored by another Secoda group/);
    expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com'], Bob: waiting });
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(membersOf(stand)).toEqual({ Ada: ['ada@acme.com', 'bob@acme.com'], Bob: left });
  },
);

it('a group whose Okta group is deleted is emptied at once', async () => {
  const stand = await united({ whenGone: 'empty' });
  stand.okta.state.removeGroup(stand.okta.state.group('Bob'));
  stand.okta.state.join(stand.okta.state.addUser({ email: 'new@acme.com' }), stand.okta.state.group('Ada'));
  stand.secoda.state.addUser({ email: 'new@acme.com' });
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 0, changes: [{ group: { name: 'Bob' } }, { group: { name: 'Ada' } }] });
});
