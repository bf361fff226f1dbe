import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OktaProgress } from '../../../lambda/services/okta/pace.ts';
import { nextLinks } from '../../../lambda/services/okta/pages.ts';
import { SourceError } from '../../../lambda/errors.ts';
import {
  emptyPageWithNext,
  hangBeforeHeaders,
  type Header,
  html,
  nextOnAnotherHost,
  type OktaEmulator,
  repeatPage,
  type Reply,
  rewrite,
  slow,
  status,
} from '../../emulators/index.ts';
import { oktaErrorBody } from '../../emulators/okta-errors.ts';
import { aDirectory, anOrg, errorOf } from './setup.ts';

async function anOrgOfPages(pages: number): Promise<OktaEmulator> {
  const okta = await anOrg({ pageCap: 1, cursorLength: 2_500 });
  for (let number = 1; number <= pages; number += 1) okta.state.addGroup({ name: `Group ${number}` });
  return okta;
}

const withLinks = (change: (links: string[], reply: Reply) => readonly string[]) =>
  rewrite((reply) => {
    const links = reply.headers.filter(([name]) => name === 'link').map(([, value]) => value);
    const others = reply.headers.filter(([name]) => name !== 'link');
    return {
      ...reply,
      headers: [...others, ...change(links, reply).map((link): Header => ['link', link])],
    };
  });

const LIST = { on: 'okta.group.list', times: Infinity };

test('a list is read to its end, over cursors of any length', async () => {
  const okta = await anOrgOfPages(7);
  const groups = await aDirectory(okta).groups();
  expect(groups.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6, 7].map((number) => `Group ${number}`));
  expect(okta.requests.every(({ query }) => query['limit'] === '200')).toBe(true);
});

test('a list goes on past an empty page', async () => {
  const okta = await anOrgOfPages(4);
  okta.faults.add({ on: 'okta.group.list', nth: 2, effect: emptyPageWithNext() });
  expect((await aDirectory(okta).groups()).map(({ name }) => name)).toEqual([
    'Group 1',
    'Group 3',
    'Group 4',
  ]);
});

test('links joined into one header are told apart', async () => {
  const okta = await anOrgOfPages(3);
  okta.faults.add({ ...LIST, effect: withLinks((links) => [links.toReversed().join(', ')]) });
  expect(await aDirectory(okta).groups()).toHaveLength(3);
});

test('a page that comes twice adds nothing and takes nothing away', async () => {
  const okta = await anOrgOfPages(3);
  okta.faults.add({ on: 'okta.group.list', nth: 2, effect: repeatPage() });
  expect((await aDirectory(okta).groups()).map(({ name }) => name)).toEqual(['Group 1', 'Group 3']);
});

describe('a list that shifts while it is read', () => {
  const movedRow = (okta: OktaEmulator) => {
    const [first] = [...okta.state.groups.values()];
    return rewrite((reply) => ({ ...reply, body: [{ id: first?.id ?? '', profile: { name: 'Renamed' } }] }));
  };
  const shifts = [
    ['forgets its cursor (400)', () => status(400, oktaErrorBody('E0000001'))],
    ['forgets its cursor (410)', () => status(410)],
    ['shows a row again, changed', movedRow],
  ] as const;

  test.each(shifts)('and %s is read again from its start, three times', async (_, effect) => {
    const okta = await anOrgOfPages(3);
    okta.faults.add({ on: 'okta.group.list', nth: 2, effect: effect(okta) });
    okta.faults.add({ on: 'okta.group.list', nth: 4, effect: effect(okta) });
    okta.faults.add({ on: 'okta.group.list', nth: 6, effect: effect(okta) });
    const told: OktaProgress[] = [];
    const directory = aDirectory(okta, { onProgress: (progress) => told.push(progress) });
    const start = okta.clock.now();
    const groups = await directory.groups();
    expect(groups.map(({ name }) => name)).toEqual(['Group 1', 'Group 2', 'Group 3']);
    expect(okta.requests).toHaveLength(9);
    // A second before each time.
    expect(okta.clock.now() - start).toBe(3_000);
    const wait = { kind: 'wait', reason: 'failure', ms: 1_000 };
    expect(told).toEqual([wait, wait, wait]);
    expect(directory.traffic().retries).toBe(3);
  });

  test.each(shifts)('and %s each time is not believed', async (_, effect) => {
    const okta = await anOrgOfPages(3);
    okta.faults.add({ ...LIST, when: ({ query }) => query['after'] !== undefined, effect: effect(okta) });
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(
      /^GET \/api\/v1\/groups.*, each of the 4 times the list was read: is it being changed\? Run again later$/,
    );
    expect(okta.requests).toHaveLength(8);
  });

  test('is one of members, too', async () => {
    const okta = await anOrg({ pageCap: 1 });
    const members = ['ada', 'bob', 'cleo'].map((name) => okta.state.addUser({ email: `${name}@acme.com` }));
    const { id } = okta.state.addGroup({ name: 'Data', members });
    okta.faults.add({ on: 'okta.group.users', nth: 3, effect: status(410) });
    expect(await aDirectory(okta).members(id)).toHaveLength(3);
  });

  test('is not one whose first page is refused', async () => {
    const okta = await anOrgOfPages(1);
    okta.faults.add({ on: 'okta.group.list', effect: status(400, oktaErrorBody('E0000001')) });
    expect(await errorOf(aDirectory(okta).groups())).toBeInstanceOf(SourceError);
    expect(okta.requests).toHaveLength(1);
  });
});

