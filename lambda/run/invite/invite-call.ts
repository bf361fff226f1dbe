import { type Invitation, INVITE_AGAIN } from '../../core/people/invitations.ts';
import { createIdentity } from '../../core/people/identity.ts';
import { AccessError, LeaseOver, SourceError, WriteError } from '../../errors.ts';
import type { Lease } from '../../ports.ts';
import { claimInvited, forgetInvited, noteInvited, settleInvited } from '../../archive/invitations.ts';
import type { InvitingTask, RunContext } from '../context.ts';
import { unforeseen } from '../error-record.ts';
import { contentOf } from '../../core/groups/content.ts';
import { byText } from '../../core/model/text.ts';
import { remembered } from '../../core/plan/verify.ts';
import { memoryOf, mergeMemory } from '../../archive/memory.ts';

/** What came of one call that was sent: they are invited, or nobody knows. */
export interface Called {
  readonly outcome: 'applied' | 'lost';
  readonly error: string | null;
  /** What ends the run behind it. */
  readonly stop?: Error;
}

/** Invites one person. Throws where they were not invited. */
export async function inviteOnce(
  { inviter }: InvitingTask,
  context: RunContext,
  { emails: [email], groups }: Invitation & { readonly emails: readonly [string] },
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
    return unknown === null ? { outcome: 'applied', error: null } : await lookFor(context, email, unknown);
  } catch (error) {
    const nobody = error instanceof WriteError || error instanceof AccessError || error instanceof LeaseOver;
    if (nobody) await forgetInvited(archive, rules.name, [email], claimedAt);
    throw error;
  }
}

/** Looks for somebody after a call that showed nothing. Nobody is invited again for not being listed. */
async function lookFor({ archive, rules, sources }: RunContext, email: string, why: string): Promise<Called> {
  const lost = (more: string) => {
    const error = `${why}${more}; it is not known whether they were invited. Later runs look for them, and do not invite them again: ${INVITE_AGAIN}`;
    return { outcome: 'lost', error } as const;
  };
  try {
    const users = await sources.workspace.users();
    await settleInvited(archive, rules.name, users);
    if (createIdentity(rules.people, users).account(email) === 'none') return lost('');
    return { outcome: 'applied', error: null };
  } catch (error) {
    const unread = lost(', and the users list could not be read afterwards');
    return error instanceof SourceError ? unread : { ...unread, stop: unforeseen(error) };
  }
}

/**
 * Looks at the groups that people were invited into, and remembers those whom Secoda does not show as members yet: the next
 * run does not ask for them again before they have signed in. What the users list says of invitations is noted.
 */
export async function rememberInvitedMembers(
  { sources, rules, archive, fingerprint }: RunContext,
  sent: readonly Invitation[],
): Promise<void> {
  const { workspace, clock } = sources;
  const users = await workspace.users();
  await settleInvited(archive, rules.name, users);
  const identity = createIdentity(rules.people, users);
  const groups = new Map((await workspace.groups()).map((group) => [group.id, group]));
  const memory = await memoryOf(archive, rules.name);
  const invited = new Map<string, { readonly oktaIds: readonly string[]; readonly userIds: string[] }>();
  for (const { emails, groups: into } of sent) {
    for (const { secodaId, oktaIds } of into) {
      if (secodaId === null) continue;
      const found = invited.get(secodaId) ?? { oktaIds, userIds: [] };
      invited.set(secodaId, found);
      for (const email of emails) {
        const account = identity.account(email);
        if (typeof account !== 'string') found.userIds.push(account.userId);
      }
    }
  }
  const remember = [...invited].flatMap(([id, { oktaIds, userIds }]) => {
    const shown = groups.get(id);
    if (shown === undefined) return [];
    // Who is shown and stood as unsettled was asked away.
    const unsettled = new Set(memory.groups.get(id)?.unsettled.map(({ userId }) => userId));
    const asked = [...new Set(shown.userIds).symmetricDifference(unsettled).union(new Set(userIds))].sort(
      byText,
    );
    return [
      remembered(oktaIds, { ...contentOf(shown), userIds: asked }, shown, identity, clock.now(), fingerprint),
    ];
  });
  await mergeMemory(archive, { remember, forget: [] });
}
