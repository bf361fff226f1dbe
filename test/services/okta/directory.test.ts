import { describe, expect, test } from 'vitest';
import { SourceError, UsageError } from '../../../lambda/errors.ts';
import { oktaGroupsLike, oktaGroupsNamed } from '../../../lambda/services/okta/directory.ts';
import { dropField, rewrite, status } from '../../emulators/index.ts';
import { HeldClock } from '../../time/clock.ts';
import { aDirectory, anOrg, errorOf, optionsFor } from './setup.ts';

describe('the selection', () => {
  test('of all groups lists those that Okta itself keeps', async () => {
    const okta = await anOrg();
    okta.state.addGroup({ name: 'Everyone', type: 'BUILT_IN' });
    okta.state.addGroup({ name: 'From AD', type: 'APP_GROUP' });
    const members = [okta.state.addUser({ email: 'ada@acme.com' })];
    const group = okta.state.addGroup({ name: 'Data', description: 'Those who query', members });

    const { id, lastUpdated, lastMembershipUpdated } = group;
    expect(await aDirectory(okta).groups()).toEqual([
      { id, name: 'Data', description: 'Those who query', lastUpdated, lastMembershipUpdated, usersCount: 1 },
    ]);
  });

  test('of an expression may hold what a directory behind Okta keeps, and says so', async () => {
    const okta = await anOrg();
    okta.state.addGroup({ name: 'From AD', type: 'APP_GROUP' });
    okta.state.addGroup({ name: 'Data' });
    const filter = 'type eq "APP_GROUP" or type eq "OKTA_GROUP"';
    const groups = await aDirectory(okta, { selection: { filter } }).groups();
    expect(groups.map(({ name, isAppGroup }) => [name, isAppGroup])).toEqual([
      ['From AD', true],
      ['Data', undefined],
    ]);
  });

  test('of an app lists the groups assigned to it, whole', async () => {
    const okta = await anOrg({ pageCap: 2 });
    okta.state.addGroup({ name: 'Not assigned' });
    for (const name of ['A', 'B', 'C']) okta.state.assignApp('0oaSecoda', okta.state.addGroup({ name }));

    const groups = await aDirectory(okta, { selection: { app: '0oaSecoda' } }).groups();
    expect(groups.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
    expect(okta.requests[0]?.query).toEqual({ expand: 'group', limit: '200' });
  });

  test.each([{ all: true }, { filter: 'type eq "OKTA_GROUP"' }, { search: 'type eq "OKTA_GROUP"' }] as const)(
    'of %o brings how many people each group has, from the second page on too',
    async (selection) => {
      const okta = await anOrg({ pageCap: 2 });
      const members = [okta.state.addUser({ email: 'ada@acme.com' })];
      for (const name of ['A', 'B', 'C', 'D', 'E']) okta.state.addGroup({ name, members });
      const groups = await aDirectory(okta, { selection }).groups();
      expect(groups.map(({ usersCount }) => usersCount)).toEqual([1, 1, 1, 1, 1]);
    },
  );

  test('by search or filter is handed to Okta as it stands', async () => {
    const okta = await anOrg();
    const data = okta.state.addGroup({ name: 'Data & "more"' });
    okta.state.addGroup({ name: 'Finance' });

    const search = 'profile.name sw "Data &"';
    const filter = `id eq "${data.id}"`;
    expect(await aDirectory(okta, { selection: { search } }).groups()).toMatchObject([{ id: data.id }]);
    expect(await aDirectory(okta, { selection: { filter } }).groups()).toMatchObject([{ id: data.id }]);
    expect(okta.requests.map(({ query }) => query['search'] ?? query['filter'])).toEqual([search, filter]);
  });

  test('with an expression that Okta does not understand names the key', async () => {
    const okta = await anOrg();
    const search = await errorOf(aDirectory(okta, { selection: { search: 'nonsense' } }).groups());
    expect(search).toBeInstanceOf(UsageError);
    expect(search.message).toMatch(/^okta\.groups\.search .*GET \/api\/v1\/groups.*E0000031/);
    const filter = await errorOf(aDirectory(okta, { selection: { filter: 'profile.name eq "x"' } }).groups());
    expect(filter.message).toMatch(/^okta\.groups\.filter /);
  });

  test('of an app that Okta does not know names the key', async () => {
    const error = await errorOf(aDirectory(await anOrg(), { selection: { app: '0oaNone' } }).groups());
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain('okta.groups.app: Okta knows no app "0oaNone"');
  });

  test('of an app needs the group within the assignment', async () => {
    const okta = await anOrg();
    okta.state.assignApp('0oaSecoda', okta.state.addGroup({ name: 'Data' }));
    okta.faults.add({ on: 'okta.app.groups', effect: dropField('0._embedded.group') });

    const error = await errorOf(aDirectory(okta, { selection: { app: '0oaSecoda' } }).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe(
      'GET /api/v1/apps/0oaSecoda/groups: [0]._embedded.group: expected a group, got nothing (the field is missing)',
    );
  });

  test('of an app takes no group that the assignment does not name', async () => {
    const okta = await anOrg();
    okta.state.assignApp('0oaSecoda', okta.state.addGroup({ name: 'Data' }));
    const assignment = {
      id: '00gNamed',
      _embedded: { group: { id: '00gOther', profile: { name: 'Other' } } },
    };
    const other = rewrite((reply) => ({ ...reply, body: [assignment] }));
    okta.faults.add({ on: 'okta.app.groups', effect: other });
    const error = await errorOf(aDirectory(okta, { selection: { app: '0oaSecoda' } }).groups());
    expect(error.message).toContain('[0]._embedded.group.id: expected the group that the assignment names');
  });
});

describe('members', () => {
  test('are everyone in the group, whatever their status', async () => {
    const okta = await anOrg({ pageCap: 2 });
    const ada = okta.state.addUser({ email: 'Ada@Acme.com', login: 'ada' });
    const bob = okta.state.addUser({ email: 'bob@acme.com', status: 'SUSPENDED' });
    const cleo = okta.state.addUser({ email: 'cleo@acme.com' });
    const group = okta.state.addGroup({ name: 'Data', members: [ada, bob, cleo] });
    okta.state.deactivate(cleo);
    okta.state.setStatus(ada, 'SOMETHING_NEW');

    expect(await aDirectory(okta).members(group.id)).toEqual([
      { id: ada.id, status: 'SOMETHING_NEW', email: 'Ada@Acme.com', login: 'ada' },
      { id: bob.id, status: 'SUSPENDED', email: 'bob@acme.com', login: 'bob@acme.com' },
      { id: cleo.id, status: 'DEPROVISIONED', email: 'cleo@acme.com', login: 'cleo@acme.com' },
    ]);
  });

  test('without an e-mail are people without an e-mail', async () => {
    const okta = await anOrg();
    const [ada, bob] = ['ada@acme.com', 'bob@acme.com'].map((email) => okta.state.addUser({ email }));
    if (ada === undefined || bob === undefined) throw new Error('two people were added');
    okta.state.changeProfile(ada, { email: null });
    const group = okta.state.addGroup({ name: 'Data', members: [ada, bob] });
    okta.faults.add({ on: 'okta.group.users', effect: dropField('1.profile.email') });

    expect(await aDirectory(okta).members(group.id)).toMatchObject([
      { login: 'ada@acme.com', email: null },
      { login: 'bob@acme.com', email: null },
    ]);
  });

  test.each([
    ['0.status', '[0].status: expected a string, got nothing (the field is missing)'],
    ['1.id', '[1].id: expected a string, got nothing (the field is missing)'],
    ['1.profile', '[1].profile: expected an object, got nothing (the field is missing)'],
  ])('without %s are a broken read', async (field, expected) => {
    const okta = await anOrg();
    const members = ['ada@acme.com', 'bob@acme.com'].map((email) => okta.state.addUser({ email }));
    const group = okta.state.addGroup({ name: 'Data', members });
    okta.faults.add({ on: 'okta.group.users', effect: dropField(field) });

    const error = await errorOf(aDirectory(okta).members(group.id));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe(`GET /api/v1/groups/${group.id}/users: ${expected}`);
    expect(okta.requests).toHaveLength(1);
  });

  test('are one object for one person, however many groups they are in', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    const [one, two] = ['One', 'Two'].map((name) => okta.state.addGroup({ name, members: [ada] }).id);
    const directory = aDirectory(okta);
    const [first] = (await directory.members(one ?? '')) ?? [];
    const [second] = (await directory.members(two ?? '')) ?? [];
    expect(first).toBe(second);

    okta.state.setStatus(ada, 'SUSPENDED');
    const [third] = (await directory.members(one ?? '')) ?? [];
    expect(third?.status).toBe('SUSPENDED');
    expect(first?.status).toBe('ACTIVE');
  });

  test('of a group that vanished are null, in the middle of its pages too', async () => {
    const okta = await anOrg({ pageCap: 1 });
    const members = ['ada@acme.com', 'bob@acme.com'].map((email) => okta.state.addUser({ email }));
    const group = okta.state.addGroup({ name: 'Data', members });
    const vanish = { name: 'vanish', kind: 'before', run: () => okta.state.removeGroup(group) } as const;
    okta.faults.add({ on: 'okta.group.users', nth: 2, effect: vanish });

    const directory = aDirectory(okta);
    expect(await directory.members(group.id)).toBeNull();
    expect(await directory.members(group.id)).toBeNull();
  });
});

describe('one group', () => {
  test('is read by its id, whatever its type', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Everyone', type: 'BUILT_IN' });
    expect(await aDirectory(okta).group(id)).toMatchObject({ id, name: 'Everyone', description: null });
  });

  test('that is gone is null', async () => {
    expect(await aDirectory(await anOrg()).group('00gNone')).toBeNull();
  });

  test('is asked for only by what can be an id', async () => {
    const okta = await anOrg();
    for (const id of ['..', '', 'a/b', '00g1?x', 'ä']) {
      expect(await errorOf(aDirectory(okta).group(id))).toBeInstanceOf(SourceError);
    }
    expect(okta.requests).toEqual([]);
  });

  test('is the one that was asked for', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Data' });
    const other = rewrite((reply) => ({
      ...reply,
      body: { id: '00gOther', profile: { name: 'Other' } },
    }));
    okta.faults.add({ on: 'okta.group.get', effect: other });
    expect((await errorOf(aDirectory(okta).group(id))).message).toContain('another group, 00gOther');
  });
});

