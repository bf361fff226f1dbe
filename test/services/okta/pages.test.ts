import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextLinks } from '../../../lambda/services/okta/pages.ts';
import { SourceError } from '../../../lambda/errors.ts';
import {
  emptyPageWithNext,
  type Header,
  html,
  nextOnAnotherHost,
  type OktaEmulator,
  repeatPage,
  type Reply,
  rewrite,
} from '../../emulators/index.ts';
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

test('a group that is listed twice under two names is a contradiction', async () => {
  const okta = await anOrgOfPages(3);
  const [first] = [...okta.state.groups.values()];
  if (first === undefined) throw new Error('there are groups');
  const again = rewrite((reply) => ({ ...reply, body: [{ id: first.id, profile: { name: 'Renamed' } }] }));
  okta.faults.add({ on: 'okta.group.list', nth: 2, effect: again });
  const error = await errorOf(aDirectory(okta).groups());
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toBe(
    `GET /api/v1/groups (page 2): ${first.id} is listed twice with different data: run again`,
  );
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
