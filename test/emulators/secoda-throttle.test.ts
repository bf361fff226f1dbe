import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { type Answer, askSecoda } from './ask.ts';
import { type SecodaEmulator, startSecoda, status } from './index.ts';

let secoda: SecodaEmulator;
let clock: HeldClock;

beforeEach(async () => {
  clock = new HeldClock();
  secoda = await startSecoda({ clock, writesPerMinute: 2 });
});
afterEach(() => secoda.close());

const create = (): Promise<Answer> => askSecoda(secoda, 'POST', '/api/v1/auth/group', { name: 'Data' });

test('writes over the limit are told in how many seconds one will be allowed', async () => {
  await create();
  clock.advance(10_500);
  await create();
  const refused = await create();
  expect(refused).toMatchObject({
    status: 429,
    json: { detail: 'Request was throttled. Expected available in 50 seconds.' },
  });
  expect(refused.headers.get('retry-after')).toBe('50');
  expect(secoda.throttled).toBe(1);
  expect(secoda.state.groups.size).toBe(2);
});

test('the window slides: each write frees its place after a minute', async () => {
  await create();
  clock.advance(30_000);
  await create();
  clock.advance(29_999);
  expect((await create()).status).toBe(429);
  clock.advance(1);
  expect((await create()).status).toBe(201);
  expect((await create()).headers.get('retry-after')).toBe('30');
});

test('refused attempts do not prolong the wait', async () => {
  await create();
  await create();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    clock.advance(12_000);
    await create();
  }
  expect(secoda.state.groups.size).toBe(3);
});

test('POST and PATCH of all paths count together; reads and deletions do not count', async () => {
  const group = secoda.state.addGroup({ name: 'Data' });
  await askSecoda(secoda, 'PATCH', `/api/v1/auth/group/${group.id}`, { name: 'BI' });
  await askSecoda(secoda, 'POST', '/api/v1/user', { emails: ['ada@acme.example'] });
  expect((await create()).status).toBe(429);
  expect((await askSecoda(secoda, 'GET', '/api/v1/auth/group')).status).toBe(200);
  expect((await askSecoda(secoda, 'DELETE', `/api/v1/auth/group/${group.id}`)).status).toBe(204);
});

test('a write that fails before it reaches the throttle does not count', async () => {
  secoda.faults.add({ on: 'secoda.group.create', times: 3, effect: status(500) });
  for (let attempt = 0; attempt < 3; attempt += 1) await create();
  expect((await create()).status).toBe(201);
  expect((await create()).status).toBe(201);
  expect((await create()).status).toBe(429);
});
