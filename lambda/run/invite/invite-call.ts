import type { GroupRef } from '../../core/model/workspace.ts';
import { INVITE_AGAIN, type InviteOutcome } from '../../core/people/invitations.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { AccessError, LeaseOver, SourceError, WriteError } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import { claimInvited, forgetInvited, noteInvited, settleInvited } from '../../archive/invitation-notes.ts';
import type { InvitingTask, RunContext } from '../context.ts';
import type { SettledBySending } from '../write/under-lease.ts';
import { unforeseen } from '../error-record.ts';
import { contentOf } from '../../core/groups/settled-content.ts';
import { byText } from '../../core/model/text.ts';
import { remembered } from '../../core/plan/verify.ts';
import { memoryOf, mergeMemory } from '../../archive/state-file.ts';

/** What came of one call that was sent: they are invited, or nobody knows. */
type Called = SettledBySending<InviteOutcome>;

/** Invites one person. Throws where they were not invited. */
export async function inviteOnce(
  { inviter }: InvitingTask,
  context: RunContext,
  email: string,
  groups: readonly GroupRef[],
  lease: Lease,
): Promise<Called> {
  const { archive, rules, sources } = context;
  const { invite } = rules;
  if (invite === null) throw new Error('the configuration invites nobody');
  const { role, teams } = invite;
  const { clock } = sources;
  // Noted before it is sent, so that whoever is killed meanwhile does not invite them twice.
  const claimedAt = clock.now();
  if (!(await claimInvited(archive, rules.name, [email], claimedAt)))
    throw new LeaseOver('another run has just invited some of these people');
  const groupIds = groups.flatMap(({ secodaId }) => secodaId ?? []);
  try {
    const unknown = await inviter.invite({ email, role, teams, groupIds }, lease);
    await noteInvited(archive, rules.name, [email], clock.now(), unknown === null);
    return unknown === null ? invited(email) : await lookFor(context, email, unknown);
  } catch (error) {
    const nobody = error instanceof WriteError || error instanceof AccessError || error instanceof LeaseOver;
    if (nobody) await forgetInvited(archive, rules.name, [email], claimedAt);
    throw error;
  }
}

function invited(email: string): Called {
  return { outcome: { email, outcome: 'applied', error: null } };
}

/** Looks for somebody after a call that showed nothing. Nobody is invited again for not being listed. */
async function lookFor({ archive, rules, sources }: RunContext, email: string, why: string): Promise<Called> {
  const lost = (more: string): Called => {
    const error = `${why}${more}; it is not known whether they were invited. Later runs look for them, and do not invite them again: ${INVITE_AGAIN}`;
    return { outcome: { email, outcome: 'failed', error }, unsure: true };
  };
  try {
    const users = await sources.workspace.users();
    await settleInvited(archive, rules.name, users);
    if (createIdentity(rules.people, users).account(email) === 'none') return lost('');
    return invited(email);
  } catch (error) {
    const unread = lost(', and the users list could not be read afterwards');
    return error instanceof SourceError ? unread : { ...unread, stop: unforeseen(error) };
  }
}

/** Remembers who was invited into groups and is no member yet: the next run does not ask for them before they have signed in. */
export async function rememberInvitedMembers(
  { sources, rules, archive }: RunContext,
  sent: readonly (readonly [email: string, into: readonly GroupRef[]])[],
): Promise<void> {
  const { workspace, clock } = sources;
  const users = await workspace.users();
  await settleInvited(archive, rules.name, users);
  const identity = createIdentity(rules.people, users);
  const groups = new Map((await workspace.groups()).map((group) => [group.id, group]));
  const memory = await memoryOf(archive, rules.name);
  const places = sent.flatMap(([email, into]) => into.map((group) => ({ email, ...group })));
  const remember = [...Map.groupBy(places, ({ secodaId }) => secodaId)].flatMap(([id, theirs]) => {
    const shown = groups.get(id ?? '');
    if (shown === undefined) return [];
    const accounts = theirs.map(({ email }) => identity.account(email));
    const userIds = accounts.flatMap((account) => (typeof account === 'string' ? [] : account.userId));
    // Who is shown and stood as unsettled was asked away.
    const unsettled = new Set(memory.groups.get(shown.id)?.unsettled.map(({ userId }) => userId));
    const shows = new Set(shown.userIds).symmetricDifference(unsettled);
    const asked = [...shows.union(new Set(userIds))].sort(byText);
    const content = { ...contentOf(shown), userIds: asked };
    return [remembered(theirs[0]?.oktaIds ?? [], content, shown, identity, clock.now())];
  });
  await mergeMemory(archive, { remember, forget: [] });
}