describe('groups by their ids', () => {
  test('are listed a hundred at a time, with the number of their people', async () => {
    const okta = await anOrg();
    const ada = okta.state.addUser({ email: 'ada@acme.com' });
    const groups = Array.from({ length: 101 }, (_, n) =>
      okta.state.addGroup({ name: `${n}`, members: n === 7 ? [ada] : [] }),
    );
    const listed = await aDirectory(okta).listed([...groups.map(({ id }) => id), 'unknown']);
    expect(listed.size).toBe(101);
    expect(listed.get(groups[7]?.id ?? '')).toMatchObject({ name: '7', usersCount: 1 });
    expect(okta.requests).toHaveLength(2);
  });

  test('are listed one by one where Okta does not take a long expression', async () => {
    const okta = await anOrg();
    const ids = ['One', 'Two'].map((name) => okta.state.addGroup({ name }).id);
    okta.faults.add({ on: 'okta.group.list', effect: status(400, { errorCode: 'E0000031' }) });
    const listed = await aDirectory(okta).listed(ids);
    expect([...listed.keys()].toSorted()).toEqual(ids.toSorted());
    expect(okta.requests).toHaveLength(3);
  });

  test('cost nothing where there are none', async () => {
    const okta = await anOrg();
    expect(await aDirectory(okta).listed([])).toEqual(new Map());
    expect(okta.requests).toHaveLength(0);
  });

  test('are asked for only by what can be an id', async () => {
    const okta = await anOrg();
    expect(await errorOf(aDirectory(okta).listed(['00g1" or id sw "']))).toBeInstanceOf(SourceError);
    expect(okta.requests).toEqual([]);
  });
});

