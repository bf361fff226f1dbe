import { BIG, FEATS, GOAL_BYTES } from './big-world.ts';
import { exponent, figureOf } from './figures.ts';
import { megabytes, minutes, ms, percent, seconds, spread, whole } from './formats.ts';
import { shareOf } from './lists.ts';
import { growthSection } from './growth.ts';
import { summarySection } from './summary.ts';
import { type Night, nightsOf } from './nights.ts';
import type { Results } from './programme.ts';
import { type Planned, PLANNINGS } from './planning.ts';
import type { Section } from './section.ts';
import { CONTENDERS } from './scenario.ts';
import { SCENARIOS, type WorldSize } from './world.ts';

export function sectionsOf(results: Results): readonly Section[] {
  const { planned, big, rates, hires, lists, bundles, programme } = results;
  const size = programme.big;
  const nights = programme.sizes.map((each) => nightsSection(results, each));
  return [
    summarySection(results),
    ...nights.toReversed(),
    growthSection(results),
    {
      title: 'A hire',
      text: 'Somebody new is in three groups of Okta; `onboard` adds them to the three in Secoda. At answers of a quarter of a second; “until access” is until the last of the writes.',
      head: ['', 'Okta requests', 'Secoda reads', 'writes', 'until access'],
      rows: hires.map(({ size: { groups, people }, oktaReads, secodaReads, secodaWrites, accessMs }) => [
        `${whole(groups)} groups, ${whole(people)} people`,
        ...[oktaReads, secodaReads, secodaWrites].map(whole),
        `${(accessMs / 1000).toFixed(1)} s`,
      ]),
    },
    {
      title: 'Secoda’s lists',
      text: 'All groups of Secoda are listed again before each slice of 30 writes, and once after the last. One list is measured by itself, in a process that does nothing else, and held against the run.',
      head: ['', 'writes', 'lists', 'CPU of a list', 'CPU of the run', 'share of the lists'],
      rows: [
        [
          `${whole(lists.size.groups)} groups of ${lists.size.members}`,
          ...[lists.writes, lists.lists].map(whole),
          ms(lists.listMs),
          seconds(lists.runMs),
          percent(shareOf(lists)),
        ],
      ],
    },
    {
      title: 'The allowed rates',
      text: 'How much of an allowed rate was used while there was work, at answers of a quarter of a second: from the first request to the first one of the last full minute. Before each slice of 30 writes all groups of Secoda are listed again. “Two writers”: somebody else uses the same key, ten times a minute for three minutes.',
      head: ['', 'requests', 'allowed a minute', 'used', '429s met'],
      rows: [...Map.groupBy(rates, ({ what }) => what)].map(([what, runs]) => [
        what,
        spread(figureOf(runs.map(({ requests }) => requests)), whole),
        whole(runs[0]?.perMinute ?? 0),
        spread(figureOf(runs.map(({ used }) => used)), percent),
        spread(figureOf(runs.map(({ throttled }) => throttled)), whole),
      ]),
    },
    {
      title: 'A large world',
      text: `${whole(size.groups)} groups, ${whole(size.people)} people and ${whole(size.groups * size.members)} memberships, with limits so high that nobody waits; each played once. The goal is ${megabytes(GOAL_BYTES)} for ${whole(BIG.groups * BIG.members)} memberships.`,
      head: ['', 'peak memory', 'CPU', 'snapshot', 'Okta requests (least)', 'writes (least)', 'groups right'],
      rows: big.map((each) => [
        FEATS[each.feat],
        megabytes(each.peakBytes),
        seconds(each.cpuMs),
        megabytes(each.snapshotBytes),
        `${whole(each.oktaReads)} (${whole(each.leastReads)})`,
        `${whole(each.secodaWrites)} (${whole(each.leastWrites)})`,
        each.leastWrites === 0 ? 'nothing is written' : `${whole(each.right)} of ${whole(each.size.groups)}`,
      ]),
    },
    {
      title: 'Planning',
      text: 'CPU time of one plan of a world that lies in memory; the median of several. e is the exponent in “grows as memberships^e”.',
      head: ['memberships', ...PLANNINGS],
      rows: planningRows(planned),
    },
    ...(bundles.length === 0
      ? []
      : [
          {
            title: 'The two functions',
            text: 'Bundled and minified as for deployment; the size of all their files, and the time to load what every run needs in a new process, without the start of Node itself.',
            head: ['', 'size', 'to load'],
            rows: bundles.map(({ name, bytes, startMs }) => [name, megabytes(bytes), spread(startMs, ms)]),
          },
        ]),
  ];
}

function planningRows(planned: readonly Planned[]): readonly (readonly string[])[] {
  const sizes = [...Map.groupBy(planned, ({ memberships }) => memberships)];
  const steps = sizes.slice(1).map((to, n) => ({ from: sizes[n] ?? to, to }));
  return [
    ...sizes.map(([memberships, plans]) => [whole(memberships), ...plans.map(({ cpuMs }) => seconds(cpuMs))]),
    ...steps.map(({ from: [few, before], to: [many, after] }) => [
      `e, ${whole(few)} → ${whole(many)}`,
      ...after.map(({ cpuMs }, n) => exponent(before[n]?.cpuMs ?? 0, cpuMs, many / few).toFixed(2)),
    ]),
  ];
}

const HEAD = [
  'night',
  'who',
  'Okta requests (least)',
  'Secoda reads',
  'writes (least)',
  '429s met',
  'minutes (bound)',
  'peak memory',
  'CPU',
  'groups right',
];

function nightsSection({ nights }: Results, size: WorldSize): Section {
  const rows = SCENARIOS.flatMap((scenario) =>
    CONTENDERS.map((contender) => nightRow(nightsOf(nights, size, scenario, contender))),
  );
  const memberships = size.groups * size.members;
  return {
    title: `${whole(size.groups)} groups, ${whole(size.people)} people, ${whole(memberships)} memberships`,
    text: '',
    names: 2,
    head: HEAD,
    rows,
  };
}

function nightRow(nights: readonly Night[]): string[] {
  const [first] = nights;
  if (first === undefined) return [];
  const of = (value: (night: Night) => number) => figureOf(nights.map(value));
  const right = of(({ right: each }) => each);
  const spare = of(({ spare: each }) => each);
  const unasked = spare.most > 0 ? `, ${spread(spare, whole)} too many` : '';
  return [
    first.scenario,
    first.contender,
    `${spread(
      of(({ oktaReads }) => oktaReads),
      whole,
    )} (${whole(first.leastReads)})`,
    spread(
      of(({ secodaReads }) => secodaReads),
      whole,
    ),
    `${spread(
      of(({ secodaWrites }) => secodaWrites),
      whole,
    )} (${whole(first.leastWrites)})`,
    spread(
      of(({ oktaThrottled, secodaThrottled }) => oktaThrottled + secodaThrottled),
      whole,
    ),
    `${spread(
      of(({ wallMs }) => wallMs),
      minutes,
    )} (${minutes(first.boundMs)})`,
    spread(
      of(({ peakBytes }) => peakBytes),
      megabytes,
    ),
    spread(
      of(({ cpuMs }) => cpuMs),
      seconds,
    ),
    `${spread(right, whole)} of ${whole(first.size.groups)}${unasked}`,
  ];
}
