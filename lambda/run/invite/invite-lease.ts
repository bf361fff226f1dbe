import { createIdentity } from '../../core/people/identity.ts';
import {
  byGroups,
  type Invitation,
  type InvitedInto,
  type InviteOutcome,
  NOT_KNOWN,
} from '../../core/people/invitations.ts';
import { LeaseOver } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import { NO_BASELINE, openClaim, refusedByNow } from '../write/claim.ts';
import { inviteOnce } from './invite-call.ts';
import type { InviteInput, InviteResult } from './invite-input.ts';
import { forgetEarlier, settleInvited } from '../../archive/invitations.ts';
import { rememberInvitedMembers } from './invited-members.ts';
import { type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';

type Settle = (emails: readonly string[], outcome: InviteOutcome['outcome'], error: string | null) => void;

const NOT_ANSWERED = 'Secoda did not say what came of the invitation before; the next run goes on';

/** As many calls as one lease allows. People without an outcome are left for the next. */
export async function inviteUnderLease(
  input: InviteInput,
  invitations: readonly Invitation[],
): Promise<InviteResult & { readonly waitMs: number }> {
  const { archive, rules, sources, leases, approved: byOperator, anew } = input;
  const { workspace, clock } = sources;
  const outcomes: InviteOutcome[] = [];
  const settle: Settle = (emails, outcome, error) =>
    void outcomes.push(...emails.map((email) => ({ email, outcome, error })));
  const sent: Invitation[] = [];
  let lost: string | null = null;
  let stop: ErrorRecord | null = null;
  let over = false;
  let waitMs = 0;
  try {
    const wanted = await stillWanted(input, invitations, settle);
    const lease = await leases.take();
    try {
      if (anew !== null) await forgetEarlier(archive, rules.name, [...wanted.keys()], anew);
      const readAt = clock.now();
      const users = await workspace.users();
      const identity = createIdentity(rules.people, users);
      const before = await settleInvited(archive, rules.name, users, readAt);
      for (const email of wanted.keys()) {
        // An account by now is what was wanted.
        if (identity.account(email) !== 'none') settle([email], 'applied', null);
        else if (before.get(email)?.sure === false) settle([email], 'not-attempted', NOT_KNOWN);
        // By another run, a moment ago.
        else if (before.has(email)) settle([email], 'applied', null);
      }
      const known = (email: string) => identity.account(email) !== 'none' || before.has(email);
      const calls = byGroups(new Map([...wanted].filter(([email]) => !known(email))));
      const emails = calls.flatMap((call) => call.emails);
      const claim = openClaim({
        ...input,
        clock,
        name: rules.name,
        baseline: NO_BASELINE,
        mayLeave: null,
        byOperator,
      });
      const refusals = await claim.add([], emails);
      if (refusals.length > 0) settle(emails, 'not-attempted', refusedByNow(refusals));
      else over = await sendAll(calls, lease);
      const invited = new Set([...sent.flatMap((call) => call.emails), lost]);
      await claim.settle(
        [],
        emails.filter((email) => invited.has(email)),
      );
    } catch (error) {
      if (!(error instanceof LeaseOver)) throw error;
      over = true;
    } finally {
      await lease.release();
    }
    if (sent.length > 0) await rememberInvitedMembers({ ...input, sent });
    if (over) waitMs = await leases.due();
  } catch (error) {
    stop = errorRecordOf(unforeseen(error));
  }
  return { outcomes, stop, waitMs };

  /** Whether the lease ended before all of them were sent. */
  async function sendAll(calls: readonly Invitation[], lease: Lease): Promise<boolean> {
    try {
      for (const { emails, groups } of calls) {
        const ids = groups.flatMap(({ secodaId }) => secodaId ?? []);
        for (const email of emails) {
          // Whoever is not answered cannot be invited again for a while: that is not to become of others, too.
          if (lost !== null) settle([email], 'not-attempted', NOT_ANSWERED);
          else {
            await lease.renew();
            await inviteOnce(input, email, ids, lease, ({ outcome, error }) => {
              if (outcome === 'applied') sent.push({ emails: [email], groups });
              if (outcome === 'lost') lost = email;
              settle([email], outcome === 'lost' ? 'failed' : outcome, error);
            });
          }
        }
      }
      return false;
    } catch (error) {
      if (error instanceof LeaseOver) return true;
      throw error;
    }
  }
}

/** Everybody whom Okta still has in a group that is there, with these groups. */
async function stillWanted(
  { recheck, idOf }: InviteInput,
  invitations: readonly Invitation[],
  settle: Settle,
): Promise<ReadonlyMap<string, readonly InvitedInto[]>> {
  const wanted = new Map<string, InvitedInto[]>();
  const belongs = recheck(new Set(invitations.flatMap(({ emails }) => emails)));
  for (const { emails, groups } of invitations) {
    for (const group of groups) {
      const secodaId = idOf(group);
      if (secodaId === null) continue;
      for (const email of await belongs(emails, group))
        wanted.set(email, [...(wanted.get(email) ?? []), { ...group, secodaId }]);
    }
    const none = emails.filter((email) => !wanted.has(email));
    settle(none, 'not-attempted', 'none of their groups is there, or Okta says otherwise by now');
  }
  return wanted;
}
