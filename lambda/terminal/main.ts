import { VERSION } from '../compose.ts';
import { type Command, parseArguments } from './arguments.ts';
import { unlessInterrupted } from '../services/clock.ts';
import { doctor, explainIt, initialise, onboard } from './commands.ts';
import { safeJson } from '../core/model/json.ts';
import { errorJson, errorText } from '../render/error-text.ts';
import { exitCode } from './conclude.ts';
import { history, show } from './history-command.ts';
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
    const ended = obey(command, terminal);
    return await (endsByItself(command) ? ended : unlessInterrupted(ended, terminal.interruption));
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

async function obey(command: Command, terminal: Terminal): Promise<number> {
  if (command.name === 'init') return initialise(command, terminal);
  if (command.name === 'doctor') return doctor(command, terminal);
  if (command.name === 'onboard') return onboard(command, terminal);
  if (command.name === 'explain') return explainIt(command, terminal);
  if (command.name === 'history') return history(command, terminal);
  if (command.name === 'show') return show(command, terminal);
  if (command.name === 'plan' || command.name === 'apply') return run(command, terminal);
  terminal.stdout.write(command.name === 'help' ? usage(command.about) : `${VERSION}\n`);
  return 0;
}

/** Whoever writes has something to end with when it is interrupted; nobody waits for the others. */
function endsByItself(command: Command): boolean {
  return (
    command.name === 'apply' || command.name === 'onboard' || (command.name === 'doctor' && command.probe)
  );
}
