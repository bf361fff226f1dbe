import type { Outcome, Report, Status } from '../core/report/report.ts';
import { printable } from './escape.ts';
import { plural, type Style } from './style.ts';

type Tone = 'good' | 'warn' | 'bad';

const SAID: Readonly<Record<Exclude<Status, 'failed'>, readonly [tone: Tone, words: string]>> = {
  'in-sync': ['good', 'In sync: nothing to do.'],
  planned: ['good', 'Planned: nothing was written.'],
  applied: ['good', 'Applied: all changes were made, and Secoda shows them.'],
  partial: ['warn', 'Partial: not everything could be done; the next run tries the rest.'],
  held: ['warn', 'Held: a part waits for an approval; the rest was done as far as it could be.'],
  refused: ['bad', 'Refused: nothing was written.'],
};

/** The last lines of a run: what became of it, what did not, what it took, and where its record is. */
export function endText(report: Report, record: string, style: Style): string {
  const { status, requests, durationMs } = report;
  const { okta, secoda } = requests;
  const [tone, words] = status === 'failed' ? failed(secoda.writes) : SAID[status];
  const cost = [
    plural(okta.reads, 'Okta read'),
    plural(secoda.reads, 'Secoda read'),
    plural(secoda.writes, 'write'),
    ...(okta.throttled + secoda.throttled > 0 ? [`${okta.throttled + secoda.throttled} throttled`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
  ].join(', ');
  const rest = status === 'partial' ? ` ${style.warn(left(report))}` : '';
  return `${style[tone](style.bold(words))}${rest}\n${style.dim(`${cost}; record: ${printable(record)}`)}\n`;
}

function failed(writes: number): readonly [tone: Tone, words: string] {
  return ['bad', writes === 0 ? 'Failed: nothing was written.' : 'Failed: what was written before stays.'];
}

/** What a partial run left undone, in numbers. */
function left({ changes, invited, skipped }: Report): string {
  const count = (outcome: Outcome) =>
    [...changes, ...invited].filter((each) => each.outcome === outcome).length;
  const parts = [
    [count('failed'), 'failed'],
    [count('not-attempted'), 'not attempted'],
    [count('unsettled'), 'unsettled'],
    [skipped.length, 'skipped'],
  ] as const;
  const said = parts.flatMap(([number, word]) => (number === 0 ? [] : [`${number} ${word}`]));
  return said.length === 0 ? '' : `(${said.join(', ')})`;
}
