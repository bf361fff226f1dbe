import type { Change, Handover } from './change.ts';
import type { Identity } from '../people/identity.ts';
import type { Wanted } from '../groups/mapping.ts';
import { readMarker } from '../groups/marker.ts';
import { type MemberPlan, staysAnyway } from '../people/members.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText } from '../model/order.ts';

/** A wanted group, the Secoda group it takes (`null`: it is created) and everyone that one is to hold. */
interface Taker {
  readonly wanted: Wanted;
  readonly group: WorkspaceGroup | null;
  readonly members: MemberPlan;
}

/**
 * Who leaves a group because another one takes over an Okta group that it mirrored so far. Of people with a status never seen
 * before nobody knows whether the other one is to hold them: they stay as well. `takers`: by Okta id.
 */
export function handoversOf(
  { remove, secodaId }: Change,
  mirrored: readonly string[],
  takers: ReadonlyMap<string, Taker>,
  identity: Identity,
): readonly Handover[] {
  return [...Map.groupBy(mirrored, (id) => takers.get(id))].flatMap(([taker, oktaIds]) => {
    if (taker === undefined || taker.group?.id === secodaId) return [];
    const { wanted, group, members } = taker;
    const held = new Set(members.held.map(({ email }) => email));
    const kept = new Set(members.userIds);
    // What is only carried along, as service accounts, nobody waits for.
    const leaving = remove.filter(
      ({ userId, email }) =>
        !staysAnyway(userId, identity) && (kept.has(userId) || (email !== null && held.has(email))),
    );
    if (leaving.length === 0) return [];
    const to = { oktaIds: wanted.oktaIds, secodaId: group?.id ?? null, name: wanted.name };
    return [{ to, oktaIds, userIds: leaving.map(({ userId }) => userId) }];
  });
}

/** What of the handovers of a change is not done yet: the groups that take over do not show these people. */
export function waitingIn(
  { handovers }: Change,
  groups: Iterable<WorkspaceGroup>,
  name: string,
): readonly Handover[] {
  if (handovers.length === 0) return [];
  const byKey = new Map<string, WorkspaceGroup>();
  for (const group of groups) {
    const marker = readMarker(group.description);
    byKey.set(group.id, group);
    if (marker?.via === name) byKey.set(marker.oktaIds.join(), group);
  }
  return handovers.flatMap((handover) => {
    const { to, userIds } = handover;
    const shown = new Set(byKey.get(to.secodaId ?? to.oktaIds.join())?.userIds);
    const missing = userIds.filter((id) => !shown.has(id));
    return missing.length === 0 ? [] : [{ ...handover, userIds: missing }];
  });
}

/**
 * What can be written of a change while these people have to stay; `null` when nothing. The description stays as it is, so that
 * the marker tells the next run, too, whom the group may not lose yet. A group that is to be deleted loses the others.
 */
export function whileWaiting(
  change: Change,
  waiting: readonly Handover[],
  identity: Identity,
): Change | null {
  const { action, before, content, add } = change;
  const stay = new Set(waiting.flatMap(({ userIds }) => userIds));
  if (before === null || !change.remove.some(({ userId }) => stay.has(userId))) return change;
  const remove = change.remove.filter(
    ({ userId }) => !stay.has(userId) && (action === 'update' || !staysAnyway(userId, identity)),
  );
  if (add.length + remove.length === 0 && change.renamedFrom === null) return null;
  const gone = new Set(remove.map(({ userId }) => userId));
  const members = before.members.map(({ userId }) => userId).filter((id) => !gone.has(id));
  const userIds = new Set([...members, ...(content?.userIds ?? [])]);
  return {
    ...change,
    action: 'update',
    remove,
    content: { name: change.name, description: before.description, userIds: [...userIds].sort(byText) },
  };
}

/** Why people stay for now. */
export function whyWaiting(waiting: readonly Handover[]): string {
  const reasons = waiting.map(({ to, oktaIds, userIds }) => {
    const people = userIds.length === 1 ? 'one person' : `${userIds.length} people`;
    return `${oktaIds.join(', ')} was to be mirrored by another Secoda group, “${to.name}”, which does not show ${people} yet: they stay here`;
  });
  return reasons.join('; ');
}
