import { init } from '../commands/init.ts';
import { ENVIRONMENT, variable } from '../names.ts';
import { styleFor } from '../render/style.ts';
import { printable } from '../render/escape.ts';
import { readOktaCredentials } from '../settings/credentials.ts';
import type { Command } from './arguments.ts';
import type { Terminal } from './terminal.ts';

type InitCommand = Extract<Command, { readonly name: 'init' }>;

/** `init`: writes a configuration. Returns the exit code. */
export async function initialise(command: InitCommand, terminal: Terminal): Promise<number> {
  const { environment, stdout, clock, random } = terminal;
  const credentials = readOktaCredentials(environment);
  const { file, groups, secoda } = await init({
    file: command.config ?? 'sync.config.ts',
    orgUrl: command.orgUrl ?? variable(environment, ENVIRONMENT.oktaOrgUrl),
    region: command.region ?? undefined,
    secodaUrl: variable(environment, ENVIRONMENT.secodaApiUrl),
    app: command.app ?? undefined,
    okta:
      credentials === null
        ? null
        : (orgUrl) => ({ orgUrl, credentials, requestsPerMinute: 60, clock, random, holdMs: 30_000 }),
  });
  const style = styleFor(stdout, environment);
  const name = command.config === undefined ? '' : ` --config ${printable(file)}`;
  const next = [
    ...(credentials === null ? ['export OKTA_API_TOKEN=…'] : []),
    ...(variable(environment, ENVIRONMENT.secodaApiKey) === undefined ? ['export SECODA_API_KEY=…'] : []),
    `npm run sync -- doctor${name}`,
  ];
  stdout.write(
    `${style.good('✓')} ${printable(file)} is written: ${printable(groups)}; Secoda ${printable(secoda)}.\n` +
      `  docs/configuration.md explains every key.\n\nNext:\n\n${next.map((line) => `  ${line}\n`).join('')}`,
  );
  return 0;
}
