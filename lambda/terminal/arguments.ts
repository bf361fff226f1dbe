import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { nearMiss } from '../settings/near-miss.ts';
import { shown } from './escape.ts';

interface Common {
  readonly config: string | undefined;
  readonly groups: readonly string[];
  readonly json: boolean;
  readonly runs: string;
}

/** What the command line asks for. */
export type Command =
  | { readonly name: 'help' | 'version' }
  | (Common & { readonly name: 'plan' })
  | (Common & { readonly name: 'apply'; readonly approve: string | null })
  | (Common & { readonly name: 'doctor'; readonly probe: boolean });

const COMMANDS = ['plan', 'apply', 'doctor'] as const;
const OPTIONS = {
  config: { type: 'string' },
  group: { type: 'string', multiple: true },
  full: { type: 'boolean' },
  json: { type: 'boolean' },
  runs: { type: 'string' },
  approve: { type: 'string' },
  probe: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Reads the command line. Throws `UsageError` with every problem at once. */
export function parseArguments(argv: readonly string[]): Command {
  const problems: string[] = [];
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help === true) return { name: 'help' };
  if (values.version === true) return { name: 'version' };

  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.entries(OPTIONS).find(([name]) => name === token.name)?.[1];
    if (option === undefined)
      problems.push(
        unknown(
          'flag',
          token.rawName,
          Object.keys(OPTIONS).map((name) => `--${name}`),
        ),
      );
    else if (option.type === 'string' && !token.value) problems.push(`${token.rawName} needs a value`);
    else if (option.type === 'boolean' && token.value !== undefined)
      problems.push(`${token.rawName} takes no value`);
  }
  const [name, ...rest] = positionals;
  const command = COMMANDS.find((each) => each === name);
  if (name === undefined) problems.push('no command; give plan, apply or doctor');
  else if (command === undefined) problems.push(unknown('command', name, COMMANDS));
  for (const extra of rest) problems.push(`unexpected argument ${JSON.stringify(shown(extra, 60))}`);
  if (command !== undefined && command !== 'apply' && values.approve !== undefined)
    problems.push('--approve goes with apply');
  if (command !== undefined && command !== 'doctor' && values.probe !== undefined)
    problems.push('--probe goes with doctor');
  if (command === undefined || problems.length > 0)
    throw new UsageError([...problems, 'npm run sync -- --help shows every command and flag']);

  const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const common: Common = {
    config: textOf(values.config),
    groups: [values.group ?? []].flat().filter((group) => typeof group === 'string'),
    json: values.json === true,
    runs: textOf(values.runs) ?? 'runs/',
  };
  if (command === 'apply') return { ...common, name: command, approve: textOf(values.approve) ?? null };
  if (command === 'doctor') return { ...common, name: command, probe: values.probe === true };
  return { ...common, name: command };
}

function unknown(what: string, given: string, known: readonly string[]): string {
  const near = nearMiss(given, known);
  return `unknown ${what} ${JSON.stringify(shown(given, 60))}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
