import { replay } from '../commands/replay.ts';
import { fingerprint, VERSION } from '../compose.ts';
import { requested } from '../core/model/request.ts';
import { buildReport } from '../core/report/report.ts';
import { resolvedBy } from '../core/report/worklist.ts';
import { planText } from '../render/plan-text.ts';
import { comparedLines } from '../render/show-text.ts';
import { lineWidth, styleFor } from '../render/style.ts';
import { toJson } from '../settings.ts';
import type { Command } from './arguments.ts';
import { conclude, outputOf, UNEXPECTED_CHANGES } from './conclude.ts';
import { prepareOffline } from './prepare.ts';
import { type Terminal, terminalOrigin } from './terminal.ts';

/** `plan --from`: what a run, planned again from its snapshot, comes to by this configuration. Returns the exit code. */
export async function planFromSnapshot(
  command: Extract<Command, { readonly name: 'plan' }>,
  from: string,
  terminal: Terminal,
): Promise<number> {
  const { environment } = terminal;
  const text = outputOf(command, terminal);
  const style = styleFor(text, environment);
  const { settings, archive } = await prepareOffline(command, environment);
  const { kept, plan, refusals, compared } = await replay(archive, from, settings, fingerprint);
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
  text.write(`${planText(plan, refusals, intake, style, layout)}\n`);
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
    error: null,
    denied: false,
  });
  const told = `${lines.join('\n')}\n\n`;
  const whole = { ...report, from: compared };
  const code = conclude({ report: whole, failure: null, record, told, layout }, command, terminal);
  if (!command.expectNoChanges) return code;
  return compared.comparison.same ? 0 : UNEXPECTED_CHANGES;
}

const NO_REQUESTS = {
  okta: { reads: 0, throttled: 0, retries: 0 },
  secoda: { reads: 0, writes: 0, throttled: 0, retries: 0 },
};
