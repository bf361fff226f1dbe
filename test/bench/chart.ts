import { median } from './figures.ts';
import { type Night, nightsOf } from './nights.ts';
import type { Results } from './programme.ts';
import type { Contender } from './scenario.ts';
import { SCENARIOS } from './world.ts';

interface Panel {
  readonly title: string;
  readonly least: (night: Night) => number;
  readonly value: (night: Night) => number;
  readonly shown: (value: number) => string;
}

const PANELS: readonly Panel[] = [
  {
    title: 'Minutes',
    least: ({ boundMs }) => boundMs / 60_000,
    value: ({ wallMs }) => wallMs / 60_000,
    shown: (value) => value.toFixed(1),
  },
  {
    title: 'Requests to Okta',
    least: ({ leastReads }) => leastReads,
    value: ({ oktaReads }) => oktaReads,
    shown: (value) => String(Math.round(value)),
  },
];

const BAR = 14;
const GAP = 20;
const NIGHT = 3 * BAR + GAP;
const LEFT = 150;
const WIDTH = 330;
const TOP = 96;
const HEIGHT = TOP + SCENARIOS.length * NIGHT + 8;

/** The largest of the played worlds, as bars: what the limits allow at best, the sync, the plain loop. Legible on light and on dark. */
export function chart(results: Results): string {
  const size = results.programme.sizes.at(-1);
  if (size === undefined) throw new Error('nothing was measured');
  const panels = PANELS.map((panel, column) => {
    const x = LEFT + column * (WIDTH + 70);
    const of = (scenario: (typeof SCENARIOS)[number], who: Contender, value: (night: Night) => number) =>
      median(nightsOf(results.nights, size, scenario, who).map(value));
    const bars = SCENARIOS.map((scenario) => [
      { kind: 'least', value: of(scenario, 'sync', panel.least) },
      { kind: 'sync', value: of(scenario, 'sync', panel.value) },
      { kind: 'loop', value: of(scenario, 'plain loop', panel.value) },
    ]);
    const scale = WIDTH / Math.max(...bars.flat().map(({ value }) => value));
    const drawn = bars.flatMap((three, night) =>
      three.map(({ kind, value }, row) => {
        const y = TOP + night * NIGHT + row * BAR;
        const width = Math.max(1, value * scale);
        return `<rect class="${kind}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 2}" rx="2"/><text class="figure" x="${(x + width + 5).toFixed(1)}" y="${y + 10}">${panel.shown(value)}</text>`;
      }),
    );
    return [`<text class="title" x="${x}" y="${TOP - 14}">${panel.title}</text>`, ...drawn].join('\n');
  });
  const names = SCENARIOS.map(
    (scenario, night) =>
      `<text class="name" x="${LEFT - 12}" y="${TOP + night * NIGHT + 1.5 * BAR + 4}">${scenario}</text>`,
  );
  const legend = [
    ['least', 'the least that a full reading takes'],
    ['sync', 'okta-secoda-sync'],
    ['loop', 'a plain loop over the SDK'],
  ].map(
    ([kind, text], n) =>
      `<rect class="${kind}" x="${LEFT + n * 250}" y="40" width="12" height="12" rx="2"/><text x="${LEFT + n * 250 + 18}" y="50">${text}</text>`,
  );
  const width = LEFT + 2 * WIDTH + 70 + 70;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="Time and requests of the sync and of a plain loop">
<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 13px }
.name { text-anchor: end }
.figure { font-size: 11px; fill: #57606a }
.least { fill: #afb8c1 } .sync { fill: #1f6feb } .loop { fill: #d4782f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .figure { fill: #9da7b3 } .least { fill: #57606a } .sync { fill: #58a6ff } .loop { fill: #e3934f }
}
</style>
<text class="title" x="${LEFT}" y="22">${size.groups} groups, ${size.people} people, ${size.groups * size.members} memberships</text>
${[...legend, ...names, ...panels].join('\n')}
</svg>
`;
}
