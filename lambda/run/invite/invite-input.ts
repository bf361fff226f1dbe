import type { InvitedInto, InviteOutcome } from '../../core/people/invitations.ts';
import type { Fingerprint } from '../../core/model/fingerprint.ts';
import type { GuardRules, InviteRules, SyncRules } from '../../core/model/rules.ts';
import type { Archive, Inviter, Leases } from '../../ports.ts';
import type { Sources } from '../context.ts';
import type { ErrorRecord } from '../error-record.ts';

/** Who of these people belongs into a group as Okta has it now. */
type Recheck = (emails: readonly string[], group: InvitedInto) => Promise<ReadonlySet<string>>;

/** A new look at Okta, taken just before these people are invited: it asks for nothing twice. */
export type RecheckInvited = (about: ReadonlySet<string>) => Recheck;

export interface InviteInput {
  readonly sources: Pick<Sources, 'workspace' | 'clock'>;
  readonly rules: SyncRules;
  readonly invite: InviteRules;
  readonly archive: Archive;
  readonly fingerprint: Fingerprint;
  readonly inviter: Inviter;
  readonly leases: Leases;
  readonly runId: string;
  readonly guard: GuardRules;
  /** An operator approved these very people. */
  readonly approved: boolean;
  /** What was noted of these people before this time (epoch milliseconds) does not count: an operator has them invited anew. */
  readonly anew: number | null;
  readonly recheck: RecheckInvited;
  /** The Secoda id of a group by now; `null` where it could not be made or written, so that nobody is invited into it. */
  readonly idOf: (group: InvitedInto) => string | null;
}

export interface InviteResult {
  /** One for each person. Plain data. */
  readonly outcomes: readonly InviteOutcome[];
  readonly stop: ErrorRecord | null;
}
