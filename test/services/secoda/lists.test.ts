import { describe, expect, test } from 'vitest';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { SourceError } from '../../../lambda/errors.ts';
import {
  after,
  before,
  emptyPageWithNext,
  isJsonObject,
  type JsonObject,
  nextOnAnotherHost,
  repeatPage,
  rewrite,
  type SecodaEmulator,
  type SecodaOptions,
  status,
  truncatePage,
  wrongCount,
} from '../../emulators/index.ts';
import { aConnection, aSecoda, asked, errorOf } from './setup.ts';

const LIST = 'secoda.group.list';

/** Five groups on three pages. */
async function aSecodaWithGroups(options: SecodaOptions = {}): Promise<SecodaEmulator> {
  const secoda = await aSecoda({ maxPageSize: 2, ...options });
  for (const name of ['A', 'B', 'C', 'D', 'E']) secoda.state.addGroup({ name });
  return secoda;
}

async function names(secoda: SecodaEmulator): Promise<string[]> {
  return (await secodaWorkspace(aConnection(secoda)).groups()).map(({ name }) => name);
}

/** A Secoda that does not tell when a group changed. */
const UNDATED = rewrite((reply) => {
  if (!isJsonObject(reply.body) || !Array.isArray(reply.body['results'])) return reply;
  const results = reply.body['results'].map((row) =>
    isJsonObject(row) ? { ...row, updated_at: null } : row,
  );
  return { ...reply, body: { ...reply.body, results } };
});

/** Changes fields of the envelope of a page. */
function withFields(fields: JsonObject) {
  return rewrite((reply) =>
    isJsonObject(reply.body) ? { ...reply, body: { ...reply.body, ...fields } } : reply,
  );
}

test('users are read with their address and whether they are active', async () => {
  const secoda = await aSecoda();
  const ada = secoda.state.addUser({ email: 'Ada@acme.example' });
  const bob = secoda.state.addUser({ email: null, pending: true });
  secoda.state.addUser({ email: 'service@acme.example', hidden: true });
  expect(await secodaWorkspace(aConnection(secoda)).users()).toEqual([
    { id: ada.id, email: 'Ada@acme.example', active: true },
    { id: bob.id, email: null, active: false },
  ]);
});

test('groups are read with their members, those who are not on the users list included', async () => {
  const secoda = await aSecoda();
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  const service = secoda.state.addUser({ email: null, hidden: true });
  const group = secoda.state.addGroup({ name: 'Data', description: 'All of it', users: [ada, service] });
  const empty = secoda.state.addGroup({ name: 'Empty', description: null });
  const { updatedAt } = group;
  expect(await secodaWorkspace(aConnection(secoda)).groups()).toEqual([
    { id: group.id, name: 'Data', description: 'All of it', userIds: [ada.id, service.id], updatedAt },
    { id: empty.id, name: 'Empty', description: '', userIds: [], updatedAt: empty.updatedAt },
  ]);
});

test.each<[string, (state: SecodaEmulator['state']) => void]>([
  ['name', (state) => state.edit(state.group('Data'), { name: 'Data 2' })],
  ['description', (state) => state.edit(state.group('Data'), { description: 'Part of it' })],
  [
    'member',
    (state) => {
      state.leave(state.user('ada@acme.example'), state.group('Data'));
      state.join(state.user('bob@acme.example'), state.group('Data'));
    },
  ],
])('a list that is read again shows another %s, and the same object for what stands', async (_, change) => {
  const secoda = await aSecoda();
  const [ada] = ['ada', 'bob'].map((name) => secoda.state.addUser({ email: `${name}@acme.example` }));
  if (ada !== undefined) for (const name of ['Data', 'Else']) secoda.state.addGroup({ name, users: [ada] });
  secoda.faults.add({ on: LIST, times: 3, effect: UNDATED });
  const connection = aConnection(secoda);
  const [data, other] = await secodaWorkspace(connection).groups();
  change(secoda.state);
  const again = await secodaWorkspace(connection).groups();
  expect(again).toEqual(await secodaWorkspace(aConnection(secoda)).groups());
  expect(again[0]).not.toEqual(data);
  expect(again[1]).toBe(other);
});

