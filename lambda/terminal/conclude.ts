import type { Report, Status } from '../core/report/report.ts';
import { safeJson } from '../core/model/json.ts';
import type { Command } from './arguments.ts';
import { endText } from '../render/end-text.ts';
import { errorText } from '../render/error-text.ts';
import { type Output, styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';
import { AccessError, SourceError, UsageError } from '../errors.ts';

type Json = Pick<Extract<Command, { readonly json: boolean }>, 'json'>;

/** Where the words go: with `--json` stdout is the report's alone. */
export function outputOf({ json }: Json, { stdout, stderr }: Terminal): Output {
  return json ? stderr : stdout;
}

/** What a run came to. */
interface Ending {
  readonly report: Report;
  readonly failure: Error | null;
  /** Address of the run's record. */
  readonly record: string;
  /** What else is told before the last lines. */
  readonly told?: string;
}

/** Says how a run ended, in words and with `--json` as its report. Returns the exit code. */
export function conclude(
  { report, failure, record, told = '' }: Ending,
  command: Json,
  terminal: Terminal,
): number {
  const { environment, stdout, stderr } = terminal;
  const text = outputOf(command, terminal);
  if (failure !== null)
    stderr.write(errorText(failure, styleFor(stderr, environment), Boolean(environment.DEBUG)));
  text.write(`${told}${endText(report, record, styleFor(text, environment))}`);
  if (command.json) stdout.write(`${safeJson(report)}\n`);
  return exitCode(report.status, failure);
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

/** The exit codes are a promise: scripts and schedulers branch on them. */
export function exitCode(status: Status | null, failure: Error | null): number {
  if (failure instanceof UsageError) return 2;
  if (failure instanceof AccessError) return 6;
  if (status === null || status === 'failed') return failure instanceof SourceError ? 5 : 1;
  return BY_STATUS[status];
}
