import { compose, openEdges, serviceOptions } from '../compose.ts';
import { runIdAt } from '../run-id.ts';
import type { OnboardReport } from '../core/onboard-report.ts';
import { safeJson } from '../core/unsafe.ts';
import { openArchive } from '../edges/archive/open.ts';
import { directJourney } from '../run/direct-journey.ts';
import { runOnboard } from '../run/onboarding/onboard.ts';
import type { Credentials } from '../settings/credentials.ts';
import type { Environment } from '../settings/names.ts';
import type { Settings } from '../settings.ts';
import type { Command } from './arguments.ts';
import { endText } from './end-text.ts';
import { errorText } from './error-text.ts';
import { exitCode } from './exit-code.ts';
import type { Terminal } from './main.ts';
import { onboardText } from './onboard-text.ts';
import { isTerminal, lineWidth } from './output.ts';
import { showProgress } from './progress.ts';
import { styleFor } from './style.ts';

type OnboardCommand = Extract<Command, { readonly name: 'onboard' }>;
type Prepare = (
  command: OnboardCommand,
  environment: Environment,
) => Promise<{ readonly settings: Settings; readonly credentials: Credentials }>;

/** `onboard EMAIL…`: adds people to their groups and tells for each what came of it. Returns the exit code. */
export async function onboard(
  command: OnboardCommand,
  terminal: Terminal,
  prepare: Prepare,
): Promise<number> {
  const { environment, stdout, stderr, clock, random } = terminal;
  const text = command.json ? stderr : stdout;
  const style = styleFor(text, environment);
  const { settings, credentials } = await prepare(command, environment);
  const archive = openArchive(command.runs);
  const progress = showProgress(text, style, isTerminal(text, environment));
  const { listen } = progress;
  const edges = openEdges(serviceOptions({ ...terminal, settings }, credentials));
  const { onboarding } = compose({ ...terminal, settings, archive, listen }, edges);
  const runId = runIdAt(clock.now(), random);
  const ended: OnboardReport[] = [];
  const finished = (report: OnboardReport) => Promise.resolve(void ended.push(report));
  const task = { runId, emails: command.emails, usage: 'throw', finished } as const;
  const { failure } = await runOnboard(task, onboarding(runId), directJourney(clock, listen)).finally(
    progress.clear,
  );
  const [report] = ended;
  if (report === undefined) throw failure ?? new Error('the run ended without a report');
  if (failure !== null)
    stderr.write(errorText(failure, styleFor(stderr, environment), Boolean(environment.DEBUG)));
  text.write(`${onboardText(report, lineWidth(text), style)}\n`);
  text.write(endText(report, `${archive.address}${runId}/`, style));
  if (command.json) stdout.write(`${safeJson(report)}\n`);
  return exitCode(report.status, failure);
}
