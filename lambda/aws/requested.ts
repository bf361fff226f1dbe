import type { Composition } from '../compose.ts';
import type { Report } from '../core/report/report.ts';
import type { RunRequest } from '../core/model/request.ts';
import { planOnboard, runOnboard } from '../run/onboarding/onboard.ts';
import type { Settings } from '../settings.ts';
import type { RunEnd, Task } from '../run/context.ts';

type RunOrFollow = Exclude<RunRequest, { readonly kind: 'onboard' }>;

/** What an event means for a run of the sync. A deployment that is configured to run dry writes only when told so. */
export function taskOf(
  request: RunOrFollow,
  runId: string,
  { dryRun }: Settings,
  writing: Composition['writing'],
): Task {
  const [groups, hints] = request.kind === 'run' ? [request.groups, null] : [[], request.hints];
  const [told, approve] = request.kind === 'run' ? [request.dryRun, request.approve] : [null, null];
  return {
    runId,
    groups,
    hints,
    full: request.kind === 'run' && request.full,
    ...((told ?? dryRun) ? { mode: 'plan' } : { mode: 'apply', approve, ...writing(runId) }),
  };
}

export interface Onboarding {
  readonly composition: Pick<Composition, 'context' | 'onboarding'>;
  readonly settings: Settings;
  readonly finished: (report: Report) => Promise<void>;
}

/** Onboards, or only looks where the deployment is configured to run dry, and tells of the end as any run does. */
export async function onboard(
  runId: string,
  emails: readonly string[],
  { composition: { context, onboarding }, settings, finished }: Onboarding,
): Promise<RunEnd> {
  const { workflow } = context;
  const task = { runId, emails, usage: 'report', finished } as const;
  return settings.dryRun
    ? planOnboard(task, { ...context, people: context.sources.people }, workflow)
    : runOnboard(task, onboarding(runId), workflow);
}
