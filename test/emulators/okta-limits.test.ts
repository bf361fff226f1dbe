import { afterEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { atRest } from '../time/under-way.ts';
import { type Answer, askOkta } from './ask.ts';
import { type OktaEmulator, type OktaOptions, startOkta } from './index.ts';

let okta: OktaEmulator;
const clock = new HeldClock(Date.UTC(2026, 0, 1, 12, 0, 30));

async function start(options: OktaOptions): Promise<void> {
  okta = await startOkta({ clock, ...options });
}
afterEach(() => okta.close());

const get = (path: string): Promise<Answer> => askOkta(okta, path);

function limits({ headers }: Answer): (string | null)[] {
  return ['limit', 'remaining', 'reset'].map((part) => headers.get(`x-rate-limit-${part}`));
}

const nextMinute = String(Date.UTC(2026, 0, 1, 12, 1) / 1000);

test('lists and members of groups share one bucket, and every answer tells what is left', async () => {
  await start({ groupsPerMinute: 3 });
  const group = okta.state.addGroup({ name: 'Data' });
  expect(limits(await get('/api/v1/groups'))).toEqual(['3', '2', nextMinute]);
  expect(limits(await get(`/api/v1/groups/${group.id}/users`))).toEqual(['3', '1', nextMinute]);
  expect(limits(await get('/api/v1/groups/unknown/users'))).toEqual(['3', '0', nextMinute]);
  expect(limits(await get(`/api/v1/groups/${group.id}`))).toEqual(['1000', '999', nextMinute]);
});

test('over the limit there is a 429 until the window ends, and other buckets are not concerned', async () => {
  await start({ groupsPerMinute: 1 });
  await get('/api/v1/groups');
  const refused = await get('/api/v1/groups');
  expect(refused).toMatchObject({ status: 429, json: { errorCode: 'E0000047' } });
  expect(limits(refused)).toEqual(['1', '0', nextMinute]);
  expect(okta.throttled).toBe(1);
  expect((await get('/api/v1/users')).status).toBe(200);
  clock.advance(30_000);
  expect((await get('/api/v1/groups')).status).toBe(200);
});

test('too many requests at once are a 429 with a limit of zero', async () => {
  await start({ concurrency: 2, latencyMs: Infinity });
  const waiting = Promise.allSettled([get('/api/v1/groups'), get('/api/v1/users')]);
  await atRest();
  expect(okta.requests).toHaveLength(2);
  const refused = await get('/api/v1/apps/0oa1');
  expect(refused).toMatchObject({ status: 429, json: { errorCode: 'E0000047' } });
  expect(refused.headers.get('x-rate-limit-limit')).toBe('0');
  await okta.close();
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test("Okta's clock can be ahead of everyone's", async () => {
  await start({ clock: new HeldClock(Date.UTC(2026, 0, 1)), skewMs: 120_000 });
  const group = okta.state.addGroup({ name: 'Data' });
  const answer = await get('/api/v1/groups');
  expect(answer.headers.get('date')).toBe('Thu, 01 Jan 2026 00:02:00 GMT');
  expect(answer.headers.get('x-rate-limit-reset')).toBe(String(Date.UTC(2026, 0, 1, 0, 3) / 1000));
  expect(group.lastMembershipUpdated).toBe('2026-01-01T00:02:00.000Z');
});

test('timestamps have the precision of a second', async () => {
  await start({ clock: new HeldClock(Date.UTC(2026, 0, 1) + 999) });
  expect(okta.state.addGroup({ name: 'Data' }).created).toBe('2026-01-01T00:00:00.000Z');
});
