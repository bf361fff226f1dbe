import { createIdentity } from '../../core/people/identity.ts';
import {
  inFewCalls,
  type Invitation,
  type InvitedInto,
  type InviteOutcome,
  NOT_KNOWN,
} from '../../core/people/invitations.ts';
import { LeaseOver } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import { NO_BASELINE, openClaim, refusedByNow } from '../write/claim.ts';
import { inviteOnce, type Settle } from './invite-call.ts';
import type { InviteInput, InviteResult } from './invite-input.ts';
import { settleInvited } from '../../archive/invitations.ts';
import { rememberInvitedMembers } from './invited-members.ts';
import { type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';

/** Refusals in a row of one person after the other: it is not the people that Secoda minds. */
const REFUSALS = 3;

/** As many calls as one lease allows. People without an outcome are left for the next. */
export async function inviteUnderLease(
  input: InviteInput,
  invitations: readonly Invitation[],
): Promise<InviteResult & { readonly waitMs: number }> {
  const { archive, rules, sources, leases, approved: byOperator } = input;
  const { workspace, clock } = sources;
  const outcomes: InviteOutcome[] = [];
  const settle: Settle = (emails, outcome, error) =>
    outcomes.push(...emails.map((email) => ({ email, outcome, error })));
  const sent: Invitation[] = [];
  const lost: string[] = [];
  let stop: ErrorRecord | null = null;
  let over = false;
  let waitMs = 0;
  try {
    const wanted = await stillWanted(input, invitations, settle);
    const lease = await leases.take();
    try {
      const readAt = clock.now();
      const users = await workspace.users();
      const identity = createIdentity(rules.people, users);
      const before = await settleInvited(archive, rules.name, users, readAt);
      for (const email of wanted.keys()) {
        // An account by now is what was wanted.
        if (identity.account(email) !== 'none') settle([email], 'applied', null);
        else if (before.get(email) === 'unknown') settle([email], 'not-attempted', NOT_KNOWN);
        else if (before.has(email))
          settle([email], 'not-attempted', 'they were invited a moment ago; the next run looks again');
      }
      const known = (email: string) => identity.account(email) !== 'none' || before.has(email);
      const calls = inFewCalls(new Map([...wanted].filter(([email]) => !known(email))));
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
      const invited = new Set([...sent.flatMap((call) => call.emails), ...lost]);
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
      for (const call of calls) {
        if (lost.length === 0) await lease.renew();
        const refused = await ask(call, lease);
        if (refused !== null) await oneByOne(call, refused, lease);
      }
      return false;
    } catch (error) {
      if (error instanceof LeaseOver) return true;
      throw error;
    }
  }

  /** What Secoda has against it; `null` when it was accepted, or everybody has an outcome for another reason. */
  async function ask(call: Invitation, lease: Lease): Promise<string | null> {
    // Whoever is not answered cannot be invited again for a while: that is not to become of others, too.
    if (lost.length > 0) {
      settle(
        call.emails,
        'not-attempted',
        'Secoda did not answer the invitation before; the next run goes on',
      );
      return null;
    }
    const called = await inviteOnce(input, call, lease, settle);
    if (called.invited.length > 0) sent.push({ ...call, emails: called.invited });
    lost.push(...called.lost);
    return called.refused;
  }

  /** So that one odd address keeps nobody else out. */
  async function oneByOne(call: Invitation, refused: string, lease: Lease): Promise<void> {
    if (call.emails.length === 1) return void settle(call.emails, 'failed', refused);
    let refusals = 0;
    for (const email of call.emails) {
      if (refusals === REFUSALS) settle([email], 'not-attempted', refused);
      else {
        const why = await ask({ ...call, emails: [email] }, lease);
        refusals = why === null ? 0 : refusals + 1;
        if (why !== null) settle([email], 'failed', why);
      }
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