test('one group is read by its id, and is null when it is gone', async () => {
  const secoda = await aSecoda();
  const { id } = secoda.state.addGroup({ name: 'Data' });
  const workspace = secodaWorkspace(aConnection(secoda));
  expect(await workspace.group(id)).toMatchObject({ id, name: 'Data' });
  expect(await workspace.group('no-such-group')).toBeNull();
});

test.each([null, 'None', '', 'missing'] as const)(
  'a list is at its end where the link to the next page is %j',
  async (noLink) => {
    const secoda = await aSecodaWithGroups({ noLink });
    expect(await names(secoda)).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(secoda.requests).toHaveLength(3);
  },
);

test.each([' none ', 'NONE', undefined])('nor does a link that is %j lead anywhere', async (next) => {
  const secoda = await aSecoda();
  secoda.state.addGroup({ name: 'A' });
  const nothing = { links: { next }, meta: { page: 'None' }, total_pages: 'None' };
  secoda.faults.add({ on: LIST, effect: withFields(nothing) });
  expect(await names(secoda)).toEqual(['A']);
});

test('an end that comes too early is none, however it is said', async () => {
  const secoda = await aSecodaWithGroups();
  secoda.faults.add({ on: LIST, times: Infinity, effect: withFields({ links: { next: 'None' } }) });
  expect((await errorOf(names(secoda))).message).toContain('it listed 2 groups on 1 pages, and count said 5');
});

test('an empty list is complete', async () => {
  const secoda = await aSecoda();
  secoda.faults.add({ on: 'secoda.user.list', effect: withFields({ total_pages: 0 }) });
  expect(await names(secoda)).toEqual([]);
  expect(await secodaWorkspace(aConnection(secoda)).users()).toEqual([]);
});

test('all pages are read, with the size of a page asked for and the links followed', async () => {
  const secoda = await aSecodaWithGroups();
  const connection = aConnection(secoda);
  const groups = await secodaWorkspace(connection).groups();
  expect(groups.map(({ name }) => name)).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect(asked(secoda)).toEqual([
    'GET /api/v1/auth/group?page_size=100',
    'GET /api/v1/auth/group?page_size=100&page=2',
    'GET /api/v1/auth/group?page_size=100&page=3',
  ]);
  expect(connection.traffic()).toEqual({ reads: 3, writes: 0, throttled: 0, retries: 0 });
});

test('a server that ignores the size of a page is read all the same', async () => {
  const secoda = await aSecodaWithGroups({ ignorePageSize: true, pageSize: 3, maxPageSize: 3 });
  expect(await names(secoda)).toHaveLength(5);
});

test.each([400, 404])('a server that answers %i to the size of a page is asked without it', async (code) => {
  const secoda = await aSecodaWithGroups({ pageSize: 3, maxPageSize: 3 });
  const when = ({ query }: { query: Readonly<Record<string, string>> }) => 'page_size' in query;
  secoda.faults.add({ on: LIST, when, times: Infinity, effect: status(code) });
  const workspace = secodaWorkspace(aConnection(secoda));
  expect(await workspace.groups()).toHaveLength(5);
  secoda.requests.length = 0;
  expect(await workspace.groups()).toHaveLength(5);
  expect(asked(secoda)).toEqual(['GET /api/v1/auth/group', 'GET /api/v1/auth/group?page=2']);
});

test('a page that is refused in the middle is not asked for without its size', async () => {
  const secoda = await aSecoda();
  for (let n = 0; n < 101; n += 1) secoda.state.addGroup({ name: `Team ${n}` });
  const when = ({ query }: { query: Readonly<Record<string, string>> }) => query['page'] === '2';
  secoda.faults.add({ on: 'secoda.group.list', when, times: Infinity, effect: status(400) });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).groups());
  expect(error.message).toContain('page 2 answered 400');
  expect(secoda.requests).toHaveLength(2);
});

