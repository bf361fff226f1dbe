import type { Outcome } from '../core/outcome.ts';
import type { Report, Status } from '../core/report.ts';
import { shown } from './escape.ts';
import { plural } from './plural.ts';
import type { Style } from './style.ts';

type Tone = 'good' | 'warn' | 'bad';

const SAID: Readonly<Record<Status, readonly [tone: Tone, words: string]>> = {
  'in-sync': ['good', 'In sync: nothing to do.'],
  planned: ['good', 'Planned: nothing was written.'],
  applied: ['good', 'Applied: Secoda shows what Okta says.'],
  partial: ['warn', 'Partial: not everything could be done; the next run tries the rest.'],
  refused: ['bad', 'Refused: nothing was written.'],
  failed: ['bad', 'Failed.'],
};

/** The last lines of a run: what became of it, what did not, what it took, and where its record is. */
export function endText(report: Report, record: string, style: Style): string {
  const { status, requests, durationMs } = report;
  const [tone, words] = SAID[status];
  const { okta, secoda } = requests;
  const cost = [
    plural(okta.reads, 'Okta read'),
    plural(secoda.reads, 'Secoda read'),
    plural(secoda.writes, 'write'),
    ...(okta.throttled + secoda.throttled > 0 ? [`${okta.throttled + secoda.throttled} throttled`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
  ].join(', ');
  const rest = status === 'partial' ? ` ${style.warn(left(report))}` : '';
  return `${style[tone](style.bold(words))}${rest}\n${style.dim(`${cost}; record: ${shown(record)}`)}\n`;
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
