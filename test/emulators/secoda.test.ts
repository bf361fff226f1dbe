import { afterEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { ask, type Answer, askSecoda, rows } from './ask.ts';
import { type Json, late, type SecodaEmulator, type SecodaOptions, startSecoda } from './index.ts';

let secoda: SecodaEmulator;

async function start(options: SecodaOptions = {}) {
  secoda = await startSecoda(options);
  return secoda.state;
}
afterEach(() => secoda.close());

const send = (method: string, path: string, body?: Json): Promise<Answer> =>
  askSecoda(secoda, method, `/api/v1/${path}`, body);

test('a list comes in numbered pages with links between them', async () => {
  const state = await start({ pageSize: 2 });
  for (const name of ['A', 'B', 'C']) state.addGroup({ name });
  const first = await send('GET', 'auth/group');
  expect(first.json).toMatchObject({
    links: { next: `${secoda.url}/api/v1/auth/group?page=2`, previous: null },
    meta: { page: 1, previous_page: null, next_page: 2 },
    count: 3,
    total_pages: 2,
    results: [{ name: 'A' }, { name: 'B' }],
  });
  expect((await send('GET', 'auth/group?page=2')).json).toMatchObject({
    links: { next: null, previous: `${secoda.url}/api/v1/auth/group?page=1` },
    meta: { page: 2, previous_page: 1, next_page: null },
    results: [{ name: 'C' }],
  });
  expect(await send('GET', 'auth/group?page=3')).toMatchObject({
    status: 404,
    json: { detail: 'Invalid page.' },
  });
});

test('an empty list has one empty page', async () => {
  await start();
  expect((await send('GET', 'user')).json).toMatchObject({
    count: 0,
    total_pages: 1,
    results: [],
    links: { next: null },
  });
});

test('a page size is honoured up to the largest, or not at all', async () => {
  const state = await start({ maxPageSize: 3, linksOrigin: 'http://proxy.internal' });
  for (let n = 0; n < 5; n += 1) state.addUser({ email: `p${n}@acme.example` });
  const answer = await send('GET', 'user?page_size=10');
  expect(rows(answer)).toHaveLength(3);
  expect(answer.json).toMatchObject({
    links: { next: 'http://proxy.internal/api/v1/user?page_size=10&page=2' },
  });
  await secoda.close();
  const other = await start({ pageSize: 2, ignorePageSize: true });
  for (let n = 0; n < 5; n += 1) other.addUser({ email: `p${n}@acme.example` });
  expect(rows(await send('GET', 'user?page_size=5'))).toHaveLength(2);
});

test('a group is created, read, changed and deleted', async () => {
  const state = await start({ clock: new HeldClock() });
  const [ada, bo] = ['ada@acme.example', 'bo@acme.example'].map((email) => state.addUser({ email }).id);
  const created = await send('POST', 'auth/group', { name: ' Data ', users: [String(ada)] });
  const { id, createdAt } = state.group('Data');
  expect(created).toMatchObject({
    status: 201,
    json: { id, name: 'Data', description: '', icon: null, users: [ada] },
  });
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);

  const changed = await send('PATCH', `auth/group/${id}`, { description: 'Ours', users: [String(bo)] });
  expect(changed).toMatchObject({ status: 200, json: { name: 'Data', description: 'Ours', users: [bo] } });
  expect(await send('GET', `auth/group/${id}`)).toMatchObject({ json: changed.json });
  expect(state.group(id).updatedAt > createdAt).toBe(true);

  expect(await send('DELETE', `auth/group/${id}`)).toMatchObject({ status: 204, text: '' });
  expect((await send('GET', `auth/group/${id}`)).status).toBe(404);
  expect((await send('DELETE', `auth/group/${id}`)).json).toEqual({ detail: 'Not found.' });
});

test('accepted writes are recorded, with whether anything changed', async () => {
  const state = await start({ clock: new HeldClock() });
  const group = state.addGroup({ name: 'Data' });
  const { updatedAt } = group;
  await send('PATCH', `auth/group/${group.id}`, { name: 'Data' });
  expect(group.updatedAt).toBe(updatedAt);
  await send('PATCH', `auth/group/${group.id}`, { name: 'BI' });
  await send('PATCH', `auth/group/${group.id}`, { users: ['nobody'] });
  expect(group.updatedAt).not.toBe(updatedAt);
  const path = `/api/v1/auth/group/${group.id}`;
  expect(state.writes).toEqual([
    { at: Date.UTC(2026, 0, 1), method: 'PATCH', path, groupId: group.id, effective: false },
    { at: Date.UTC(2026, 0, 1), method: 'PATCH', path, groupId: group.id, effective: true },
  ]);
});

