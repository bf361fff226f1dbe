import { compose, openEdges, serviceOptions, VERSION } from '../compose.ts';
import { examine } from '../commands/doctor.ts';
import { scratchName } from '../services/secoda/probe.ts';
import { runIdAt } from '../archive/run-index.ts';
import type { Command } from './arguments.ts';
import { tellInterruption, type Terminal, terminalOrigin } from './terminal.ts';
import { conclude, outputOf, prepare, prepareRun, tellAddresses } from './conclude.ts';
import { ratesOf, showProgress } from './progress.ts';
import { lineWidth, styleFor } from '../render/style.ts';
import { explainAccess } from '../commands/explain.ts';
import { safeJson } from '../core/model/json.ts';
import { explainText, onboardText } from '../render/people-text.ts';
import { rulesOf } from '../settings.ts';
import { init } from '../commands/init.ts';
import { ENVIRONMENT, variable } from '../names.ts';
import { printable, shellWord } from '../render/escape.ts';
import { unlessInterrupted } from '../services/clock.ts';
import { Interrupted, UsageError } from '../errors.ts';
import { readOktaCredentials } from '../settings/credentials.ts';
import type { OnboardReport } from '../core/report/onboard-report.ts';
import { runOnboard } from '../run/onboarding/onboard.ts';
import { applyCommand } from './flags.ts';

type Of<Name> = Extract<Command, { readonly name: Name }>;

/** `doctor`: looks at everything that a run needs. Returns the exit code. */
export async function doctor(command: Of<'doctor'>, terminal: Terminal): Promise<number> {
  const { environment, stdout, stderr, clock, random, interruption } = terminal;
  const { settings, credentials, archive } = await prepare(command, environment);
  tellAddresses(settings, terminal);
  const first = 'checking Okta and Secoda';
  const progress = showProgress({ ...terminal, text: stdout, rates: ratesOf(settings), first });
  const { listen } = progress;
  const options = serviceOptions({ ...terminal, settings, listen }, credentials);
  const origin = terminalOrigin(null, environment);
  const parts = compose({ ...terminal, settings, archive, listen, origin }, openEdges(options));
  const runId = runIdAt(clock.now(), random);
  const leases = command.probe ? parts.writing(runId).leases : null;
  const write = (text: string) => {
    progress.clear();
    stdout.write(text);
  };
  const form = { json: command.format === 'json', output: { write }, style: styleFor(stdout, environment) };
  const found = { ...parts, ...options, archive, runId, version: VERSION, leases };
  const examined = examine({ ...found, ...form }).finally(progress.clear);
  if (!command.probe) return examined;
  return unlessInterrupted(examined, interruption).catch((error: unknown) => {
    if (!(error instanceof Interrupted)) throw error;
    const group = printable(scratchName(runId));
    stderr.write(`Interrupted. Look in Secoda for a group "${group}": if it is there, delete it.\n`);
    return error.exitCode;
  });
}

/** `explain`: why somebody is in a group or not, or why a group is as it is. Returns the exit code. */
export async function explainIt(command: Of<'explain'>, terminal: Terminal): Promise<number> {
  const { environment, stdout } = terminal;
  const { settings, credentials, archive } = await prepare(command, environment);
  const options = serviceOptions({ ...terminal, settings }, credentials);
  const [group = null] = command.groups;
  const sources = { ...openEdges(options), rules: rulesOf(settings), archive };
  const explanation = await explainAccess({ person: command.email, group }, sources);
  stdout.write(
    command.format === 'json'
      ? `${safeJson(explanation)}\n`
      : explainText(explanation, styleFor(stdout, environment)),
  );
  return 0;
}

/** `init`: writes a configuration. Returns the exit code. */
export async function initialise(command: Of<'init'>, terminal: Terminal): Promise<number> {
  const { environment, stdout, clock, random } = terminal;
  const credentials = readOktaCredentials(environment);
  const written = await init({
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
  const { file, groups, secoda, assumed, replaced } = written;
  const style = styleFor(stdout, environment);
  const name = command.config === undefined ? '' : ` --config ${shellWord(file)}`;
  const next = [
    ...(credentials === null ? ['export OKTA_API_TOKEN=…'] : []),
    ...(variable(environment, ENVIRONMENT.secodaApiKey) === undefined ? ['export SECODA_API_KEY=…'] : []),
    `npm run sync -- doctor${name}`,
  ];
  stdout.write(
    command.format === 'json'
      ? `${safeJson({ ...written, next })}\n`
      : `${style.good('✓')} ${printable(file)} is written: ${printable(groups)}; Secoda ${printable(secoda)}.\n` +
          (assumed === null ? '' : `${style.warn('!')} Assumed: ${printable(assumed)}.\n`) +
          (replaced ? '  It replaces the sample that was shipped.\n' : '') +
          `  docs/configuration.md explains every key.\n\nNext:\n\n${next.map((line) => `  ${line}\n`).join('')}`,
  );
  return 0;
}

type OnboardCommand = Extract<Command, { readonly name: 'onboard' }>;

/** `onboard EMAIL…`, and tells for each what came of it. `approve`: the digest of a refused one. Returns the exit code. */
export async function onboard(command: OnboardCommand, terminal: Terminal, approve: string | null = null) {
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
