import { compose, openEdges, serviceOptions } from '../compose.ts';
import type { OnboardReport } from '../core/report/onboard-report.ts';
import { UsageError } from '../errors.ts';
import { runIdAt } from '../archive/run-index.ts';
import { runOnboard } from '../run/onboarding/onboard.ts';
import type { Command } from './arguments.ts';
import { applyCommand } from './flags.ts';
import { conclude, outputOf, prepareRun } from './conclude.ts';
import { onboardText } from '../render/people-text.ts';
import { tellInterruption, type Terminal, terminalOrigin } from './terminal.ts';
import { lineWidth, styleFor } from '../render/style.ts';
import { ratesOf, showProgress } from './progress.ts';

type OnboardCommand = Extract<Command, { readonly name: 'onboard' }>;

/** `onboard EMAIL…`, and tells for each what came of it. `approve`: the digest of a refused one. Returns the exit code. */
export async function onboard(
  command: OnboardCommand,
  terminal: Terminal,
  approve: string | null = null,
): Promise<number> {
  const { environment, clock, random } = terminal;
  const text = outputOf(command, terminal);
  const style = styleFor(text, environment);
  const { settings, credentials, archive } = await prepareRun(command, terminal);
  if (command.inviteAgain && settings.invite === false)
    throw new UsageError(['--invite-again invites nobody: the configuration has users.invite: false']);
  const first = 'looking in Okta and Secoda';
  const progress = showProgress({ ...terminal, text, rates: ratesOf(settings), first });
  const { listen } = progress;
  const origin = terminalOrigin(command.reason, environment);
  const edges = openEdges(serviceOptions({ ...terminal, settings, listen, archive }, credentials));
  const parts = { ...terminal, settings, archive, listen, origin, interrupted: terminal.interruption };
  const { context, onboarding } = compose(parts, edges);
  const runId = runIdAt(clock.now(), random);
  const record = `${archive.address}${runId}/`;
  tellInterruption(terminal);
  const ended: OnboardReport[] = [];
  const finished = (report: OnboardReport) => Promise.resolve(void ended.push(report));
  const { emails, inviteAgain } = command;
  const { failure } = await runOnboard(
    { runId, emails, inviteAgain, approve, mode: 'onboard', ...onboarding(runId) },
    { ...context, usage: 'throw', finished },
  ).finally(progress.clear);
  const [report] = ended;
  if (report === undefined) throw failure ?? new Error('the run ended without a report');
  const given = { config: command.config, runs: command.runs, groups: [], dryRun: settings.dryRun };
  const apply = applyCommand(given);
  const again = applyCommand({ ...given, emails });
  const told = `${onboardText(report, lineWidth(text), style, apply)}\n`;
  const layout = { people: true, apply };
  return conclude({ report, failure, record, told, layout, again }, command, terminal);
}
