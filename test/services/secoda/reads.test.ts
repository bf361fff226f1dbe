import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { SecodaProgress } from '../../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { AccessError, SourceError } from '../../../lambda/errors.ts';
import {
  dropField,
  type Effect,
  errorBodyWith200,
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  rewrite,
  status,
} from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf } from './setup.ts';

const LIST = 'secoda.user.list';
const HTML = { 'content-type': 'text/html' };

async function aListWith(effect: Effect, times = 1) {
  const secoda = await aSecoda();
  secoda.state.addUser({ email: 'ada@acme.example' });
  secoda.faults.add({ on: LIST, effect, times });
  const progress: SecodaProgress[] = [];
  const { clock } = secoda;
  const connection = aConnection(secoda, { onProgress: (event) => progress.push(event) });
  return { secoda, connection, clock, progress, users: () => secodaWorkspace(connection).users() };
}

describe('a read is repeated after', () => {
  test.each([
    ['a reset', resetBefore()],
    ['a reset after all was done', resetAfter()],
    ['no answer', hangBeforeHeaders()],
    ['half an answer', hangMidBody()],
    ['a 500', status(500)],
    ["a proxy's 502", status(502, '<html>Bad gateway</html>', HTML)],
    ['a 503 without a body', status(503, '')],
  ])('%s', async (_, effect) => {
    const { connection, users, progress } = await aListWith(effect);
    expect(await users()).toHaveLength(1);
    expect(connection.traffic()).toEqual({ reads: 2, writes: 0, throttled: 0, retries: 1 });
    expect(progress[0]).toEqual({ kind: 'wait', reason: 'failure', ms: 250 });
  });
});

describe('a read that is throttled waits', () => {
  test.each([
    ['as many seconds as Retry-After says', () => ({ 'retry-after': '7' }), 7_000],
    [
      'until the date of Retry-After, by the clock of the answer',
      (): Record<string, string> => ({
        'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT',
        date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      }),
      9_000,
    ],
    ['a second where Retry-After says now', () => ({ 'retry-after': '0' }), 1_000],
    ['a whole window without Retry-After', () => ({}), 60_000],
  ] as const)('%s', async (_, headers, ms) => {
    const { connection, users, clock, progress } = await aListWith(status(429, {}, headers()));
    const start = clock.now();
    expect(await users()).toHaveLength(1);
    expect(clock.now() - start).toBeGreaterThanOrEqual(ms);
    expect(progress[0]).toEqual({ kind: 'wait', reason: 'throttled', ms });
    expect(connection.traffic()).toEqual({ reads: 2, writes: 0, throttled: 1, retries: 1 });
  });
});

test('a read that stays throttled ends after two hours', async () => {
  const { users, clock } = await aListWith(status(429, {}, { 'retry-after': '0' }), Infinity);
  const start = clock.now();
  const error = await errorOf(users());
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toContain('GET /api/v1/user page 1 is throttled (429); given up after');
  expect(clock.now() - start).toBeGreaterThan(2 * 3_600_000);
});

test('a read that is throttled for an hour waits that long', async () => {
  const { users, clock, progress } = await aListWith(status(429, {}, { 'retry-after': '3600' }));
  const start = clock.now();
  expect(await users()).toHaveLength(1);
  expect(clock.now() - start).toBe(3_600_000);
  expect(progress[0]).toEqual({ kind: 'wait', reason: 'throttled', ms: 3_600_000 });
});

describe('a dead server ends a read within 30 s', () => {
  test.each([
    ['that resets', resetBefore()],
    ['that hangs', hangBeforeHeaders()],
    ['that hangs in the middle', hangMidBody()],
    ['that fails', status(500)],
  ])('%s', async (_, effect) => {
    const { users, clock } = await aListWith(effect, Infinity);
    const start = clock.now();
    const error = await errorOf(users());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain('/api/v1/user');
    expect(error.message).toMatch(/given up after \d+ attempts in \d+ s$/);
    expect(clock.now() - start).toBeLessThanOrEqual(30_000);
  });
});

test('a server that is not there ends a read with its address', async () => {
  const secoda = await aSecoda();
  const connection = aConnection(secoda);
  await secoda.close();
  const error = await errorOf(secodaWorkspace(connection).groups());
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toContain(`GET ${secoda.url}/api/v1/auth/group: `);
});

