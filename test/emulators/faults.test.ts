import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { atRest } from '../time/under-way.ts';
import { type Answer, askSecoda, rows } from './ask.ts';
import {
  after,
  before,
  type Effect,
  errorBodyWith200,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  type Json,
  resetAfter,
  resetBefore,
  rewrite,
  type SecodaEmulator,
  secodaTooMany,
  slow,
  startSecoda,
  status,
} from './index.ts';

let clock: HeldClock;
let secoda: SecodaEmulator;

beforeEach(async () => {
  clock = new HeldClock();
  secoda = await startSecoda({ clock });
});
afterEach(() => secoda.close());

function create(effect?: Effect, signal?: AbortSignal): Promise<Answer> {
  if (effect !== undefined) secoda.faults.add({ on: 'secoda.group.create', effect });
  return askSecoda(secoda, 'POST', '/api/v1/auth/group', { name: 'Data' }, signal);
}

const groupNames = (): string[] => [...secoda.state.groups.values()].map(({ name }) => name);

/** What becomes of a request when the emulator closes under it. */
async function endOf(asked: Promise<unknown>): Promise<string> {
  const end = asked.then(
    () => 'answered',
    () => 'broken off',
  );
  await secoda.close();
  return end;
}

test('a status is answered in place of the handler, with the body of the service', async () => {
  const answer = await create(status(503));
  expect(answer.status).toBe(503);
  expect(answer.json).toEqual({ detail: 'The emulator was told to fail.' });
  expect(groupNames()).toEqual([]);
});

test('a status can have a body and headers of its own', async () => {
  const answer = await create(status(429, { detail: 'Slow down' }, { 'retry-after': '7' }));
  expect(answer).toMatchObject({ status: 429, json: { detail: 'Slow down' } });
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(secoda.throttled).toBe(1);
});

test("the write throttle's 429 can come without a hint when to try again", async () => {
  const answer = await create(secodaTooMany());
  expect(answer).toMatchObject({ status: 429, json: { detail: 'Request was throttled.' } });
  expect(answer.headers.has('retry-after')).toBe(false);
});

test('a page for people can come in place of JSON', async () => {
  const answer = await create(html());
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(answer.text).toContain('<h1>Sign in</h1>');
});

test('an error can come with the status 200', async () => {
  expect(await create(errorBodyWith200())).toMatchObject({
    status: 200,
    json: { detail: 'Internal Server Error' },
  });
});

test('a reset before the handler leaves no effect', async () => {
  await expect(create(resetBefore())).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(groupNames()).toEqual([]);
  expect(secoda.requests).toMatchObject([{ status: null, fault: 'resetBefore' }]);
});

test('a reset after the handler leaves its effect', async () => {
  await expect(create(resetAfter())).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(groupNames()).toEqual(['Data']);
  expect(secoda.requests).toMatchObject([{ status: null, fault: 'resetAfter' }]);
});

test('a hang before the headers has no effect and no answer', async () => {
  const asked = create(hangBeforeHeaders());
  await atRest();
  expect(secoda.requests).toHaveLength(1);
  expect(await endOf(asked)).toBe('broken off');
  expect(groupNames()).toEqual([]);
});

test('a hang after the effect has no answer', async () => {
  const asked = create(hangAfterEffect());
  await atRest();
  expect(groupNames()).toEqual(['Data']);
  expect(await endOf(asked)).toBe('broken off');
});

test('a hang in the middle of the body comes after its head', async () => {
  secoda.faults.add({ on: 'secoda.group.list', effect: hangMidBody() });
  const headers = { authorization: `Bearer ${secoda.credentials.apiKey}` };
  const response = await fetch(`${secoda.url}/api/v1/auth/group`, { headers });
  expect(response.status).toBe(200);
  expect(await endOf(response.text())).toBe('broken off');
});

test('a slow call takes effect even when its client has given up', async () => {
  const giveUp = new AbortController();
  const holder = clock.enter();
  const asked = create(slow(50), giveUp.signal);
  await atRest();
  expect(secoda.requests).toHaveLength(1);
  giveUp.abort();
  await expect(asked).rejects.toThrow('aborted');
  expect(groupNames()).toEqual([]);
  holder.leave();
  await clock.sleep(50);
  expect(groupNames()).toEqual(['Data']);
});

test('a callback can change the state before the handler runs', async () => {
  const seen: Json[] = [];
  const answer = await create(
    before((request) => {
      seen.push(request.body);
      secoda.state.addGroup({ name: 'Earlier' });
    }),
  );
  expect(answer.status).toBe(201);
  expect(seen).toEqual(['{"name":"Data"}']);
  expect(groupNames()).toEqual(['Earlier', 'Data']);
});

test('a callback after the handler is waited for before the answer goes out', async () => {
  const events: string[] = [];
  const answered = create(
    after(async () => {
      events.push(`handled ${groupNames().join()}`);
      await new Promise(setImmediate);
      events.push('called back');
    }),
  ).then(() => events.push('answered'));
  await answered;
  expect(events).toEqual(['handled Data', 'called back', 'answered']);
});

test('a rewrite changes the answer and not the effect', async () => {
  const answer = await create(rewrite((reply) => ({ ...reply, status: 200, body: { ok: true } })));
  expect(answer).toMatchObject({ status: 200, json: { ok: true } });
  expect(groupNames()).toEqual(['Data']);
});

test('a fault strikes from its nth call on, as often as it says, and then no more', async () => {
  secoda.faults.add({ on: 'secoda.user.list', nth: 2, times: 2, effect: status(500) });
  const statuses: number[] = [];
  for (let call = 1; call <= 5; call += 1)
    statuses.push((await askSecoda(secoda, 'GET', '/api/v1/user')).status);
  expect(statuses).toEqual([200, 500, 500, 200, 200]);
  expect(secoda.faults.pending).toBe(0);
});

test('a fault can be for several routes, and for some of their requests', async () => {
  secoda.faults.add({
    on: /^secoda\.(user|group)\.list$/,
    when: ({ query }) => query.page === '1',
    times: Infinity,
    effect: status(502),
  });
  expect((await askSecoda(secoda, 'GET', '/api/v1/user?page=1')).status).toBe(502);
  expect((await askSecoda(secoda, 'GET', '/api/v1/auth/group?page=1')).status).toBe(502);
  expect((await askSecoda(secoda, 'GET', '/api/v1/auth/group')).status).toBe(200);
  expect(secoda.faults.pending).toBe(1);
  secoda.faults.clear();
  expect((await askSecoda(secoda, 'GET', '/api/v1/user?page=1')).status).toBe(200);
});

test('of two faults that are due, the one added first strikes first', async () => {
  secoda.faults.add({ on: 'secoda.user.list', effect: status(500) });
  secoda.faults.add({ on: 'secoda.user.list', effect: status(502) });
  const statuses: number[] = [];
  for (let call = 1; call <= 3; call += 1)
    statuses.push((await askSecoda(secoda, 'GET', '/api/v1/user')).status);
  expect(statuses).toEqual([500, 502, 200]);
});

test('a callback that fails is an answer with its message', async () => {
  const answer = await create(
    before(() => {
      throw new Error('no such thing');
    }),
  );
  expect(answer.status).toBe(500);
  expect(answer.json).toEqual({ detail: 'The Secoda emulator failed: no such thing' });
  expect(rows(answer)).toEqual([]);
});
