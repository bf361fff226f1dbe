import { UsageError } from '../errors.ts';
import { readCredentials } from '../settings/credentials.ts';
import { loadSettings } from '../settings/load.ts';
import type { Environment } from '../settings/names.ts';

/** Configuration and credentials, with the problems of both told together. Throws `UsageError`. */
export async function prepare(command: { readonly config: string | undefined }, environment: Environment) {
  const problems: string[] = [];
  const collect = (error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    problems.push(...error.problems);
    return null;
  };
  const settings = await loadSettings(command.config, environment).catch(collect);
  const credentials = await Promise.resolve()
    .then(() => readCredentials(environment))
    .catch(collect);
  if (settings === null || credentials === null || problems.length > 0) throw new UsageError(problems);
  return { settings, credentials };
}
