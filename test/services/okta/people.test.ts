import { describe, expect, test } from 'vitest';
import type { ConnectionOptions } from '../../../lambda/services/okta/connection.ts';
import { createOktaPeople } from '../../../lambda/services/okta/directory-people.ts';
import { AccessError, SourceError } from '../../../lambda/errors.ts';
import type { PersonCache } from '../../../lambda/ports.ts';
import { Pace } from '../../../lambda/services/okta/pace.ts';
import { dropField, type OktaEmulator, rewrite, status } from '../../emulators/index.ts';
import { aDirectory, anOrg, errorOf, optionsFor } from './setup.ts';

function peopleOf(okta: OktaEmulator, changes: Partial<ConnectionOptions> = {}): PersonCache {
  return createOktaPeople({ ...optionsFor(okta), ...changes });
}

describe('a person', () => {
  test('is found by id, and by login without regard to case', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'ada@acme.com', login: 'ada.l@acme.com', status: 'SUSPENDED' });
    const people = peopleOf(okta);
    const found = { id: ada.id, status: 'SUSPENDED', email: 'ada@acme.com', login: 'ada.l@acme.com' };
    expect(await people.person(ada.id)).toEqual(found);
    expect(await people.person('ADA.L@acme.com')).toEqual(found);
    expect(people.traffic().reads).toBe(2);
  });

  test('who is gone is null, and so are their groups', async () => {
    const people = peopleOf(await anOrg());
    expect(await people.person('00uNobody')).toBeNull();
    expect(await people.groupsOf('00uNobody')).toBeNull();
  });

  test.each(['me', '', '.', '..'])('is never asked for as %j, which names something else', async (word) => {
    const okta = await anOrg();
    expect(await errorOf(peopleOf(okta).person(word))).toBeInstanceOf(SourceError);
    expect(await errorOf(peopleOf(okta).groupsOf(word))).toBeInstanceOf(SourceError);
    expect(okta.requests).toEqual([]);
  });

  test('who is another than the one asked for ends the reading', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    const other = rewrite((reply) => ({ ...reply, body: { id: '00uEve', status: 'ACTIVE', profile: {} } }));
    okta.faults.add({ on: 'okta.user.get', effect: other });
    const error = await errorOf(peopleOf(okta).person(ada.id));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain('another person, 00uEve');
  });
});

