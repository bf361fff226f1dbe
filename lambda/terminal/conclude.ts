import type { Report, Status } from '../core/report/report.ts';
import { safeJson } from '../core/model/json.ts';
import type { Command } from './arguments.ts';
import { endText } from '../render/end-text.ts';
import { htmlReport, type ReportLayout } from '../render/html.ts';
import { markdownReport } from '../render/markdown.ts';
import { type StoredReport, storedReport } from '../archive/runs.ts';
import type { Format } from './flags.ts';
import { errorText } from '../render/error-text.ts';
import { type Output, styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';
import { AccessError, SourceError, UsageError } from '../errors.ts';

type Formed = Pick<Extract<Command, { readonly format: Format }>, 'format'>;

/** Where the words go: unless they are the answer, stdout is the report's alone. */
export function outputOf({ format }: Formed, { stdout, stderr }: Terminal): Output {
  return format === 'text' ? stdout : stderr;
}

/** What a run came to. */
interface Ending {
  readonly report: Report;
  readonly failure: Error | null;
  /** Address of the run's record. */
  readonly record: string;
  /** What else is told before the last lines. */
  readonly told?: string;
  /** How its report is laid out, where it may be asked for as a page or a comment. */
  readonly layout?: Omit<ReportLayout, 'record'>;
}

/** Says how a run ended, in words and as its report in the format that was asked for. Returns the exit code. */
export function conclude(
  { report, failure, record, told = '', layout }: Ending,
  command: Formed,
  terminal: Terminal,
): number {
  const { environment, stdout, stderr } = terminal;
  const text = outputOf(command, terminal);
  if (failure !== null)
    stderr.write(errorText(failure, styleFor(stderr, environment), Boolean(environment.DEBUG)));
  text.write(`${told}${endText(report, record, styleFor(text, environment))}`);
  if (command.format === 'json') stdout.write(`${safeJson(report)}\n`);
  else if (layout !== undefined)
    stdout.write(formatted(storedReport(report), command.format, { ...layout, record }) ?? '');
  return exitCode(report.status, failure);
}

/** A report as a page or a comment; `null` for the formats that each command makes its own way. */
export function formatted(report: StoredReport | null, format: Format, layout: ReportLayout): string | null {
  if (report === null) return null;
  if (format === 'html') return htmlReport(report, layout);
  return format === 'markdown' ? markdownReport(report, layout) : null;
}

const BY_STATUS: Readonly<Record<Status, number>> = {
  'in-sync': 0,
  planned: 0,
  applied: 0,
  failed: 1,
  held: 3,
  refused: 3,
  partial: 4,
};

/** Of `plan --expect-no-changes` where there are some. */
export const UNEXPECTED_CHANGES = 7;

/** By Ctrl-C. */
export const INTERRUPTED = 130;

/** The exit codes are a promise: scripts and schedulers branch on them. */
export function exitCode(status: Status | null, failure: Error | null): number {
  if (failure instanceof UsageError) return 2;
  if (failure instanceof AccessError) return 6;
  if (status === null || status === 'failed') return failure instanceof SourceError ? 5 : 1;
  return BY_STATUS[status];
}
