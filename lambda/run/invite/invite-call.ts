import type { Invitation, InviteOutcome } from '../../core/people/invitations.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { AccessError, SourceError, LeaseOver, WriteError } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import type { InviteInput } from './invite-input.ts';
import { claimInvited, forgetInvited, noteInvited, settleInvited } from '../../archive/invitations.ts';

export type Settle = (
  emails: readonly string[],
  outcome: InviteOutcome['outcome'],
  error: string | null,
) => unknown;

/** What came of one call. */
export interface Called {
  readonly invited: readonly string[];
  /** Why Secoda invited nobody; `null` unless it said so. */
  readonly refused: string | null;
  /** Nobody knows whether these were. */
  readonly lost: readonly string[];
}

/** One call. Everybody has an outcome afterwards, unless they were `refused`: whoever asks decides what becomes of those. */
export async function inviteOnce(
  input: InviteInput,
  { emails, groups }: Invitation,
  lease: Lease,
  settle: Settle,
): Promise<Called> {
  const { archive, rules, sources, inviter, invite } = input;
  const { clock } = sources;
  const ids = groups.flatMap(({ secodaId }) => secodaId ?? []);
  // Noted before it is sent, so that whoever is killed meanwhile does not invite them twice.
  const claimedAt = clock.now();
  if (!(await claimInvited(archive, rules.name, emails, claimedAt)))
    throw new LeaseOver('another run has just invited some of these people');
  let unanswered: string | null;
  try {
    unanswered = await inviter.invite(emails, invite.role, ids, lease);
  } catch (error) {
    const nobody = error instanceof WriteError || error instanceof AccessError || error instanceof LeaseOver;
    if (nobody) await forgetInvited(archive, rules.name, emails, claimedAt);
    if (!(error instanceof WriteError)) throw error;
    return { invited: [], refused: error.message, lost: [] };
  }
  await noteInvited(archive, rules.name, emails, clock.now(), unanswered === null);
  if (unanswered !== null) return lookFor(input, emails, unanswered, settle);
  settle(emails, 'applied', null);
  return { invited: emails, refused: null, lost: [] };
}

/** Looks for people after a call whose answer was lost. Nobody is invited again for not being listed. */
async function lookFor(
  { archive, rules, sources }: InviteInput,
  emails: readonly string[],
  why: string,
  settle: Settle,
): Promise<Called> {
  const { workspace, clock } = sources;
  const missed = (missing: readonly string[], more: string) =>
    settle(
      missing,
      'failed',
      `${why}${more}; it is not known whether they were invited. Later runs look for them, and do not invite them again before that is known`,
    );
  const readAt = clock.now();
  try {
    const users = await workspace.users();
    await settleInvited(archive, rules.name, users, readAt);
    const identity = createIdentity(rules.people, users);
    const invited = emails.filter((email) => identity.account(email) !== 'none');
    const missing = emails.filter((email) => !invited.includes(email));
    settle(invited, 'applied', null);
    missed(missing, '');
    return { invited, refused: null, lost: missing };
  } catch (error) {
    missed(emails, `, and the users list could not be read afterwards`);
    if (!(error instanceof SourceError)) throw error;
    return { invited: [], refused: null, lost: emails };
  }
}
