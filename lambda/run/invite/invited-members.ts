import { contentOf } from '../../core/groups/content.ts';
import { createIdentity } from '../../core/people/identity.ts';
import type { Invitation } from '../../core/people/invitations.ts';
import { byText } from '../../core/model/order.ts';
import { remembered } from '../../core/plan/verify.ts';
import { memoryOf, mergeMemory } from '../../archive/memory.ts';
import { settleInvited } from '../../archive/invitations.ts';
import type { RunContext } from '../context.ts';

/**
 * Looks at the groups that people were invited into, and remembers those whom Secoda does not show as members yet: the next
 * run does not ask for them again before they have signed in. What the users list says of invitations is noted.
 */
export async function rememberInvitedMembers(
  { sources, rules, archive, fingerprint }: RunContext,
  sent: readonly Invitation[],
): Promise<void> {
  const { workspace, clock } = sources;
  const readAt = clock.now();
  const users = await workspace.users();
  await settleInvited(archive, rules.name, users, readAt);
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
