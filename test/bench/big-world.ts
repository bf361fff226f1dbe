import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { leastReads } from './bounds.ts';
import { type Measured, openScenario } from './scenario.ts';
import { World, type WorldSize } from './world.ts';

export const BIG: WorldSize = { groups: 5_000, people: 100_000, members: 400 };

/** What the whole process may take, in bytes. */
export const GOAL_BYTES = 512 * 1024 * 1024;

/** What is done with a large world. Only the long programme has the time for the last one. */
export const FEATS = {
  plan: 'a first sync, read and planned',
  tenth: 'a tenth of the groups changed: read, planned, applied',
  replay: 'a first sync, planned again from its snapshot',
  whole: 'a first sync, read, planned, applied to the last group',
} as const;
export type Feat = keyof typeof FEATS;

export interface BigWorld extends Measured {
  readonly feat: Feat;
  readonly size: WorldSize;
  readonly leastReads: number;
  readonly leastWrites: number;
  /** Groups that Secoda shows as Okta has them, at the end. */
  readonly right: number;
  /** What the runs kept of their plans' input, compressed. */
  readonly snapshotBytes: number;
}

/** Runs the sync on a large world, with limits so high that nobody waits: what counts is memory and computing time. */
export async function playBigWorld(size: WorldSize, feat: Feat): Promise<BigWorld> {
  const none = 10_000_000;
  const scenario = await openScenario({
    clock: null,
    config: { okta: { requestsPerMinute: none }, secoda: { writesPerMinute: none } },
    okta: { groupsPerMinute: none },
    secoda: { writesPerMinute: none },
  });
  try {
    const world = new World(scenario, size);
    const changed = Math.ceil(size.groups / 10);
    if (feat === 'tenth') {
      world.mirror();
      world.join(changed);
    }
    const run = async (...argv: readonly string[]) => {
      const measured = await scenario.run('sync', ...argv);
      if (measured.code !== 0) throw new Error(`exit code ${measured.code}\n${measured.said}`);
      return measured;
    };
    const first = await run(feat === 'plan' || feat === 'replay' ? 'plan' : 'apply');
    const measured = feat === 'replay' ? await run('plan', '--from', 'last', '--expect-no-changes') : first;
    const least = feat === 'replay' ? 0 : leastReads(scenario.okta);
    const leastWrites = { plan: 0, replay: 0, tenth: changed, whole: size.groups }[feat];
    const { right } = world.compared();
    const snapshotBytes = await bytesIn(join(scenario.folder, 'runs/snapshots'));
    return { ...measured, feat, size, leastReads: least, leastWrites, right, snapshotBytes };
  } finally {
    await scenario.close();
  }
}

/** The size of all files of a folder together. */
export async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
