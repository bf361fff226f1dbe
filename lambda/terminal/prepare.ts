import { openArchive } from '../edges/archive/open.ts';
import { UsageError } from '../errors.ts';
import { readCredentials } from '../settings/credentials.ts';
import { loadSettings } from '../settings/load.ts';
import type { Environment } from '../settings/names.ts';

interface Given {
  readonly config: string | undefined;
  readonly runs: string;
}

/** Configuration, credentials and archive, with the problems of all told together. Touches no archive yet. Throws `UsageError`. */
export async function prepare({ config, runs }: Given, environment: Environment) {
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
  const settings = await collected(() => loadSettings(config, environment));
  const credentials = await collected(() => readCredentials(environment));
  const archive = await collected(() => openArchive(runs));
  if (settings === null || credentials === null || archive === null) throw new UsageError(problems);
  return { settings, credentials, archive };
}