test('a server that drops the size of a page from its links is asked for it again', async () => {
  const secoda = await aSecodaWithGroups({ maxPageSize: 4, pageSize: 2 });
  const effect = withFields({ links: { next: '?page=2', previous: null } });
  secoda.faults.add({ on: LIST, effect });
  expect(await names(secoda)).toHaveLength(5);
  expect(asked(secoda)[1]).toBe('GET /api/v1/auth/group?page=2&page_size=100');
});

test('of a link to another host only the query is used, and that host is never asked', async () => {
  const elsewhere = await aSecoda();
  const secoda = await aSecodaWithGroups();
  secoda.faults.add({ on: LIST, times: Infinity, effect: nextOnAnotherHost(elsewhere.url) });
  expect(await names(secoda)).toHaveLength(5);
  expect(elsewhere.requests).toEqual([]);
});

describe('a list that shifts while it is read is read again from its start when', () => {
  test.each([
    ['a row comes twice', repeatPage()],
    ['rows are missing', truncatePage()],
    ['a page is empty and has a next one', emptyPageWithNext()],
    ['count changes', wrongCount(6)],
    ['a page is another one', withFields({ meta: { page: 1 } })],
    ['the next page is one that was read', withFields({ links: { next: '?page_size=100', previous: null } })],
    ['a page is gone', status(404, { detail: 'Invalid page.' })],
  ])('%s', async (_, effect) => {
    const secoda = await aSecodaWithGroups();
    secoda.faults.add({ on: LIST, nth: 2, effect });
    const connection = aConnection(secoda);
    expect(await secodaWorkspace(connection).groups()).toHaveLength(5);
    expect(connection.traffic().retries).toBe(1);
    expect(secoda.faults.pending).toBe(0);
  });

  test('it ends before the last of its pages', async () => {
    const secoda = await aSecodaWithGroups();
    secoda.faults.add({ on: LIST, nth: 3, effect: withFields({ total_pages: 4 }) });
    expect(await names(secoda)).toHaveLength(5);
    expect(secoda.requests).toHaveLength(6);
  });

  test('a group is deleted by somebody else', async () => {
    const secoda = await aSecodaWithGroups();
    const remove = () => secoda.state.removeGroup(secoda.state.group('A'));
    secoda.faults.add({ on: LIST, effect: after(remove) });
    expect(await names(secoda)).toEqual(['B', 'C', 'D', 'E']);
  });

  test('a group is created by somebody else', async () => {
    const secoda = await aSecodaWithGroups();
    const add = () => secoda.state.addGroup({ name: 'F' });
    secoda.faults.add({ on: LIST, nth: 2, effect: before(add) });
    expect(await names(secoda)).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  });
});

describe('a list that never agrees with itself is no list', () => {
  test.each([
    ['repeats', repeatPage(), 2, 'page 2 repeated '],
    ['falls short', truncatePage(), 3, 'it listed 4 groups on 3 pages, and count said 5'],
    ['has more than count says', wrongCount(1), 1, 'it listed 2 groups by page 1, and count said 1'],
    ['changes its count', wrongCount(7), 2, 'count went from 5 to 7 on page 2'],
    ['goes round', withFields({ links: { next: '?page_size=100' } }), 2, 'had been read before'],
    ['ends early', withFields({ total_pages: 9 }), 3, 'it ended after page 3, and total_pages said 9'],
  ])('%s', async (_, effect, page, words) => {
    const secoda = await aSecodaWithGroups();
    const when = ({ query }: { query: Readonly<Record<string, string>> }) =>
      (query.page ?? '1') === String(page);
    secoda.faults.add({ on: LIST, when, times: Infinity, effect });
    const error = await errorOf(names(secoda));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain(
      'GET /api/v1/auth/group contradicted itself each of the 4 times it was read',
    );
    expect(error.message).toContain(words);
    expect(secoda.requests.filter(({ query }) => query.page === undefined)).toHaveLength(4);
  });
});
