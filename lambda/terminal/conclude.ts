import type { Report, Status } from '../core/report/report.ts';
import { safeJson } from '../core/model/json.ts';
import type { Command } from './arguments.ts';
import { endText, errorText } from '../render/error-text.ts';
import { htmlReport, type ReportLayout } from '../render/html.ts';
import { markdownReport } from '../render/markdown.ts';
import { type StoredReport, storedReport } from '../archive/runs.ts';
import type { Format } from './flags.ts';
import { type Output, styleFor } from '../render/style.ts';
import type { Terminal } from './terminal.ts';
import { AccessError, Interrupted, SourceError, UsageError } from '../errors.ts';
import { readCredentials } from '../settings/credentials.ts';
import { type Environment, ENVIRONMENT, variable } from '../names.ts';
import { printable } from '../render/escape.ts';
import { secodaBaseUrl } from '../services/secoda/connection.ts';
import type { Settings } from '../settings.ts';
import { checkUsable, openArchive } from '../services/store/open.ts';
import { unlessInterrupted } from '../services/clock.ts';
import { loadSettings } from '../settings/load.ts';

type Formed = Pick<Extract<Command, { readonly format: Format }>, 'format'>;

/** Where the words go: unless they are the answer, stdout is the report's alone. */
export function outputOf({ format }: Formed, { stdout, stderr }: Terminal): Output {
  return format === 'text' ? stdout : stderr;
}

/** Whether an answer shows the plan itself, for a browser or a pull request: then stderr has no second one. */
export function isPage({ format }: Formed): boolean {
  return format === 'html' || format === 'markdown';
}

/** What a run came to. */
interface Ending {
  readonly report: Report;
  readonly failure: Error | null;
  /** Address of the run's record. */
  readonly record: string;
  /** What else is told before the last lines. */
  readonly told?: string;
  /** How its report is laid out, where it may be asked for as a page or a comment. */
  readonly layout?: Omit<ReportLayout, 'record'>;
  /** The command line that goes on where it was interrupted. */
  readonly again?: string;
}

/** Says how a run ended, in words and as its report in the format that was asked for. Returns the exit code. */
export function conclude(
  { report, failure, record, told = '', layout, again }: Ending,
  command: Formed,
  terminal: Terminal,
): number {
  const { environment, stdout, stderr } = terminal;
  const text = outputOf(command, terminal);
  if (failure !== null && !(failure instanceof Interrupted))
    stderr.write(errorText(failure, styleFor(stderr, environment), Boolean(environment.DEBUG)));
  text.write(`${told}${endText(report, record, styleFor(text, environment))}`);
  if (report.status === 'interrupted' && again !== undefined) text.write(`The rest: ${again}\n`);
  if (command.format === 'json') stdout.write(`${safeJson(report)}\n`);
  else if (layout !== undefined)
    stdout.write(formatted(storedReport(report), command.format, { ...layout, record }) ?? '');
  return exitCode(report.status, failure);
}

/** A report as a page or a comment; `null` for the formats that each command makes its own way. */
export function formatted(report: StoredReport | null, format: Format, layout: ReportLayout): string | null {
  if (report === null) return null;
  if (format === 'html') return htmlReport(report, layout);
  return format === 'markdown' ? markdownReport(report, layout) : null;
}

const BY_STATUS: Readonly<Record<Status, number>> = {
  'in-sync': 0,
  planned: 0,
  applied: 0,
  failed: 1,
  held: 3,
  refused: 3,
  partial: 4,
  interrupted: 130,
};

/** Of `plan --expect-no-changes` where there are some. */
export const UNEXPECTED_CHANGES = 7;

/** The exit codes are a promise: scripts and schedulers branch on them. */
export function exitCode(status: Status | null, failure: Error | null): number {
  if (failure instanceof UsageError) return 2;
  if (failure instanceof AccessError) return 6;
  if (failure instanceof Interrupted) return failure.exitCode;
  if (status === null || status === 'failed') return failure instanceof SourceError ? 5 : 1;
  return BY_STATUS[status];
}

type Given = Exclude<Command, { readonly name: 'help' | 'version' | 'init' }>;

/** Configuration, credentials and archive, with the problems of all told together. Touches no archive yet. Throws `UsageError`. */
export function prepare(command: Given, environment: Environment) {
  return prepareWith(command, environment, () => readCredentials(environment));
}

/** The same for a run, up to an archive that can be used. */
export function prepareRun(command: Given, terminal: Terminal) {
  const ready = async () => {
    const parts = await prepare(command, terminal.environment);
    tellAddresses(parts.settings, terminal);
    await checkUsable(parts.archive);
    return parts;
  };
  return unlessInterrupted(ready(), terminal.interruption);
}

/** Says of which address the environment decides: a run against another org than the configuration names looks like any other. */
export function tellAddresses({ okta, secoda }: Settings, { environment, stderr }: Terminal): void {
  const { oktaOrgUrl, secodaApiUrl } = ENVIRONMENT;
  for (const [service, name, address] of [
    ['Okta', oktaOrgUrl, okta.orgUrl],
    ['Secoda', secodaApiUrl, secodaBaseUrl(secoda.place).origin],
  ] as const)
    if (variable(environment, name) !== undefined)
      stderr.write(`${service} is asked at ${printable(address)}: ${name} goes before the configuration.\n`);
}

/** The same with these credentials; some commands need none. */
export async function prepareWith<C>(command: Given, environment: Environment, credentialsOf: () => C) {
  const problems: string[] = [];
  const collected = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(...error.problems);
      return null;
    }
  };
  const settings = await collected(() => loadSettings(command.config, environment));
  const credentials = await collected(credentialsOf);
  const archive = await collected(() => openArchive(command.runs));
  if (settings?.dryRun === true && 'noDryRun' in command && !command.noDryRun)
    problems.push(
      `dryRun: true in the configuration keeps ${command.name} from writing; see what would be written with npm run sync -- plan, or give --no-dry-run behind “--”`,
    );
  if (problems.length > 0 || settings === null || credentials === null || archive === null)
    throw new UsageError(problems);
  return { settings, credentials, archive };
}
