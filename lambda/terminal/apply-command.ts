import { shellWord } from '../render/escape.ts';

/** What a command was given that an apply of the same plan must be given too. */
export interface GivenAgain {
  readonly config: string | undefined;
  readonly groups: readonly string[];
  readonly runs: string;
  /** Of the configuration. */
  readonly dryRun: boolean;
}

/** Where runs are kept unless told. */
export const DEFAULT_RUNS = 'runs/';

/** The command line that applies what these arguments plan, ready to be copied into a shell. */
export function applyCommand({ config, groups, runs, dryRun }: GivenAgain): string {
  const words = ['npm run sync -- apply'];
  if (config !== undefined) words.push('--config', shellWord(config));
  for (const group of groups) words.push('--group', shellWord(group));
  if (runs !== DEFAULT_RUNS) words.push('--runs', shellWord(runs));
  if (dryRun) words.push('--no-dry-run');
  return words.join(' ');
}
