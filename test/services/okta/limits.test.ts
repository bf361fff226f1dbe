import { describe, expect, test } from 'vitest';
import { SourceError } from '../../../lambda/errors.ts';
import { type OktaProgress, bucketOf } from '../../../lambda/services/okta/pace.ts';
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
    const directory = aDirectory(okta, { onProgress: (progress) => waits.push(progress) });
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
    expect(seen).toMatchObject([{ kind: 'wait', reason: 'pace' }]);
  });
});

describe("with requestsPerMinute 'auto'", () => {
  const auto = { requestsPerMinute: 'auto' } as const;

  test.each([
    [600, 240],
    [100, 40],
    [3, 1],
  ])('of a bucket of %d a minute it takes %d', async (groupsPerMinute, share) => {
    const okta = await anOrg({ groupsPerMinute });
    const directory = aDirectory(okta, auto);
    await Promise.all(addGroups(okta, share * 2 + 1).map((id) => directory.members(id)));
    expect(busiestMinute(okta)).toBe(share);
  });

  test('50 a minute are asked for while Okta does not say how many it allows', async () => {
    const okta = await anOrg({ rateHeaders: 'none' });
    const directory = aDirectory(okta, auto);
    await Promise.all(addGroups(okta, 120).map((id) => directory.members(id)));
    expect(busiestMinute(okta)).toBe(50);
  });

  test('each bucket has a share of its own', async () => {
    const okta = await anOrg({ groupsPerMinute: 100, groupPerMinute: 100 });
    const directory = aDirectory(okta, auto);
    const ids = addGroups(okta, 40);
    await Promise.all(ids.flatMap((id) => [directory.members(id), directory.group(id)]));
    expect(busiestMinute(okta)).toBe(80);
  });

  test('less is taken while others are busy, and the whole share when they have done', async () => {
    const okta = await anOrg({ groupsPerMinute: 100 });
    const ids = addGroups(okta, 70);
    const others = aDirectory(okta);
    await Promise.all(ids.slice(0, 50).map((id) => others.members(id)));
    const directory = aDirectory(okta, auto);
    await Promise.all(ids.map((id) => directory.members(id)));
    const windows = okta.requests.slice(50).map(({ at }) => Math.floor(at / 60_000));
    const perWindow = [...new Set(windows)].map((each) => windows.filter((window) => window === each).length);
    expect(perWindow.slice(0, 2)).toEqual([20, 40]);
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

  test('that never ends is given up after two hours', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.group.list', times: Infinity, effect: status(429) });
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(
      /^GET \/api\/v1\/groups: Okta answered 429 .*; given up after \d+ attempts in 7\d{3} s$/,
    );
  });

  const past = oktaTooMany(1);
  test.each([
    ['nothing', status(429)],
    ['a reset that is past', past],
    ['that it may come now', status(429, {}, { 'retry-after': '0' })],
    ['a date that is past', status(429, {}, { 'retry-after': 'Thu, 01 Jan 2015 00:00:00 GMT' })],
    ['words', status(429, {}, { 'retry-after': 'soon' })],
  ])('that says %s is never met with a burst, nor by those who ask for the same', async (_, effect) => {
    const okta = await anOrg();
    const ids = addGroups(okta, 6);
    okta.faults.add({ on: 'okta.group.users', times: 12, effect });
    const directory = aDirectory(okta);
    const read = await Promise.all(ids.map((id) => directory.members(id)));
    expect(read).toEqual(ids.map(() => []));
    const times = okta.requests.filter(({ status }) => status === 429).map(({ at }) => at);
    expect(times).toHaveLength(12);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
  });
});

describe('whatever the headers look like', () => {
  test.each(['doubled', 'past', 'none'] as const)(
    'that tell a limit (%s), each person of a small org is read',
    async (rateHeaders) => {
      const okta = await anOrg({ rateHeaders, groupsPerMinute: 12 });
      const directory = aDirectory(okta);
      const read = await Promise.all(addGroups(okta, 40).map((id) => directory.members(id)));
      expect(read.every((members) => members?.length === 0)).toBe(true);
      if (rateHeaders === 'doubled') expect(okta.throttled).toBe(0);
      const refused = okta.requests.filter(({ status }) => status === 429).map(({ at }) => at);
      const gaps = refused.slice(1).map((at, index) => at - (refused[index] ?? 0));
      expect(gaps.filter((ms) => ms > 0 && ms < 1000)).toEqual([]);
    },
  );
});

describe('buckets are known by the shape of a path', () => {
  test.each([true, false])(
    'whether or not lists of members have one of their own (%s)',
    async (membersApart) => {
      const okta = await anOrg({ membersApart, groupsPerMinute: 20, groupPerMinute: 30 });
      const ids = addGroups(okta, 60);
      const directory = aDirectory(okta);
      await Promise.all([directory.groups(), ...ids.map((id) => directory.members(id))]);
      await Promise.all(ids.map((id) => directory.group(id)));
      expect(okta.throttled).toBe(0);
    },
  );

  test('a single group is asked for while the lists have to wait', async () => {
    const okta = await anOrg();
    const [id = ''] = addGroups(okta, 1);
    const reset = Math.floor(okta.clock.now() / 1000) + 50;
    okta.faults.add({ on: 'okta.group.list', effect: oktaTooMany(reset) });
    const directory = aDirectory(okta);
    const listing = directory.groups();
    expect(await directory.group(id)).not.toBeNull();
    await listing;
    const at = (route: string): number => okta.requests.findLast((each) => each.route === route)?.at ?? 0;
    expect(at('okta.group.get')).toBeLessThan(at('okta.group.list') - 40_000);
  });

  test.each([
    ['/api/v1/groups', 'groups'],
    ['/api/v1/groups/00g1/users', 'groups'],
    ['/api/v1/groups/00g1', 'groups/{id}'],
    ['/api/v1/apps/0oa1/groups', 'apps'],
    ['/api/v1/apps/0oa1/groups/00g1', 'apps'],
    ['/api/v1/users', 'users'],
    ['/api/v1/users/ada%40acme.com', 'users/{id}'],
    ['/api/v1/users/ada%40acme.com/groups', 'users/{id}/groups'],
  ])('%s', (path, bucket) => {
    expect(bucketOf(path)).toBe(bucket);
  });
});
