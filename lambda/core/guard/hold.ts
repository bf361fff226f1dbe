import type { Change, PlanInput } from '../plan/change.ts';
import { changesNothing } from '../plan/reconcile.ts';
import { lostBy } from '../plan/refused-write.ts';
import { createIdentity } from '../people/identity.ts';
import { isSettled } from '../groups/settled-content.ts';
import { whilePeopleStay } from '../groups/marker.ts';
import { fingerprint, byText, nameKey } from '../model/text.ts';

/** (Secoda group, user) pairs, as `group/user`, and Secoda ids of groups to be deleted: what is held, or was approved of that. */
export interface Parts {
  readonly removed: ReadonlySet<string>;
  readonly added: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

export const NO_PARTS: Parts = { removed: new Set(), added: new Set(), deleted: new Set() };

const pairOf = ({ secodaId }: Change, { userId }: { readonly userId: string }) =>
  `${secodaId ?? ''}/${userId}`;

/** The parts that these changes consist of: whoever comes into a group that is made loses and gains nothing that stands. */
export function partsOf(changes: readonly Change[]): Parts {
  const standing = changes.filter(({ secodaId }) => secodaId !== null);
  const pairs = (side: 'add' | 'remove') =>
    new Set(standing.flatMap((change) => change[side].map((member) => pairOf(change, member))));
  const deleted = standing.flatMap(({ action, secodaId }) => (action === 'delete' ? (secodaId ?? []) : []));
  return { removed: pairs('remove'), added: pairs('add'), deleted: new Set(deleted) };
}

/** The change with those alone of its losses whom Okta itself shows as out. */
export function whoIsOut(change: Change): Change {
  return { ...change, action: 'update', remove: change.remove.filter(({ ineligible }) => ineligible) };
}

/** The changes with what of them an operator approved apart. */
export function withWord(changes: readonly Change[], { removed, added, deleted }: Parts): readonly Change[] {
  return changes.map((change) => {
    const leaving = change.remove.filter((member) => removed.has(pairOf(change, member)));
    const coming = change.add.filter((member) => added.has(pairOf(change, member)));
    const people = [...leaving, ...coming].map(({ userId }) => userId);
    const { action, secodaId } = change;
    const gone = action === 'delete' && secodaId !== null && deleted.has(secodaId) ? [secodaId] : [];
    return { ...change, approved: [...people, ...gone] };
  });
}

/**
 * A change in two, to be counted: what an operator approved, and what the rules judge. Nobody approved that Secoda refuses somebody.
 * `byOperator`: all else was approved.
 */
export function byWhom(
  change: Change,
  byOperator: boolean,
): { readonly approved: Change; readonly judged: Change } {
  const lost = new Set(lostBy(change).map(({ userId }) => userId));
  const named = new Set(change.approved);
  const isApproved = (id: string) => !lost.has(id) && (byOperator || named.has(id));
  const part = (approved: boolean): Change => {
    const { action, secodaId } = change;
    const isMine = ({ userId }: { readonly userId: string }) => isApproved(userId) === approved;
    return {
      ...change,
      action: action === 'delete' && isApproved(secodaId ?? '') !== approved ? 'update' : action,
      adopted: change.adopted && byOperator === approved,
      add: change.add.filter(isMine),
      remove: change.remove.filter(isMine),
    };
  };
  return { approved: part(true), judged: part(false) };
}

/**
 * The digest of what is held: by pairs and deletions alone, so that it stays when the rest was written and when others join.
 * A group that is made, or a name that is taken, only follows.
 */
export function digestOfHeld(held: readonly Change[]): string {
  const { removed, added, deleted } = partsOf(held);
  const sorted = [removed, added, deleted].map((each) => [...each].sort(byText));
  return fingerprint(JSON.stringify(['held', ...sorted])).slice(0, 16);
}

/**
 * Takes these parts out of the changes. A group whose deletion waits keeps its name: what would take that waits as well.
 * `settled`: whether Secoda stands where this very request left it.
 */
export function without(
  changes: readonly Change[],
  parts: Parts,
  settled: (change: Change) => boolean = () => false,
): { readonly passing: readonly Change[]; readonly held: readonly Change[] } {
  const deletions = changes.filter((change) => change.action === 'delete' && waitsIn(change, parts));
  const kept = new Set(deletions.map(({ name }) => nameKey(name)));
  const taking = changes.filter(({ action, renamedFrom }) => action === 'create' || renamedFrom !== null);
  const blocked = new Set<Change>();
  let before: number;
  do {
    before = blocked.size;
    for (const change of taking.filter(({ name }) => kept.has(nameKey(name)))) {
      blocked.add(change);
      if (change.renamedFrom !== null) kept.add(nameKey(change.renamedFrom));
    }
  } while (blocked.size > before);
  const split = changes.map((change) => parted(change, parts, blocked.has(change)));
  return {
    passing: split.flatMap(({ passing }) =>
      passing === null || (passing.withheld !== undefined && (changesNothing(passing) || settled(passing)))
        ? []
        : passing,
    ),
    held: split.flatMap(({ held }) => held ?? []),
  };
}

function parted(
  change: Change,
  parts: Parts,
  blocked: boolean,
): { readonly passing: Change | null; readonly held: Change | null } {
  const reason = `held by the guard: ${change.reason}`;
  if (blocked && change.action === 'create')
    return { passing: null, held: { ...change, reason, held: true } };
  const leaving = change.remove.filter((member) => parts.removed.has(pairOf(change, member)));
  const coming = change.add.filter((member) => parts.added.has(pairOf(change, member)));
  const deletion = change.action === 'delete' && waitsIn(change, parts);
  if (leaving.length + coming.length === 0 && !deletion && !blocked) return { passing: change, held: null };
  const { before, content } = change;
  const held: Change = {
    ...change,
    add: coming,
    remove: leaving,
    adopted: false,
    renamedFrom: blocked ? change.renamedFrom : null,
    reason,
    held: true,
  };
  if (before === null) return { passing: null, held };
  const stay = new Set(leaving.map(({ userId }) => userId));
  const withheld = coming.map(({ userId }) => userId);
  const remove = change.remove.filter(({ userId }) => !stay.has(userId));
  const gone = new Set(remove.map(({ userId }) => userId));
  const members = before.members.map(({ userId }) => userId).filter((id) => !gone.has(id));
  const wanted = (content?.userIds ?? []).filter((id) => !withheld.includes(id));
  const name = blocked ? before.name : change.name;
  const wantedText = content?.description ?? before.description;
  const passing: Change = {
    ...change,
    action: 'update',
    name,
    renamedFrom: blocked ? null : change.renamedFrom,
    add: change.add.filter(({ userId }) => !withheld.includes(userId)),
    remove,
    content: {
      name,
      description: leaving.length > 0 ? whilePeopleStay(before.description, wantedText) : wantedText,
      userIds: [...new Set([...members, ...wanted])].sort(byText),
    },
    handovers: change.handovers.flatMap((handover) => {
      const userIds = handover.userIds.filter((id) => !stay.has(id));
      return userIds.length === 0 ? [] : [{ ...handover, userIds }];
    }),
    withheld,
  };
  return { passing, held };
}

/** A deletion waits where it is to wait itself, or any of the group's members. */
function waitsIn(change: Change, { removed, deleted }: Parts): boolean {
  return (
    deleted.has(change.secodaId ?? '') || change.remove.some((member) => removed.has(pairOf(change, member)))
  );
}

/** Whether Secoda stands where this very request of an earlier run left it. */
export function settledBy({ rules, workspace, memory, now }: PlanInput) {
  const identity = createIdentity(rules.people, workspace.users);
  const standing = new Map(workspace.groups.map((group) => [group.id, group]));
  return ({ secodaId, content }: Change): boolean => {
    const group = standing.get(secodaId ?? '');
    if (group === undefined || content === null) return false;
    const remembered = memory.groups.get(group.id);
    return isSettled(remembered, group, content, identity, now);
  };
}
