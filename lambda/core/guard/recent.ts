import { normaliseAddress } from '../people/address.ts';
import type { Baseline, Change } from '../plan/change.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';

/** What was done so long ago (milliseconds) no longer counts along: two nights are further apart. */
export const COUNTING_MS = 20 * 3_600_000;

/** What writes take and give, as far as the guard counts it. Groups and users by their Secoda ids. Plain data. */
interface Effects {
  /** Members who lose a group; a deleted group loses all of them. */
  readonly removed: readonly (readonly [groupId: string, userIds: readonly string[]])[];
  /** Those of them whom Okta itself shows as out. */
  readonly out: readonly string[];
  readonly deleted: readonly string[];
  /** Who comes into groups that stood before. */
  readonly granted: readonly (readonly [groupId: string, userIds: readonly string[]])[];
  /** Hand-made groups that are taken over. */
  readonly adopted: readonly string[];
  /** Addresses of people who are invited. */
  readonly invited: readonly string[];
}

/** The effects of what one run wrote at a stretch. */
export interface RecentEntry extends Effects {
  /** When it was noted, in epoch milliseconds. */
  readonly at: number;
  readonly runId: string;
  /** By an operator, over whatever limit: it does not count along. */
  readonly approved: boolean;
}

/** What was done lately, as far as it may count along. */
export interface Lately {
  readonly entries: readonly RecentEntry[];
  /** Why that cannot be told, in plain words; `null` when it can. */
  readonly unknown: string | null;
}

/** What was done lately without approval: it counts along with what is to be done. */
export interface Recent {
  /** By Secoda group id: who lost it, and whether Okta itself showed them as out. */
  readonly removed: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
  readonly deleted: ReadonlySet<string>;
  readonly adopted: ReadonlySet<string>;
  readonly invited: ReadonlySet<string>;
  /** By Secoda group id: who came into a group that stood before. */
  readonly granted: ReadonlyMap<string, ReadonlySet<string>>;
  /** See `Lately`: unless it is `null`, nothing may be lost or granted. */
  readonly unknown: string | null;
}

export const NOTHING_RECENT: Recent = {
  removed: new Map(),
  deleted: new Set(),
  adopted: new Set(),
  invited: new Set(),
  granted: new Map(),
  unknown: null,
};

/** A change as far as its effects go. */
type Effective = Pick<Change, 'action' | 'secodaId' | 'adopted' | 'known'> & {
  readonly name?: string;
  readonly add: readonly { readonly userId: string; readonly email?: string | null }[];
  readonly remove: readonly { readonly userId: string; readonly ineligible: boolean }[];
};

/** Of those who come into a group, whoever was not due there. */
export function unforeseen(
  { name, add }: Pick<Effective, 'name' | 'add'>,
  due: Baseline['due'],
): Effective['add'] {
  const [, emails = []] = due?.find(([group]) => group === name) ?? [];
  return add.filter(({ email }) => !emails.includes(normaliseAddress(email ?? '') ?? ''));
}

/** What these changes and invitations take and give. A group that is made takes and gives nothing that counts, nor do the `due`. */
export function effectsOf(
  changes: readonly Effective[],
  invited: readonly string[] = [],
  due: Baseline['due'] = [],
): Effects {
  const standing = changes.flatMap((change) =>
    change.secodaId === null || change.action === 'create' ? [] : [{ ...change, id: change.secodaId }],
  );
  const pairs = (members: (change: Effective) => readonly { readonly userId: string }[]) =>
    standing.flatMap((change) => {
      const who = members(change);
      return who.length === 0 ? [] : [[change.id, who.map(({ userId }) => userId)] as const];
    });
  const removals = standing.flatMap(({ remove }) => remove);
  return {
    removed: pairs(({ remove }) => remove),
    out: [...new Set(removals.flatMap(({ ineligible, userId }) => (ineligible ? userId : [])))],
    deleted: standing.flatMap(({ id, action }) => (action === 'delete' ? id : [])),
    granted: pairs((change) => unforeseen(change, due)),
    adopted: standing.flatMap(({ id, adopted, known }) => (adopted && !known ? id : [])),
    invited,
  };
}

export function isNothing({ removed, deleted, granted, adopted, invited }: Effects): boolean {
  return [removed, deleted, granted, adopted, invited].every(({ length }) => length === 0);
}

/** Whether an entry is so young that it may count along. (The clocks of two machines never agree.) */
export function isRecent({ at }: RecentEntry, now: number): boolean {
  return Math.abs(now - at) < COUNTING_MS;
}

/** What counts along now. Of what was done twice the later one tells whether it was approved. */
export function recentOf({ entries, unknown }: Lately, now: number): Recent {
  const removed = new Map<string, Map<string, boolean>>();
  const granted = new Map<string, Set<string>>();
  const [deleted, adopted, invited] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const entry of entries.filter((each) => isRecent(each, now)).sort((a, b) => a.at - b.at)) {
    const note = (all: Set<string>, ids: readonly string[]) => {
      for (const id of ids) {
        if (entry.approved) all.delete(id);
        else all.add(id);
      }
    };
    note(deleted, entry.deleted);
    note(adopted, entry.adopted);
    note(invited, entry.invited);
    for (const [groupId, userIds] of entry.granted) {
      const into = granted.get(groupId) ?? new Set<string>();
      granted.set(groupId, into);
      note(into, userIds);
    }
    const out = new Set(entry.out);
    for (const [groupId, userIds] of entry.removed) {
      const from = removed.get(groupId) ?? new Map<string, boolean>();
      removed.set(groupId, from);
      for (const id of userIds) {
        if (entry.approved) from.delete(id);
        else from.set(id, out.has(id));
      }
    }
  }
  return { removed, deleted, adopted, invited, granted, unknown };
}

/** What the limits are held against: with what was lost lately, so that a run may be finished, and small runs do what one may. */
export function measure(
  baseline: Baseline,
  { removed, deleted }: Recent,
  groups: readonly WorkspaceGroup[],
): Baseline {
  const standing = new Map(groups.map(({ id, userIds }) => [id, userIds]));
  const lost = [...removed].map(([groupId, users]) => lostFrom(users, standing.get(groupId) ?? []));
  return {
    ...baseline,
    managedGroups: baseline.managedGroups + [...deleted].filter((id) => !standing.has(id)).length,
    memberships: baseline.memberships + lost.reduce((sum, count) => sum + count, 0),
  };
}

/** How many of those who lost a group lately are not in it by now. */
export function lostFrom(users: ReadonlyMap<string, boolean>, members: readonly string[]): number {
  const standing = new Set(members);
  return [...users.keys()].filter((id) => !standing.has(id)).length;
}
