import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArchive } from '../../../lambda/services/store/open.ts';
import { loadReads, saveReads } from '../../../lambda/archive/kept-reads.ts';
import { MINUTE, type Night, parts, quietNight } from './quiet-world.ts';
import { markerOf, membersOf } from '../small-world.ts';

/** The first two of three groups feed one Secoda group, and nothing is to be done about any of them. */
async function unitedNight(): Promise<Night> {
  const night = await quietNight();
  const { stand, configure, reads } = night;
  await configure({ groups: { map: { 'Group A': 'United', 'Group B': 'United' } } });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
  await stand.report('apply', '--full');
  reads();
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  expect(reads()).toEqual([]);
  return night;
}

describe('of groups that are united in Secoda, all are read when', () => {
  it('the members of one changed', async () => {
    const { stand, world, reads } = await unitedNight();
    const { person, group } = parts(world);
    stand.okta.state.leave(person, group);
    await stand.report('apply');
    expect(reads()).toEqual(['Group A', 'Group B']);
  });

  it('what is remembered of one cannot be made out', async () => {
    const { stand, world, reads } = await unitedNight();
    const archive = openArchive(stand.runs);
    const owner = { name: 'okta', org: stand.okta.url };
    const remembered = await loadReads(archive, owner);
    const { group } = parts(world);
    const list = remembered?.lists.get(group.id);
    if (!remembered || !list) throw new Error('nothing was remembered');
    const lists = new Map(remembered.lists).set(group.id, { ...list, members: '!' });
    await saveReads(archive, owner, { ...remembered, lists });
    await stand.report('apply');
    expect(reads()).toEqual(['Group A', 'Group B']);
  });

  it('a Secoda group that mirrors one of them alone is to be deleted', async () => {
    const { stand, world, reads } = await unitedNight();
    await rm(join(stand.runs, 'state.json'));
    const { group } = parts(world);
    stand.secoda.state.addGroup({ name: 'Left over', description: markerOf(group) });
    const { changes } = await stand.report('plan');
    expect(changes).toMatchObject([{ action: 'delete', group: { name: 'Left over' } }]);
    expect(reads()).toEqual(['Group A', 'Group B']);
  });

  it('they are taken apart while one of them changes', async () => {
    const { stand, world, configure, reads } = await unitedNight();
    const { person, group } = parts(world);
    stand.okta.state.leave(person, group);
    await configure();
    await stand.report('apply');
    expect(reads()).toEqual(['Group A', 'Group B']);
    expect(Object.keys(membersOf(stand))).toEqual(['Group A', 'Group B', 'Group C']);
  });

  it('one is gone from Okta, so that the marker has to be written anew', async () => {
    const { stand, world, reads } = await unitedNight();
    const [, second] = world.pairs;
    if (!second) throw new Error('empty world');
    stand.okta.state.removeGroup(second.okta);
    stand.jump(MINUTE);
    const { changes } = await stand.report('plan');
    expect(changes).toMatchObject([{ action: 'update', group: { name: 'United' } }]);
    expect(reads()).toEqual(['Group A']);
  });
});
