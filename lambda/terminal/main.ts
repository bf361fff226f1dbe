import { VERSION } from '../compose.ts';
import { parseArguments } from './arguments.ts';
import { doctor, explainIt, initialise } from './commands.ts';
import { safeJson } from '../core/model/json.ts';
import { errorJson, errorText } from '../render/error-text.ts';
import { exitCode } from './conclude.ts';
import { history, show } from './history-command.ts';
import { onboard } from './onboard-command.ts';
import { run } from './run-command.ts';
import { throughProxy } from '../services/http/send.ts';
import { styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';
import { usage } from './flags.ts';

/** Runs one command line and returns its exit code. Every error ends here, as words. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { environment, stderr } = terminal;
  let direct = (): void => undefined;
  try {
    const command = parseArguments(argv, environment);
    direct = throughProxy(environment);
    if (command.name === 'init') return await initialise(command, terminal);
    if (command.name === 'doctor') return await doctor(command, terminal);
    if (command.name === 'onboard') return await onboard(command, terminal);
    if (command.name === 'explain') return await explainIt(command, terminal);
    if (command.name === 'history') return await history(command, terminal);
    if (command.name === 'show') return await show(command, terminal);
    if (command.name === 'plan' || command.name === 'apply') return await run(command, terminal);
    terminal.stdout.write(command.name === 'help' ? usage(command.about) : `${VERSION}\n`);
    return 0;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const code = exitCode(null, error);
    stderr.write(
      /(^| )--(json|format[= ]json)( |$)/.test(argv.join(' '))
        ? `${safeJson(errorJson(error, code))}\n`
        : errorText(error, styleFor(stderr, environment), Boolean(environment.DEBUG)),
    );
    return code;
  } finally {
    direct();
  }
}