describe('whether the selection holds a group', () => {
  test('is asked about that group alone, within the very expression of the list', async () => {
    const okta = await anOrg();
    const [data, other] = ['Data', 'Other'].map((name) => okta.state.addGroup({ name }).id);
    if (data === undefined || other === undefined) throw new Error('two groups were added');
    const search = 'profile.name eq "Data" or profile.name eq "More"';
    const selected = aDirectory(okta, { selection: { search } });
    expect([await selected.selects(data), await selected.selects(other)]).toEqual([true, false]);
    expect(await aDirectory(okta, { selection: { filter: `id eq "${other}"` } }).selects(data)).toBe(false);
    expect(await aDirectory(okta).selects(data)).toBe(true);
    expect(okta.requests.map(({ query }) => query['search'] ?? query['filter'])).toEqual([
      `(${search}) and id eq "${data}"`,
      `(${search}) and id eq "${other}"`,
      `(id eq "${other}") and id eq "${data}"`,
      `(type eq "OKTA_GROUP") and id eq "${data}"`,
    ]);
  });

  test('is asked of its assignment where the selection is an app', async () => {
    const okta = await anOrg();
    const [data, other] = ['Data', 'Other'].map((name) => okta.state.addGroup({ name }));
    if (data === undefined || other === undefined) throw new Error('two groups were added');
    okta.state.assignApp('0oaSecoda', data);
    const directory = aDirectory(okta, { selection: { app: '0oaSecoda' } });
    expect([await directory.selects(data.id), await directory.selects(other.id)]).toEqual([true, false]);
    okta.faults.add({
      on: 'okta.app.group',
      effect: rewrite((reply) => ({ ...reply, body: { id: '00gOther' } })),
    });
    expect((await errorOf(directory.selects(data.id))).message).toContain('another group, 00gOther');
  });

  test('is not taken from an answer about another group', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Data' });
    const other = { id: '00gOther', profile: { name: 'Other' } };
    okta.faults.add({ on: 'okta.group.list', effect: rewrite((reply) => ({ ...reply, body: [other] })) });
    expect(await aDirectory(okta).selects(id)).toBe(false);
  });

  test('is not known where Okta does not take the expression, and nothing else passes for that', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Data' });
    okta.faults.add({ on: 'okta.group.list', effect: status(400, { errorCode: 'E0000031' }) });
    expect(await aDirectory(okta).selects(id)).toBeNull();
    okta.faults.add({ on: 'okta.group.list', effect: status(404, { errorCode: 'E0000007' }) });
    expect(await errorOf(aDirectory(okta).selects(id))).toBeInstanceOf(SourceError);
  });
});

