import {
  AccessError,
  ArchiveError,
  CommandLineError,
  NoSuchHost,
  SourceError,
  UsageError,
} from '../errors.ts';
import { printable } from './escape.ts';
import type { Style } from './style.ts';

const LONGEST_MESSAGE = 1_000;
const HELP = '\nnpm run sync -- help explains commands and flags.\n';
const LOOK = 'npm run sync -- doctor tells the two sides apart, and the fix. Then run it again.';

/**
 * What a person reads when a run ends early: what happened, where, what to do. `debug`: with the stack of what nobody
 * foresaw; the mistakes of people and services have none.
 */
export function errorText(error: Error, style: Style, debug: boolean): string {
  const message = printable(error.message, LONGEST_MESSAGE);
  if (error instanceof UsageError) {
    const problems = error.problems.map(
      (problem) => `${style.bad('✗')} ${printable(problem, LONGEST_MESSAGE)}\n`,
    );
    return problems.join('') + (error instanceof CommandLineError ? HELP : '');
  }
  if (error instanceof AccessError) return `${style.bad('✗ No access:')} ${message}\n`;
  // A mistake that showed when the run was under way, as a disk that is full, is no longer one of usage.
  if (error instanceof ArchiveError || error.cause instanceof UsageError)
    return `${style.bad('✗ Failed:')} ${message}\n`;
  if (error instanceof NoSuchHost) return `${style.bad('✗')} ${message}\n`;
  if (error instanceof SourceError)
    return `${style.bad('✗ Not read completely:')} ${message}\n${style.dim(`  ${LOOK}`)}\n`;
  const more = debug
    ? shownLines(error.stack ?? '')
    : `${style.dim('  This is probably a bug: run again with DEBUG=1 and report the stack trace.')}\n`;
  return `${style.bad('✗ Unexpected:')} ${message}\n${more}`;
}

function shownLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `${printable(line, LONGEST_MESSAGE)}\n`)
    .join('');
}

/** The same with `--json`. */
export function errorJson(error: Error, exitCode: number): object {
  const problems = error instanceof UsageError ? error.problems : [error.message];
  return { status: 'failed', error: problems.join('; '), problems, exitCode };
}
