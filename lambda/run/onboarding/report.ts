import {
  type JoinOutcome,
  NO_JOIN,
  onboardReport,
  type OnboardReport,
} from '../../core/report/onboard-report.ts';
import { requested } from '../../core/model/request.ts';
import type { Onboarding } from '../../core/plan/onboard.ts';
import type { Requests } from '../../core/report/report.ts';
import type { JudgedOnboarding } from '../../core/guard/judge-plan.ts';
import type { InviteOutcome } from '../../core/people/invitations.ts';
import type { CheckpointRef } from '../../ports.ts';
import { AccessError } from '../../errors.ts';
import type { Ending, OnboardTask, RunContext } from '../context.ts';
import { endRun, type Reported } from '../report.ts';
import type { ErrorRecord } from '../error-record.ts';

/** What the first step found: all of it small, since thousands of joins are more than a step's result may hold. */
export interface OnboardingPlan extends JudgedOnboarding {
  readonly startedAt: number;
  /** `null`: it was not found out. */
  readonly onboarding: CheckpointRef | null;
  readonly joins: number;
  readonly invitations: number;
  readonly stop: ErrorRecord | null;
}

/** What became of what was found. */
export interface OnboardWritten {
  readonly joined: readonly CheckpointRef[];
  readonly invited: readonly InviteOutcome[];
  readonly stopped: Error | null;
  /** Why joins without an outcome were not attempted; `null` when nothing was to be. */
  readonly why: string | null;
}

/** What the run came to. */
export interface Ends extends Omit<OnboardingPlan, 'stop'>, OnboardWritten {
  readonly requests: Requests;
}

/** An onboarding is about people: what else a run can be asked for does not concern it. */
export const WHOLE = { groups: [], full: false } as const;

/** Reports an onboarding. */
export function reportOnboarding(
  { runId, mode, approve = null }: OnboardTask,
  context: RunContext & Ending<OnboardReport>,
  { joined: kept, why, stopped, invited, startedAt, refusals, digest, requests, ...found }: Ends,
): Promise<Reported> {
  const { sources, checkpoints, fingerprint, origin } = context;
  const planned = mode === 'plan';
  let onboarding: Onboarding | null = null;
  const joined = new Map<string, JoinOutcome>();
  return endRun(runId, context, stopped, {
    async gather() {
      if (found.onboarding !== null) onboarding = await checkpoints.onboarding.get(found.onboarding);
      for (const place of kept)
        for (const outcome of await checkpoints.joined.get(place)) joined.set(outcome.secodaId, outcome);
    },
    build(failure) {
      for (const { secodaId } of why === null ? [] : (onboarding?.joins ?? []))
        if (!joined.has(secodaId))
          joined.set(secodaId, { ...NO_JOIN, secodaId, outcome: 'not-attempted', error: why });
      return onboardReport({
        ...{
          runId,
          planned,
          onboarding,
          digest,
          joined,
          invited,
          fingerprint,
          startedAt,
          refusals,
          requests,
        },
        endedAt: sources.clock.now(),
        request: requested(origin, { ...WHOLE, dryRun: planned, approve }),
        error: failure?.message ?? null,
        denied: failure instanceof AccessError,
      });
    },
  });
}