describe('the chosen ones of some groups', () => {
  const names = (groups: readonly { readonly name: string }[] | null) => groups?.map(({ name }) => name);

  test('come in one request with what changed since', async () => {
    const clock = new HeldClock();
    const okta = await anOrg({ clock });
    const [data, other, everyone] = [
      okta.state.addGroup({ name: 'Data' }),
      okta.state.addGroup({ name: 'Other' }),
      okta.state.addGroup({ name: 'Everyone', type: 'BUILT_IN' }),
    ];
    const since = clock.now();
    clock.advance(60_000);
    okta.state.renameGroup(other, 'Another');
    const ids = [data.id, everyone.id];
    expect(names(await aDirectory(okta).chosen(ids, since))).toEqual(['Data', 'Another']);
    expect(names(await aDirectory(okta).chosen(ids, okta.clock.now()))).toEqual(['Data']);
    expect(okta.requests).toHaveLength(2);
    expect(okta.requests.map(({ query }) => query['expand'])).toEqual([undefined, undefined]);
  });

  test('of an app are asked for one by one; what changed may be in it', async () => {
    const clock = new HeldClock();
    const okta = await anOrg({ clock });
    const [data, more] = ['Data', 'More'].map((name) => okta.state.addGroup({ name }));
    if (data === undefined || more === undefined) throw new Error('two groups were added');
    okta.state.assignApp('0oaSecoda', data);
    const directory = aDirectory(okta, { selection: { app: '0oaSecoda' } });
    const since = clock.now();
    expect(names(await directory.chosen([data.id, more.id], since))).toEqual(['Data']);
    clock.advance(60_000);
    okta.state.addGroup({ name: 'New' });
    expect(names(await directory.chosen([data.id, more.id], since))).toEqual(['Data', 'New']);
    const lists = okta.requests.filter(({ path }) => path === '/api/v1/groups');
    expect(lists.map(({ query }) => Object.keys(query))).toEqual([0, 1].map(() => ['filter', 'limit']));
  });

  test('are not told where Okta does not take the question, or they are more than a page', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Data' });
    okta.faults.add({ on: 'okta.group.list', effect: status(400, { errorCode: 'E0000031' }) });
    expect(await aDirectory(okta).chosen([id], okta.clock.now())).toBeNull();
    for (let n = 0; n < 200; n += 1) okta.state.addGroup({ name: `Team ${n}` });
    expect(await aDirectory(okta).chosen([id], okta.clock.now() - 60_000)).toBeNull();
    expect(await aDirectory(okta).chosen(['00g1" or id sw "'], okta.clock.now())).toBeNull();
  });

  test('are asked for a hundred at most', async () => {
    const okta = await anOrg();
    const ids = (count: number) => Array.from({ length: count }, (_, n) => `00g${n}`);
    expect(await aDirectory(okta).chosen(ids(101), okta.clock.now())).toBeNull();
    expect(okta.requests).toEqual([]);
    expect(await aDirectory(okta).chosen(ids(100), okta.clock.now())).toEqual([]);
    expect(okta.requests).toHaveLength(1);
  });
});

