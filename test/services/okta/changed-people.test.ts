import { describe, expect, test } from 'vitest';
import { HeldClock } from '../../time/clock.ts';
import { AccessError, SourceError } from '../../../lambda/errors.ts';
import type { Changed } from '../../../lambda/core/model/directory.ts';
import { status } from '../../emulators/index.ts';
import { aDirectory, anOrg, errorOf } from './setup.ts';

async function anOrgOfThree(pageCap = Infinity) {
  const clock = new HeldClock();
  const okta = await anOrg({ clock, pageCap });
  const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) =>
    okta.state.addUser({ email: `${name}@acme.com` }),
  );
  if (!ada || !bob || !eve) throw new Error('nobody is there');
  clock.advance(3_600_000);
  return { okta, ada, bob, eve, since: clock.now() - 60_000 };
}

const idsOf = (changed: Changed | null) => changed?.people.map(({ id }) => id).sort();

describe('who has changed', () => {
  test('is nobody where nothing happened', async () => {
    const { okta, since } = await anOrgOfThree();
    expect(idsOf(await aDirectory(okta).changedSince(since, 10, []))).toEqual([]);
  });

  test('is told with the deactivated, over all pages', async () => {
    const { okta, ada, bob, since } = await anOrgOfThree(1);
    okta.state.changeProfile(ada, { email: 'lovelace@acme.com' });
    okta.state.deactivate(bob);
    const carl = okta.state.addUser({ email: 'carl@acme.com', login: 'carl' });
    const changed = await aDirectory(okta).changedSince(since, 10, []);
    expect(idsOf(changed)).toEqual([ada.id, bob.id, carl.id].sort());
    expect(changed?.people).toContainEqual({
      id: bob.id,
      status: 'DEPROVISIONED',
      email: 'bob@acme.com',
      login: 'bob@acme.com',
    });
    expect(changed?.people).toContainEqual({
      id: ada.id,
      status: 'ACTIVE',
      email: 'lovelace@acme.com',
      login: 'ada@acme.com',
    });
  });

  test('is not told when they are too many', async () => {
    const { okta, ada, bob, eve, since } = await anOrgOfThree(1);
    for (const user of [ada, bob]) okta.state.setStatus(user, 'SUSPENDED');
    okta.state.deactivate(eve);
    expect(await aDirectory(okta).changedSince(since, 2, [])).toBe(null);
    expect(idsOf(await aDirectory(okta).changedSince(since, 3, []))).toHaveLength(3);
  });

  test('needs a right of its own, whose lack does not keep groups from being read', async () => {
    const okta = await anOrg({ grantedScopes: ['okta.groups.read'] });
    okta.state.addGroup({ name: 'Data' });
    const { clientId, privateKeyJwk: privateKey } = okta.credentials;
    const directory = aDirectory(okta, { credentials: { clientId, privateKey } });
    const error = await errorOf(directory.changedSince(0, 10, []));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('okta.users.read');
    expect(await directory.groups()).toHaveLength(1);
  });

  test('is not “nobody” when Okta says that there is no such list', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.user.list', effect: status(404) });
    expect(await errorOf(aDirectory(okta).changedSince(0, 10, []))).toBeInstanceOf(SourceError);
  });

  test('is told only where the list shows people who are there, and an empty one is no sign that nobody changed', async () => {
    const { okta, ada, bob, eve, since } = await anOrgOfThree(1);
    okta.state.deactivate(bob);
    const people = [ada, bob, eve].map(({ id, status }) => ({ id, status, email: null, login: null }));
    const [, left] = people;
    if (left === undefined) throw new Error('nobody is there');
    expect(await aDirectory(okta).blindTo(people)).toBe(null);
    okta.state.seesUser = (user) => user === ada;
    expect(await aDirectory(okta).blindTo(people)).toContain('leaves out 1 of 2 people who are there');
    okta.state.seesUser = () => false;
    const none = await aDirectory(okta).changedSince(since, 10, people);
    expect(none?.people).toEqual([]);
    expect(none?.blind).toContain('leaves out 2 of 2 people who are there');
    expect(await aDirectory(okta).blindTo(people)).toContain('leaves out 2 of 2 people who are there');
    const asked = okta.requests.length;
    expect(await aDirectory(okta).blindTo([left])).toContain('there is nobody');
    const odd = { ...left, id: 'x" or id sw "', status: 'ACTIVE' };
    expect(await errorOf(aDirectory(okta).blindTo([odd]))).toBeInstanceOf(SourceError);
    expect(okta.requests).toHaveLength(asked);
  });

  test.each([
    ['in one request with those who have changed', 0, 2],
    ['apart from those who have changed where Okta does not take both in one', 1, 4],
  ])('asks for people who are there %s', async (_, refusals, requests) => {
    const { okta, ada, bob, eve, since } = await anOrgOfThree();
    okta.state.changeProfile(ada, { email: 'lovelace@acme.com' });
    okta.state.deactivate(bob);
    if (refusals > 0) okta.faults.add({ on: 'okta.user.list', effect: status(400), times: refusals });
    const known = [bob, eve].map(({ id }) => ({ id, status: 'ACTIVE', email: null, login: null }));
    const changed = await aDirectory(okta).changedSince(since, 2, known);
    expect([idsOf(changed), changed?.blind]).toEqual([[ada.id, bob.id, eve.id].sort(), null]);
    expect(okta.requests).toHaveLength(requests);
    okta.state.seesUser = (user) => user !== eve;
    expect((await aDirectory(okta).changedSince(since, 2, known))?.blind).toContain('leaves out 1 of 2');
  });

  test.each([
    ['not taken however it is put', 400, Infinity, 2],
    ['that fails otherwise', 404, 1, 1],
  ])('is not asked for apart again with a question %s', async (_, code, times, requests) => {
    const { okta, bob, eve, since } = await anOrgOfThree();
    okta.faults.add({ on: 'okta.user.list', effect: status(code), times });
    const known = [bob, eve].map(({ id }) => ({ id, status: 'ACTIVE', email: null, login: null }));
    expect(await errorOf(aDirectory(okta).changedSince(since, 2, known))).toBeInstanceOf(SourceError);
    expect(okta.requests).toHaveLength(requests);
  });

  test('asks for 25 people at most, spread over all who are known', async () => {
    const okta = await anOrg();
    const people = Array.from({ length: 130 }, (_, n) => okta.state.addUser({ email: `p${n}@acme.com` }));
    const known = people.map(({ id }) => ({ id, status: 'ACTIVE', email: null, login: null }));
    expect(await aDirectory(okta).blindTo(known)).toBe(null);
    const filter = okta.requests[0]?.query['filter'] ?? '';
    const places = people.flatMap(({ id }, place) => (filter.includes(id) ? [place] : []));
    expect([places.length, places[0], places.at(-1)]).toEqual([22, 0, 126]);
    expect(okta.requests).toHaveLength(1);
  });

  test('is counted with the other requests', async () => {
    const { okta, since } = await anOrgOfThree();
    const directory = aDirectory(okta);
    await directory.groups();
    await directory.changedSince(since, 10, []);
    expect(directory.traffic().reads).toBe(3);
  });
});

test('Okta’s clock is known from its first answer on', async () => {
  const okta = await anOrg({ skewMs: 600_000 });
  const directory = aDirectory(okta);
  expect(directory.skewMs()).toBe(null);
  await directory.groups();
  // The header is cut to the second.
  expect(directory.skewMs()).toBe(600_500);
});