test.each<[Json, Json]>([
  [{ users: ['nobody'] }, { users: ['Invalid pk "nobody" - object does not exist.'] }],
  [{ users: 'nobody' }, { users: ['Expected a list of items.'] }],
  [{ name: ' ' }, { name: ['This field may not be blank.'] }],
  [{ name: 7 }, { name: ['Not a valid string.'] }],
  [{ description: null }, { description: ['This field may not be null.'] }],
  [{ description: 'x'.repeat(51) }, { description: ['Ensure this field has no more than 50 characters.'] }],
  [{ name: 'Taken' }, { name: ['user group with this name already exists.'] }],
  [{ members: [] }, { members: ['This field is not known here.'] }],
  [[], { non_field_errors: ['Invalid data. Expected a dictionary.'] }],
])('a change to %j is refused', async (body, problems) => {
  const state = await start({ descriptionLimit: 50, duplicateNames: 'refused' });
  state.addGroup({ name: 'Taken' });
  const group = state.addGroup({ name: 'Data' });
  expect(await send('PATCH', `auth/group/${group.id}`, body)).toMatchObject({ status: 400, json: problems });
  expect(state.group('Data').users.size).toBe(0);
});

test('a long description can be cut without a word', async () => {
  const state = await start({ descriptionLimit: 5, longDescription: 'truncated' });
  await send('POST', 'auth/group', { name: 'Data', description: 'too long' });
  expect(state.group('Data').description).toBe('too l');
});

test.each([
  ['kept', 201, ['ada@acme.example', 'new@acme.example'], 2],
  ['dropped', 201, ['ada@acme.example'], 1],
  ['pending', 201, ['ada@acme.example', 'new@acme.example'], 1],
] as const)('members who have not joined are %s', async (invited, status, stored, shown) => {
  const state = await start({ invited });
  const users = [
    state.addUser({ email: 'ada@acme.example' }),
    state.addUser({ email: 'new@acme.example', pending: true }),
  ];
  const answer = await send('POST', 'auth/group', { name: 'Data', users: users.map(({ id }) => id) });
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ users: users.slice(0, shown).map(({ id }) => id) });
  expect(state.memberEmails('Data')).toEqual(stored);
});

test('members who have not joined can be refused', async () => {
  const state = await start({ invited: 'refused' });
  const { id } = state.addUser({ email: 'new@acme.example', pending: true });
  expect((await send('POST', 'auth/group', { name: 'Data', users: [id] })).status).toBe(400);
  state.activate(state.user('new@acme.example'));
  expect((await send('POST', 'auth/group', { name: 'Data', users: [id] })).status).toBe(201);
});

test.each([
  ['disabled', { disabled: true }],
  ['serviceAccounts', { serviceAccount: true }],
  ['serviceAccounts', { hidden: true }],
] as const)('members under %s %j can be kept, dropped or refused', async (rule, fields) => {
  for (const [fate, status, size] of [
    ['kept', 201, 1],
    ['dropped', 201, 0],
    ['refused', 400, null],
  ] as const) {
    const state = await start({ [rule]: fate });
    const { id } = state.addUser({ email: 'odd@acme.example', ...fields });
    const answer = await send('POST', 'auth/group', { name: 'Data', users: [id] });
    expect(answer.status).toBe(status);
    if (size === null) expect(answer.text).toContain(id);
    else expect(state.group('Data').users.size).toBe(size);
    await secoda.close();
  }
});

test('a refusal can keep to itself whom it is about, and a PATCH can be refused for want of a name', async () => {
  const state = await start({ disabled: 'refused', namesRefused: false, patchNeedsName: true });
  const { id } = state.addUser({ email: 'odd@acme.example', disabled: true });
  const group = state.addGroup({ name: 'Data' });
  const patch = (body: Json) => send('PATCH', `auth/group/${group.id}`, body);
  expect(await patch({ name: 'Data', users: [id] })).toMatchObject({
    status: 400,
    json: { users: ['Some users are not valid.'] },
  });
  expect(await patch({ users: [] })).toMatchObject({ json: { name: ['This field is required.'] } });
});

test.each([
  ['published', { pending: true, disabled: false, is_service_account: false }],
  ['pending as text', { pending: 'True', disabled: false, is_service_account: false }],
  ['is_active', { is_active: false }],
] as const)('of users it says %s', async (userFields, fields) => {
  const state = await start({ userFields });
  state.addUser({ email: 'new@acme.example', pending: true });
  expect(rows(await send('GET', 'user'))).toMatchObject([fields]);
});

test('what is not there can be said in several ways', async () => {
  await start({ noLink: 'None' });
  expect((await send('GET', 'user')).json).toMatchObject({
    links: { next: 'None' },
    meta: { next_page: 'None' },
  });
  await secoda.close();
  await start({ noLink: 'missing' });
  expect((await send('GET', 'user')).json).toMatchObject({ links: {}, meta: { page: 1 } });
});

