import type { Report } from '../core/report/report.ts';
import { compose, openEdges, serviceOptions } from '../compose.ts';
import { checkUsable } from '../services/store/open.ts';
import type { Listener } from '../ports.ts';
import { runIdAt } from '../archive/run-id.ts';
import { readRefused } from '../archive/record.ts';
import { repeating } from '../run/context.ts';
import { runSync } from '../run/run.ts';
import { applyCommand } from './flags.ts';
import type { Command } from './arguments.ts';
import { conclude, outputOf, UNEXPECTED_CHANGES } from './conclude.ts';
import { tellInterruptedRun, type Terminal, terminalOrigin } from './terminal.ts';
import { isTerminal, lineWidth, styleFor } from '../render/style.ts';
import { type Intake, planText } from '../render/plan-text.ts';
import { onboard } from './onboard-command.ts';
import { prepare } from './prepare.ts';
import { showProgress } from './progress.ts';

type RunCommand = Extract<Command, { readonly name: 'plan' } | { readonly name: 'apply' }>;

/** `plan` and `apply`: one run, told as it goes on. Returns the exit code. */
export async function run(command: RunCommand, terminal: Terminal): Promise<number> {
  const { environment, clock, random } = terminal;
  const text = outputOf(command, terminal);
  const style = styleFor(text, environment);
  const { settings, credentials, archive } = await prepare(command, environment);
  await checkUsable(archive);
  const approve = command.name === 'apply' ? command.approve : null;
  const refused = approve === null ? null : await readRefused(archive, approve);
  if (command.name === 'apply' && refused?.onboard)
    return onboard({ ...command, ...refused.onboard, name: 'onboard' }, terminal);
  const intake = intakeListener();
  const progress = showProgress(text, style, isTerminal(text, environment));
  const layout = {
    width: lineWidth(text),
    people: !command.summary,
    apply: applyCommand({ ...command, dryRun: settings.dryRun }),
  };
  const listen: Listener = (event) => {
    progress.listen(event);
    intake.listen(event);
    if (event.kind === 'planned')
      text.write(`${planText(event.plan, event.refusals, intake.seen(), style, layout)}\n`);
  };
  const origin = terminalOrigin(command.reason, environment);
  const edges = openEdges(serviceOptions({ ...terminal, settings, listen }, credentials));
  const { context, writing } = compose({ ...terminal, settings, archive, listen, origin }, edges);
  const runId = runIdAt(clock.now(), random);
  const record = `${archive.address}${runId}/`;
  tellInterruptedRun(terminal, { record, writes: command.name === 'apply', progress });
  const task = repeating({ runId, groups: command.groups, hints: null, full: command.full }, refused);
  const ended: Report[] = [];
  const { failure } = await runSync(
    command.name === 'plan'
      ? { ...task, mode: 'plan' }
      : { ...task, mode: 'apply', approve, ...writing(runId) },
    { ...context, usage: 'throw', finished: (report) => Promise.resolve(void ended.push(report)) },
  ).finally(progress.clear);
  const [report] = ended;
  if (report === undefined) throw failure ?? new Error('the run ended without a report');
  const code = conclude({ report, failure, record, layout }, command, terminal);
  const changes = report.changes.length + report.summary.invited;
  const expected = command.name === 'apply' || !command.expectNoChanges || changes === 0;
  return code === 0 && !expected ? UNEXPECTED_CHANGES : code;
}

/** Counts what a run reads, for the first lines of its plan. */
function intakeListener(): { readonly listen: Listener; readonly seen: () => Intake } {
  const done = { 'okta-groups': 0, 'okta-members': 0, 'secoda-users': 0, 'secoda-groups': 0 };
  return {
    listen: (event) => {
      if (event.kind === 'read') done[event.what] = event.done;
    },
    seen: () => ({
      oktaGroups: done['okta-groups'],
      secodaGroups: done['secoda-groups'],
      secodaUsers: done['secoda-users'],
    }),
  };
}
