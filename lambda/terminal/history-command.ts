import { accessHistory, runHistory, verifyLedger, type Window } from '../commands/history.ts';
import { countsOf, ENDS, overAt } from '../archive/run-index.ts';
import { lastComplete, membersThen, showRun } from '../commands/show.ts';
import { safeJson } from '../core/model/json.ts';
import { createIdentity } from '../core/people/identity.ts';
import { CommandLineError, UsageError } from '../errors.ts';
import { csv, LONGEST, printable } from '../render/escape.ts';
import { isGroup } from '../core/report/worklist.ts';
import { didYouMean } from '../core/model/text.ts';
import { accessText, nothingText, runsText, verifiedText, worklistText } from '../render/history-text.ts';
import { showText } from '../render/show-text.ts';
import { lineWidth, plural, styleFor } from '../render/style.ts';
import { mayBeAlive } from '../services/store/lock.ts';
import { openArchive } from '../services/store/open.ts';
import { loadSettings } from '../settings/load.ts';
import type { Command } from './arguments.ts';
import { formatted } from './conclude.ts';
import { applyCommand } from './flags.ts';
import type { Terminal } from './terminal.ts';

type HistoryCommand = Extract<Command, { readonly name: 'history' }>;
type ShowCommand = Extract<Command, { readonly name: 'show' }>;
type Cells = readonly (string | number | null)[];

/** `history`: runs, changes of access, or who is unmatched; in words, as JSON or as CSV. Returns the exit code. */
export async function history(command: HistoryCommand, terminal: Terminal): Promise<number> {
  const problems = [...unheard(command), ...statusProblems(command.status)];
  if (problems.length > 0) throw new CommandLineError(problems);
  const archive = openArchive(command.runs);
  const now = terminal.clock.now();
  const window: Window = {
    since: command.since === null ? null : sinceOf(command.since, now),
    isOver: overAt(now, mayBeAlive),
  };
  const print = (text: string, json: unknown, rows: readonly Cells[]): number => {
    terminal.stdout.write(command.format === 'json' ? `${safeJson(json)}\n` : command.csv ? csv(rows) : text);
    return 0;
  };
  if (command.verify) {
    const name = (await settingsOf(command, terminal))?.name ?? null;
    const verified = await verifyLedger(archive, { name, hash: command.hash });
    const { from, to, hash, ok, problems } = verified;
    print(verifiedText(verified), verified, [
      columns('from to hash problem'),
      ...(ok ? [''] : problems).map((problem) => [from, to, hash, problem]),
    ]);
    return ok ? 0 : 1;
  }
  if (command.unmatched) {
    const name = (await settingsOf(command, terminal))?.name ?? null;
    const report = await lastComplete(archive, window, name);
    if (report === null)
      throw new UsageError([`no run over everything that could write is in ${archive.address} yet`]);
    const { runId, unmatched, resolved } = report;
    return print(worklistText(report), { runId, unmatched, resolved }, [
      columns('email since runs reason groups'),
      ...unmatched.map((each) => [each.email, each.since, each.runs, each.reason, each.groups.join('; ')]),
    ]);
  }
  if (command.email !== null || command.groups.length > 0) {
    const addresses = command.email === null ? null : await addressesOf(command.email, command, terminal);
    const about = { addresses, groups: command.groups };
    const { changes, all, untold } = await accessHistory(archive, window, about);
    for (const words of untold) terminal.stderr.write(`! ${printable(words, LONGEST.line)}\n`);
    const text = changes.length > 0 ? accessText(changes) : nothingText(about, all, archive.address);
    return print(text, { changes }, [
      columns('at runId change email oktaId okta group secodaId cause outcome requestedBy digest approvedBy'),
      ...changes.map(({ at, runId, change, person, group, cause, outcome, requestedBy, approved }) => {
        const { email, oktaId, okta } = person;
        const where = [group.name, group.secodaId, cause, outcome];
        const word = [requestedBy, approved?.digest ?? null, approved?.by ?? null];
        return [at, runId, change, email, oktaId, okta, ...where, ...word];
      }),
    ]);
  }
  const runs = await runHistory(archive, window, command.status);
  const json = runs.map(({ runId, startedAt, mode, status, summary, request }) => {
    return { runId, startedAt, mode, status, summary, request };
  });
  return print(runsText(runs), { runs: json }, [
    columns(
      'startedAt runId mode status create update delete add remove unmatched trigger requestedBy reason approve',
    ),
    ...runs.map((run) => {
      const { groups, members, unmatched } = countsOf(run);
      const { trigger = null, requestedBy = null, reason = null, approve = null } = run.request ?? {};
      const numbers = [groups.create, groups.update, groups.delete, members.add, members.remove, unmatched];
      const word = [trigger, requestedBy, reason, approve];
      return [run.startedAt, run.runId, run.mode, run.status, ...numbers, ...word];
    }),
  ]);
}

