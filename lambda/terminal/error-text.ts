import { AccessError, SourceError, UsageError } from '../errors.ts';
import { shown } from './escape.ts';
import type { Style } from './style.ts';

/** What a person reads when a run ends early: what happened, where, what to do. A stack trace only for our own mistakes, on demand. */
export function errorText(error: Error, style: Style, debug: boolean): string {
  if (error instanceof UsageError)
    return error.problems.map((problem) => `${style.bad('✗')} ${shown(problem, 1_000)}\n`).join('');
  if (error instanceof AccessError) return `${style.bad('✗ No access:')} ${shown(error.message, 1_000)}\n`;
  if (error instanceof SourceError)
    return `${style.bad('✗ Not read completely, so nothing more was written:')} ${shown(error.message, 1_000)}\n`;
  const stack = debug && error.stack !== undefined ? `${error.stack}\n` : '';
  return `${style.bad('✗ Unforeseen:')} ${shown(error.message, 1_000)}\n${stack}`;
}
