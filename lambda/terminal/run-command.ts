import { fingerprint } from '../core/model/text.ts';
import type { Plan } from '../core/plan/change.ts';
import { buildReport, NO_REQUESTS, type Report } from '../core/report/report.ts';
import { compose, openEdges, serviceOptions, VERSION } from '../compose.ts';
import { unlessInterrupted } from '../services/clock.ts';
import type { Listener } from '../ports.ts';
import { runIdAt } from '../archive/run-index.ts';
import { readRefused } from '../archive/record.ts';
import { repeating } from '../run/context.ts';
import { runSync } from '../run/run.ts';
import { applyCommand } from './flags.ts';
import type { Command } from './arguments.ts';
import { conclude, isPage, outputOf, prepareWith, prepareRun, UNEXPECTED_CHANGES } from './conclude.ts';
import { tellInterruption, type Terminal, terminalOrigin } from './terminal.ts';
import { lineWidth, styleFor } from '../render/style.ts';
import { planText, writingText } from '../render/plan-text.ts';
import { onboard } from './commands.ts';
import { ratesOf, showProgress } from './progress.ts';
import { replay } from '../commands/replay.ts';
import { requested } from '../core/model/request.ts';
import { resolvedBy } from '../core/report/worklist.ts';
import { comparedLines } from '../render/show-text.ts';
import { toJson } from '../settings.ts';

type RunCommand = Extract<Command, { readonly name: 'plan' } | { readonly name: 'apply' }>;

/** `plan` and `apply`: one run, told as it goes on. Returns the exit code. */
export async function run(command: RunCommand, terminal: Terminal): Promise<number> {
  if (command.name === 'plan' && command.from !== null)
    return planFromSnapshot(command, command.from, terminal);
  const { environment, clock, random } = terminal;
  const text = outputOf(command, terminal);
  const style = styleFor(text, environment);
  const { settings, credentials, archive } = await prepareRun(command, terminal);
  const approve = command.name === 'apply' ? command.approve : null;
  const refused = approve === null ? null : await readRefused(archive, approve);
  if (command.name === 'apply' && refused?.onboard)
    return onboard({ ...command, ...refused.onboard, name: 'onboard' }, terminal, approve);
  const read = { 'okta-groups': 0, 'okta-members': 0, 'secoda-users': 0, 'secoda-groups': 0 };
  const first = 'reading Okta and Secoda';
  const progress = showProgress({ ...terminal, text, rates: ratesOf(settings), first });
  const asked = command.name === 'apply' && isAsked(command, terminal);
  // Whoever is asked has to see first what about.
  const shown = asked || !isPage(command);
  const runId = runIdAt(clock.now(), random);
  const record = `${archive.address}${runId}/`;
  const layout = {
    record,
    width: lineWidth(text),
    people: !command.summary,
    apply: applyCommand({ ...command, dryRun: settings.dryRun }),
  };
  let plan: Plan | null = null;
  const listen: Listener = (event) => {
    progress.listen(event);
    if (event.kind === 'read') read[event.what] = event.done;
    if (event.kind !== 'planned') return;
    ({ plan } = event);
    const intake = {
      oktaGroups: read['okta-groups'],
      secodaGroups: read['secoda-groups'],
      secodaUsers: read['secoda-users'],
    };
    if (shown) text.write(`${planText(plan, event.refusals, intake, style, layout)}\n`);
  };
  const origin = terminalOrigin(command.reason, environment);
  const edges = openEdges(serviceOptions({ ...terminal, settings, listen, archive }, credentials));
  // A plan is not waited for, whatever it is at.
  const interrupted = command.name === 'apply' ? terminal.interruption : undefined;
  const parts = { ...terminal, settings, archive, listen, origin, interrupted };
  const { context, writing } = compose(parts, edges);
  const confirm = async (): Promise<boolean> => {
    if (asked) {
      progress.clear();
      const what = plan === null ? '' : writingText(plan, settings.secoda.writesPerMinute);
      if (!(await isConfirmed(what, terminal))) return false;
    }
    tellInterruption(terminal);
    return true;
  };
  const task = repeating({ runId, groups: command.groups, hints: null, full: command.full }, refused);
  const ended: Report[] = [];
  const { failure } = await runSync(
    command.name === 'plan'
      ? { ...task, mode: 'plan' }
      : { ...task, mode: 'apply', approve, ...writing(runId), confirm },
    { ...context, usage: 'throw', finished: (report) => Promise.resolve(void ended.push(report)) },
  ).finally(progress.clear);
  const [report] = ended;
  if (report === undefined) throw failure ?? new Error('the run ended without a report');
  const code = conclude({ report, failure, record, layout, again: layout.apply }, command, terminal);
  // It was not told to go on.
  if (command.name === 'apply' && report.mode === 'plan') return Math.max(code, 1);
  const changes = report.changes.length + report.summary.invited;
  const expected = command.name === 'apply' || !command.expectNoChanges || changes === 0;
  return code === 0 && !expected ? UNEXPECTED_CHANGES : code;
}

