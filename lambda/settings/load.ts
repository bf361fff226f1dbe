import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import { parseSettings, type Settings } from '../settings.ts';
import { shown } from '../terminal/escape.ts';
import { importProblem } from './import-problem.ts';
import { parseJson } from './json-text.ts';
import type { Environment } from './names.ts';
import { withAddressesOf } from './override.ts';

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
    throw new UsageError(error.problems.map((problem) => `${shown(name)}: ${problem}`));
  }
  return withAddressesOf(environment, settings);
}

async function read(name: string): Promise<unknown> {
  const path = resolve(name);
  const fail = (problem: string): never => {
    throw new UsageError([`${shown(name)}: ${problem}`]);
  };
  if (!existsSync(path))
    return fail(
      'there is no such file; name the configuration with --config FILE (for the stack: -c config=FILE)',
    );
  if (extname(path) === '.json') {
    const text = await readFile(path, 'utf8').catch((error: unknown) =>
      fail(`cannot be read (${reason(error)})`),
    );
    const parsed = parseJson(text);
    return 'problem' in parsed ? fail(parsed.problem) : parsed.value;
  }
  if (!MODULES.has(extname(path))) return fail('expected a file that ends in .ts, .js or .json');
  let module: unknown;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    return fail(importProblem(error, path));
  }
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  return fail('has no default export; expected export default defineSync({ … })');
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
