import { describe, expect, test } from 'vitest';
import { secodaWriter } from '../../../lambda/services/secoda/writer.ts';
import { AccessError, LeaseOver } from '../../../lambda/errors.ts';
import type { WriteGate } from '../../../lambda/ports.ts';
import {
  after,
  before,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  rewrite,
  type SecodaOptions,
  status,
} from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate } from './setup.ts';

const CREATE = 'secoda.group.create';
const MARKER = 'Managed by Okta (00g1) via okta. Changes made in Secoda are overwritten.';

/** A workspace with a group of the same name that was there before, and one to create. */
async function aCreation(options: SecodaOptions = {}) {
  const secoda = await aSecoda(options);
  const { clock } = secoda;
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  const older = secoda.state.addGroup({ name: 'Data', description: MARKER });
  const content = { name: 'Data', description: `${MARKER}\nAll of it`, userIds: [ada.id] };
  const connection = aConnection(secoda);
  const gate = new LoggingGate(clock);
  const created = () => [...secoda.state.groups.values()].filter((group) => group !== older);
  return {
    secoda,
    connection,
    clock,
    gate,
    older,
    content,
    created,
    create: () => secodaWriter(connection).create(content, new Set([older.id]), gate),
    posts: () => secoda.requests.filter(({ method }) => method === 'POST').length,
  };
}

test('a creation is one metered POST, and returns what Secoda shows', async () => {
  const { create, content, created, gate, posts } = await aCreation();
  const { group } = await create();
  expect(created()).toHaveLength(1);
  expect(group).toEqual({ id: created()[0]?.id, ...content, updatedAt: created()[0]?.updatedAt });
  expect(gate.log).toEqual(['enter', 'leave']);
  expect(posts()).toBe(1);
});

describe('a creation that took effect without an answer is found, and not repeated, after', () => {
  test.each([
    ['a reset', resetAfter()],
    ['no answer', hangAfterEffect()],
    ['half an answer', hangMidBody()],
    ['a 502 in its place', rewrite(() => ({ status: 502, headers: [], body: '<html>' }))],
    ['a 201 without a body', rewrite(() => ({ status: 201, headers: [], body: undefined }))],
    ['a 201 of another shape', rewrite(() => ({ status: 201, headers: [], body: { ok: true } }))],
    ['a 200 of HTML', rewrite(() => ({ status: 200, headers: [], body: '<html>' }))],
  ])('%s', async (_, effect) => {
    const { secoda, create, content, created, posts } = await aCreation();
    secoda.faults.add({ on: CREATE, effect });
    const { group } = await create();
    expect(created()).toHaveLength(1);
    expect(group).toMatchObject({ id: created()[0]?.id, ...content });
    expect(posts()).toBe(1);
  });
});

describe('a creation that took no effect is sent again through the gate after', () => {
  test.each([
    ['a reset', resetBefore()],
    ['no answer', hangBeforeHeaders()],
    ['a 500', status(500)],
    ['a 504', status(504, '')],
  ])('%s', async (_, effect) => {
    const { secoda, create, connection, created, gate, posts } = await aCreation();
    secoda.faults.add({ on: CREATE, times: 2, effect });
    const { group } = await create();
    expect(created().map(({ id }) => id)).toEqual([group.id]);
    expect(posts()).toBe(3);
    expect(gate.log).toEqual(['enter', 'leave', 'enter', 'leave', 'enter', 'leave']);
    expect(connection.traffic()).toMatchObject({ writes: 3, retries: 2 });
  });
});

test('a creation that takes effect after the first look is found by the second', async () => {
  const { secoda, create, created, posts } = await aCreation();
  const { promise: looked, resolve } = Promise.withResolvers<undefined>();
  secoda.faults.add({ on: CREATE, effect: before(() => looked) });
  // The first list is the writer's own, to learn how paths end.
  secoda.faults.add({ on: 'secoda.group.list', nth: 2, effect: after(() => resolve(undefined)) });
  const { group } = await create();
  expect(created().map(({ id }) => id)).toEqual([group.id]);
  expect(posts()).toBe(1);
});

test('a creation that Secoda trims and shortens is still found', async () => {
  const { secoda, connection, older, gate, created, posts } = await aCreation({
    descriptionLimit: 100,
    longDescription: 'truncated',
    nameTrim: true,
  });
  secoda.faults.add({ on: CREATE, effect: resetAfter() });
  const content = { name: ' Data', description: `${MARKER}\n${'x'.repeat(500)}`, userIds: [] };
  const { group } = await secodaWriter(connection).create(content, new Set([older.id]), gate);
  expect(created().map(({ id }) => id)).toEqual([group.id]);
  expect(posts()).toBe(1);
});

test('a new group of the same name and another marker is not taken for the one that was asked for', async () => {
  const { secoda, create, created, posts } = await aCreation();
  const other = () => secoda.state.addGroup({ name: 'Data', description: 'Made by hand' });
  secoda.faults.add({ on: CREATE, effect: resetBefore() });
  secoda.faults.add({ on: 'secoda.group.list', effect: after(other) });
  const { group } = await create();
  expect(posts()).toBe(2);
  expect(created()).toHaveLength(2);
  expect(secoda.state.group(group.id).description).toContain(MARKER);
});