describe('counts that are too much for Okta', () => {
  const asked = (okta: OktaEmulator) => okta.requests.map(({ query }) => [query['limit'], query['expand']]);

  test.each([
    ['fail on large pages', { failsAbove: 50 }],
    ['take 13 s a page', { msPerRow: 65 }],
  ])('and %s are asked for in smaller ones, now and from then on', async (_, stats) => {
    const okta = await anOrg({ stats });
    for (let n = 0; n < 45; n += 1) okta.state.addGroup({ name: `Group ${n}` });
    const directory = aDirectory(okta);
    const groups = await directory.groups();
    expect(groups).toHaveLength(45);
    expect(groups.every(({ usersCount }) => usersCount === 0)).toBe(true);
    const before = okta.requests.length;
    await directory.groups();
    expect(asked(okta).slice(before)).toEqual([
      ['20', 'stats'],
      ['20', 'stats'],
      ['20', 'stats'],
    ]);
  });

  test.each([
    ['fail', { failsAbove: 0 }],
    ['take too long', { msPerRow: 1_000 }],
  ])('and always %s are done without', async (_, stats) => {
    const okta = await anOrg({ stats });
    okta.state.addGroup({ name: 'Data' });
    const start = okta.clock.now();
    expect(await aDirectory(okta).groups()).toMatchObject([{ name: 'Data', usersCount: null }]);
    expect(okta.clock.now() - start).toBeLessThan(30_000);
    expect(asked(okta).at(-1)).toEqual(['200', undefined]);
  });

  test('are no reason to take longer to find out that Okta is down', async () => {
    for (const effect of [status(503), hangBeforeHeaders()]) {
      const okta = await anOrg();
      okta.faults.add({ ...LIST, effect });
      const start = okta.clock.now();
      expect((await errorOf(aDirectory(okta).groups())).message).toMatch(/given up after \d+ attempts? in/);
      expect(okta.clock.now() - start).toBeLessThanOrEqual(30_000);
    }
  });

  test('that fail for a later page are asked for anew', async () => {
    const okta = await anOrg({ pageCap: 10 });
    for (let n = 0; n < 25; n += 1) okta.state.addGroup({ name: `Group ${n}` });
    const large = ({ query }: { query: Readonly<Record<string, string>> }): boolean =>
      query['limit'] === '200' && query['after'] !== undefined;
    okta.faults.add({ ...LIST, when: large, effect: status(500) });
    expect(await aDirectory(okta).groups()).toHaveLength(25);
  });
});

describe('a next page', () => {
  test('on another origin is not asked for, and that origin gets nothing', async () => {
    const okta = await anOrgOfPages(2);
    const elsewhere = await anOrg();
    okta.faults.add({ ...LIST, effect: nextOnAnotherHost(elsewhere.url) });

    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain(
      `the next page is said to be at ${elsewhere.url}; only ${okta.url} is asked`,
    );
    expect(error.message).toContain(`set okta.orgUrl (or OKTA_ORG_URL) to it`);
    expect(elsewhere.requests).toEqual([]);
    expect(okta.requests).toHaveLength(1);
  });

  test('may be named without the origin', async () => {
    const okta = await anOrgOfPages(2);
    const bare = withLinks((links) => links.map((link) => link.replace(okta.url, '')));
    okta.faults.add({ ...LIST, effect: bare });
    expect(await aDirectory(okta).groups()).toHaveLength(2);
  });

  test('is asked for as it is named, and for what the first one was asked for besides', async () => {
    const okta = await anOrgOfPages(2);
    let next = '';
    const named = withLinks((links) => {
      const changed = links.map((link) => link.replace('limit=200', 'limit=%350').replaceAll('+', '%20'));
      next ||= /<([^>]*)>; rel="next"/.exec(changed.join())?.[1] ?? '';
      return changed;
    });
    okta.faults.add({ ...LIST, effect: named });
    expect(await aDirectory(okta).groups()).toHaveLength(2);
    const [, second] = okta.requests;
    expect(`${okta.url}${second?.path}${second?.search}`).toBe(`${next}&expand=stats`);
  });

  test('that was read before is a list without an end', async () => {
    const okta = await anOrgOfPages(3);
    let first: readonly string[] = [];
    const loop = withLinks((links) => (first.length === 0 ? (first = links) : first));
    okta.faults.add({ ...LIST, effect: loop });
    expect((await errorOf(aDirectory(okta).groups())).message).toContain('the list has no end');
    expect(okta.requests).toHaveLength(2);
  });

  test('after next page without anything new comes to an end', async () => {
    const okta = await anOrgOfPages(2);
    let number = 0;
    const endless = withLinks(() => [`<${okta.url}/api/v1/groups?limit=200&q=${(number += 1)}>; rel="next"`]);
    okta.faults.add({ ...LIST, effect: endless });
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(/51 pages in a row brought nothing new/);
    expect(okta.requests).toHaveLength(1 + 51);
  });

  test.each([
    ['cut off', (links: string[]) => links.map((link) => link.slice(0, -20).replace('>', ''))],
    ['not a link', () => ['what is this?']],
    ['not an address', () => ['<http://[>; rel="next"']],
    ['given twice, differently', (links: string[]) => [...links, '</api/v1/groups?after=x>; rel="next"']],
  ])('whose link is %s ends the read', async (_, change) => {
    const okta = await anOrgOfPages(2);
    okta.faults.add({ ...LIST, effect: withLinks(change) });
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe(
      'GET /api/v1/groups: the Link header cannot be read, so the next page is not known',
    );
  });

  test('that fails leaves nothing of the pages before', async () => {
    const okta = await anOrgOfPages(3);
    okta.faults.add({ on: 'okta.group.list', nth: 3, effect: html() });
    expect(await errorOf(aDirectory(okta).groups())).toBeInstanceOf(SourceError);
  });
});

