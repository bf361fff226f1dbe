import { describe, expect, test } from 'vitest';
import { pageSizesIn } from '../../../lambda/archive/complete-run.ts';
import { PageSizes } from '../../../lambda/services/secoda/learned-habits.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { SourceError } from '../../../lambda/errors.ts';
import {
  hangBeforeHeaders,
  hangMidBody,
  type SecodaEmulator,
  type SecodaOptions,
  status,
} from '../../emulators/index.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { aConnection, aSecoda, asked, errorOf } from './setup.ts';

const LIST = 'secoda.group.list';

/** More groups than a usual page holds. */
async function aLongList(options: SecodaOptions = {}): Promise<SecodaEmulator> {
  const secoda = await aSecoda(options);
  for (let n = 0; n < 250; n += 1) secoda.state.addGroup({ name: `Team ${n}` });
  return secoda;
}

type Query = { readonly query: Readonly<Record<string, string>> };
const isLarge = ({ query }: Query) => Number(query.page_size) > 100;

/** The page sizes of the requests since the last look. */
function sizes(secoda: SecodaEmulator): number[] {
  const seen = asked(secoda).map((line) => Number(/page_size=(\d+)/.exec(line)?.[1]));
  secoda.requests.length = 0;
  return seen;
}

describe('the pages of a long list', () => {
  test('are larger from the second reading on', async () => {
    const secoda = await aLongList();
    const workspace = secodaWorkspace(aConnection(secoda));
    expect(await workspace.groups()).toHaveLength(250);
    expect(sizes(secoda)).toEqual([100, 100, 100]);
    expect(await workspace.groups()).toHaveLength(250);
    expect(sizes(secoda)).toEqual([expect.toSatisfy((size: number) => size >= 300)]);
  });

  test('are larger at once for a connection that is told what another learned', async () => {
    const secoda = await aLongList();
    const pageSizes = new PageSizes();
    await secodaWorkspace(aConnection(secoda, { pageSizes })).groups();
    sizes(secoda);
    expect(await secodaWorkspace(aConnection(secoda, { pageSizes })).groups()).toHaveLength(250);
    expect(sizes(secoda)).toHaveLength(1);
  });

  test('are larger at once in the next run, until they are refused', async () => {
    const secoda = await aLongList();
    const archive = memoryArchive();
    const connect = () => aConnection(secoda, { pageSizes: new PageSizes(pageSizesIn(archive, 'okta')) });
    const workspace = () => secodaWorkspace(connect());
    expect(await workspace().groups()).toHaveLength(250);
    sizes(secoda);
    expect(await workspace().groups()).toHaveLength(250);
    expect(sizes(secoda)).toEqual([expect.toSatisfy((size: number) => size >= 300)]);
    secoda.faults.add({ on: LIST, when: isLarge, effect: status(413) });
    const connection = connect();
    expect(await secodaWorkspace(connection).groups()).toHaveLength(250);
    expect(sizes(secoda).slice(1)).toEqual([100, 100, 100]);
    expect(connection.traffic().retries).toBe(1);
    await workspace().groups();
    expect(sizes(secoda)).toEqual([100, 100, 100]);
  });

  test.each(['', '{', '{"pageSizes":{"groups":-1}}', '{"pageSizes":{"groups":1e9}}', '{"pageSizes":7}'])(
    'are as usual where what an earlier run left reads %j',
    async (text) => {
      const secoda = await aLongList();
      const archive = memoryArchive();
      await archive.write('reads/okta.short-way.json', text);
      const pageSizes = new PageSizes(pageSizesIn(archive, 'okta'));
      expect(await secodaWorkspace(aConnection(secoda, { pageSizes })).groups()).toHaveLength(250);
      expect(sizes(secoda)).toEqual([100, 100, 100]);
    },
  );

  test('may be capped by the server', async () => {
    const secoda = await aLongList({ maxPageSize: 120 });
    const workspace = secodaWorkspace(aConnection(secoda));
    await workspace.groups();
    expect(await workspace.groups()).toHaveLength(250);
  });

  test.each([400, 404, 413, 422])('are as before where a larger one is answered with %i', async (code) => {
    const secoda = await aLongList();
    secoda.faults.add({ on: LIST, when: isLarge, times: Infinity, effect: status(code) });
    const workspace = secodaWorkspace(aConnection(secoda));
    await workspace.groups();
    sizes(secoda);
    expect(await workspace.groups()).toHaveLength(250);
    expect(sizes(secoda).slice(1)).toEqual([100, 100, 100]);
    expect(await workspace.groups()).toHaveLength(250);
    expect(sizes(secoda)).toEqual([100, 100, 100]);
  });

  test.each([
    ['fails', status(500)],
    ['is not answered in time', hangBeforeHeaders()],
    ['does not end in time', hangMidBody()],
  ])('are as before where a larger one %s', async (_, effect) => {
    const secoda = await aLongList();
    secoda.faults.add({ on: LIST, when: isLarge, times: Infinity, effect });
    const workspace = secodaWorkspace(aConnection(secoda));
    await workspace.groups();
    const startedAt = secoda.clock.now();
    expect(await workspace.groups()).toHaveLength(250);
    expect(secoda.clock.now() - startedAt).toBeLessThanOrEqual(30_000);
    expect(sizes(secoda).slice(-3)).toEqual([100, 100, 100]);
  });

  test('are given up within the same 30 s when the server is dead', async () => {
    const secoda = await aLongList();
    const workspace = secodaWorkspace(aConnection(secoda));
    await workspace.groups();
    secoda.faults.add({ on: LIST, times: Infinity, effect: hangBeforeHeaders() });
    const startedAt = secoda.clock.now();
    expect(await errorOf(workspace.groups())).toBeInstanceOf(SourceError);
    expect(secoda.clock.now() - startedAt).toBeLessThanOrEqual(30_000);
  });
});

