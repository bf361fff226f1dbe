import { readFile } from 'node:fs/promises';
import { safeJson } from '../core/unsafe.ts';
import type { Report } from '../core/report.ts';
import { compose, openEdges, serviceOptions } from '../compose.ts';
import { runIdAt } from '../run-id.ts';
import { openArchive } from '../edges/archive/open.ts';
import { examine } from '../doctor/examine.ts';
import type { Timeouts } from '../edges/http/send.ts';
import { UsageError } from '../errors.ts';
import type { Clock, Listener } from '../ports.ts';
import { readCredentials } from '../settings/credentials.ts';
import { loadSettings } from '../settings/load.ts';
import type { Environment } from '../settings/names.ts';
import { runSync } from '../sync.ts';
import { applyCommand } from './apply-command.ts';
import { type Command, parseArguments } from './arguments.ts';
import { endText } from './end-text.ts';
import { errorText } from './error-text.ts';
import { exitCode } from './exit-code.ts';
import { intakeListener } from './intake.ts';
import { isTerminal, lineWidth, type Output } from './output.ts';
import { onboard } from './onboard-command.ts';
import { planText } from './plan-text.ts';
import { showProgress } from './progress.ts';
import { styleFor } from './style.ts';
import { USAGE } from './usage.ts';

export type { Output };

/** Everything the terminal's surroundings lend to a command. */
export interface Terminal {
  readonly environment: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** The usual ones unless given. */
  readonly timeouts?: Timeouts;
}

/** Runs one command line and returns its exit code. Every error ends here, as words. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { environment, stderr } = terminal;
  try {
    const command = parseArguments(argv);
    if (command.name === 'doctor') return await doctor(command, terminal);
    if (command.name === 'onboard') return await onboard(command, terminal, prepare);
    if (command.name === 'plan' || command.name === 'apply') return await run(command, terminal);
    terminal.stdout.write(command.name === 'help' ? USAGE : `${await version()}\n`);
    return 0;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    stderr.write(errorText(error, styleFor(stderr, environment), Boolean(environment.DEBUG)));
    return exitCode(null, error);
  }
}

type RunCommand = Extract<Command, { readonly name: 'plan' } | { readonly name: 'apply' }>;

async function run(command: RunCommand, terminal: Terminal): Promise<number> {
  const { environment, stdout, stderr, clock, random } = terminal;
  const text = command.json ? stderr : stdout;
  const style = styleFor(text, environment);
  const { settings, credentials } = await prepare(command, environment);
  const archive = openArchive(command.runs);
  const intake = intakeListener();
  const progress = showProgress(text, style, isTerminal(text, environment));
  const layout = { width: lineWidth(text), apply: applyCommand(command) };
  const listen: Listener = (event) => {
    progress.listen(event);
    intake.listen(event);
    if (event.kind === 'planned')
      text.write(`${planText(event.plan, event.refusals, intake.seen(), style, layout)}\n`);
  };
  const edges = openEdges(serviceOptions({ ...terminal, settings }, credentials));
  const { world, writing } = compose({ ...terminal, settings, archive, listen }, edges);
  const runId = runIdAt(clock.now(), random);
  const task = { runId, groups: command.groups, hints: null, full: command.full };
  const ended: Report[] = [];
  const { failure } = await runSync(
    command.name === 'plan'
      ? { ...task, mode: 'plan' }
      : { ...task, mode: 'apply', approve: command.approve, ...writing(runId) },
    { ...world, usage: 'throw', finished: (report) => Promise.resolve(void ended.push(report)) },
  ).finally(progress.clear);
  const [report] = ended;
  if (report === undefined) throw failure ?? new Error('the run ended without a report');
  if (failure !== null)
    stderr.write(errorText(failure, styleFor(stderr, environment), Boolean(environment.DEBUG)));
  text.write(endText(report, `${archive.address}${runId}/`, style));
  if (command.json) stdout.write(`${safeJson(report)}\n`);
  return exitCode(report.status, failure);
}

async function doctor(
  command: Extract<Command, { readonly name: 'doctor' }>,
  terminal: Terminal,
): Promise<number> {
  const { environment, stdout, clock, random } = terminal;
  const { settings, credentials } = await prepare(command, environment);
  const archive = openArchive(command.runs);
  const options = serviceOptions({ ...terminal, settings }, credentials);
  const parts = compose({ ...terminal, settings, archive, listen: () => undefined }, openEdges(options));
  const runId = runIdAt(clock.now(), random);
  const turns = command.probe ? parts.writing(runId).turns : null;
  return examine({
    ...parts,
    ...options,
    archive,
    runId,
    turns,
    json: command.json,
    output: stdout,
    style: styleFor(stdout, environment),
  });
}

/** Configuration and credentials, with the problems of both told together. */
async function prepare(command: { readonly config: string | undefined }, environment: Environment) {
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

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null && 'version' in json ? String(json.version) : 'unknown';
}