test('an invitation adds somebody who has not joined, and passes over who is there', async () => {
  const state = await start({ allowedDomains: ['acme.example'] });
  state.addUser({ email: 'Ada@acme.example' });
  const { id } = state.addGroup({ name: 'Data' });
  const body = { email: 'new@acme.example', role: 'editor', user_groups: [id], teams: ['team'] };
  expect(await send('POST', 'user/', body)).toMatchObject({
    status: 201,
    json: { email: 'new@acme.example', role: 'editor', pending: true },
  });
  expect((await send('POST', 'user/', { ...body, email: 'ada@acme.example' })).status).toBe(201);
  expect(state.memberEmails('Data')).toEqual(['new@acme.example']);
  for (const odd of [{ email: 'new' }, { role: 'owner' }, { role: 'guest', teams: [] }, { email: 'x@y.z' }])
    expect((await send('POST', 'user/', { ...body, ...odd })).status).toBe(400);
  expect((await send('POST', 'user/', { emails: ['x@acme.example'] })).status).toBe(400);
});

test('an older form of an invitation has a list, and a careless server makes somebody of any body', async () => {
  await start({ invitationForm: 'guide' });
  const body = { emails: ['new@acme.example'], role: 'editor', groups: [] };
  expect(await send('POST', 'user/', body)).toMatchObject({ json: [{ email: 'new@acme.example' }] });
  expect((await send('POST', 'user/', { email: 'x@acme.example', role: 'editor' })).status).toBe(400);
  await secoda.close();
  await start({ invitationForm: 'careless', invitationAnswer: 'nothing' });
  expect(await send('POST', 'user/', body)).toMatchObject({ status: 201, json: {} });
  expect([...secoda.state.users.values()]).toMatchObject([{ email: null }]);
});

test('the users list can hide people who have not signed in', async () => {
  const state = await start();
  state.listsInvited = false;
  await send('POST', 'user/', { email: 'new@acme.example', role: 'editor' });
  expect((await send('GET', 'user')).json).toMatchObject({ count: 0, results: [] });
  state.activate(state.user('new@acme.example'));
  expect((await send('GET', 'user')).json).toMatchObject({ count: 1 });
});

test('an invitation can take effect long after its connection was cut, and sends an e-mail each time', async () => {
  const state = await start();
  const { effect, happen } = late();
  secoda.faults.add({ on: 'secoda.user.invite', effect });
  const body = { email: 'new@acme.example', role: 'editor' };
  await expect(send('POST', 'user/', body)).rejects.toThrow();
  expect(state.mailed).toEqual([]);
  await happen();
  expect(state.user('new@acme.example').pending).toBe(true);
  await send('POST', 'user/', body);
  expect(state.mailed).toEqual(['new@acme.example', 'new@acme.example']);
});

test('service accounts are in groups and not on the users list', async () => {
  const state = await start();
  const hidden = state.addUser({ email: null, hidden: true });
  state.addGroup({ name: 'Data', users: [hidden] });
  expect((await send('GET', 'user')).json).toMatchObject({ count: 0 });
  expect(rows(await send('GET', 'auth/group'))).toMatchObject([{ users: [hidden.id] }]);
});

test('someone who is removed leaves all groups', async () => {
  const state = await start();
  const ada = state.addUser({ email: 'ada@acme.example' });
  state.addGroup({ name: 'Data', users: [ada] });
  state.removeUser(ada);
  expect(state.memberEmails('Data')).toEqual([]);
  expect(rows(await send('GET', 'user'))).toEqual([]);
});

test('a missing or wrong key is a 401, and one without the right a 403', async () => {
  const { size } = (await start()).groups;
  const url = `${secoda.url}/api/v1/auth/group`;
  expect(await ask(url)).toMatchObject({
    status: 401,
    json: { detail: 'Authentication credentials were not provided.' },
  });
  const wrong = { authorization: 'Bearer wrong' };
  expect(await ask(url, { headers: wrong })).toMatchObject({
    status: 401,
    json: { detail: 'Invalid token.' },
  });
  const headers = {
    authorization: `Bearer ${secoda.credentials.viewerKey}`,
    'content-type': 'application/json',
  };
  expect((await ask(url, { headers })).status).toBe(200);
  const refused = await ask(url, { method: 'POST', headers, body: '{"name":"Data"}' });
  expect(refused).toMatchObject({
    status: 403,
    json: { detail: 'You do not have permission to perform this action.' },
  });
  expect(secoda.state.groups.size).toBe(size);
});

test.each([
  ['both', '/api/v1/user', 200, null],
  ['both', '/api/v1/user/', 200, null],
  ['with', '/api/v1/user?page=1', 301, '/api/v1/user/?page=1'],
  ['with', '/api/v1/user/', 200, null],
  ['without', '/api/v1/user/', 301, '/api/v1/user'],
  ['without', '/api/v1/user', 200, null],
] as const)('with the slash %s, %s answers %i', async (slash, path, status, location) => {
  await start({ slash });
  const answer = await askSecoda(secoda, 'GET', path);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('location')).toBe(location);
});

test('a write to the other form of a path is redirected and has no effect', async () => {
  const state = await start({ slash: 'with', redirectStatus: 308 });
  expect((await send('POST', 'auth/group', { name: 'Data' })).status).toBe(308);
  expect(state.groups.size).toBe(0);
  expect(secoda.requests).toMatchObject([{ route: 'redirect' }]);
});
