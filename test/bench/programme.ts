import { setTimeout } from 'node:timers/promises';
import { BIG, type BigWorld, type Feat, FEATS, playBigWorld } from './big-world.ts';
import { type Bundle, measureBundles } from './bundles.ts';
import { type Night, playNights } from './nights.ts';
import { type Planned, planInChild } from './planning.ts';
import { type Rate, readingRate, sharedRate, writingRate } from './rates.ts';
import { CONTENDERS } from './scenario.ts';
import type { WorldSize } from './world.ts';

/** What is measured, and how large. */
export interface Programme {
  readonly name: 'whole' | 'long' | 'quick';
  /** Ascending, each with how many times as fast as real time its clock runs. */
  readonly sizes: readonly { readonly size: WorldSize; readonly factor: number }[];
  readonly repeats: number;
  readonly rates: { readonly groups: number; readonly changes: number; readonly speed: number };
  readonly big: WorldSize;
  readonly feats: readonly Feat[];
}

export interface Results {
  readonly programme: Programme;
  readonly nights: readonly Night[];
  readonly rates: readonly Rate[];
  readonly planned: readonly Planned[];
  readonly big: readonly BigWorld[];
  readonly bundles: readonly Bundle[];
  readonly seconds: number;
}

const world = (groups: number): WorldSize => ({ groups, people: groups * 20, members: 40 });

export const WHOLE: Programme = {
  name: 'whole',
  sizes: [
    { size: world(64), factor: 10 },
    { size: world(256), factor: 20 },
    { size: world(1_024), factor: 30 },
  ],
  repeats: 3,
  rates: { groups: 5_000, changes: 120, speed: 10 },
  big: BIG,
  feats: ['plan', 'replay', 'tenth'],
};

/** For somebody who has an hour. */
export const LONG: Programme = { ...WHOLE, name: 'long', feats: ['plan', 'replay', 'tenth', 'whole'] };

export const QUICK: Programme = {
  name: 'quick',
  sizes: [
    { size: world(8), factor: 30 },
    { size: world(32), factor: 30 },
  ],
  repeats: 1,
  rates: { groups: 400, changes: 60, speed: 30 },
  big: { groups: 300, people: 6_000, members: 400 },
  feats: ['whole'],
};

/** How long runs that go side by side begin after one another, for each group of their worlds, in real milliseconds. */
const APART_MS_A_GROUP = 6;

/** Measures everything. What mostly waits runs side by side, what computes runs alone. */
export async function carryOut(programme: Programme, say: (line: string) => void): Promise<Results> {
  const startedAt = performance.now();
  const { sizes, repeats, big } = programme;
  const nights: Night[] = [];
  for (const { size, factor } of sizes) {
    say(`${size.groups} groups, four nights, ${repeats} times, the sync and the plain loop side by side`);
    const runs = Array.from({ length: repeats }, () => CONTENDERS).flat();
    const played = runs.map(async (who, n) => {
      // All emulators share this process, and nothing keeps them as busy as the first minute of a run.
      await setTimeout(n * size.groups * APART_MS_A_GROUP);
      return playNights(size, who, factor);
    });
    nights.push(...(await Promise.all(played)).flat());
  }
  say(`rates, ${repeats} times: reading Okta; writing Secoda, alone and beside another writer`);
  const some = programme.rates;
  const few = { ...some, groups: Math.min(some.groups, 500), changes: 240 };
  const rates = await Promise.all([
    oneByOne(repeats, () => readingRate(few)),
    ...Array.from({ length: repeats }, () => [writingRate(some), sharedRate(few)]).flat(),
  ]);
  say('planning in memory');
  const planned = await planInChild(
    [16, 4, 1].map((part) => partOf(big, part)),
    3,
  );
  const played: BigWorld[] = [];
  for (const feat of programme.feats) {
    say(
      `${big.groups} groups, ${big.people} people, ${big.groups * big.members} memberships: ${FEATS[feat]}`,
    );
    played.push(await playBigWorld(big, feat));
  }
  say('the bundles of the two functions');
  const bundles = await measureBundles(5);
  const seconds = (performance.now() - startedAt) / 1000;
  return { programme, nights, rates: rates.flat(), planned, big: played, bundles, seconds };
}

async function oneByOne<T>(times: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (results.length < times) results.push(await work());
  return results;
}

function partOf({ groups, people, members }: WorldSize, part: number): WorldSize {
  return { groups: Math.round(groups / part), people: Math.round(people / part), members };
}
