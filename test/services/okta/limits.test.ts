import { describe, expect, test } from 'vitest';
import { SourceError } from '../../../lambda/errors.ts';
import type { OktaProgress } from '../../../lambda/services/okta/pace.ts';
import { type OktaEmulator, status } from '../../emulators/index.ts';
import { oktaTooMany, oktaTooManyAtOnce } from '../../emulators/too-many.ts';
import { aDirectory, anOrg, errorOf } from './setup.ts';

function addGroups(okta: OktaEmulator, count: number): string[] {
  return Array.from({ length: count }, (_, number) => okta.state.addGroup({ name: `Group ${number}` }).id);
}

/** The most requests that began within any 60 s. */
function busiestMinute(okta: OktaEmulator): number {
  const times = okta.requests.map(({ at }) => at);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));
}

describe('the pace', () => {
  test.each([3, 10, 50])('meets no 429 with a bucket of %d a minute', async (groupsPerMinute) => {
    const okta = await anOrg({ groupsPerMinute });
    const ids = addGroups(okta, groupsPerMinute * 3);
    const directory = aDirectory(okta);
    const read = await Promise.all(ids.map((id) => directory.members(id)));
    expect(read).toHaveLength(ids.length);
    expect(okta.throttled).toBe(0);
    expect(directory.traffic()).toMatchObject({ reads: ids.length, throttled: 0, retries: 0 });
  });

  test('leaves a tenth of the bucket to others', async () => {
    const okta = await anOrg({ groupsPerMinute: 20 });
    const directory = aDirectory(okta);
    await Promise.all(addGroups(okta, 50).map((id) => directory.members(id)));
    const windows = new Map<number, number>();
    for (const { at } of okta.requests) {
      const window = Math.floor(at / 60_000);
      windows.set(window, (windows.get(window) ?? 0) + 1);
    }
    expect(Math.max(...windows.values())).toBeLessThanOrEqual(18);
  });

  test('sends no more than its share in any minute', async () => {
    const okta = await anOrg({ groupsPerMinute: 10_000 });
    const directory = aDirectory(okta, { requestsPerMinute: 25 });
    await Promise.all(addGroups(okta, 80).map((id) => directory.members(id)));
    expect(busiestMinute(okta)).toBe(25);
  });

  test('does not wait where nothing forbids it', async () => {
    const okta = await anOrg();
    const waits: OktaProgress[] = [];
    const onProgress = (progress: OktaProgress): void => {
      if (progress.kind === 'wait') waits.push(progress);
    };
    const directory = aDirectory(okta, { onProgress });
    await Promise.all(addGroups(okta, 100).map((id) => directory.members(id)));
    expect(waits).toEqual([]);
  });

  test('has at most five requests under way, and one until the bucket is known', async () => {
    const okta = await anOrg({ latencyMs: 20, concurrency: 5 });
    const ids = addGroups(okta, 30);
    let underWay = 0;
    let most = 0;
    const counted = {
      name: 'counted',
      kind: 'before',
      run: () => (most = Math.max(most, (underWay += 1))),
    } as const;
    okta.faults.add({ on: /./, times: Infinity, effect: counted });
    const directory = aDirectory(okta);
    await Promise.all(
      ids.map(async (id) => {
        await directory.members(id);
        underWay -= 1;
      }),
    );
    expect(most).toBe(5);
    expect(okta.throttled).toBe(0);
  });

  test('says what it waits for', async () => {
    const okta = await anOrg();
    const seen: OktaProgress[] = [];
    const directory = aDirectory(okta, {
      requestsPerMinute: 1,
      onProgress: (progress) => seen.push(progress),
    });
    await directory.groups();
    await directory.groups();
    expect(seen).toMatchObject([
      { kind: 'read', what: 'groups', rows: 0 },
      { kind: 'wait', reason: 'pace' },
      { kind: 'read', what: 'groups', rows: 0 },
    ]);
  });
});

describe('a 429', () => {
  test('is waited out until the bucket is filled again, by the clock of Okta', async () => {
    const okta = await anOrg({ skewMs: -3_600_000 });
    const reset = Math.floor((okta.clock.now() - 3_600_000) / 1000) + 20;
    okta.faults.add({ on: 'okta.group.list', effect: oktaTooMany(reset) });

    const directory = aDirectory(okta);
    expect(await directory.groups()).toEqual([]);
    const [first, second] = okta.requests.map(({ at }) => at);
    const waited = (second ?? NaN) - (first ?? NaN);
    expect(waited).toBeGreaterThan(19_000);
    expect(waited).toBeLessThan(40_000);
    expect(directory.traffic()).toMatchObject({ reads: 2, throttled: 1, retries: 1 });
  });

  test('holds back the other requests of the same bucket', async () => {
    const okta = await anOrg();
    const ids = addGroups(okta, 6);
    const reset = Math.floor(okta.clock.now() / 1000) + 20;
    okta.faults.add({ on: 'okta.group.list', effect: oktaTooMany(reset) });
    const directory = aDirectory(okta);
    await Promise.all([directory.groups(), ...ids.map((id) => directory.members(id))]);
    const [struck, ...others] = okta.requests;
    expect(struck?.status).toBe(429);
    expect(others).toHaveLength(7);
    expect(others.every(({ at }) => at >= reset * 1000)).toBe(true);
  });

  test('for too many at once is a short pause, whatever its reset says', async () => {
    const okta = await anOrg();
    const reset = Math.floor(okta.clock.now() / 1000) + 600;
    okta.faults.add({ on: 'okta.group.list', times: 2, effect: oktaTooManyAtOnce(reset) });
    const startedAt = okta.clock.now();
    const directory = aDirectory(okta);
    await directory.groups();
    expect(okta.clock.now() - startedAt).toBeLessThan(15_000);
    expect(directory.traffic()).toMatchObject({ reads: 3, throttled: 2, retries: 2 });
  });

  test('with nothing but Retry-After is waited out as long', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.group.list', effect: status(429, {}, { 'retry-after': '30' }) });
    const startedAt = okta.clock.now();
    await aDirectory(okta).groups();
    expect(okta.clock.now() - startedAt).toBe(30_000);
  });

  test('outlasts the deadline for a dead server', async () => {
    const okta = await anOrg();
    const later = status(429, {}, { 'retry-after': '50' });
    okta.faults.add({ on: 'okta.group.list', times: 3, effect: later });
    expect(await aDirectory(okta).groups()).toEqual([]);
  });

  test('that never ends is given up', async () => {
    const okta = await anOrg();
    okta.faults.add({
      on: 'okta.group.list',
      times: Infinity,
      effect: status(429, {}, { 'retry-after': '1' }),
    });
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(
      /^GET \/api\/v1\/groups: Okta answered 429 .*; given up after 10 attempts in \d+ s$/,
    );
  });
});
