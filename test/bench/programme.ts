import { HeldClock } from '../time/clock.ts';
import { BIG, type BigWorld, type Feat, FEATS, playBigWorld } from './big-world.ts';
import { type Bundle, measureBundles } from './bundles.ts';
import { type Night, playNights } from './nights.ts';
import { type Hire, playHire } from './hire.ts';
import { type Lists, measureLists } from './lists.ts';
import { type Planned, planInChild } from './planning.ts';
import { type Rate, readingRate, sharedRate, writingRate } from './rates.ts';
import { CONTENDERS } from './scenario.ts';
import type { WorldSize } from './world.ts';

/** What is measured, and how large. */
export interface Programme {
  readonly name: 'whole' | 'long' | 'quick';
  /** Ascending. */
  readonly sizes: readonly WorldSize[];
  readonly repeats: number;
  readonly rates: { readonly groups: number; readonly changes: number };
  readonly hires: readonly WorldSize[];
  readonly lists: { readonly size: WorldSize; readonly changes: number };
  readonly big: WorldSize;
  readonly feats: readonly Feat[];
}

export interface Results {
  readonly programme: Programme;
  readonly nights: readonly Night[];
  readonly hires: readonly Hire[];
  readonly lists: Lists;
  readonly rates: readonly Rate[];
  readonly planned: readonly Planned[];
  readonly big: readonly BigWorld[];
  readonly bundles: readonly Bundle[];
  readonly seconds: number;
}

const world = (groups: number): WorldSize => ({ groups, people: groups * 20, members: 40 });

export const WHOLE: Programme = {
  name: 'whole',
  sizes: [world(64), world(256), world(1_024)],
  repeats: 3,
  rates: { groups: 5_000, changes: 120 },
  hires: [64, 1_024, 5_000].map((groups) => ({ groups, people: 20_000, members: 10 })),
  lists: { size: { groups: 5_000, people: 20_000, members: 40 }, changes: 600 },
  big: BIG,
  feats: ['plan', 'replay', 'tenth'],
};

/** For somebody who has an hour. */
export const LONG: Programme = { ...WHOLE, name: 'long', feats: ['plan', 'replay', 'tenth', 'whole'] };

export const QUICK: Programme = {
  name: 'quick',
  sizes: [world(8), world(32)],
  repeats: 1,
  rates: { groups: 400, changes: 60 },
  hires: [{ groups: 100, people: 400, members: 10 }],
  lists: { size: world(100), changes: 90 },
  big: { groups: 300, people: 6_000, members: 400 },
  feats: ['whole'],
};

/** Measures everything, one after the other: time stands still where nothing is done, so nothing is gained by doing two at once. */
export async function carryOut(programme: Programme, say: (line: string) => void): Promise<Results> {
  const startedAt = performance.now();
  const { sizes, repeats, big } = programme;
  const nights: Night[] = [];
  for (const size of sizes) {
    say(`${size.groups} groups, four nights, ${repeats} times, by the sync and by the plain loop`);
    for (const who of Array.from({ length: repeats }, () => CONTENDERS).flat())
      nights.push(...(await playNights(size, who, new HeldClock())));
  }
  const hires: Hire[] = [];
  for (const size of programme.hires) {
    say(`a hire in three of ${size.groups} groups`);
    hires.push(await playHire(size));
  }
  say(`the lists of ${programme.lists.size.groups} groups before slices`);
  const lists = await measureLists(programme.lists.size, programme.lists.changes, 21);
  say(`rates, ${repeats} times: reading Okta; writing Secoda, alone and beside another writer`);
  const some = programme.rates;
  const few = { ...some, groups: Math.min(some.groups, 500), changes: 240 };
  const rates: Rate[] = [];
  for (let n = 0; n < repeats; n += 1)
    rates.push(await readingRate(few), await writingRate(some), ...(await sharedRate(few)));
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
  return { programme, nights, hires, lists, rates, planned, big: played, bundles, seconds };
}

function partOf({ groups, people, members }: WorldSize, part: number): WorldSize {
  return { groups: Math.round(groups / part), people: Math.round(people / part), members };
}