test('more than one new group of the same name and marker is reported, and nothing is guessed', async () => {
  const { secoda, create, content, posts } = await aCreation();
  secoda.state.addGroup({ name: content.name, description: content.description });
  secoda.faults.add({ on: CREATE, effect: resetAfter() });
  const error = await errorOf(create());
  expect(error).toMatchObject({ name: 'WriteError', server: false });
  expect(error.message).toContain('2 new groups of this name and description are listed');
  expect(posts()).toBe(1);
});

test('an accepted creation that is not listed has failed, and is not sent again', async () => {
  const { secoda, create, posts } = await aCreation();
  secoda.faults.add({ on: CREATE, times: Infinity, effect: html() });
  const error = await errorOf(create());
  expect(error).toMatchObject({ name: 'WriteError', server: true });
  expect(error.message).toContain('POST /api/v1/auth/group answered 200 without JSON');
  expect(error.message).toContain('no such group is listed');
  expect(posts()).toBe(1);
});

test('an answer that shows a group that existed before is not believed', async () => {
  const { secoda, older, create, posts } = await aCreation();
  const shown = { id: older.id, name: 'Data', description: MARKER, users: [] };
  secoda.faults.add({ on: CREATE, effect: status(201, shown) });
  const error = await errorOf(create());
  expect(error.message).toContain(`answered with a group that existed before, ${older.id}`);
  expect(posts()).toBe(1);
});

test('a creation is given up after three POSTs', async () => {
  const { secoda, create, created, posts } = await aCreation();
  secoda.faults.add({ on: CREATE, times: Infinity, effect: status(503) });
  const error = await errorOf(create());
  expect(error).toMatchObject({ name: 'WriteError', server: true });
  expect(error.message).toContain('POST /api/v1/auth/group failed (503');
  expect(posts()).toBe(3);
  expect(created()).toEqual([]);
});

test('a creation is not sent again when no look succeeds', async () => {
  const { secoda, connection, create, posts } = await aCreation();
  connection.habits.slashKnown = true;
  secoda.faults.add({ on: CREATE, effect: resetAfter() });
  secoda.faults.add({ on: 'secoda.group.list', times: Infinity, effect: status(500) });
  const error = await errorOf(create());
  expect(error).toMatchObject({ name: 'WriteError', server: true });
  expect(error.message).toContain('whether the group exists is unknown, since GET /api/v1/auth/group page 1');
  expect(posts()).toBe(1);
});

test('a throttled creation waits at the gate, and is sent once more without a look', async () => {
  const { secoda, create, created, gate, posts } = await aCreation();
  secoda.faults.add({ on: CREATE, effect: status(429, {}, { 'retry-after': '3' }) });
  await create();
  expect(gate.log).toEqual(['enter', 'leave', 'throttled for 3 s', 'enter', 'leave']);
  expect(created()).toHaveLength(1);
  expect(posts()).toBe(2);
  expect(secoda.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
});

test('the writes of a minute are never exceeded through a gate that waits', async () => {
  const { secoda, connection, older, gate } = await aCreation({ writesPerMinute: 2 });
  const writer = secodaWriter(connection);
  const known = new Set([older.id]);
  for (const name of ['A', 'B', 'C'])
    await writer.create({ name, description: '', userIds: [] }, known, gate);
  expect(secoda.state.groups.size).toBe(4);
  expect(connection.traffic()).toMatchObject({ writes: 4, throttled: 1 });
});

test('a refused creation fails once', async () => {
  const { create, posts } = await aCreation({ duplicateNames: 'refused' });
  const error = await errorOf(create());
  expect(error).toMatchObject({ name: 'WriteError', server: false });
  expect(error.message).toContain('user group with this name already exists');
  expect(posts()).toBe(1);
});

test('after a POST without an answer, another new group with that first line or that name is not ours', async () => {
  const { secoda, create, content, created } = await aCreation();
  const { name, description } = content;
  secoda.faults.add({ on: CREATE, effect: resetBefore() });
  secoda.state.addGroup({ name: 'Copy', description });
  secoda.state.addGroup({ name, description: 'By hand' });
  const { group } = await create();
  expect(group.name).toBe(name);
  expect(created().map((each) => [each.name, each.description])).toEqual([
    ['Copy', description],
    [name, 'By hand'],
    [name, description],
  ]);
});

test('a lease that ends before a second POST leaves the rest to the next slice', async () => {
  const { secoda, connection, content, older, posts } = await aCreation();
  secoda.faults.add({ on: CREATE, effect: resetBefore() });
  const gate: WriteGate = {
    enter: () => (posts() === 0 ? Promise.resolve() : Promise.reject(new LeaseOver('over'))),
    leave: () => undefined,
    throttled: () => undefined,
  };
  const error = await errorOf(secodaWriter(connection).create(content, new Set([older.id]), gate));
  expect(error).toBeInstanceOf(LeaseOver);
  expect(posts()).toBe(1);
});

test('a key without the right to write stops everything', async () => {
  const { secoda, content, gate, created } = await aCreation();
  const connection = aConnection(secoda, { apiKey: secoda.credentials.viewerKey });
  const error = await errorOf(secodaWriter(connection).create(content, new Set(), gate));
  expect(error).toBeInstanceOf(AccessError);
  expect(created()).toEqual([]);
});