/** Where somebody sits in front of it. Who approves a digest has looked already, and a script has nobody to ask. */
function isAsked(
  { yes, format, approve }: Extract<RunCommand, { readonly name: 'apply' }>,
  { stdin, stderr }: Terminal,
): boolean {
  return !yes && format !== 'json' && approve === null && stdin?.isTTY === true && stderr.isTTY === true;
}

/** Asks whether to write, and takes only a yes for one. */
async function isConfirmed(what: string, { stdin, stderr, interruption }: Terminal): Promise<boolean> {
  stderr.write(`${what}\nGo on? Only “yes” writes: `);
  let answer: string | null = null;
  try {
    answer = await unlessInterrupted(stdin?.line() ?? Promise.resolve(null), interruption);
  } finally {
    // Nobody ended the line.
    if (answer === null) stderr.write('\n');
  }
  return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
}

/** `plan --from`: what a run, planned again from its snapshot, comes to by this configuration. Returns the exit code. */
async function planFromSnapshot(
  command: Extract<Command, { readonly name: 'plan' }>,
  from: string,
  terminal: Terminal,
): Promise<number> {
  const { environment } = terminal;
  const text = outputOf(command, terminal);
  const style = styleFor(text, environment);
  const { settings, archive } = await prepareWith(command, environment, () => 'none');
  const { kept, plan, refusals, compared } = await replay(archive, from, settings);
  const { directory, workspace, worklist, now } = kept.snapshot;
  const lines = comparedLines(compared, !command.summary);
  const record = `${archive.address}${kept.runId}/`;
  // Nobody can approve what was not planned by a run.
  const layout = { width: lineWidth(text), people: !command.summary, apply: null, record, compared: lines };
  const intake = {
    oktaGroups: directory.groups.length,
    secodaGroups: workspace.groups.length,
    secodaUsers: workspace.users.length,
  };
  const page = isPage(command);
  if (!page) text.write(`${planText(plan, refusals, intake, style, layout)}\n`);
  const origin = {
    ...terminalOrigin(null, environment),
    version: VERSION,
    config: fingerprint(toJson(settings)),
  };
  const report = buildReport({
    runId: kept.runId,
    mode: 'plan',
    request: requested(origin, { groups: [], full: false, dryRun: true, approve: null }),
    plan,
    refusals,
    outcomes: new Map(),
    worklist: worklist && { ...worklist, resolved: resolvedBy(worklist, plan.unmatched) },
    requests: NO_REQUESTS,
    startedAt: now,
    endedAt: now,
    failure: null,
  });
  const told = page ? '' : `${lines.join('\n')}\n\n`;
  const whole = { ...report, from: compared };
  const code = conclude({ report: whole, failure: null, record, told, layout }, command, terminal);
  if (!command.expectNoChanges) return code;
  return compared.comparison.same ? 0 : UNEXPECTED_CHANGES;
}
