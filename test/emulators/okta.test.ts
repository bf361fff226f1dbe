import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ask, type Answer, askOkta, nextPage, rows } from './ask.ts';
import { type OktaEmulator, startOkta } from './index.ts';

let okta: OktaEmulator;

beforeEach(async () => {
  okta = await startOkta({ pageCap: 2 });
});
afterEach(() => okta.close());

function addPeople(...names: string[]) {
  return names.map((name) => okta.state.addUser({ email: `${name}@acme.example` }));
}

const get = (path: string): Promise<Answer> => askOkta(okta, path);
const find = (list: string, expression: string): Promise<Answer> =>
  get(`${list}=${encodeURIComponent(expression)}`);
const ids = (answer: Answer): unknown[] => rows(answer).map(({ id }) => id);

/** The addresses of all pages; `meanwhile` runs after the first. */
async function emails(path: string, meanwhile?: () => void): Promise<string[]> {
  const found: string[] = [];
  let page: Answer | undefined = await get(path);
  for (let number = 1; page !== undefined; number += 1) {
    for (const { profile } of rows(page))
      found.push(JSON.stringify(profile).match(/"email":"([^@]*)@/)?.[1] ?? '');
    if (number === 1) meanwhile?.();
    const next = nextPage(page);
    page = next === undefined ? undefined : await get(next.slice(okta.url.length));
  }
  return found;
}

test('the members of a group come in pages, linked by opaque cursors', async () => {
  const group = okta.state.addGroup({ name: 'Data', members: addPeople('ada', 'bo', 'cy', 'di', 'ed') });
  const path = `/api/v1/groups/${group.id}/users?limit=200`;
  const first = await get(path);
  expect(first.headers.get('link')).toContain(`<${okta.url}${path}>; rel="self", <`);
  expect(new URL(nextPage(first) ?? '').searchParams.get('after')?.length).toBeGreaterThanOrEqual(240);
  expect(await emails(path)).toEqual(['ada', 'bo', 'cy', 'di', 'ed']);
});

test('links are separate headers', async () => {
  okta.state.addGroup({ name: 'Data', members: addPeople('ada', 'bo', 'cy') });
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const { get: plainGet } = await import('node:http');
  const headers = { authorization: `SSWS ${okta.credentials.apiToken}` };
  plainGet(`${okta.url}/api/v1/users`, { headers }, (response) => {
    resolve(response.rawHeaders.filter((name) => name.toLowerCase() === 'link'));
    response.resume();
  });
  expect(await promise).toHaveLength(2);
});

test('people who come or go between two pages neither repeat nor hide others', async () => {
  const [ada, bo, ...others] = addPeople('ada', 'bo', 'cy', 'di', 'ed');
  const group = okta.state.addGroup({ name: 'Data', members: others });
  if (ada === undefined || bo === undefined) throw new Error('no people');
  okta.state.join(bo, group);
  const seen = await emails(`/api/v1/groups/${group.id}/users`, () => {
    okta.state.leave(bo, group);
    okta.state.join(ada, group);
  });
  expect(seen).toEqual(['bo', 'cy', 'di', 'ed']);
});

test('a page that ends with the last row has no next one', async () => {
  addPeople('ada', 'bo');
  const answer = await get('/api/v1/users');
  expect(rows(answer)).toHaveLength(2);
  expect(nextPage(answer)).toBeUndefined();
});

test('a limit out of range and a cursor of another list are refused', async () => {
  addPeople('ada', 'bo', 'cy');
  expect((await get('/api/v1/users?limit=201')).json).toMatchObject({ errorCode: 'E0000001' });
  expect((await get('/api/v1/users?limit=0')).status).toBe(400);
  const after = new URL(nextPage(await get('/api/v1/users')) ?? '').searchParams.get('after') ?? '';
  expect((await get(`/api/v1/groups?after=${after}`)).status).toBe(400);
});

test('the link to the next page repeats what was asked for but `expand`, which a page can be asked for all the same', async () => {
  for (const name of ['A', 'B', 'C']) okta.state.assignApp('0oa1', okta.state.addGroup({ name }));
  for (const path of ['/api/v1/groups?expand=stats&q=', '/api/v1/apps/0oa1/groups?expand=group']) {
    const next = nextPage(await get(`${path}&limit=20`))?.slice(okta.url.length) ?? '';
    expect(new URLSearchParams(next.split('?')[1]).get('limit')).toBe('20');
    expect(next).not.toContain('expand');
    expect(rows(await get(next))[0]).not.toHaveProperty('_embedded');
    const expand = new URLSearchParams(path.split('?')[1]).get('expand') ?? '';
    expect(rows(await get(`${next}&expand=${expand}`))).toMatchObject([{ _embedded: {} }]);
  }
});

test.each([
  ['raised', 200, '20'],
  ['refused', 400, null],
] as const)('a page of fewer than 20 groups of an app is %s', async (smallPages, status, limit) => {
  const org = await startOkta({ smallPages });
  onTestFinished(() => org.close());
  for (let n = 0; n < 21; n++) org.state.assignApp('0oa1', org.state.addGroup({ name: `${n}` }));
  const answer = await askOkta(org, '/api/v1/apps/0oa1/groups?limit=1');
  expect(answer.status).toBe(status);
  const next = nextPage(answer);
  expect(next === undefined ? null : new URL(next).searchParams.get('limit')).toBe(limit);
  if (limit !== null) expect(rows(answer)).toHaveLength(20);
});

test('a user is as large as those of a real org', async () => {
  addPeople('ada.lovelace');
  const { text, json } = await get('/api/v1/users/Ada.Lovelace%40acme.example');
  expect(text.length).toBeGreaterThan(1500);
  expect(json).toMatchObject({
    id: okta.state.user('ada.lovelace@acme.example').id,
    status: 'ACTIVE',
    profile: { login: 'ada.lovelace@acme.example', firstName: 'Ada', lastName: 'Lovelace' },
  });
});

test('ids are the same every time', async () => {
  const [ada] = addPeople('ada');
  const other = await startOkta();
  expect(ada?.id).toMatch(/^00u[A-Za-z0-9]{17}$/);
  expect(other.state.addUser({ email: 'ada@acme.example' }).id).toBe(ada?.id);
  await other.close();
});

test('deactivated people stay in their groups, and the membership date does not move', async () => {
  const [ada, bo] = addPeople('ada', 'bo');
  if (ada === undefined || bo === undefined) throw new Error('no people');
  const group = okta.state.addGroup({ name: 'Data', members: [ada, bo] });
  const before = group.lastMembershipUpdated;
  okta.state.deactivate(ada);
  expect(rows(await get(`/api/v1/groups/${group.id}/users`))).toMatchObject([
    { id: ada.id, status: 'DEPROVISIONED' },
    { id: bo.id, status: 'ACTIVE' },
  ]);
  expect(group.lastMembershipUpdated).toBe(before);
});

test('the users list leaves out deactivated people unless the request speaks of the status', async () => {
  const [ada, bo] = addPeople('ada', 'bo');
  if (ada === undefined || bo === undefined) throw new Error('no people');
  okta.state.deactivate(ada);
  expect(ids(await get('/api/v1/users'))).toEqual([bo.id]);
  expect(ids(await find('/api/v1/users?filter', 'lastUpdated gt "2020-01-01T00:00:00.000Z"'))).toEqual([
    bo.id,
  ]);
  expect(ids(await find('/api/v1/users?filter', 'status eq "DEPROVISIONED"'))).toEqual([ada.id]);
});

test('groups are found by filter and by search', async () => {
  const { state } = okta;
  const data = state.addGroup({ name: 'Data Platform' });
  const bi = state.addGroup({ name: 'BI "core" team', type: 'APP_GROUP' });
  expect(ids(await find('/api/v1/groups?filter', 'type eq "OKTA_GROUP"'))).toEqual([data.id]);
  expect(ids(await find('/api/v1/groups?search', 'profile.name sw "data"'))).toEqual([data.id]);
  expect(ids(await find('/api/v1/groups?search', 'profile.name eq "BI \\"core\\" team"'))).toEqual([bi.id]);
  const either = '(profile.name co "Plat" and type eq "OKTA_GROUP") or id eq "' + bi.id + '"';
  expect(ids(await find('/api/v1/groups?search', either))).toEqual([data.id, bi.id]);
  expect(ids(await get('/api/v1/groups?q=bi'))).toEqual([bi.id]);
});

test.each([
  'profile.name eq "Data"',
  'type is "OKTA_GROUP"',
  'type eq OKTA_GROUP',
  'type eq "OKTA_GROUP" and',
  '(type eq "OKTA_GROUP"',
  'lastUpdated gt "yesterday"',
  '',
])('a groups filter of %j is refused', async (expression) => {
  expect(await find('/api/v1/groups?filter', expression)).toMatchObject({
    status: 400,
    json: { errorCode: 'E0000031', errorSummary: 'Invalid search criteria.' },
  });
});

test('groups can be listed with their statistics', async () => {
  const group = okta.state.addGroup({ name: 'Data', members: addPeople('ada', 'bo') });
  okta.state.assignApp('0oa1', group);
  expect(rows(await get('/api/v1/groups?expand=stats'))).toMatchObject([
    { id: group.id, _embedded: { stats: { usersCount: 2, appsCount: 1 } } },
  ]);
});

test('the groups of an app come with the group inside when asked for', async () => {
  const { state } = okta;
  const groups = ['Data', 'BI', 'Ops'].map((name) => state.addGroup({ name }));
  for (const group of groups.slice(0, 2)) state.assignApp('0oa1', group);
  const answer = await get('/api/v1/apps/0oa1/groups?expand=group&limit=200');
  expect(rows(answer)).toMatchObject([
    { id: groups[0]?.id, _embedded: { group: { profile: { name: 'Data' } } } },
    { id: groups[1]?.id, _embedded: { group: { profile: { name: 'BI' } } } },
  ]);
  expect(rows(await get('/api/v1/apps/0oa1/groups'))[0]).not.toHaveProperty('_embedded');
  expect((await get('/api/v1/apps/0oa2/groups')).json).toMatchObject({ errorCode: 'E0000007' });
});

test('one assignment of an app can be asked for', async () => {
  const { state } = okta;
  const [data, bi] = ['Data', 'BI'].map((name) => state.addGroup({ name }));
  if (data === undefined || bi === undefined) throw new Error('no groups');
  state.assignApp('0oa1', data);
  const answer = await get(`/api/v1/apps/0oa1/groups/${data.id}`);
  expect(answer).toMatchObject({ status: 200, json: { id: data.id, priority: 0 } });
  expect(answer.json).not.toHaveProperty('_embedded');
  for (const path of [`0oa1/groups/${bi.id}`, `0oa2/groups/${data.id}`])
    expect(await get(`/api/v1/apps/${path}`)).toMatchObject({
      status: 404,
      json: { errorCode: 'E0000007' },
    });
});

test('the list of members can leave out people whom the count has, on any page', async () => {
  const people = addPeople('ada', 'bo', 'cy', 'di', 'ed');
  const group = okta.state.addGroup({ name: 'Data', members: people });
  okta.state.leavesOut = (user, from) => from === group && [people[1], people[4]].includes(user);
  expect(await emails(`/api/v1/groups/${group.id}/users`)).toEqual(['ada', 'cy', 'di']);
  expect(rows(await get('/api/v1/groups?expand=stats'))).toMatchObject([
    { _embedded: { stats: { usersCount: 5 } } },
  ]);
});

test.each([200, 403, 404] as const)(
  'a role may see nobody on the list of users, and %i by id',
  async (status) => {
    const [ada] = addPeople('ada', 'bo', 'cy');
    okta.state.seesUser = () => false;
    okta.state.unseenStatus = status;
    expect(await get('/api/v1/users')).toMatchObject({ status: 200, json: [] });
    expect(await find('/api/v1/users?filter', `id eq "${String(ada?.id)}"`)).toMatchObject({ json: [] });
    for (const path of ['', '/groups'])
      expect((await get(`/api/v1/users/${String(ada?.id)}${path}`)).status).toBe(status);
  },
);

test('what is gone is a 404', async () => {
  const [ada] = addPeople('ada');
  const group = okta.state.addGroup({ name: 'Data', members: addPeople('bo') });
  okta.state.removeGroup(group);
  if (ada !== undefined) okta.state.deleteUser(ada);
  for (const path of [`/groups/${group.id}`, `/groups/${group.id}/users`, `/users/${String(ada?.id)}`]) {
    expect(await get(`/api/v1${path}`)).toMatchObject({ status: 404, json: { errorCode: 'E0000007' } });
  }
});

test('a narrowed role hides groups from every list and by id', async () => {
  const { state } = okta;
  const [ada] = addPeople('ada');
  if (ada === undefined) throw new Error('no people');
  const [data, bi] = ['Data', 'BI'].map((name) => state.addGroup({ name, members: [ada] }));
  if (data === undefined || bi === undefined) throw new Error('no groups');
  for (const group of [data, bi]) state.assignApp('0oa1', group);
  state.hiddenGroups.add(bi.id);
  for (const list of ['/groups', '/apps/0oa1/groups', `/users/${ada.id}/groups`]) {
    expect(ids(await get(`/api/v1${list}`))).toEqual([data.id]);
  }
  expect((await get(`/api/v1/groups/${bi.id}`)).status).toBe(404);
  state.hiddenStatus = 403;
  expect(await get(`/api/v1/groups/${bi.id}/users`)).toMatchObject({
    status: 403,
    json: { errorCode: 'E0000006' },
  });
});

test('a wrong or missing credential is a 401', async () => {
  for (const headers of [{}, { authorization: 'SSWS wrong' }, { authorization: 'Bearer wrong' }]) {
    const answer = await ask(`${okta.url}/api/v1/groups`, { headers });
    expect(answer).toMatchObject({ status: 401, json: { errorCode: 'E0000011' } });
  }
});
