import { expect, it } from 'vitest';
import type { WorkspaceGroup } from '../../../lambda/core/model/workspace.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { SourceError } from '../../../lambda/errors.ts';
import { checkListed } from '../../../lambda/run/read/list.ts';
import { handMade, inputOf, managed, NOW, remembered, type World } from '../../core/world.ts';

/** What comes of a plan for this world, of which `state.json` knows `s1` and Secoda's list does not: which groups are asked for. */
async function check(world: World, usersReadAt: number, shown: WorkspaceGroup | null): Promise<string[]> {
  const asked: string[] = [];
  const input = inputOf({ okta: [{ id: 'g1', name: 'Data' }], memory: remembered(['s1', ['g1']]), ...world });
  const group = (id: string) => Promise.resolve(asked.push(id)).then(() => shown);
  await checkListed(makePlan(input), { ...input, usersReadAt }, input.memory, { group });
  return asked;
}

const real = managed('s1', 'Data', ['g1']);

it('a list that lacks a group which is there is not believed', async () => {
  await expect(check({}, NOW, real)).rejects.toThrow(SourceError);
  await expect(check({ groups: [handMade('s2', 'Data')] }, NOW, real)).rejects.toThrow(/does not list s1/);
});

it('a list is believed of a group that is gone indeed', async () => {
  expect(await check({}, NOW, null)).toEqual(['s1']);
});

it('a list cannot hold what another run has written since', async () => {
  // Remembered as written at 0.
  expect(await check({}, 0, real)).toEqual([]);
});

it('nothing is asked where nothing takes the place of what is missing', async () => {
  expect(await check({ okta: [{ id: 'g2', name: 'Other' }] }, NOW, real)).toEqual([]);
  expect(await check({ groups: [real] }, NOW, real)).toEqual([]);
});
