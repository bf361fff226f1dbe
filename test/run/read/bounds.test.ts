import { expect, it } from 'vitest';
import * as z from 'zod';
import type { Membership, OktaGroup } from '../../../lambda/core/model/directory.ts';
import type { Reading } from '../../../lambda/run/checkpoints.ts';
import type { Sources } from '../../../lambda/run/context.ts';
import { askUnlisted } from '../../../lambda/run/read/list.ts';
import { readMembers } from '../../../lambda/run/read/read-members.ts';
import { readAhead, refresh, usersAhead } from '../../../lambda/run/read/refresh.ts';
import { change } from '../../render/plans.ts';
import { directory, NOW, oktaGroup } from '../../core/world.ts';

const MINUTE = 60_000;

/** Both sides, each of whose reads takes so long (milliseconds): what was asked for, and how much of it at a time. */
function stand(ms = 0, group: (id: string) => OktaGroup | null = (id) => oktaGroup(id, id)) {
  const asked: string[] = [];
  let [now, underWay, most] = [NOW, 0, 0];
  const read = async <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    [now, underWay] = [now + ms, underWay - 1];
    return answer;
  };
  const sources = {
    clock: { now: () => now },
    listen: () => undefined,
    directory: {
      members: (id: string) => read(`members of ${id}`, []),
      group: (id: string) => read(id, group(id)),
      selects: () => Promise.resolve(false),
      listed: () => Promise.resolve(new Map()),
    },
    workspace: { users: () => read('users', []), groups: () => read('groups', []) },
  };
  return { asked, most: () => most, sources: z.custom<Sources>(() => true).parse(sources) };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `g${n}`);
/** As much of something as is looked at here. */
const custom = (value: object): never => z.custom<never>(() => true).parse(value);

it('five groups are read at once, and none is begun once eight minutes are over', async () => {
  const listing = (count: number) => ({
    groups: ids(count).map((id) => oktaGroup(id, id)),
    needed: ids(count),
  });
  const quick = stand();
  const all = await readMembers(quick.sources, custom(listing(12)), 0);
  expect([all.next, all.members.size, quick.most()]).toEqual([12, 12, 5]);
  // Five at once, each of which takes a minute of the clock: the eighth ends as the time is over.
  const slow = stand(MINUTE);
  const some = await readMembers(slow.sources, custom(listing(30)), 0);
  expect(some.next).toBe(12);
  expect([...some.members.keys()]).toEqual(ids(12));
  // One is always read, however long the others took.
  const slowest = stand(9 * MINUTE);
  expect((await readMembers(slowest.sources, custom(listing(30)), 29)).next).toBe(30);
});

it('ids that only a marker names are asked for eight minutes at a time', async () => {
  const listing = custom({ unlisted: new Map(), toAsk: ids(30) });
  const rules = custom({ mapping: { include: [], exclude: ['*'] } });
  const { sources, most } = stand(MINUTE, () => null);
  const asked = await askUnlisted(sources, rules, listing);
  expect([asked.unlisted.size, asked.toAsk.length, most()]).toEqual([12, 18, 5]);
});

/** A reading of one group whose members were read so long ago, of so many users. */
function readingOf(age: number): Reading {
  const read = directory([{ id: 'g1', name: 'Data', people: [] }]);
  const old: Membership = { readAt: NOW - age, people: [], doubt: null };
  return {
    directory: { ...read, memberships: new Map([['g1', old]]) },
    workspace: { users: [], groups: [] },
    usersReadAt: NOW,
  };
}

it.each([
  ['ahead of its lease after a minute', readAhead, MINUTE],
  ['in its lease after two', refresh, 2 * MINUTE],
])('what a slice needs of Okta is read again %s', async (_, look, age) => {
  const slice = [change({ action: 'update', name: 'Data', oktaIds: ['g1'] })];
  const asked = async (ms: number) => {
    const { sources, asked: all } = stand();
    await look(sources, readingOf(ms), slice);
    return all.filter((each) => each.includes('g1'));
  };
  expect(await asked(age)).toEqual([]);
  expect(await asked(age + 1)).toEqual(['g1', 'members of g1']);
});

it.each([
  ['ten minutes', 0, 10 * MINUTE],
  ['ten minutes, however few there are', 7_058, 10 * MINUTE],
  ['85 ms for each of many', 8_000, 680_000],
])('a list of users is good for %s, and read ahead after seven tenths of that', async (_, users, ms) => {
  const latest = (age: number) => ({
    users: custom(Array(users).fill({})),
    readAt: NOW - age,
  });
  const isReadAhead = async (age: number) => {
    const { sources, asked } = stand();
    await usersAhead(sources, latest(age));
    return asked.includes('users');
  };
  expect([await isReadAhead(0.7 * ms - 1), await isReadAhead(0.7 * ms + 1)]).toEqual([false, true]);
  const isRead = async (age: number) => {
    const { sources, asked } = stand();
    const reading = { ...readingOf(0), usersReadAt: NOW - age };
    await refresh(sources, { ...reading, workspace: { users: latest(0).users, groups: [] } }, []);
    return asked.includes('users');
  };
  expect([await isRead(ms), await isRead(ms + 1)]).toEqual([false, true]);
});