describe('the size of a page', () => {
  const list = { of: 'groups', pageSize: 100 } as const;
  const learned = (rows: number, characters: number, ms: number): number => {
    const pageSizes = new PageSizes();
    pageSizes.learn(list, { rows, characters, ms });
    return pageSizes.of(list);
  };

  test.each([
    ['as usual before anything was read', new PageSizes().of(list), 100],
    ['as usual after a list of one page', learned(100, 1_000, 1), 100],
    ['what keeps a page at two million characters', learned(500, 1_000_000, 1), 1_000],
    ['what is answered in three seconds', learned(500, 1, 2_500), 600],
    ['five thousand at most', learned(500, 1, 1), 5_000],
    ['never less than usual', learned(500, 1_000_000_000, 1_000_000), 100],
  ])('is %s', (_, size, expected) => {
    expect(size).toBe(expected);
  });

  test('shrinks again when larger pages lease out to be slow', () => {
    const pageSizes = new PageSizes();
    pageSizes.learn(list, { rows: 1_000, characters: 1_000, ms: 1_000 });
    pageSizes.learn(list, { rows: 1_000, characters: 1_000, ms: 10_000 });
    expect(pageSizes.of(list)).toBe(300);
  });

  test('is kept once, and whenever larger pages are refused', async () => {
    const kept: unknown[] = [];
    const save = (...each: readonly unknown[]) => Promise.resolve(void kept.push(each));
    const pageSizes = new PageSizes({ load: () => Promise.resolve({}), save });
    await pageSizes.ready();
    for (const ms of [1_000, 10_000]) {
      pageSizes.learn(list, { rows: 1_000, characters: 1_000, ms });
      await pageSizes.keep(list);
    }
    expect(kept).toEqual([['groups', 3_000]]);
    pageSizes.refuse(list);
    for (let times = 0; times < 2; times += 1) await pageSizes.keep(list);
    expect(kept.slice(1)).toEqual([['groups', null]]);
  });

  test('is that of one list only', () => {
    const pageSizes = new PageSizes();
    pageSizes.learn(list, { rows: 1_000, characters: 1_000, ms: 1_000 });
    expect(pageSizes.of({ of: 'users', pageSize: 1_000 })).toBe(1_000);
  });
});
