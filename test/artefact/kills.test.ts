import { describe, expect, it } from 'vitest';
import { after, before } from '../emulators/index.ts';
import { LOST } from '../emulators/moments.ts';
import { aRegion, deploy } from './deployed.ts';
import { countsOf } from './printed.ts';
import { effective, namesIn, newGroups } from './worlds.ts';

/** From 0 to 1, the same every time for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('a run of 240 creations whose processes are killed', () => {
  it('makes 240 groups with 240 writes', async () => {
    const region = await aRegion();
    const { okta, secoda, s3, lambda } = region;
    const names = newGroups(region, 240);
    // Lambda uses a process again for as long as it lives.
    const runner = { warm: true, stillborn: (nth: number) => nth === 1 || nth === 12 };
    const { sync, read } = await deploy(region, { runner });
    const kill = () => sync.kill();
    // Anywhere: while it reads, waits for the lease, or writes.
    const random = seeded(11);
    const anyOf = (count: number): number => 1 + Math.floor(random() * count);
    for (const when of [before, after]) {
      okta.faults.add({ on: /./, nth: anyOf(240), effect: when(kill) });
      secoda.faults.add({ on: /./, nth: anyOf(240), effect: when(kill) });
    }
    for (const when of ['before', 'after'] as const) {
      s3.moments.at(when, /./, anyOf(100), kill);
      lambda.moments.at(when, /./, anyOf(40), kill);
    }
    const killBefore = async () => ((await sync.kill()) > 0 ? LOST : null);
    // The group is there, and its maker never learns of it.
    secoda.faults.add({ on: 'secoda.group.create', nth: 57, effect: after(kill) });
    for (const step of ['list', 'plan', 'slice-5', 'report']) {
      lambda.moments.at('before', new RegExp(`SUCCEED ${step}$`), 1, killBefore);
    }
    lambda.moments.at('after', /SUCCEED slice-7$/, 1, kill);

    const ran = await sync.run({}, '20260102T030405Z-kills');
    expect(ran.outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'applied' } });
    expect(namesIn(region)).toEqual(names);
    expect([effective(region, 'POST'), secoda.state.writes.length]).toEqual([240, 240]);
    const report = read('20260102T030405Z-kills/report.json');
    expect(report).toMatchObject({ status: 'applied', summary: { groups: { create: 240 } } });

    const ends = ran.invocations.map(({ by }) => by);
    expect(ends.filter((by) => by === 'killed').length).toBeGreaterThan(5);
    expect(ends.length).toBeGreaterThan(20);
    const pending = [okta.faults, secoda.faults, s3.moments, lambda.moments].map((each) => each.pending);
    expect(pending).toEqual([0, 0, 0, 0]);
    // 240 writes at 30 a minute take 8 slices; each is a step and a wait, each kill begins an invocation again.
    expect(ran.execution.used.operations).toBeLessThan(100);
    expect(ran.execution.used.largest).toBeLessThan(4_096);
    const counts = countsOf(ran.printed);
    for (const name of names) expect(counts.get(`change ${name}`), name).toBeGreaterThanOrEqual(1);
  });
});
