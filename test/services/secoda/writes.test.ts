import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { secodaWriter } from '../../../lambda/services/secoda/writer.ts';
import { AccessError, RefusedWrite, LeaseOver, WriteError } from '../../../lambda/errors.ts';
import type { GroupContent } from '../../../lambda/core/model/workspace.ts';
import type { WriteGate } from '../../../lambda/ports.ts';
import {
  carriedOut,
  type Effect,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  type SecodaOptions,
  showingNothing,
  status,
} from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate } from './setup.ts';

const UPDATE = 'secoda.group.update';
const DELETE = 'secoda.group.delete';
const HTML = { 'content-type': 'text/html' };

/** A workspace with a group of Ada, and what is to become of it: another name and text, and Bob for Ada. */
async function aGroup(options: SecodaOptions = {}, changes: Parameters<typeof aConnection>[1] = {}) {
  const secoda = await aSecoda(options);
  const { clock } = secoda;
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  const bob = secoda.state.addUser({ email: 'bob@acme.example' });
  const group = secoda.state.addGroup({ name: 'Old', description: 'Old text', icon: '🦆', users: [ada] });
  const connection = aConnection(secoda, changes);
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
    update: () => writer.update({ id: group.id, name: 'Old' }, content, gate),
    patch: (fields: Partial<GroupContent>) => writer.update({ id: group.id, name: 'Old' }, fields, gate),
    remove: () => writer.remove(group.id, gate),
    writes: () => secoda.requests.filter(({ method }) => method !== 'GET').length,
  };
}

test('an update is one metered PATCH, and returns what Secoda shows', async () => {
  const { secoda, gate, group, content, update } = await aGroup();
  const updated = await update();
  const shown = { id: group.id, ...content, updatedAt: group.updatedAt };
  expect(updated).toEqual({ group: shown, doubt: null });
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
  expect((await update()).group.userIds).toEqual([]);
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
    expect(await update()).toMatchObject({ group: { name: 'Data' } });
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
    expect(await update()).toEqual({
      group: { id: group.id, ...content, updatedAt: group.updatedAt },
      doubt: null,
    });
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

test('an update sends no more than the fields that it is given', async () => {
  const { secoda, bob, patch } = await aGroup();
  for (const [fields, body] of [
    [{ userIds: [bob.id] }, { users: [bob.id] }],
    [{ name: 'Data' }, { name: 'Data' }],
    [{ description: '' }, { description: '' }],
  ] as const) {
    await patch(fields);
    expect(JSON.parse(secoda.requests.at(-1)?.body ?? '')).toEqual(body);
  }
});

describe('where Secoda asks for a name with each PATCH', () => {
  test('it is sent along from then on, as the group shows it', async () => {
    const { secoda, bob, patch } = await aGroup({ patchNeedsName: true });
    await patch({ userIds: [bob.id] });
    await patch({ description: 'Text' });
    const patches = secoda.requests.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { users: [bob.id] },
      { users: [bob.id], name: 'Old' },
      { description: 'Text', name: 'Old' },
    ]);
    expect(secoda.state.memberEmails('Old')).toEqual(['bob@acme.example']);
  });

  test.each([
    ['by the field', { name: ['Dieses Feld ist zwingend.'] }, 2],
    ['in words', { detail: 'The name of the group is required.' }, 2],
    ['not at all', { users: ['Not this one.'] }, 1],
  ])('%s', async (_, said, count) => {
    const { secoda, bob, patch, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect: status(400, said) });
    expect(await errorOf(patch({ userIds: [bob.id] }))).toBeInstanceOf(RefusedWrite);
    expect(writes()).toBe(count);
  });
});

