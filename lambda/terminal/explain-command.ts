import { explainAccess } from '../commands/explain.ts';
import { openEdges, serviceOptions } from '../compose.ts';
import { safeJson } from '../core/model/json.ts';
import { explainText } from '../render/explain-text.ts';
import { styleFor } from '../render/style.ts';
import { rulesOf } from '../settings.ts';
import type { Command } from './arguments.ts';
import { prepare } from './prepare.ts';
import type { Terminal } from './terminal.ts';

type ExplainCommand = Extract<Command, { readonly name: 'explain' }>;

/** `explain`: why somebody is in a group or not, or why a group is as it is. Returns the exit code. */
export async function explainIt(command: ExplainCommand, terminal: Terminal): Promise<number> {
  const { environment, stdout } = terminal;
  const { settings, credentials, archive } = await prepare(command, environment);
  const options = serviceOptions({ ...terminal, settings }, credentials);
  const [group = null] = command.groups;
  const explanation = await explainAccess(
    { person: command.email, group },
    {
      ...openEdges(options),
      rules: rulesOf(settings),
      archive,
    },
  );
  stdout.write(
    command.format === 'json'
      ? `${safeJson(explanation)}\n`
      : explainText(explanation, styleFor(stdout, environment)),
  );
  return 0;
}
