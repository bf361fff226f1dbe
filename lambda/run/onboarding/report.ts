import type { InviteOutcome } from '../../core/people/invitations.ts';
import {
  type JoinOutcome,
  NO_JOIN,
  onboardReport,
  type OnboardReport,
} from '../../core/report/onboard-report.ts';
import { requested } from '../../core/model/request.ts';
import type { Onboarding } from '../../core/plan/onboard.ts';
import type { Requests, Status } from '../../core/report/report.ts';
import type { CheckpointRef } from '../../ports.ts';
import { recordOf } from '../../archive/record.ts';
import { type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';
import type { OnboardingPlan, OnboardTask, OnboardView } from './context.ts';

/** What the run came to. */
export interface Ends extends Pick<OnboardingPlan, 'startedAt' | 'onboarding' | 'refusals' | 'stop'> {
  /** Only looked, on purpose. */
  readonly planned: boolean;
  readonly joined: readonly CheckpointRef[];
  /** Why joins without an outcome were not attempted; `null` when nothing was to be. */
  readonly why: string | null;
  readonly invited: readonly InviteOutcome[];
  readonly requests: Requests;
}

/** An onboarding is about people: what else a run can be asked for does not concern it. */
export const WHOLE = { groups: [], full: false, approve: null } as const;

/** Puts the report together, keeps it in the record, and hands it on. Never throws: what goes wrong here is in the report too. */
export async function tell(
  { runId, finished }: OnboardTask,
  { sources, archive, checkpoints, fingerprint, origin }: OnboardView,
  { stop: before, joined: kept, why, ...ends }: Ends,
): Promise<{ readonly status: Status; readonly stop: ErrorRecord | null }> {
  let stop = before;
  let onboarding: Onboarding | null = null;
  const joined = new Map<string, JoinOutcome>();
  const build = (): OnboardReport =>
    onboardReport({
      ...ends,
      runId,
      request: requested(origin, { ...WHOLE, dryRun: ends.planned }),
      onboarding,
      joined,
      fingerprint,
      endedAt: sources.clock.now(),
      error: stop?.message ?? null,
      denied: stop?.kind === 'access',
    });
  try {
    if (ends.onboarding !== null) onboarding = await checkpoints.onboarding.get(ends.onboarding);
    for (const place of kept)
      for (const outcome of await checkpoints.joined.get(place)) joined.set(outcome.secodaId, outcome);
  } catch (error) {
    stop ??= errorRecordOf(unforeseen(error));
  }
  const missing = why === null || onboarding === null ? [] : onboarding.joins;
  for (const { secodaId } of missing)
    if (!joined.has(secodaId)) joined.set(secodaId, notAttempted(secodaId, why ?? ''));
  let report = build();
  try {
    await recordOf(archive, runId).report(report);
  } catch (error) {
    stop ??= { ...errorRecordOf(error), kind: 'unforeseen' };
    report = build();
  }
  await finished(report);
  return { status: report.status, stop };
}

function notAttempted(secodaId: string, error: string): JoinOutcome {
  return { ...NO_JOIN, secodaId, outcome: 'not-attempted', error };
}
