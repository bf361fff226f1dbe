import pMap from 'p-map';
import type { Change } from '../../core/plan/change.ts';
import { readMarker } from '../../core/groups/marker.ts';
import type { DirectorySnapshot, OktaGroup } from '../../core/model/directory.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import type { UsersList, Reading } from '../checkpoints.ts';
import type { Sources } from '../context.ts';
import { doubted, OKTA_WIDTH, readMembership } from './read-members.ts';

/** Members read longer ago than this are read again before anything is written from them. */
const FRESH_MS = 2 * 60_000;
/** What is read ahead must still be fresh at the end of the slice it is meant for. */
const AHEAD_MS = 60_000;
/** The users list is long and changes slowly; what it decides is checked by Secoda again on each write. */
const USERS_FRESH_MS = 10 * 60_000;
/** A longer list is read less often: about a page of a thousand rows a minute, however long it is. */
const USERS_FRESH_MS_A_ROW = 85;
/** Between two slices it is read again after that part of the time, so that no lease has to wait for it. */
const USERS_AHEAD = 0.7;

/** Reads again what a slice will need of Okta, before its lease is taken: nobody should wait for that. */
export async function readAhead(sources: Sources, reading: Reading, slice: readonly Change[]) {
  const stale = staleIn(slice, reading.directory, sources.clock.now() - AHEAD_MS);
  return { ...reading, directory: await reread(sources, reading.directory, stale) };
}

/**
 * Brings up to date what a slice rests on, in its lease: all Secoda groups; of Okta whatever is not fresh, whatever stands
 * behind a group that somebody wrote since, and every id behind a deletion; and before anybody loses access, or where a list
 * was doubted, Okta's own count of the members.
 */
export async function refresh(sources: Sources, reading: Reading, slice: readonly Change[]) {
  const { clock, workspace } = sources;
  const latest = { users: reading.workspace.users, readAt: reading.usersReadAt };
  const { users, readAt: usersReadAt } = await freshUsers(1, sources, latest);
  const groups = await workspace.groups();
  let directory = outdated(reading.directory, touched(reading.workspace.groups, groups));
  const deleted = slice.filter(({ action }) => action === 'delete').flatMap(({ oktaIds }) => oktaIds);
  directory = await reread(sources, directory, [
    ...deleted,
    ...staleIn(slice, directory, clock.now() - FRESH_MS),
  ]);
  if (deleted.some((id) => directory.unlisted.get(id))) directory = await relist(sources, directory);
  const isDoubted = (id: string) => (directory.memberships.get(id)?.doubt ?? null) !== null;
  const toCount = slice.flatMap(({ remove, oktaIds }) =>
    remove.length > 0 ? oktaIds : oktaIds.filter(isDoubted),
  );
  directory = await withoutDoubt(sources, directory, toCount);
  return { ...reading, directory, usersReadAt, workspace: { users, groups } };
}

/** The users list for the next slice, to be asked for while the write budget makes everybody wait. */
export function usersAhead(sources: Sources, latest: UsersList): Promise<UsersList> {
  return freshUsers(USERS_AHEAD, sources, latest);
}

/** `part` of the time for which a users list may be used. */
async function freshUsers(part: number, sources: Sources, latest: UsersList): Promise<UsersList> {
  const readAt = sources.clock.now();
  const freshMs = Math.max(USERS_FRESH_MS, latest.users.length * USERS_FRESH_MS_A_ROW);
  if (readAt - latest.readAt <= freshMs * part) return latest;
  return { users: await sources.workspace.users(), readAt };
}

/** The slice's Okta groups whose members were read before this time. */
function staleIn(slice: readonly Change[], directory: DirectorySnapshot, before: number): string[] {
  const readAt = (id: string) => directory.memberships.get(id)?.readAt ?? Infinity;
  return slice.flatMap(({ oktaIds }) => oktaIds).filter((id) => readAt(id) < before);
}