describe('a Link header', () => {
  test('is read as it is written, whatever is in its targets', () => {
    const target = fc.stringMatching(/^[a-z0-9:/?&=%,;"._ -]{1,40}$/);
    const relation = fc.constantFrom('self', 'next', 'prev', 'first next', 'NEXT');
    fc.assert(
      fc.property(fc.array(fc.tuple(target, relation), { maxLength: 5 }), (links) => {
        const header = links.map(([to, rel]) => `<${to}>; title="a, b"; rel="${rel}"`).join(', ');
        const next = links.filter(([, rel]) => /\bnext\b/i.test(rel)).map(([to]) => to);
        expect(nextLinks(header)).toEqual(next);
      }),
    );
  });

  test('may do without quotes', () => {
    expect(nextLinks('<a>;rel=self,<b>;rel=next')).toEqual(['b']);
  });

  test.each([
    '<a>; rel="self, <b>; rel="next"',
    '<a>; rel="self" <b>; rel="next"',
    '<a>; rel="next',
    '<a> rel="next"',
    '<a>; rel=',
    '<a>; rel="self"; title="b, <c>; rel=next',
    '<a>; rel="self",, <b>; rel="next"',
  ])('in which a next page could hide is never taken for the last one: %s', (header) => {
    expect(nextLinks(header)).toBeNull();
  });

  test('is looked through once, whatever it repeats', () => {
    expect(nextLinks(`<a>${'; '.repeat(8_000)}x"`)).toBeNull();
    expect(nextLinks(`<a>${'; '.repeat(8_000)}`)).toEqual([]);
  });
});

describe('members of large groups', () => {
  const sizes = ({ requests }: OktaEmulator): (string | undefined)[] =>
    requests.filter(({ route }) => route === 'okta.group.users').map(({ query }) => query['limit']);
  const large = async () => {
    const okta = await anOrg();
    const members = Array.from({ length: 501 }, (_, n) => okta.state.addUser({ email: `p${n}@acme.com` }));
    const [one, two] = ['One', 'Two'].map((name) => okta.state.addGroup({ name, members }).id);
    return { okta, directory: aDirectory(okta), one: one ?? '', two: two ?? '' };
  };

  test('are asked for five hundred at once', async () => {
    const { okta, directory, one } = await large();
    expect(await directory.members(one)).toHaveLength(501);
    expect(sizes(okta)).toEqual(['500', '500']);
  });

  test.each([
    ['takes more than three seconds', slow(3_100), ['500', '500']],
    ['fails', status(500), ['200', '200', '200']],
  ])('are asked for in pages of 200 once Okta %s', async (_, effect, first) => {
    const { okta, directory, one, two } = await large();
    const when = ({ query }: { query: Readonly<Record<string, string | undefined>> }) =>
      query['limit'] === '500';
    okta.faults.add({ on: 'okta.group.users', when, times: Infinity, effect });
    expect(await directory.members(one)).toHaveLength(501);
    expect(sizes(okta).slice(-first.length)).toEqual(first);
    okta.requests.splice(0);
    expect(await directory.members(two)).toHaveLength(501);
    expect(sizes(okta)).toEqual(['200', '200', '200']);
  });
});
