import type { Change } from '../core/change.ts';
import type { ChangeOutcome, Outcome } from '../core/outcome.ts';
import type { Report, Status } from '../core/report.ts';
import { shown } from './escape.ts';
import { changeTitle } from './plan-text.ts';
import type { Style } from './style.ts';

const SIGNS: Readonly<Record<Outcome, string>> = {
  applied: '✓',
  failed: '✗',
  unsettled: '!',
  'not-attempted': '·',
};
const DONE = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** One line as soon as the fate of a change is known. */
export function outcomeLine(
  change: Change,
  outcome: ChangeOutcome,
  done: number,
  total: number,
  style: Style,
): string {
  const written = outcome.written ?? change;
  const paint = { applied: style.good, failed: style.bad, unsettled: style.warn, 'not-attempted': style.dim };
  const count = `${String(done).padStart(String(total).length)}/${total}`;
  const what =
    outcome.outcome === 'applied' || outcome.outcome === 'unsettled'
      ? DONE[change.action]
      : `${change.action} ${outcome.outcome.replace('-', ' ')}:`;
  const people = `${written.add.length > 0 ? ` +${written.add.length}` : ''}${written.remove.length > 0 ? ` −${written.remove.length}` : ''}`;
  const unsettled =
    outcome.unsettled.length === 0
      ? ''
      : `; not honoured for ${outcome.unsettled.map((email) => shown(email, 80)).join(', ')}`;
  const error = outcome.error === null ? '' : `: ${shown(outcome.error, 400)}`;
  return `${paint[outcome.outcome](SIGNS[outcome.outcome])} ${count} ${what} ${changeTitle(written)}${people}${unsettled}${error}`;
}

const SAID: Readonly<Record<Status, string>> = {
  'in-sync': 'In sync: nothing to do.',
  planned: 'Planned: nothing was written.',
  applied: 'Applied: Secoda shows what Okta says.',
  partial: 'Partial: not everything could be done; the rest is tried by the next run.',
  refused: 'Refused: nothing was written.',
  failed: 'Failed.',
};

/** The last lines of a run: what became of it, what it took, and where its record is. */
export function endText(report: Report, record: string, style: Style): string {
  const paint =
    report.status === 'failed' || report.status === 'refused'
      ? style.bad
      : report.status === 'partial'
        ? style.warn
        : style.good;
  const { okta, secoda } = report.requests;
  const throttled = okta.throttled + secoda.throttled;
  const cost = `${okta.reads} Okta reads, ${secoda.reads} Secoda reads, ${secoda.writes} writes${throttled > 0 ? `, ${throttled} throttled` : ''}, ${(report.durationMs / 1000).toFixed(1)} s`;
  return `${paint(style.bold(SAID[report.status]))} ${style.dim(`(${cost}; record in ${shown(record)})`)}\n`;
}