function columns(names: string): Cells {
  return names.split(' ');
}

/** `show`: a run as its record has it, or who was in a group after it. Returns the exit code. */
export async function show(command: ShowCommand, terminal: Terminal): Promise<number> {
  const { stdout, environment, clock } = terminal;
  const archive = openArchive(command.runs);
  const isOver = overAt(clock.now(), mayBeAlive);
  const report = await showRun(archive, command.run, isOver);
  const [group] = command.groups;
  const names = report.changes.map((each) => each.group.name);
  if (group === undefined || !command.members) {
    const record = `${archive.address}${report.runId}/`;
    const changesOf = (given: string) =>
      report.changes.filter((each) => isGroup(given, each.group) || each.renamedFrom === given);
    const asked = new Set(command.groups.flatMap(changesOf));
    const changes = report.changes.filter((each) => group === undefined || asked.has(each));
    const told = { ...report, changes };
    const dryRun = (await settingsOf(command, terminal))?.dryRun ?? false;
    const apply = applyCommand({ ...command, groups: report.request?.groups ?? [], dryRun });
    const people = !command.summary;
    const layout = { record, width: lineWidth(stdout), people };
    stdout.write(
      command.format === 'json'
        ? `${safeJson(told)}\n`
        : (formatted(told, command.format, { people, apply, record }) ??
            showText(told, layout, styleFor(stdout, environment))),
    );
    const unchanged = command.groups.filter((given) => changesOf(given).length === 0);
    for (const given of command.format === 'text' ? unchanged : [])
      stdout.write(
        `This run changed no group of the id or name ${printable(JSON.stringify(given), LONGEST.name)}${didYouMean(given, names)}\n`,
      );
    return 0;
  }
  const then = await membersThen(archive, report, group, isOver);
  if (then === null)
    throw new UsageError([
      `nothing in ${archive.address} says who was in ${printable(group, LONGEST.name)}: no record of a change tells, and ${report.runId} kept no snapshot that shows it${didYouMean(group, names)}`,
    ]);
  const { members, toldBy, source, lacks } = then;
  const why = lacks === null ? '' : `, since ${lacks}`;
  const head = `${printable(then.group, LONGEST.name)} after run ${report.runId} (${report.startedAt}): ${plural(members.length, 'member')}, by the ${source} of ${toldBy}${why}`;
  stdout.write(
    command.format === 'json'
      ? `${safeJson({ runId: report.runId, at: report.startedAt, ...then })}\n`
      : `${[head, ...members.map((email) => `  ${printable(email, LONGEST.address)}`)].join('\n')}\n`,
  );
  return 0;
}

/** What narrows an answer that is about no person and no group: it would go unheard. */
function unheard({ verify, unmatched, status, since, email, groups }: HistoryCommand): readonly string[] {
  const answer = verify ? '--verify' : unmatched ? '--unmatched' : status === null ? null : '--status';
  const given = { 'an address': email, '--group': groups[0], '--status': status, '--since': verify && since };
  const others = Object.entries({ ...given, '--unmatched': unmatched })
    .flatMap(([name, value]) => (value && name !== answer ? [name] : []))
    .join(' and ');
  return answer === null || others === '' ? [] : [`${answer} does not go with ${others}`];
}

function statusProblems(status: string | null): readonly string[] {
  if (status === null || ENDS.includes(status)) return [];
  return [
    `--status takes ${ENDS.join(', ')}, not ${printable(JSON.stringify(status), LONGEST.name)}${didYouMean(status, ENDS)}`,
  ];
}

/** A date (midnight UTC), a moment, or so many days back, in epoch milliseconds. Throws `UsageError`. */
function sinceOf(text: string, now: number): number {
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (days !== undefined) return now - Number(days) * 24 * 3_600_000;
  const time = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : NaN;
  // `Date` takes the 30th of February for the 2nd of March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))) return time;
  throw new UsageError([
    `--since ${printable(text, LONGEST.name)}: expected a date such as 2026-11-01, or days such as 7d`,
  ]);
}

/** An address, and what the configuration's aliases make of it either way; without a configuration the address alone. */
async function addressesOf(email: string, command: HistoryCommand, terminal: Terminal) {
  const settings = await settingsOf(command, terminal);
  if (settings === null) return [email];
  const identity = createIdentity(settings.people, []);
  const inSecoda = identity.addressOf({ id: '', status: '', email, login: email }) ?? email;
  return [email, inSecoda, ...identity.sourcesOf(inSecoda)];
}

/** The configuration; `null` where none was named, and there is none to be read. */
async function settingsOf({ config }: HistoryCommand | ShowCommand, { environment }: Terminal) {
  try {
    return await loadSettings(config, environment);
  } catch (error) {
    if (error instanceof UsageError && config === undefined) return null;
    throw error;
  }
}
