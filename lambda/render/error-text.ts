import {
  AccessError,
  ArchiveError,
  CommandLineError,
  Interrupted,
  NoSuchHost,
  SourceError,
  UsageError,
} from '../errors.ts';
import { LONGEST, printable } from './escape.ts';
import { plural, type Style } from './style.ts';
import type { Outcome, Report, Status } from '../core/report/report.ts';
import type { StoredReport } from '../archive/runs.ts';
import { canBeApproved } from '../core/guard/guard.ts';

const HELP = '\nnpm run sync -- help explains commands and flags.\n';
const LOOK = 'npm run sync -- doctor tells the two sides apart, and the fix. Then run it again.';

/** What a person reads when a run ends early. `debug`: with the stack of what nobody foresaw. */
export function errorText(error: Error, style: Style, debug: boolean): string {
  const message = printable(error.message, LONGEST.message);
  if (error instanceof UsageError) {
    const problems = error.problems.map(
      (problem) => `${style.bad('✗')} ${printable(problem, LONGEST.message)}\n`,
    );
    return problems.join('') + (error instanceof CommandLineError ? HELP : '');
  }
  if (error instanceof Interrupted) return `${style.warn('Interrupted: nothing was written.')}\n`;
  if (error instanceof AccessError) return `${style.bad('✗ No access:')} ${message}\n`;
  // A mistake that showed when the run was under way, as a disk that is full, is no longer one of usage.
  if (error instanceof ArchiveError || error.cause instanceof UsageError)
    return `${style.bad('✗ Failed:')} ${message}\n`;
  if (error instanceof NoSuchHost) return `${style.bad('✗')} ${message}\n`;
  if (error instanceof SourceError)
    return `${style.bad('✗ Not read completely:')} ${message}\n${style.dim(`  ${LOOK}`)}\n`;
  const trace = (error.stack ?? '').split('\n').map((line) => `${printable(line, LONGEST.message)}\n`);
  const hint = '  This is probably a bug: run again with DEBUG=1 and report the stack trace.';
  return `${style.bad('✗ Unexpected:')} ${message}\n${debug ? trace.join('') : `${style.dim(hint)}\n`}`;
}

/** The same with `--json`. */
export function errorJson(error: Error, exitCode: number): object {
  const problems = error instanceof UsageError ? error.problems : [error.message];
  const status = error instanceof Interrupted ? 'interrupted' : 'failed';
  return { status, error: problems.join('; '), problems, exitCode };
}

type Tone = 'good' | 'warn' | 'bad';

const SAID: Readonly<Record<Exclude<Status, 'failed'>, readonly [tone: Tone, words: string]>> = {
  'in-sync': ['good', 'In sync: nothing to do.'],
  planned: ['good', 'Planned: nothing was written.'],
  applied: ['good', 'Applied: all changes were made, and Secoda shows them.'],
  partial: ['warn', 'Partial: not everything could be done; the next run tries the rest.'],
  held: ['warn', 'Held: a part waits for an approval; the rest was written as far as it could be.'],
  refused: ['bad', 'Refused: nothing was written.'],
  interrupted: ['warn', 'Interrupted: what was written before stays; the next run does the rest.'],
};

/** The last lines of a run: what became of it, what did not, what it took, and where its record is. */
export function endText(report: Report, record: string, style: Style): string {
  const { status, durationMs } = report;
  const { okta, secoda } = report.requests;
  const [tone, words] = verdictOf(report);
  const cost = [
    plural(okta.reads, 'Okta read'),
    plural(secoda.reads, 'Secoda read'),
    plural(secoda.writes, 'write'),
    ...(okta.throttled + secoda.throttled > 0 ? [`${okta.throttled + secoda.throttled} throttled`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
  ].join(', ');
  const undone = ['partial', 'held', 'interrupted'].includes(status) ? left(report) : '';
  const rest = undone === '' ? '' : ` ${style.warn(undone)}`;
  return `${style[tone](style.bold(words))}${rest}\n${style.dim(`${cost}; record: ${printable(record)}`)}\n`;
}

/** What became of a run, in one sentence; of a status that this release does not know, the word alone. */
export function verdictOf({
  status,
  requests,
}: {
  readonly status: string;
  /** `null` in a record that does not say: it may have written. */
  readonly requests: { readonly secoda: { readonly writes: number } } | null;
}): readonly [tone: Tone, words: string] {
  const untouched = requests?.secoda.writes === 0;
  if (status === 'failed')
    return ['bad', untouched ? 'Failed: nothing was written.' : 'Failed: what was written before stays.'];
  if (untouched && status === 'held')
    return ['warn', 'Held: a part waits for an approval; nothing was written.'];
  if (untouched && status === 'interrupted') return ['warn', 'Interrupted: nothing was written.'];
  const said: Readonly<Record<string, readonly [tone: Tone, words: string]>> = SAID;
  return said[status] ?? ['warn', `${status.charAt(0).toUpperCase()}${status.slice(1)}.`];
}

/** The command line that makes a run's plan come true, with what to say before it; `null` where there is nothing left to do. */
export function nextStep(
  report: StoredReport,
  apply: string | null,
): readonly [words: string, command: string] | null {
  const { status, digest, refusals, changes, invited } = report;
  if (apply === null || (changes.length === 0 && invited.every(({ outcome }) => outcome !== null)))
    return null;
  if (status === 'planned') return ['This makes the changes below:', apply];
  if (status === 'interrupted') return ['This makes the changes that were not attempted:', apply];
  if (digest === null || refusals.length === 0 || !canBeApproved(refusals)) return null;
  return [
    status === 'held'
      ? 'If every change that is held is intended, approve exactly these:'
      : 'If every change below is intended, approve exactly this plan:',
    `${apply} --approve ${digest}`,
  ];
}

/** What a run left undone, in numbers. */
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
