import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { OktaGroup } from '../../../lambda/core/model/directory.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { SourceError, UsageError } from '../../../lambda/errors.ts';
import type { RunEvent } from '../../../lambda/ports.ts';
import type { Sources } from '../../../lambda/run/context.ts';
import { checkListed, listBoth } from '../../../lambda/run/read/list.ts';
import { inputOf, managed, NOW, oktaGroup, remembered, rulesOf, users } from '../../core/world.ts';

const counted = (id: string, name: string, usersCount: number | null = 1): OktaGroup => ({
  ...oktaGroup(id, name),
  usersCount,
});
const GROUPS = [counted('g1', 'Data'), counted('g2', 'Ops'), counted('g3', 'Out')];
const MANAGED = [managed('s1', 'Data', ['g1']), managed('s9', 'Gone', ['g9', 'g1'])];

/** What is listed of these groups, with `Out` left out of the selection. */
async function listed(
  names: readonly string[] = [],
  groups: readonly OktaGroup[] = GROUPS,
  count: (ids: readonly string[]) => Promise<ReadonlyMap<string, OktaGroup>> = () =>
    Promise.resolve(new Map()),
) {
  const told: RunEvent[] = [];
  const sources = z
    .custom<Sources>(() => true)
    .parse({
      clock: { now: () => NOW },
      listen: (event: RunEvent) => told.push(event),
      directory: { groups: () => Promise.resolve(groups), listed: count },
      workspace: { users: () => Promise.resolve(users('u1')), groups: () => Promise.resolve(MANAGED) },
    });
  const rules = rulesOf({ mapping: { exclude: ['Out'] } });
  const both = await listBoth(sources, rules, { groups: names, hints: null }, () => Promise.resolve([]));
  return { ...both, told };
}

describe('both sides', () => {
  it('are listed with what a run needs of them', async () => {
    expect(await listed()).toEqual({
      listing: {
        ...{ groups: GROUPS, listedAt: NOW, unlisted: new Map(), toAsk: ['g9'], workspaceGroups: MANAGED },
        ...{ targets: null, mayGo: null, losses: null, needed: ['g1', 'g2'], basis: null },
      },
      users: { users: users('u1'), readAt: NOW },
      told: [
        { kind: 'read', what: 'okta-groups', done: 3, total: 3 },
        { kind: 'read', what: 'secoda-users', done: 1, total: 1 },
        { kind: 'read', what: 'secoda-groups', done: 2, total: 2 },
      ],
    });
  });

  it('are listed as far as the groups reach that were named', async () => {
    const { listing } = await listed(['Ops']);
    expect(listing).toMatchObject({
      targets: new Set(['g2']),
      mayGo: ['Ops', 'g2'],
      needed: ['g2'],
      toAsk: ['g9'],
    });
  });

  it('are listed with Okta’s own counts, where its list has none and they are needed', async () => {
    const asked: unknown[] = [];
    const bare = GROUPS.map((group, n) => ({ ...group, usersCount: n === 1 ? 1 : null }));
    const { listing } = await listed([], bare, (ids) => {
      asked.push(ids);
      return Promise.resolve(new Map([['g1', counted('g1', 'Data', 7)]]));
    });
    expect(asked).toEqual([['g1']]);
    expect(listing.groups.map(({ usersCount }) => usersCount)).toEqual([7, 1, null]);
  });

  it('are listed without counts where Okta does not give them, and not at all by a mistake of ours', async () => {
    const bare = GROUPS.map((group) => ({ ...group, usersCount: null }));
    const failing = (error: Error) => listed([], bare, () => Promise.reject(error));
    expect((await failing(new SourceError('500'))).listing.groups).toEqual(bare);
    const mistake = new Error('a mistake of ours');
    await expect(failing(mistake)).rejects.toBe(mistake);
  });

  it('are not listed for groups that are not known, or left out', async () => {
    const error: unknown = await listed(['g3', 'Out ', 'Opps', 'Data', 'x']).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UsageError);
    const out = 'groups.include and groups.exclude leave this Okta group out';
    const none = 'no Okta group in scope and no managed Secoda group has this name or id';
    expect(error).toMatchObject({
      problems: [
        `--group "g3": ${out}`,
        `--group "Out ": ${out}`,
        `--group "Opps": ${none}; did you mean "Ops"?`,
        `--group "x": ${none}`,
      ],
    });
  });
});

it('five groups that Secoda’s list leaves out are asked for at once', async () => {
  const ids = Array.from({ length: 12 }, (_, n) => `g${n}`);
  const input = inputOf({
    okta: ids.map((id) => ({ id, name: id })),
    memory: remembered(...ids.map((id): [string, string[]] => [`s-${id}`, [id]])),
  });
  let [underWay, most] = [0, 0];
  const group = async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return null;
  };
  await checkListed(makePlan(input), { ...input, usersReadAt: NOW }, input.memory, { group });
  expect(most).toBe(5);
});
