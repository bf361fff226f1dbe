import { exponent, median } from './figures.ts';
import { megabytes, minutes, seconds, whole } from './formats.ts';
import { type Night, nightsOf } from './nights.ts';
import type { Results } from './programme.ts';
import type { Section } from './section.ts';
import type { WorldSize } from './world.ts';

interface Growing {
  readonly what: string;
  readonly value: (night: Night) => number;
  readonly shown: (value: number) => string;
  /** What one group more costs. */
  readonly each: (value: number) => string;
}

const requests = { shown: whole, each: (value: number) => value.toFixed(2) };

/** What of a night is held against the size of the world. */
const GROWING: readonly Growing[] = [
  { what: 'Okta requests', value: ({ oktaReads }) => oktaReads, ...requests },
  { what: 'Secoda reads', value: ({ secodaReads }) => secodaReads, ...requests },
  { what: 'writes', value: ({ secodaWrites }) => secodaWrites, ...requests },
  {
    what: 'time',
    value: ({ wallMs }) => wallMs,
    shown: (value) => `${minutes(value)} min`,
    each: seconds,
  },
  {
    what: 'time that the limits cost alone',
    value: ({ boundMs }) => boundMs,
    shown: (value) => `${minutes(value)} min`,
    each: seconds,
  },
  {
    what: 'CPU',
    value: ({ cpuMs }) => cpuMs,
    shown: seconds,
    each: (value) => `${value.toFixed(1)} ms`,
  },
  {
    what: 'peak memory',
    value: ({ peakBytes }) => peakBytes,
    shown: megabytes,
    each: (value) => `${whole(value / 1024)} KB`,
  },
];

const TEXT = `A first sync by this sync. “A further group” is the difference between two sizes over the groups between them: where it does not rise, growth is no worse than linear. e is the exponent in “grows as size^e”; it passes 1 where something begins to be needed only beyond a size, until its share is steady. From two minutes on, each group is read a second time from Okta just before it is written: two requests a group, and one more for each 30, is the most there can be.`;

/** How a first sync grows with the world, over all sizes that were played. */
export function growthSection({ nights, programme }: Results): Section {
  const sizes = programme.sizes;
  const steps = sizes.slice(1).map((size, n) => ({ from: sizes[n] ?? size, to: size }));
  const at = (size: WorldSize, value: (night: Night) => number) =>
    median(nightsOf(nights, size, 'first sync', 'sync').map(value));
  const between = ({ from, to }: (typeof steps)[number]) => `${whole(from.groups)} → ${whole(to.groups)}`;
  return {
    title: 'Order of growth',
    text: TEXT,
    head: [
      '',
      ...sizes.map(({ groups }) => `${whole(groups)} groups`),
      ...steps.map((step) => `a further group, ${between(step)}`),
      ...steps.map((step) => `e, ${between(step)}`),
    ],
    rows: GROWING.map(({ what, value, shown, each }) => [
      what,
      ...sizes.map((size) => shown(at(size, value))),
      ...steps.map(({ from, to }) => each((at(to, value) - at(from, value)) / (to.groups - from.groups))),
      ...steps.map(({ from, to }) => {
        const e = exponent(at(from, value), at(to, value), to.groups / from.groups);
        return Number.isFinite(e) ? e.toFixed(2) : '–';
      }),
    ]),
  };
}
