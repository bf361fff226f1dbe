import pMap from 'p-map';
import type { Change } from '../core/change.ts';
import type { DirectorySnapshot, OktaGroup } from '../core/model.ts';
import { OKTA_WIDTH, readMembership, type Reading, type Sources } from './read.ts';

/** Members read longer ago than this are read again before anything is written from them. */
const FRESH_MS = 2 * 60_000;
/** What is read ahead must still be fresh at the end of the slice it is meant for. */
const AHEAD_MS = 60_000;
/** The users list is long and changes slowly; what it decides is checked by Secoda again on each write. */
const USERS_FRESH_MS = 10 * 60_000;

/**
 * Reads again what a slice will need of Okta, before its turn is taken: reading takes its time, and nobody should wait
 * for that with the right to write in hand.
 */
export async function readAhead(
  sources: Sources,
  reading: Reading,
  slice: readonly Change[],
): Promise<Reading> {
  const directory = await reread(
    sources,
    reading.directory,
    staleIn(slice, reading, sources.clock.now() - AHEAD_MS),
  );
  return { ...reading, directory };
}

/**
 * Brings up to date what a slice rests on, in its turn: all Secoda groups, whatever of Okta is not fresh, and every Okta
 * id behind a deletion.
 */
export async function refresh(
  sources: Sources,
  reading: Reading,
  slice: readonly Change[],
): Promise<Reading> {
  const { clock, workspace } = sources;
  const stale = clock.now() - reading.usersReadAt > USERS_FRESH_MS;
  const usersReadAt = stale ? clock.now() : reading.usersReadAt;
  const users = stale ? await workspace.users() : reading.workspace.users;
  const deleted = slice.filter(({ action }) => action === 'delete').flatMap(({ oktaIds }) => oktaIds);
  const again = [...deleted, ...staleIn(slice, reading, clock.now() - FRESH_MS)];
  const directory = await reread(sources, reading.directory, again);
  const groups = await workspace.groups();
  return { ...reading, directory, usersReadAt, workspace: { users, groups } };
}

/** The slice's Okta groups whose members were read before this time. */
function staleIn(slice: readonly Change[], { directory }: Reading, before: number): string[] {
  const readAt = (id: string) => directory.memberships.get(id)?.readAt ?? Infinity;
  return slice.flatMap(({ oktaIds }) => oktaIds).filter((id) => readAt(id) < before);
}

async function reread(
  sources: Sources,
  directory: DirectorySnapshot,
  ids: readonly string[],
): Promise<DirectorySnapshot> {
  const again = new Set(ids);
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