test('the slash at the end of the org URL makes no difference', async () => {
  const okta = await anOrg();
  okta.state.addGroup({ name: 'Data' });
  expect(await aDirectory(okta, { orgUrl: `${okta.url}/` }).groups()).toHaveLength(1);
  expect(okta.unknown).toEqual([]);
});

test('every attempt is counted as a read', async () => {
  const okta = await anOrg({ pageCap: 1 });
  for (const name of ['A', 'B', 'C']) okta.state.addGroup({ name });
  const directory = aDirectory(okta);
  expect(directory.traffic()).toEqual({ reads: 0, writes: 0, throttled: 0, retries: 0 });
  await directory.groups();
  expect(directory.traffic()).toEqual({ reads: 3, writes: 0, throttled: 0, retries: 0 });
});

test('groups are found by their id or whole name with one request, or by how their names begin', async () => {
  const okta = await anOrg();
  const [sales] = ['Sales', 'Sales "EU"', 'Ops'].map((name) => okta.state.addGroup({ name }));
  const options = optionsFor(okta);
  const names = async (found: Promise<readonly { readonly name: string }[]>) =>
    (await found).map(({ name }) => name).toSorted();
  expect(await names(oktaGroupsNamed(options, sales?.id ?? ''))).toEqual(['Sales']);
  expect(await names(oktaGroupsNamed(options, 'Sales'))).toEqual(['Sales']);
  expect(await names(oktaGroupsNamed(options, 'Sales "EU"'))).toEqual(['Sales "EU"']);
  expect(await names(oktaGroupsNamed(options, '00gNobody'))).toEqual([]);
  expect(await names(oktaGroupsNamed(options, 'Nobody'))).toEqual([]);
  expect(okta.requests).toHaveLength(5);
  expect(await names(oktaGroupsLike(options, 'Salse'))).toEqual(['Sales', 'Sales "EU"']);
});