describe('an address', () => {
  test('finds everyone who bears it, as e-mail or login, each once', async () => {
    const okta = await anOrg();
    const both = okta.state.addUser({ email: 'ada@acme.com' });
    const byLogin = okta.state.addUser({ email: 'bob@acme.com', login: 'bob@old.com' });
    const twin = okta.state.addUser({ email: 'Ada@Acme.com', login: 'ada2@acme.com' });
    const people = peopleOf(okta);
    expect((await people.byEmail('ada@acme.com')).map(({ id }) => id)).toEqual([both.id, twin.id]);
    expect((await people.byEmail(' ADA@acme.com ')).map(({ id }) => id)).toEqual([both.id, twin.id]);
    expect((await people.byEmail('bob@old.com')).map(({ id }) => id)).toEqual([byLogin.id]);
    expect(await people.byEmail('nobody@acme.com')).toEqual([]);
  });

  test('finds a deactivated person too', async () => {
    const okta = await anOrg();
    const gone = okta.state.addUser({ email: 'gone@acme.com', login: 'x@acme.com', status: 'DEPROVISIONED' });
    expect(await peopleOf(okta).byEmail('gone@acme.com')).toMatchObject([
      { id: gone.id, status: 'DEPROVISIONED' },
    ]);
  });

  test('is one text of the filter, whatever stands in it', async () => {
    const okta = await anOrg();
    okta.state.addUser({ email: 'ada@acme.com' });
    const odd = okta.state.addUser({ email: 'o"b\\c/d@acme.com' });
    const people = peopleOf(okta);
    expect((await people.byEmail('o"b\\c/d@acme.com')).map(({ id }) => id)).toEqual([odd.id]);
    expect(await people.byEmail('x" or status eq "ACTIVE')).toEqual([]);
  });

  test('finds somebody whom the index of `search` does not have yet', async () => {
    const okta = await anOrg();
    const hire = okta.state.addUser({ email: 'hire@acme.com', login: 'h1@acme.com' });
    okta.faults.add({
      on: 'okta.user.list',
      times: Infinity,
      when: ({ query }) => 'search' in query,
      effect: rewrite((reply) => ({ ...reply, body: [] })),
    });
    expect(await peopleOf(okta).byEmail('Hire@acme.com')).toMatchObject([{ id: hire.id }]);
  });

  test('finds somebody whom only the index has under it, whose capitals nobody wrote', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'Ada.L@acme.com', login: 'al@corp.com' });
    for (const asked of ['ada.l@acme.com', 'ADA.L@ACME.COM'])
      expect(await peopleOf(okta).byEmail(asked)).toMatchObject([{ id: ada.id }]);
  });

  test('finds somebody whichever way an accent was typed, here and there', async () => {
    const okta = await anOrg();
    const [composed, apart] = ['rené@acme.com'.normalize('NFC'), 'rené@acme.com'.normalize('NFD')];
    const bearers = [composed, apart].map((email, n) =>
      okta.state.addUser({ email, login: `r${n}@corp.com` }),
    );
    for (const asked of [composed, apart, apart.toUpperCase()])
      expect((await peopleOf(okta).byEmail(asked)).map(({ id }) => id)).toEqual(bearers.map(({ id }) => id));
  });

  test('shows somebody as the data has them, where the index lags behind', async () => {
    const okta = await anOrg();
    okta.state.addUser({ email: 'ada@acme.com', login: 'al@corp.com', status: 'SUSPENDED' });
    okta.state.addUser({ email: 'Bob@acme.com', login: 'Bob@acme.com', status: 'SUSPENDED' });
    okta.faults.add({
      on: 'okta.user.list',
      times: Infinity,
      when: ({ query }) => 'search' in query,
      effect: rewrite((reply) => ({
        ...reply,
        body: Array.isArray(reply.body)
          ? reply.body.map((row) => ({ ...(row as object), status: 'ACTIVE' }))
          : reply.body,
      })),
    });
    for (const email of ['ada@acme.com', 'bob@acme.com'])
      expect(await peopleOf(okta).byEmail(email)).toMatchObject([{ status: 'SUSPENDED' }]);
  });
});

describe('the groups of a person', () => {
  test('are read to the last page', async () => {
    const okta = await anOrg({ pageCap: 2 });
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    const groups = ['A', 'B', 'C'].map((name) => okta.state.addGroup({ name, members: [ada] }));
    const shown = groups.map(({ id, name }) => ({ id, name }));
    expect(await peopleOf(okta).groupsOf(ada.id)).toMatchObject(shown);
  });

  test('without ids are a broken answer', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    okta.state.addGroup({ name: 'A', members: [ada] });
    okta.faults.add({ on: 'okta.user.groups', effect: dropField('0.id') });
    expect(await errorOf(peopleOf(okta).groupsOf(ada.id))).toBeInstanceOf(SourceError);
  });
});

describe('without the right', () => {
  test('a service app is told which scope is missing', async () => {
    const okta = await anOrg({ grantedScopes: ['okta.groups.read'] });
    const { clientId, privateKeyJwk } = okta.credentials;
    const people = peopleOf(okta, { credentials: { clientId, privateKey: privateKeyJwk } });
    const error = await errorOf(people.person('00u1'));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('okta.users.read');
  });

  test('a token is told what its role must allow', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.user.get', effect: rewrite((reply) => ({ ...reply, status: 403 })) });
    const error = await errorOf(peopleOf(okta).person('00u1'));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('may view users');
  });

  test('the reads of groups at the same pace go on', async () => {
    const okta = await anOrg({ latencyMs: 20 });
    for (let n = 0; n < 20; n++) okta.state.addGroup({ name: `Group ${n}` });
    okta.faults.add({ on: 'okta.user.get', effect: status(403) });
    const pace = new Pace(okta.clock, 10_000);
    const directory = aDirectory(okta, { pace });
    const refused = errorOf(peopleOf(okta, { pace }).person('00u1'));
    const reading = Promise.all([...okta.state.groups.keys()].map((id) => directory.members(id)));
    expect(await refused).toBeInstanceOf(AccessError);
    expect(await reading).toHaveLength(20);
  });
});
