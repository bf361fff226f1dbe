import type { InviteOutcome } from '../../core/people/invitations.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { AccessError, SourceError, LeaseOver, WriteError } from '../../errors.ts';
import type { Lease, NotShown } from '../../ports.ts';
import type { InviteInput } from './invite-input.ts';
import { claimInvited, forgetInvited, noteInvited, settleInvited } from '../../archive/invitations.ts';

/** What came of one call: Secoda refused it, or nobody knows. */
type Called = Omit<InviteOutcome, 'outcome'> & { readonly outcome: 'applied' | 'failed' | 'lost' };

/** Invites one person, and tells what came of it: also before it throws, once the call was sent. */
export async function inviteOnce(
  input: InviteInput,
  email: string,
  groupIds: readonly string[],
  lease: Lease,
  settle: (called: Called) => void,
): Promise<void> {
  const { archive, rules, sources, inviter, invite } = input;
  const { role, teams } = invite;
  const { clock } = sources;
  // Noted before it is sent, so that whoever is killed meanwhile does not invite them twice.
  const claimedAt = clock.now();
  if (!(await claimInvited(archive, rules.name, [email], claimedAt)))
    throw new LeaseOver('another run has just invited some of these people');
  let unknown: NotShown | null;
  try {
    unknown = await inviter.invite({ email, role, teams, groupIds }, lease);
  } catch (error) {
    const nobody = error instanceof WriteError || error instanceof AccessError || error instanceof LeaseOver;
    if (nobody) await forgetInvited(archive, rules.name, [email], claimedAt);
    if (!(error instanceof WriteError)) throw error;
    settle({ email, outcome: 'failed', error: error.message });
    return;
  }
  await noteInvited(archive, rules.name, [email], clock.now(), unknown ?? 'shown');
  if (unknown === null) settle({ email, outcome: 'applied', error: null });
  else await lookFor(input, email, unknown.why, settle);
}

/** Looks for somebody after a call that showed nothing. Nobody is invited again for not being listed. */
async function lookFor(
  { archive, rules, sources }: InviteInput,
  email: string,
  why: string,
  settle: (called: Called) => void,
): Promise<void> {
  const { workspace, clock } = sources;
  const lost = (more: string) => {
    const error = `${why}${more}; it is not known whether they were invited. Later runs look for them, and do not invite them again before that is known`;
    settle({ email, outcome: 'lost', error });
  };
  const readAt = clock.now();
  try {
    const users = await workspace.users();
    await settleInvited(archive, rules.name, users, readAt);
    if (createIdentity(rules.people, users).account(email) === 'none') lost('');
    else settle({ email, outcome: 'applied', error: null });
  } catch (error) {
    lost(', and the users list could not be read afterwards');
    if (!(error instanceof SourceError)) throw error;
  }
}
