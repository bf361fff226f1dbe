import type { Change, Handover } from './change.ts';
import type { Identity } from '../people/identity.ts';
import type { Wanted } from '../groups/mapping.ts';
import { readMarker } from '../groups/marker.ts';
import { type MemberPlan, staysAnyway } from '../people/members.ts';
import { keyOf, type WorkspaceGroup } from '../model/workspace.ts';
import { byText, nameKey } from '../model/text.ts';

/** A wanted group, the Secoda group it takes (`null`: it is created) and everyone that one is to hold. */
export interface Taker {
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
    // What is only carried along, as service accounts, nobody waits for; but it may be whoever is held that has one of several accounts.
    const leaving = remove.filter(({ userId, email }) => {
      const isHeld = email !== null && held.has(email);
      if (staysAnyway(userId, identity)) return isHeld && identity.account(email) === 'several';
      return kept.has(userId) || isHeld;
    });
    if (leaving.length === 0) return [];
    const to = { oktaIds: wanted.oktaIds, secodaId: group?.id ?? null, name: wanted.name };
    return [{ to, oktaIds, userIds: leaving.map(({ userId }) => userId) }];
  });
}

/** What of the handovers of a change is not done yet: the groups that take over do not show these people. */
export function waitingIn({ handovers }: Change, groups: Iterable<WorkspaceGroup>, name: string) {
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

/**
 * The changes in the order they are written: groups that lose people, then additions, creations, deletions, so that a stop in the
 * middle leaves the safer half done; but first what takes people over from one of them; and all of it wave by wave, since a name
 * has to be free before it is taken. What waits for others, as deletions do, is of the last wave unless its name is taken.
 */
export function inWritingOrder(changes: readonly Change[]): Change[] {
  const taken = new Set(changes.filter(({ wave }) => wave > 0).map(({ name }) => nameKey(name)));
  const last = changes.reduce((most, { wave }) => Math.max(most, wave), 0);
  const takersOf = takers(changes);
  const waved = changes.map((change) => {
    const freed = change.action === 'delete' ? change.name : change.renamedFrom;
    const waits = change.action === 'delete' || takersOf(change).length > 0;
    return waits && (freed === null || !taken.has(nameKey(freed))) ? { ...change, wave: last } : change;
  });
  const byKey = new Map(waved.sort(compare).map((change) => [keyOf(change), change]));
  const order: Change[] = [];
  const begun = new Set<string>();
  const place = (change: Change): void => {
    const key = keyOf(change);
    if (begun.has(key)) return;
    begun.add(key);
    for (const taker of takersOf(change)) {
      const before = byKey.get(taker);
      if (before !== undefined && before.wave <= change.wave) place(before);
    }
    order.push(change);
  };
  for (const change of waved) place(change);
  // Where groups wait for each other, or for a name, not all that takes over can be written before.
  const waiting = new Set<Change>();
  const written = new Set<string>();
  for (const change of order) {
    if (takersOf(change).some((taker) => !written.has(taker))) waiting.add(change);
    written.add(keyOf(change));
  }
  // A deletion that waits does not free its name the first time.
  const late = Math.min(
    ...order.filter((change) => change.action === 'delete' && waiting.has(change)).map(({ wave }) => wave),
  );
  return order.map((change) => ({ ...change, again: waiting.has(change) || change.wave > late }));
}

/** Finds the changes, by their keys, that take people over from another one who are not in their groups yet. */
export function takers(changes: readonly Change[]): (change: Change) => readonly string[] {
  const sought = new Set(changes.flatMap(({ handovers }) => handovers.map(({ to }) => keyOf(to))));
  const joining = new Map(
    changes
      .filter((change) => sought.has(keyOf(change)))
      .map((change) => [keyOf(change), new Set(change.add.map(({ userId }) => userId))]),
  );
  const found = new Map(
    changes.map(({ handovers, ...change }) => {
      const taking = handovers.filter(({ to, userIds }) =>
        userIds.some((id) => joining.get(keyOf(to))?.has(id) === true),
      );
      return [keyOf(change), taking.map(({ to }) => keyOf(to))];
    }),
  );
  return (change) => found.get(keyOf(change)) ?? [];
}

function compare(a: Change, b: Change): number {
  return (
    a.wave - b.wave ||
    rank(a) - rank(b) ||
    byText(a.name, b.name) ||
    byText(a.secodaId ?? '', b.secodaId ?? '')
  );
}

/** What takes access away comes first, deletions at the very end. */
const ORDER = ['loss', 'update', 'create', 'delete'];

function rank({ action, remove }: Change): number {
  return ORDER.indexOf(action === 'update' && remove.length > 0 ? 'loss' : action);
}
