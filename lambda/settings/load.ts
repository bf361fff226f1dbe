import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UsageError } from '../errors.ts';
import { parseSettings, type Settings } from '../settings.ts';
import { printable } from '../render/escape.ts';
import { type Environment, ENVIRONMENT, variable } from '../names.ts';
import { originProblem } from '../services/http/checked.ts';
import { type AddressCheck, orgUrlProblem } from './services.ts';
import { described, isObject, problem } from './values.ts';
import { jsonOf } from '../core/model/json.ts';
import { spawnSync } from 'node:child_process';

/** Looked for in this order when no file is named. */
const DEFAULT_FILES = ['sync.config.ts', 'sync.config.json'] as const;

const MODULES: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs']);

/**
 * Loads and checks the configuration: `file`, or the default one of the current folder. Addresses in the environment
 * (`OKTA_ORG_URL`, `SECODA_API_URL`) override the configured ones. Throws `UsageError`, naming the file.
 */
export async function loadSettings(file: string | undefined, environment: Environment): Promise<Settings> {
  const name = file ?? DEFAULT_FILES.find((each) => existsSync(each)) ?? DEFAULT_FILES[0];
  const input = await read(name);
  let settings: Settings;
  try {
    settings = parseSettings(input);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.problems.map((problem) => `${printable(name)}: ${problem}`));
  }
  return withAddressesOf(environment, settings);
}

async function read(name: string): Promise<unknown> {
  const path = resolve(name);
  const fail = (problem: string): never => {
    throw new UsageError([`${printable(name)}: ${problem}`]);
  };
  if (!existsSync(path))
    return fail(
      'there is no such file; name the configuration with --config FILE (for the stack: -c config=FILE)',
    );
  if (extname(path) === '.json') {
    const text = await readFile(path, 'utf8').catch((error: unknown) =>
      fail(`cannot be read (${messageOf(error)})`),
    );
    const bare = text.replace(/^\ufeff/, '');
    const parsed = parseJson(bare);
    if ('problem' in parsed) return fail(parsed.problem);
    const repeated = repeatedKeys(bare);
    if (repeated.length > 0) throw new UsageError(repeated.map((each) => `${printable(name)}: ${each}`));
    return parsed.value;
  }
  if (!MODULES.has(extname(path))) return fail('expected a file that ends in .ts, .js or .json');
  let module: unknown;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    return fail(importProblem(error, path));
  }
  if (isObject(module) && 'default' in module) return module.default;
  return fail('has no default export; expected export default defineSync({ … })');
}

/** The settings with the addresses that the environment names instead of the configured ones. Throws `UsageError`. */
export function withAddressesOf(environment: Environment, settings: Settings): Settings {
  const problems: string[] = [];
  const addressIn = (name: string, check: AddressCheck): string | undefined => {
    const text = variable(environment, name);
    const expected = text === undefined ? null : check(text);
    if (expected !== null) problems.push(problem(name, expected, described(text)));
    return text === undefined || expected !== null ? undefined : new URL(text).origin;
  };
  const okta = addressIn(ENVIRONMENT.oktaOrgUrl, orgUrlProblem);
  const secoda = addressIn(ENVIRONMENT.secodaApiUrl, originProblem);
  if (problems.length > 0) throw new UsageError(problems);
  return {
    ...settings,
    okta: { ...settings.okta, orgUrl: okta ?? settings.okta.orgUrl },
    secoda: secoda === undefined ? settings.secoda : { ...settings.secoda, place: { url: secoda } },
  };
}

/** Why a configuration module could not be loaded, with the line where that is known. */
function importProblem(error: unknown, path: string): string {
  const message = printable(messageOf(error), 300);
  if (!(error instanceof Error)) return `throws ${message} while it is loaded`;
  const { stack = '' } = error;
  if (error instanceof SyntaxError) {
    const at = markedPosition(stack) ?? checkedPosition(path);
    return `is not valid${at === null ? '' : ` at ${at}`}: ${message}`;
  }
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
    return `imports what is not there: ${message}`;
  const line = framePosition(stack, path);
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
    const [, behind = ''] = stack.split(`${place}:`);
    const line = /^\d+/.exec(behind)?.[0];
    if (line !== undefined) return line;
  }
  return null;
}

/** What a JSON text says, or what is wrong with it and where, in words. */
function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    const message = messageOf(error);
    // Without the piece of the text and the position that V8 adds to some messages and not to others.
    const what = message.replace(/, .*$/s, '').replace(/ in JSON at position.*$/s, '');
    return { problem: `not valid JSON at ${lineAndColumn(text, positionOf(text, message))} (${what})` };
  }
}

/** Keys of valid JSON that stand twice in one object: the last alone would count, and nobody hear of the others. */
function repeatedKeys(text: string): readonly string[] {
  const open: Set<unknown>[] = [];
  return [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)].flatMap(
    ({ 0: token, 1: key, 2: colon, index }) => {
      if (token === '{' || token === '[') open.push(new Set());
      if (token === '}' || token === ']') open.pop();
      if (key === undefined || colon === undefined) return [];
      const keys = open.at(-1);
      const isRepeated = keys?.has(jsonOf(key)) === true;
      keys?.add(jsonOf(key));
      return isRepeated
        ? [`the key ${printable(key, 60)} stands once more at ${lineAndColumn(text, index)}`]
        : [];
    },
  );
}

/** Where the error is, as an index into the text. */
function positionOf(text: string, message: string): number {
  const told = /at position (\d+)/.exec(message)?.[1];
  if (told !== undefined) return Number(told);
  if (!isUnexpectedToken(text)) return text.length;
  // V8 does not tell the position of an unexpected token: it is the last character of the shortest beginning that has one.
  let without = 0;
  let having = text.length;
  while (having - without > 1) {
    const middle = (without + having) >> 1;
    if (isUnexpectedToken(text.slice(0, middle))) having = middle;
    else without = middle;
  }
  return having - 1;
}

function isUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('Unexpected token');
  }
}

function lineAndColumn(text: string, index: number): string {
  const lines = text.slice(0, index).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
