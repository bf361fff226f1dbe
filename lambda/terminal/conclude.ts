import type { Report } from '../core/report/report.ts';
import { safeJson } from '../core/model/json.ts';
import type { Command } from './arguments.ts';
import { endText } from '../render/end-text.ts';
import { errorText } from '../render/error-text.ts';
import { exitCode } from './exit-code.ts';
import { type Output, styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';

type Json = Pick<Extract<Command, { readonly json: boolean }>, 'json'>;

/** Where the words go: with `--json` stdout is the report's alone. */
export function outputOf({ json }: Json, { stdout, stderr }: Terminal): Output {
  return json ? stderr : stdout;
}

/** What a run came to. */
export interface Ending {
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