/** The Okta ids behind every group changed since Secoda was last listed: whoever wrote it may have read Okta later than we did. */
function touched(before: readonly WorkspaceGroup[], now: readonly WorkspaceGroup[]): string[] {
  const old = new Map(before.map((group) => [group.id, group]));
  return now
    .filter((group) => !isSame(old.get(group.id), group))
    .flatMap(({ description }) => readMarker(description)?.oktaIds ?? []);
}

function isSame(before: WorkspaceGroup | undefined, now: WorkspaceGroup): boolean {
  if (before === undefined || before.updatedAt !== now.updatedAt || before.name !== now.name) return false;
  if (before.description !== now.description || before.userIds.length !== now.userIds.length) return false;
  return now.userIds.every((id, index) => before.userIds[index] === id);
}

/**
 * Asks Okta again for these groups and, where they were read before, their members. Those that the selection listed are
 * asked for together; whether one is gone only a request of its own can tell.
 */
async function reread(sources: Sources, directory: DirectorySnapshot, ids: readonly string[]) {
  const again = new Set(ids);
  if (again.size === 0) return directory;
  const groups = new Map(directory.groups.map((group) => [group.id, group]));
  const memberships = new Map(directory.memberships);
  const unlisted = new Map<string, OktaGroup | null>(directory.unlisted);
  const listed = await sources.directory.listed([...again].filter((id) => groups.has(id)));
  await pMap(
    again,
    async (id) => {
      const group = listed.get(id) ?? (await sources.directory.group(id));
      if (group !== null && groups.has(id)) groups.set(id, group);
      else {
        groups.delete(id);
        unlisted.set(id, group);
      }
      const before = memberships.get(id);
      if (group === null) memberships.delete(id);
      else if (before !== undefined) {
        const read = await readMembership(sources, uncounted(group));
        // Only another count can tell that a list which was doubted is whole by now.
        memberships.set(id, read.people === null ? read : { ...read, doubt: before.doubt });
      }
    },
    { concurrency: OKTA_WIDTH },
  );
  return { ...directory, groups: [...groups.values()], memberships, unlisted };
}

/** Lists the selection again: only that tells whether a group that had left it is back. */
async function relist(sources: Sources, directory: DirectorySnapshot): Promise<DirectorySnapshot> {
  const groups = await sources.directory.groups();
  const unlisted = new Map(directory.unlisted);
  for (const { id } of groups) unlisted.delete(id);
  return { ...directory, groups, unlisted };
}

/** Marks what was read of these groups as old, so that the next look reads it again. */
function outdated(directory: DirectorySnapshot, ids: readonly string[]): DirectorySnapshot {
  const memberships = new Map(directory.memberships);
  for (const id of ids) {
    const membership = memberships.get(id);
    if (membership !== undefined) memberships.set(id, { ...membership, readAt: -Infinity });
  }
  return { ...directory, memberships };
}

/** Asks for Okta's own count, since lists bear no total: one that is shorter is read once more, and doubted if it stays so. */
async function withoutDoubt(sources: Sources, directory: DirectorySnapshot, ids: readonly string[]) {
  const memberships = new Map(directory.memberships);
  const counted = await sources.directory.listed([...new Set(ids)].filter((id) => memberships.has(id)));
  await pMap(
    counted.values(),
    async (group) => {
      const { id, usersCount: count } = group;
      const read = memberships.get(id);
      if (read?.people === undefined || read.people === null || count === null) return;
      if (count <= read.people.length) {
        memberships.set(id, { ...read, doubt: null });
        return;
      }
      const again = await readMembership(sources, uncounted(group));
      const listed = again.people?.length ?? count;
      memberships.set(id, listed < count ? doubted(again, id, count, listed) : again);
    },
    { concurrency: OKTA_WIDTH },
  );
  return { ...directory, memberships };
}

/** A count is held against a list only when it was taken after it: somebody may leave between the two. */
function uncounted(group: OktaGroup): OktaGroup {
  return { ...group, usersCount: null };
}
