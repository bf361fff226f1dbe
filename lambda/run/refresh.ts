import pMap from 'p-map';
import type { Change } from '../core/change.ts';
import type { DirectorySnapshot, OktaGroup } from '../core/model.ts';
import { OKTA_WIDTH, readMembership, type Reading, type Sources } from './read.ts';

/** Members read longer ago than this are read again before anything is written from them. */
const FRESH_MS = 2 * 60_000;
/** The users list is long and changes slowly; what it decides is checked by Secoda again on each write. */
const USERS_FRESH_MS = 10 * 60_000;

/** Brings up to date what a slice is about to rest on: all Secoda groups, and the Okta side of the slice's own changes. */
export async function refresh(
  sources: Sources,
  reading: Reading,
  slice: readonly Change[],
): Promise<Reading> {
  const { clock, workspace } = sources;
  const stale = clock.now() - reading.usersReadAt > USERS_FRESH_MS;
  const usersReadAt = stale ? clock.now() : reading.usersReadAt;
  const users = stale ? await workspace.users() : reading.workspace.users;
  const directory = await refreshDirectory(sources, reading.directory, slice);
  const groups = await workspace.groups();
  return { ...reading, directory, usersReadAt, workspace: { users, groups } };
}

async function refreshDirectory(
  sources: Sources,
  directory: DirectorySnapshot,
  slice: readonly Change[],
): Promise<DirectorySnapshot> {
  const now = sources.clock.now();
  const asked = new Set(slice.filter(({ action }) => action === 'delete').flatMap(({ oktaIds }) => oktaIds));
  const old = slice
    .flatMap(({ oktaIds }) => oktaIds)
    .filter((id) => now - (directory.memberships.get(id)?.readAt ?? now) > FRESH_MS);
  const again = new Set([...asked, ...old]);
  if (again.size === 0) return directory;

  const groups = new Map(directory.groups.map((group) => [group.id, group]));
  const memberships = new Map(directory.memberships);
  const unlisted = new Map<string, OktaGroup | null>(directory.unlisted);
  await pMap(
    again,
    async (id) => {
      const group = await sources.directory.group(id);
      if (group !== null && groups.has(id)) groups.set(id, group);
      else {
        groups.delete(id);
        unlisted.set(id, group);
      }
      if (group === null) memberships.delete(id);
      else if (memberships.has(id)) memberships.set(id, await readMembership(sources, group));
    },
    { concurrency: OKTA_WIDTH },
  );
  return { groups: [...groups.values()], memberships, unlisted };
}
