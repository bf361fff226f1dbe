import type { StoredChange, StoredReport } from '../archive/runs.ts';
import { causeIn, LONGEST_NAME } from './change-text.ts';
import { hanging, plural, type Style } from './style.ts';
import { printable } from './escape.ts';
import { whoText } from './history-text.ts';

const SIGNS = { create: '+', update: '~', delete: '-' } as const;

/** A run as its record has it: what it was, who asked for it, and every change with its people and what became of it. */
export function showText(report: StoredReport, record: string, width: number, style: Style): string {
  const { runId, startedAt, mode, status, digest, refusals, skipped, changes, unmatched, resolved, error } =
    report;
  const { add = 0, remove = 0 } = report.summary.members;
  const awsRequestId = report.request?.['awsRequestId'];
  const requestId = typeof awsRequestId === 'string' ? awsRequestId : null;
  const lines = [
    `${style.bold(printable(runId))}  ${printable(startedAt)}  ${printable(mode)}: ${style.bold(printable(status))}`,
    `  asked for by  ${whoText(report)}`,
    ...(requestId === null
      ? []
      : [`  request id    ${printable(requestId)} (CloudTrail knows by it who that was)`]),
    ...(digest === null ? [] : [`  digest        ${printable(digest)}`]),
    ...(error === null ? [] : hanging('  error         ', printable(error, 2_000), width)),
    ...refusals.flatMap(({ rule, message }) =>
      hanging('  ✗ ', printable(`${rule}: ${message}`, 2_000), width),
    ),
    '',
    ...changes.flatMap((change) => changeLines(change, width, style)),
    ...(skipped.length === 0
      ? []
      : [`Skipped: ${printable(skipped.map(({ group }) => group).join(', '), 500)}`]),
    `${plural(changes.length, 'change')}; members +${add} −${remove}; ${unmatched.length} unmatched, ${resolved.length} resolved`,
    style.dim(`record: ${printable(record)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** One change with all of its people. */
function changeLines(change: StoredChange, width: number, style: Style): string[] {
  const { action, group, renamedFrom, outcome, reason, unsettled, error } = change;
  const name = printable(
    renamedFrom === null ? group.name : `${renamedFrom} → ${group.name}`,
    2 * LONGEST_NAME,
  );
  const people = (sign: string, emails: readonly string[]) =>
    emails.map((email) => {
      const why = causeIn(change.causes, email);
      const left = unsettled.includes(email) ? '  (not honoured by Secoda)' : '';
      return `    ${sign} ${printable(email, 80)}${why === null ? '' : `  ${why}`}${left}`;
    });
  return [
    `${SIGNS[action]} ${action}  ${style.bold(name)}  ${outcome === null ? 'not written' : printable(outcome)}`,
    ...hanging('    ', printable(`${reason} (${group.oktaIds.join(', ')})`, 500), width).map((line) =>
      style.dim(line),
    ),
    ...(error === null ? [] : hanging('    ✗ ', printable(error, 1_000), width)),
    ...people('+', change.add),
    ...people('-', change.remove),
  ];
}
