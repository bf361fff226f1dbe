import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { secodaWriter } from '../../lambda/edges/secoda/writer.ts';
import { AccessError, TurnOver, WriteError } from '../../lambda/errors.ts';
import type { WriteGate } from '../../lambda/ports.ts';
import {
  type Effect,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  type SecodaOptions,
  status,
} from '../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate } from './secoda-setup.ts';

const UPDATE = 'secoda.group.update';
const DELETE = 'secoda.group.delete';
const HTML = { 'content-type': 'text/html' };

/** A workspace with a group of Ada, and what is to become of it: another name and text, and Bob for Ada. */
async function aGroup(options: SecodaOptions = {}) {
  const secoda = await aSecoda(options);
  const { clock } = secoda;
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  const bob = secoda.state.addUser({ email: 'bob@acme.example' });
  const group = secoda.state.addGroup({ name: 'Old', description: 'Old text', icon: '🦆', users: [ada] });
  const connection = aConnection(secoda);
  const gate = new LoggingGate(clock);
  const writer = secodaWriter(connection);
  const content = { name: 'Data', description: 'New text', userIds: [bob.id] };
  return {
    secoda,
    connection,
    clock,
    gate,
    group,
    bob,
    content,
    update: () => writer.update(group.id, content, gate),
    remove: () => writer.remove(group.id, gate),
    writes: () => secoda.requests.filter(({ method }) => method !== 'GET').length,
  };
}

test('an update sends name, description and members in one metered PATCH, and returns what Secoda shows', async () => {
  const { secoda, gate, group, content, update } = await aGroup();
  const updated = await update();
  expect(updated).toEqual({ id: group.id, ...content, updatedAt: group.updatedAt });
  const sent = secoda.requests.at(-1);
  expect(sent).toMatchObject({ method: 'PATCH', path: `/api/v1/auth/group/${group.id}` });
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    name: 'Data',
    description: 'New text',
    users: content.userIds,
  });
  expect(gate.log).toEqual(['enter', 'leave']);
  expect(secoda.state.group(group.id).icon).toBe('🦆');
});

test('an update that is only partly honoured returns what Secoda shows', async () => {
  const { bob, update } = await aGroup({ invited: 'dropped' });
  bob.pending = true;
  expect((await update()).userIds).toEqual([]);
});

test('a deletion needs the gate, and does not count against the writes of a minute', async () => {
  const { secoda, gate, remove, connection } = await aGroup();
  await remove();
  expect(gate.log).toEqual(['enter unmetered', 'leave']);
  expect(secoda.state.groups.size).toBe(0);
  expect(connection.traffic()).toEqual({ reads: 1, writes: 1, throttled: 0, retries: 0 });
});

test('a group that is gone already counts as deleted', async () => {
  const { secoda, group, remove, writes } = await aGroup();
  secoda.state.removeGroup(group);
  await remove();
  expect(writes()).toBe(1);
});

test('a 404 that is not Secoda’s does not count as deleted', async () => {
  const { secoda, remove } = await aGroup();
  secoda.faults.add({ on: DELETE, effect: status(404, '<h1>Not Found</h1>', HTML) });
  const error = await errorOf(remove());
  expect(error).toBeInstanceOf(WriteError);
  expect(error.message).toContain('was refused (404), Secoda said: an HTML page');
});

const UNCERTAIN: [string, Effect][] = [
  ['a reset before it took effect', resetBefore()],
  ['a reset after it took effect', resetAfter()],
  ['no answer', hangBeforeHeaders()],
  ['no answer although it took effect', hangAfterEffect()],
  ['a 500', status(500)],
  ['a 502 of a proxy', status(502, '<html>', HTML)],
  ['a 408', status(408)],
];

