import { BIG, FEATS, GOAL_BYTES } from './big-world.ts';
import { exponent, type Figure, figureOf, median } from './figures.ts';
import type { Night } from './nights.ts';
import type { Results } from './programme.ts';
import { type Contender, CONTENDERS } from './stage.ts';
import { type Scenario, SCENARIOS, type WorldSize } from './world.ts';

/** A table with what has to be said of it, for a terminal and for a page alike. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function sectionsOf(results: Results): readonly Section[] {
  const { planned, big, rates, bundles, programme } = results;
  const size = programme.big;
  const nights = programme.sizes.map((each) => nightsSection(results, each.size));
  return [
    ...nights.toReversed(),
    growthSection(results),
    {
      title: 'The allowed rates',
      text: 'How much of an allowed rate was used while there was work, at answers of a quarter of a second: from the first request to the first one of the last full minute. Before each slice of 30 writes all groups of Secoda are listed again. “Two writers”: somebody else uses the same key, ten times a minute for three minutes.',
      head: ['', 'requests', 'allowed a minute', 'used', '429s met'],
      rows: rates.map(({ what, requests, perMinute, used, throttled }) => [
        what,
        whole(requests),
        whole(perMinute),
        percent(used),
        whole(throttled),
      ]),
    },
    {
      title: 'A large world',
      text: `${whole(size.groups)} groups, ${whole(size.people)} people and ${whole(size.groups * size.members)} memberships, with limits so high that nobody waits. The goal is ${megabytes(GOAL_BYTES)} for ${whole(BIG.groups * BIG.members)} memberships.`,
      head: ['', 'peak memory', 'CPU', 'Okta requests (least)', 'writes (least)', 'groups right'],
      rows: big.map((each) => [
        FEATS[each.feat],
        megabytes(each.peakBytes),
        seconds(each.cpuMs),
        `${whole(each.oktaReads)} (${whole(each.leastReads)})`,
        `${whole(each.secodaWrites)} (${whole(each.leastWrites)})`,
        each.feat === 'plan' ? 'nothing is written' : `${whole(each.right)} of ${whole(each.size.groups)}`,
      ]),
    },
    {
      title: 'Planning',
      text: 'CPU time of one plan of a world that lies in memory; the median of several.',
      head: ['memberships', 'first sync', 'quiet night', 'drifted'],
      rows: [...Map.groupBy(planned, ({ memberships }) => memberships)].map(([memberships, plans]) => [
        whole(memberships),
        ...plans.map(({ cpuMs }) => seconds(cpuMs)),
      ]),
    },
    ...(bundles.length === 0
      ? []
      : [
          {
            title: 'The two functions',
            text: 'Bundled and minified as for deployment; the time to load each in a new process, without the start of Node itself.',
            head: ['', 'size', 'to load'],
            rows: bundles.map(({ name, bytes, startMs }) => [name, megabytes(bytes), spread(startMs, ms)]),
          },
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
    head: HEAD,
    rows,
  };
}

export function nightsOf(
  nights: readonly Night[],
  size: WorldSize,
  scenario: Scenario,
  contender: Contender,
): readonly Night[] {
  return nights.filter(
    (night) =>
      night.size.groups === size.groups && night.scenario === scenario && night.contender === contender,
  );
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

/** What of a night is held against the size of the world. */
const GROWING: readonly (readonly [what: string, value: (night: Night) => number])[] = [
  ['Okta requests', ({ oktaReads }) => oktaReads],
  ['Secoda reads', ({ secodaReads }) => secodaReads],
  ['writes', ({ secodaWrites }) => secodaWrites],
  ['time', ({ wallMs }) => wallMs],
  ['CPU', ({ cpuMs }) => cpuMs],
  ['peak memory', ({ peakBytes }) => peakBytes],
];

function growthSection({ nights, programme, planned }: Results): Section {
  const sizes = programme.sizes.map(({ size }) => size);
  const steps = sizes.slice(1).map((size, n) => ({ from: sizes[n] ?? size, to: size }));
  const at = (size: WorldSize, value: (night: Night) => number) =>
    median(nightsOf(nights, size, 'first sync', 'sync').map(value));
  const plans = Map.groupBy(planned, ({ case: kind }) => kind).get('first sync') ?? [];
  const planning = plans
    .slice(1)
    .map(({ memberships, cpuMs }, n) =>
      exponent(plans[n]?.cpuMs ?? 0, cpuMs, memberships / (plans[n]?.memberships ?? 0)).toFixed(2),
    );
  return {
    title: 'Order of growth',
    text: 'The exponent e in “grows as size^e” between two sizes, for a first sync by this sync: 1 is linear, below 1 is better. Two kinds of requests grow faster until they reach their bound or for a reason: from two minutes on, each group is read a second time from Okta just before it is written (two reads a group, and one more for each 30, is the most there can be); and all groups of Secoda are listed again before each 30 writes, a hundred a page.',
    head: ['', ...steps.map(({ from, to }) => `${whole(from.groups)} → ${whole(to.groups)} groups`)],
    rows: [
      ...GROWING.map(([what, value]) => [
        what,
        ...steps.map(({ from, to }) =>
          exponent(at(from, value), at(to, value), to.groups / from.groups).toFixed(2),
        ),
      ]),
      ['planning alone (larger worlds, see below)', ...planning.slice(-steps.length)],
    ],
  };
}

const whole = (value: number) => Math.round(value).toLocaleString('en-GB');
const minutes = (value: number) => (value / 60_000).toFixed(1);
const seconds = (value: number) => `${(value / 1000).toFixed(2)} s`;
const ms = (value: number) => `${Math.round(value)} ms`;
const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const megabytes = (value: number) => `${(value / 1024 / 1024).toFixed(value < 10_000_000 ? 2 : 0)} MB`;

/** A median, and where the runs differ as far as is shown, the least and the largest of them. */
function spread({ median: middle, least, most }: Figure, shown: (value: number) => string): string {
  const [low, high] = [shown(least), shown(most)];
  return low === high ? shown(middle) : `${shown(middle)} [${low}–${high}]`;
}
