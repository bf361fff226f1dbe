import { describe, expect, it } from 'vitest';
import { before } from '../emulators/index.ts';
import { aRegion, deploy, type Region } from './deployed.ts';
import { effective, namesIn, newGroups } from './worlds.ts';

const RUNS = ['20260102T030405Z-one1', '20260102T030405Z-two2'] as const;

/** The first who comes here waits for the second. */
function meeting(): { readonly wait: () => Promise<void>; readonly open: () => void } {
  const both = Promise.withResolvers<undefined>();
  return { wait: () => both.promise, open: () => both.resolve(undefined) };
}

/** Nobody writes before both have planned: each knows of none of the other's groups. */
function planTogether({ lambda }: Region): void {
  const planned = meeting();
  lambda.moments.at('before', /SUCCEED plan$/, 1, planned.wait);
  lambda.moments.at('before', /SUCCEED plan$/, 2, planned.open);
}

describe('two runs at once', () => {
  it('make no group twice', async () => {
    const region = await aRegion();
    const names = newGroups(region, 33);
    planTogether(region);
    const { sync, read } = await deploy(region);
    const both = await Promise.all(RUNS.map((run) => sync.run({}, run)));
    expect(both.map(({ outcome }) => outcome.status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    for (const run of RUNS)
      expect(read(`${run}/report.json`)).toMatchObject({ summary: { groups: { create: 33 } } });
    expect(namesIn(region)).toEqual(names);
    expect(effective(region, 'POST')).toBe(33);
  });

  it('would make groups twice if they did not share a lease', async () => {
    const region = await aRegion();
    const names = newGroups(region, 8);
    planTogether(region);
    const created = meeting();
    region.secoda.faults.add({ on: 'secoda.group.create', nth: 1, effect: before(created.wait) });
    region.secoda.faults.add({ on: 'secoda.group.create', nth: 2, effect: before(created.open) });
    // The same name in Secoda's markers, and each with an archive of its own.
    const [one, two] = await Promise.all([
      deploy(region, { bucket: 'one', name: 'SyncOne' }),
      deploy(region, { bucket: 'two', name: 'SyncTwo' }),
    ]);
    await Promise.all([one.sync.run({}, RUNS[0]), two.sync.run({}, RUNS[1])]);
    expect(new Set(namesIn(region))).toEqual(new Set(names));
    expect(namesIn(region).length).toBeGreaterThan(names.length);
    expect(effective(region, 'POST')).toBeGreaterThan(names.length);
  });
});