describe('an update is sent again through the gate after', () => {
  test.each([...UNCERTAIN, ['half an answer', hangMidBody()] as const])('%s', async (_, effect) => {
    const { secoda, gate, connection, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect });
    expect(await update()).toMatchObject({ name: 'Data' });
    expect(writes()).toBe(2);
    expect(gate.log).toEqual(['enter', 'leave', 'enter', 'leave']);
    expect(connection.traffic()).toMatchObject({ writes: 2, retries: 1 });
    expect(secoda.state.memberEmails('Data')).toEqual(['bob@acme.example']);
  });
});

describe('a deletion is sent again through the gate after', () => {
  test.each(UNCERTAIN)('%s', async (_, effect) => {
    const { secoda, gate, remove, writes } = await aGroup();
    secoda.faults.add({ on: DELETE, effect });
    await remove();
    expect(writes()).toBe(2);
    expect(gate.log).toEqual(['enter unmetered', 'leave', 'enter unmetered', 'leave']);
    expect(secoda.state.groups.size).toBe(0);
  });
});

describe('after three attempts without an answer', () => {
  test('an update that took effect after all has succeeded', async () => {
    const { secoda, group, content, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: 3, effect: resetAfter() });
    expect(await update()).toEqual({ id: group.id, ...content, updatedAt: group.updatedAt });
    expect(writes()).toBe(3);
  });

  test('an update that did not has failed', async () => {
    const { secoda, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect: status(503, { detail: 'Down for repairs' }) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ name: 'WriteError', server: true });
    expect(error.message).toMatch(
      /^PATCH \/api\/v1\/auth\/group\/\S+ failed \(503, Secoda said: Down for repairs\); given up after 3 attempts/,
    );
    expect(writes()).toBe(3);
  });

  test('a deletion that took effect after all has succeeded', async () => {
    const { secoda, remove } = await aGroup();
    secoda.faults.add({ on: DELETE, effect: resetAfter() });
    secoda.faults.add({ on: DELETE, times: 2, effect: status(500) });
    await remove();
    expect(secoda.state.groups.size).toBe(0);
  });

  test('a deletion that did not has failed', async () => {
    const { secoda, remove } = await aGroup();
    secoda.faults.add({ on: DELETE, times: Infinity, effect: resetBefore() });
    expect(await errorOf(remove())).toMatchObject({ name: 'WriteError', server: true });
  });

  test.each([
    ['that hangs', hangBeforeHeaders()],
    ['that hangs in the middle', hangMidBody()],
    ['that fails', status(500)],
  ])('a dead server %s has been given up within 30 s', async (_, effect) => {
    const { secoda, clock, update, content } = await aGroup();
    secoda.faults.add({ on: /group\.(update|get)/, times: Infinity, effect });
    const start = clock.now();
    expect(await errorOf(update())).toMatchObject({ server: true });
    expect(clock.now() - start).toBeLessThanOrEqual(30_000);
    expect(content.name).toBe('Data');
  });
});

describe('an accepted update that does not show the group is looked up:', () => {
  test.each([
    ['nothing', status(204)],
    ['text', status(200, 'OK')],
    ['HTML', html()],
    ['another shape', status(200, { ok: true })],
    ['another group', status(200, { id: 'other', name: 'Other', users: [] })],
  ])('%s', async (_, effect) => {
    const { secoda, group, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect });
    expect(await update()).toMatchObject({ id: group.id, name: 'Old', description: 'Old text' });
    expect(writes()).toBe(1);
  });

  test('and has failed if it is gone', async () => {
    const { secoda, update } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: status(204) });
    secoda.faults.add({ on: 'secoda.group.get', effect: status(404) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ server: false });
    expect(error.message).toContain('accepted without showing the group, which is gone (404)');
  });

  test('and has failed if it cannot be looked up', async () => {
    const { secoda, update } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: status(204) });
    secoda.faults.add({ on: 'secoda.group.get', effect: html() });
    const error = await errorOf(update());
    expect(error).toMatchObject({ server: true });
    expect(error.message).toMatch(
      /accepted without showing the group, and GET \S+ answered 200 without JSON/,
    );
  });
});