describe('an answer that makes no sense is not asked for again:', () => {
  const field = (name: string, value: string) =>
    rewrite((reply) => ({
      ...reply,
      body: JSON.stringify(reply.body).replace(new RegExp(`"${name}":("[^"]*"|true)`), `"${name}":${value}`),
    }));
  test.each([
    ['HTML', html(), 'answered 200 without JSON: an HTML page. Check that the address'],
    ['text', status(200, 'OK'), 'answered 200 without JSON: OK.'],
    ['nothing', status(204), 'answered 204 without JSON'],
    [
      'an error with 200',
      errorBodyWith200(),
      'links: expected an object, got nothing (the field is missing)',
    ],
    ['a list', status(200, []), 'the answer: expected an object, got a list'],
    ['no count', dropField('count'), 'count: expected a number, got nothing'],
    ['no results', dropField('results'), 'results: expected a list, got nothing'],
    ['no id', dropField('results.0.id'), 'results[0].id: expected a string, got nothing'],
    ['no email', dropField('results.0.email'), 'results[0].email: expected a string or null, got nothing'],
    [
      'a number for an email',
      field('email', '7'),
      'results[0].email: expected a string or null, got a number',
    ],
    [
      'an empty id',
      field('id', '""'),
      'results[0].id: expected a string that is not empty, got an empty string',
    ],
    [
      'a 400',
      status(400, { detail: 'No such\u0000 thing\n\u202e' }),
      'answered 400, Secoda said: No such thing',
    ],
    ['a 404', status(404, '<h1>Not Found</h1>', HTML), 'answered 404, Secoda said: an HTML page'],
  ])('%s', async (_, effect, words) => {
    const { users, connection } = await aListWith(effect, Infinity);
    const error = await errorOf(users());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain(`GET /api/v1/user page 1`);
    expect(error.message).toContain(words);
    expect(connection.traffic().retries).toBe(0);
  });
});

test('an error names the page and the row', async () => {
  const secoda = await aSecoda({ maxPageSize: 2 });
  for (const email of ['a', 'b', 'c', 'd']) secoda.state.addUser({ email: `${email}@acme.example` });
  secoda.faults.add({ on: LIST, nth: 2, effect: dropField('results.1.email') });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).users());
  expect(error.message).toMatch(/^GET \/api\/v1\/user page 2: results\[1\]\.email: expected/);
});

test('fields that are optional may be missing, and unknown ones are passed over', async () => {
  const secoda = await aSecoda({ userFields: 'none' });
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  const group = secoda.state.addGroup({ name: 'Data' });
  secoda.faults.add({ on: LIST, effect: dropField('results.*.role') });
  secoda.faults.add({ on: 'secoda.group.list', effect: dropField('results.*.updated_at') });
  const workspace = secodaWorkspace(aConnection(secoda));
  expect(await workspace.users()).toEqual([{ id: ada.id, email: ada.email, active: null }]);
  expect(await workspace.groups()).toMatchObject([{ id: group.id, updatedAt: null }]);
});

test.each(['name', 'users', 'id'])('a group without %s is a broken read', async (name) => {
  const secoda = await aSecoda();
  secoda.state.addGroup({ name: 'Data' });
  secoda.faults.add({ on: 'secoda.group.list', effect: dropField(`results.0.${name}`) });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).groups());
  expect(error.message).toContain(`GET /api/v1/auth/group page 1: results[0].${name}: expected`);
});

test('a group with an id that could name another resource is a broken read', async () => {
  const secoda = await aSecoda();
  secoda.state.addGroup({ name: 'Data', id: '../user' });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).groups());
  expect(error.message).toContain('results[0].id: expected an id of letters, digits and dashes');
});

test('a 404 that is not Secoda’s does not mean that a group is gone', async () => {
  const secoda = await aSecoda();
  const { id } = secoda.state.addGroup({ name: 'Data' });
  const effect = status(404, '<h1>Not Found</h1>', HTML);
  secoda.faults.add({ on: 'secoda.group.get', times: Infinity, effect });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).group(id));
  expect(error).toBeInstanceOf(SourceError);
});

test('another group than the one that was asked for is a broken read', async () => {
  const secoda = await aSecoda();
  const { id } = secoda.state.addGroup({ name: 'Data' });
  secoda.faults.add({
    on: 'secoda.group.get',
    effect: status(200, { id: 'other', name: 'Other', users: [] }),
  });
  const error = await errorOf(secodaWorkspace(aConnection(secoda)).group(id));
  expect(error.message).toBe(`GET /api/v1/auth/group/${id} answered with another group, other`);
});

test.each([
  [401, 'does not accept the API key', 'create a new one'],
  [403, 'lacks the right', 'made by an Admin'],
])('a %i says what to do, once, and never shows the key', async (code, words, fix) => {
  const { secoda, users, connection } = await aListWith(resetBefore(), 0);
  const said = { detail: `The key ${secoda.credentials.apiKey} is no good` };
  secoda.faults.clear();
  secoda.faults.add({ on: LIST, times: Infinity, effect: status(code, said) });
  const error = await errorOf(users());
  expect(error).toBeInstanceOf(AccessError);
  expect(error.message).toContain('GET /api/v1/user page 1');
  expect(error.message).toContain(words);
  expect(error.message).toContain(fix);
  expect(error.message).toContain('The key [hidden] is no good');
  expect(connection.traffic().reads).toBe(1);
});

test('the key is in no error, however it is printed', async () => {
  for (const effect of [
    resetBefore(),
    hangMidBody(),
    status(400, 'emulated-secoda-key'),
    html(),
    status(401),
  ]) {
    const { secoda, users } = await aListWith(effect, Infinity);
    const error = await errorOf(users());
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secoda.credentials.apiKey);
  }
});

test('the key is not shown by a connection that is printed', async () => {
  const secoda = await aSecoda();
  const printed = inspect(aConnection(secoda), { depth: 10, showHidden: true });
  expect(printed).not.toContain(secoda.credentials.apiKey);
});
