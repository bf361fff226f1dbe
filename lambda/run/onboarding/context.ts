import type { Fingerprint } from '../../core/model/fingerprint.ts';
import type { GuardRules, ShortCutRules, SyncRules } from '../../core/model/rules.ts';
import type { Adder, Archive, Inviter, CheckpointRef, PersonCache, Leases } from '../../ports.ts';
import type { Sources } from '../context.ts';
import type { Checkpoints } from '../checkpoints.ts';
import type { OnboardReport } from '../../core/report/onboard-report.ts';
import type { Origin } from '../../core/model/request.ts';
import type { GuardRefusal } from '../../core/guard/guard-rules.ts';
import type { ErrorRecord } from '../error-record.ts';

/** Everything an onboarding stands on. Its only way to change a group is to add people to it. */
export interface OnboardContext {
  readonly sources: Sources;
  readonly people: PersonCache;
  readonly archive: Archive;
  readonly checkpoints: Pick<Checkpoints, 'onboarding' | 'joined' | 'isRetry'>;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly adder: Adder;
  readonly leases: Leases;
  /** Used only where the configuration invites people. */
  readonly inviter: Inviter;
  readonly guard: GuardRules;
  readonly shortCuts: ShortCutRules;
  readonly origin: Origin;
}

/** All that it takes to see what an onboarding would do. */
export type OnboardView = Omit<OnboardContext, 'adder' | 'leases' | 'inviter'>;

export interface OnboardTask {
  readonly runId: string;
  readonly emails: readonly string[];
  /** An operator has those invited anew who have no account, whatever became of an earlier invitation. */
  readonly inviteAgain?: boolean;
  /** What becomes of a mistake in how it was set up. */
  readonly usage: 'throw' | 'report';
  /** Gets the whole report in the last step, which may be repeated after a kill. */
  readonly finished: (report: OnboardReport) => Promise<void>;
}

/** What the first step found: all of it small, since thousands of joins are more than a step's result may hold. */
export interface OnboardingPlan {
  readonly startedAt: number;
  /** `null`: it was not found out. */
  readonly onboarding: CheckpointRef | null;
  readonly joins: number;
  readonly invitations: number;
  readonly refusals: readonly GuardRefusal[];
  readonly stop: ErrorRecord | null;
  readonly waitMs: number;
}
