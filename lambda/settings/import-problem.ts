import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { shown } from '../terminal/escape.ts';

/** Why a configuration module could not be loaded, with the line where that is known. */
export function importProblem(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `throws ${shown(String(error), 200)} while it is loaded`;
  const message = shown(error.message, 300);
  if (error instanceof SyntaxError) {
    const at = markedPosition(error.stack ?? '') ?? checkedPosition(path);
    return `is not valid${at === null ? '' : ` at ${at}`}: ${message}`;
  }
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
    return `imports what is not there: ${message}`;
  const line = framePosition(error.stack ?? '', path);
  return `throws while it is loaded${line === null ? '' : `, at line ${line}`}: ${message}`;
}

/** Node puts `file:line`, the code and a caret below it before the stack of most syntax errors. */
function markedPosition(stack: string): string | null {
  const line = /^\S.*:(\d+)$/m.exec(stack)?.[1];
  if (line === undefined) return null;
  const caret = /^(\s*)\^+\s*$/m.exec(stack)?.[1];
  return `line ${line}${caret === undefined ? '' : `, column ${caret.length + 1}`}`;
}

/** It does not for JavaScript that is imported at run time; its syntax check tells. */
function checkedPosition(path: string): string | null {
  return markedPosition(spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' }).stderr);
}

function framePosition(stack: string, path: string): string | null {
  for (const place of [pathToFileURL(path).href, path]) {
    const start = stack.indexOf(`${place}:`);
    const line = start < 0 ? undefined : /^\d+/.exec(stack.slice(start + place.length + 1))?.[0];
    if (line !== undefined) return line;
  }
  return null;
}
