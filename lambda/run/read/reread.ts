import pMap from 'p-map';
import type { DirectorySnapshot, OktaGroup } from '../../core/model/directory.ts';
import { doubted, OKTA_WIDTH, readMembership } from './read-members.ts';
import type { Sources } from '../context.ts';

/**
 * Asks Okta again for these groups and, where they were read before, their members. Those that the selection listed are
 * asked for together; whether one is gone only a request of its own can tell.
 */
export async function reread(
  sources: Sources,
  directory: DirectorySnapshot,
  ids: readonly string[],
): Promise<DirectorySnapshot> {
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
export async function relist(sources: Sources, directory: DirectorySnapshot): Promise<DirectorySnapshot> {
  const groups = await sources.directory.groups();
  const unlisted = new Map(directory.unlisted);
  for (const { id } of groups) unlisted.delete(id);
  return { ...directory, groups, unlisted };
}

/** Marks what was read of these groups as old, so that the next look reads it again. */
export function outdated(directory: DirectorySnapshot, ids: readonly string[]): DirectorySnapshot {
  const memberships = new Map(directory.memberships);
  for (const id of ids) {
    const membership = memberships.get(id);
    if (membership !== undefined) memberships.set(id, { ...membership, readAt: -Infinity });
  }
  return { ...directory, memberships };
}

/**
 * Asks how many people Okta counts in these groups. Its lists bear no total, so one that was cut short looks like people
 * who left: a list shorter than the count is read once more, and doubted if it stays shorter.
 */
export async function withoutDoubt(
  sources: Sources,
  directory: DirectorySnapshot,
  ids: readonly string[],
): Promise<DirectorySnapshot> {
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
