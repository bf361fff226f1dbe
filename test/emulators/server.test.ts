import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { atRest } from '../time/under-way.ts';
import { ask, askOkta, askSecoda } from './ask.ts';
import { type SecodaEmulator, startOkta, startSecoda } from './index.ts';

let secoda: SecodaEmulator;

beforeEach(async () => {
  secoda = await startSecoda();
});
afterEach(() => secoda.close());

test('a path that is not emulated is a 404 that says so, and is remembered', async () => {
  const answer = await askSecoda(secoda, 'GET', '/api/v1/teams?page=1');
  expect(answer.status).toBe(404);
  expect(answer.json).toEqual({ detail: 'The Secoda emulator does not know GET /api/v1/teams' });
  expect(secoda.unknown).toEqual(['GET /api/v1/teams']);
});

test('a method that a path does not have is unknown too', async () => {
  const { state } = secoda;
  const group = state.addGroup({ name: 'Data' });
  const answer = await askSecoda(secoda, 'PUT', `/api/v1/auth/group/${group.id}`, { name: 'BI' });
  expect(answer.status).toBe(404);
  expect(secoda.unknown).toEqual([`PUT /api/v1/auth/group/${group.id}`]);
});

test('a body that is not JSON is refused, and says so', async () => {
  const headers = {
    authorization: `Bearer ${secoda.credentials.apiKey}`,
    'content-type': 'application/json',
  };
  const answer = await ask(`${secoda.url}/api/v1/auth/group`, { method: 'POST', headers, body: '{"name":' });
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({ detail: 'The body is not valid JSON.' });
});

test('a body of another content type is refused, and says so', async () => {
  const headers = { authorization: `Bearer ${secoda.credentials.apiKey}`, 'content-type': 'text/plain' };
  const answer = await ask(`${secoda.url}/api/v1/auth/group`, {
    method: 'POST',
    headers,
    body: '{"name":"BI"}',
  });
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({ detail: "Expected the content type application/json, got 'text/plain'." });
});

test('a query parameter that is not known is refused, and says so', async () => {
  const answer = await askSecoda(secoda, 'GET', '/api/v1/user?limit=5');
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual({
    detail: "The query parameter 'limit' is not known here. Known: page, page_size.",
  });
});

test('a query parameter that is given twice is refused', async () => {
  const answer = await askSecoda(secoda, 'GET', '/api/v1/user?page=1&page=2');
  expect(answer.status).toBe(400);
});

test('a body where none belongs is refused', async () => {
  const group = secoda.state.addGroup({ name: 'Data' });
  const answer = await askSecoda(secoda, 'DELETE', `/api/v1/auth/group/${group.id}`, {});
  expect(answer.status).toBe(400);
  expect(secoda.state.groups.size).toBe(1);
});

test('every request is logged with its route, its parts and its status', async () => {
  const clock = new HeldClock();
  const timed = await startSecoda({ clock });
  clock.advance(1500);
  await askSecoda(timed, 'POST', '/api/v1/auth/group/', { name: 'Data' });
  await askSecoda(timed, 'GET', '/api/v1/auth/group?page=1&page_size=5');
  await timed.close();
  expect(timed.requests).toMatchObject([
    {
      at: Date.UTC(2026, 0, 1) + 1500,
      route: 'secoda.group.create',
      method: 'POST',
      path: '/api/v1/auth/group/',
      body: '{"name":"Data"}',
      headers: { authorization: 'Bearer emulated-secoda-key' },
      status: 201,
      fault: null,
    },
    { route: 'secoda.group.list', query: { page: '1', page_size: '5' }, body: '', status: 200 },
  ]);
});

test('answers are chunked and the connection is kept', async () => {
  const { headers } = await askSecoda(secoda, 'GET', '/api/v1/user');
  expect(headers.get('transfer-encoding')).toBe('chunked');
  expect(headers.get('content-length')).toBeNull();
  expect(headers.get('connection')).toBe('keep-alive');
});

test('closing ends requests that are under way', async () => {
  const slow = await startSecoda({ latencyMs: Infinity, clock: new HeldClock() });
  const asked = askSecoda(slow, 'GET', '/api/v1/user');
  const refused = expect(asked).rejects.toThrow('fetch failed');
  await atRest();
  expect(slow.requests).toHaveLength(1);
  await slow.close();
  await refused;
  expect(slow.requests[0]?.status).toBeNull();
});

test('two emulators run side by side, and a port that is taken is an error', async () => {
  const okta = await startOkta();
  const port = Number(new URL(okta.url).port);
  await expect(startSecoda({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect((await askOkta(okta, '/api/v1/groups')).status).toBe(200);
  await okta.close();
});
