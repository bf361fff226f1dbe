import type { Feat } from './big-world.ts';
import { figureOf, median } from './figures.ts';
import { megabytes, minutes, ms, percent, seconds, spread, whole } from './formats.ts';
import { shareOf } from './lists.ts';
import { type Night, nightsOf } from './nights.ts';
import type { Results } from './programme.ts';
import type { Contender } from './scenario.ts';
import type { Section } from './section.ts';

const DONE: Readonly<Record<Feat, string>> = {
  plan: 'read and planned',
  replay: 'planned again from a snapshot',
  tenth: 'a tenth changed and applied',
  whole: 'all applied',
};

/** What somebody asks first, in one table. */
export function summarySection({ programme, nights, hires, lists, big, bundles }: Results): Section {
  const size = programme.sizes.at(-1);
  const of = (who: Contender, value: (night: Night) => number) =>
    size === undefined ? [] : nightsOf(nights, size, 'first sync', who).map(value);
  const first = `first sync of ${whole(size?.groups ?? 0)} groups`;
  const figure = (who: Contender, value: (night: Night) => number, shown: (each: number) => string) =>
    spread(figureOf(of(who, value)), shown);
  const cpu = (who: Contender) => of(who, ({ cpuMs }) => cpuMs);
  const nothing = bundles.find(({ name }) => name.startsWith('one'));
  const throttled = (who: Contender) =>
    figure(who, ({ oktaThrottled, secodaThrottled }) => oktaThrottled + secodaThrottled, whole);
  const time = (who: Contender) => `${figure(who, ({ wallMs }) => wallMs, minutes)} min`;
  return {
    title: 'In short',
    text: '',
    head: ['', 'this sync', 'plain loop or least'],
    rows: [
      [first, time('sync'), time('plain loop')],
      ['429s met in it', throttled('sync'), throttled('plain loop')],
      [
        'its CPU',
        `${seconds(median(cpu('sync')))}, ${(median(cpu('sync')) / median(cpu('plain loop'))).toFixed(1)} × the plain loop`,
        seconds(median(cpu('plain loop'))),
      ],
      ...hires.map(({ size: world, oktaReads, secodaReads, secodaWrites }) => [
        `a hire in 3 of ${whole(world.groups)} groups`,
        `${whole(oktaReads)} requests to Okta, ${whole(secodaReads + secodaWrites)} to Secoda`,
        '3 writes',
      ]),
      [
        `Secoda’s lists in a run, ${whole(lists.size.groups)} groups of ${lists.size.members}`,
        `${percent(shareOf(lists))} of the CPU`,
        '',
      ],
      ...big.map(({ feat, peakBytes, size: { groups, members } }) => [
        `${whole(groups * members)} memberships, ${DONE[feat]}`,
        megabytes(peakBytes),
        '',
      ]),
      ...bundles
        .filter((bundle) => bundle !== nothing)
        .map(({ name, bytes, startMs }) => [
          `${name}: size, time to load`,
          `${megabytes(bytes)}, ${ms(startMs.median)}`,
          nothing === undefined ? '' : `${ms(nothing.startMs.median)} for an empty one`,
        ]),
    ],
  };
}