describe('a change that Secoda refuses fails once, in its own words:', () => {
  test.each([
    [400, { users: ['Invalid pk "7"'] }, '(400), Secoda said: {"users":["Invalid pk \\"7\\""]}'],
    [404, { detail: 'Not found.' }, '(404), Secoda said: Not found.'],
    [409, { detail: 'Conflict\u001b[31m' }, '(409), Secoda said: Conflict [31m'],
    [422, 'x'.repeat(5_000), `Secoda said: ${'x'.repeat(200)}…`],
    [400, 'emulated-secoda-key is odd', 'Secoda said: [hidden] is odd'],
    [400, '', 'Secoda said: nothing'],
  ])('%i %o', async (code, body, words) => {
    const { secoda, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect: status(code, body) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ name: 'WriteError', server: false });
    expect(error.message).toContain('was refused');
    expect(error.message).toContain(words);
    expect(writes()).toBe(1);
  });
});

test('a key without the right to write stops everything, and says what to do', async () => {
  const { secoda, group, gate } = await aGroup();
  const connection = aConnection(secoda, { apiKey: secoda.credentials.viewerKey });
  const error = await errorOf(secodaWriter(connection).remove(group.id, gate));
  expect(error).toBeInstanceOf(AccessError);
  expect(error.message).toContain(
    `DELETE /api/v1/auth/group/${group.id}: the Secoda API key lacks the right`,
  );
  expect(error.message).toContain('made by an Admin');
});

describe('a write that is throttled tells the gate, and waits there', () => {
  test.each([
    ['as long as Retry-After says', { 'retry-after': '17' }, 17],
    ['a window where it does not', {}, 60],
  ])('%s', async (_, headers, seconds) => {
    const { secoda, gate, clock, connection, update } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: status(429, {}, headers) });
    const start = clock.now();
    await update();
    expect(clock.now() - start).toBeGreaterThanOrEqual(seconds * 1000);
    expect(gate.log).toEqual(['enter', 'leave', `throttled for ${seconds} s`, 'enter', 'leave']);
    expect(connection.traffic()).toMatchObject({ writes: 2, throttled: 1, retries: 1 });
  });

  test('until it has been throttled five times in a row', async () => {
    const { secoda, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect: status(429, {}, { 'retry-after': '2' }) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ name: 'WriteError', server: true });
    expect(error.message).toContain('was throttled (429); given up after 5 attempts');
    expect(error.message).toContain('Lower secoda.writesPerMinute');
    expect(writes()).toBe(5);
  });
});

describe('a turn that is over', () => {
  const closed: WriteGate = {
    enter: () => Promise.reject(new TurnOver('over')),
    leave: () => expect.unreachable('nothing was sent'),
    throttled: () => undefined,
  };

  test('keeps every write from being sent', async () => {
    const { connection, group, content, writes } = await aGroup();
    const writer = secodaWriter(connection);
    for (const write of [
      () => writer.create(content, new Set(), closed),
      () => writer.update(group.id, content, closed),
      () => writer.remove(group.id, closed),
    ]) {
      expect(await errorOf(write())).toBeInstanceOf(TurnOver);
    }
    expect(writes()).toBe(0);
  });
});

test('a writer that cannot even read says that nothing was written', async () => {
  const { secoda, update, writes } = await aGroup();
  secoda.faults.add({ on: 'secoda.group.list', times: Infinity, effect: status(500) });
  const error = await errorOf(update());
  expect(error).toMatchObject({ name: 'WriteError', server: true });
  expect(error.message).toContain('Nothing was written: GET /api/v1/auth/group failed (500');
  expect(writes()).toBe(0);
});

test('the key is in no error, however it is printed', async () => {
  for (const effect of [resetBefore(), status(400, 'emulated-secoda-key'), status(429), status(401)]) {
    const { secoda, connection, group, content } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect });
    const gate = { enter: () => Promise.resolve(), leave: () => undefined, throttled: () => undefined };
    const error = await errorOf(secodaWriter(connection).update(group.id, content, gate));
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secoda.credentials.apiKey);
  }
});