describe('an accepted update that does not show the group is looked up, where it answers', () => {
  test.each(showingNothing)('%s', async (_, effect) => {
    const { secoda, group, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect });
    const { group: seen, doubt } = await update();
    expect(seen).toMatchObject({ id: group.id, name: 'Old', description: 'Old text' });
    expect(doubt).toMatch(/^PATCH \S+ was answered 20[04] without the group \(.+\)$/);
    expect(writes()).toBe(1);
  });

  test.each(showingNothing)('%s, having taken effect', async (_, effect) => {
    const { secoda, content, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: carriedOut(effect) });
    const { group: seen, doubt } = await update();
    expect(seen).toMatchObject(content);
    expect(doubt).not.toBeNull();
    expect(writes()).toBe(1);
  });

  test('and has failed if it is gone', async () => {
    const { secoda, update } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: status(204) });
    secoda.faults.add({ on: 'secoda.group.get', effect: status(404) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ server: false });
    expect(error.message).toContain(
      'was answered 204 without the group (nothing), and the group is gone (404)',
    );
  });

  test('and has failed if it cannot be looked up', async () => {
    const { secoda, update } = await aGroup();
    secoda.faults.add({ on: UPDATE, effect: status(204) });
    secoda.faults.add({ on: 'secoda.group.get', effect: html() });
    const error = await errorOf(update());
    expect(error).toMatchObject({ server: true });
    expect(error.message).toMatch(/without the group \(nothing\), and GET \S+ answered 200 without JSON/);
  });
});

describe('a deletion that is answered otherwise than by 204 is looked up, where it answers', () => {
  test.each(showingNothing.slice(1))('%s', async (_, effect) => {
    const { secoda, remove, writes } = await aGroup();
    secoda.faults.add({ on: DELETE, effect });
    expect((await errorOf(remove())).message).toMatch(
      /^DELETE \S+ was answered 200 .*, and the group is not seen to be gone$/,
    );
    secoda.faults.add({ on: DELETE, effect: carriedOut(effect) });
    await remove();
    expect(writes()).toBe(2);
  });
});

describe('a change that Secoda refuses fails once, in its own words:', () => {
  test.each([
    [400, { users: ['Invalid pk "7"'] }, '(400), Secoda said: {"users":["Invalid pk \\"7\\""]}'],
    [404, { detail: 'Not found.' }, '(404), Secoda said: Not found.'],
    [413, { detail: 'Too large.' }, '(413), Secoda said: Too large.'],
    [409, { detail: 'Conflict\u001b[31m' }, '(409), Secoda said: Conflict [31m'],
    [422, 'x'.repeat(5_000), `Secoda said: ${'x'.repeat(200)}…`],
    [400, 'emulated-secoda-key is odd', 'Secoda said: [hidden] is odd'],
    [400, '', 'Secoda said: nothing'],
  ])('%i %o', async (code, body, words) => {
    const { secoda, update, writes } = await aGroup();
    secoda.faults.add({ on: UPDATE, times: Infinity, effect: status(code, body) });
    const error = await errorOf(update());
    expect(error).toMatchObject({ name: 'WriteError', server: false });
    // A 404 finds no fault with what was sent: less of it would be no better.
    expect(error instanceof RefusedWrite).toBe(code !== 404);
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

test('a write says what it waits for: a limit, or a server that failed', async () => {
  const waits: unknown[] = [];
  const { secoda, update } = await aGroup({}, { onProgress: (event) => waits.push(event) });
  secoda.faults.add({ on: UPDATE, effect: status(429, {}, { 'retry-after': '17' }) });
  secoda.faults.add({ on: UPDATE, effect: status(503) });
  await update();
  expect(waits).toMatchObject([
    { kind: 'wait', reason: 'throttled', ms: 17_000 },
    { kind: 'wait', reason: 'failure' },
  ]);
});

describe('a lease that is over', () => {
  const closed: WriteGate = {
    enter: () => Promise.reject(new LeaseOver('over')),
    leave: () => expect.unreachable('nothing was sent'),
    throttled: () => undefined,
  };

  test('keeps every write from being sent', async () => {
    const { connection, group, content, writes } = await aGroup();
    const writer = secodaWriter(connection);
    for (const write of [
      () => writer.create(content, new Set(), closed),
      () => writer.update(group, content, closed),
      () => writer.remove(group.id, closed),
    ]) {
      expect(await errorOf(write())).toBeInstanceOf(LeaseOver);
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
    const error = await errorOf(secodaWriter(connection).update(group, content, gate));
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secoda.credentials.apiKey);
  }
});
