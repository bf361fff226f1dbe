import type { Command } from './arguments.ts';
import { openArchive } from '../services/store/open.ts';
import { UsageError } from '../errors.ts';
import { readCredentials } from '../settings/credentials.ts';
import { loadSettings } from '../settings/load.ts';
import type { Environment } from '../names.ts';

type Given = Exclude<Command, { readonly name: 'help' | 'version' | 'init' }>;

/** Configuration, credentials and archive, with the problems of all told together. Touches no archive yet. Throws `UsageError`. */
export async function prepare(command: Given, environment: Environment) {
  const credentials = () => readCredentials(environment);
  return prepareWith(command, environment, credentials);
}

/** The same for what needs no credentials. */
export function prepareOffline(command: Given, environment: Environment) {
  return prepareWith(command, environment, () => 'none' as const);
}

async function prepareWith<C>(command: Given, environment: Environment, credentialsOf: () => C) {
  const problems: string[] = [];
  const collected = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const settings = await collected(() => loadSettings(command.config, environment));
  const credentials = await collected(credentialsOf);
  const archive = await collected(() => openArchive(command.runs));
  if (settings?.dryRun === true && 'noDryRun' in command && !command.noDryRun)
    problems.push(
      `dryRun: true in the configuration keeps ${command.name} from writing; see what would be written with npm run sync -- plan, or give --no-dry-run behind “--”`,
    );
  if (problems.length > 0 || settings === null || credentials === null || archive === null)
    throw new UsageError(problems);
  return { settings, credentials, archive };
}
