import type { Adder, WorkspaceWriter, WriteGate } from '../../ports.ts';
import { groupPath, type SecodaConnection } from './connection.ts';
import { createGroup } from './create.ts';
import { learnSlash } from './get.ts';
import { updateGroup } from './update.ts';
import { SourceError, WriteError } from '../../errors.ts';
import { readGroup } from './workspace.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isAbsent, isOk } from './answer.ts';

/** The writing side of a workspace. Whoever is not to change anything is not given one. */
export function secodaWriter(connection: SecodaConnection): WorkspaceWriter {
  const ready = () => learnSlash(connection);
  return {
    create: async (content, known, gate) => {
      await ready();
      return createGroup(connection, content, known, gate);
    },
    update: async (group, fields, gate) => {
      await ready();
      return updateGroup(connection, group, fields, gate);
    },
    remove: async (id, gate) => {
      await ready();
      return removeGroup(connection, id, gate);
    },
  };
}

/** Adds people to groups, and can do nothing else. */
export function secodaAdder(connection: SecodaConnection): Adder {
  return {
    async add(groupId, userIds, leftOut, gate) {
      await learnSlash(connection);
      const group = await readGroup(connection, groupId).catch((error: unknown) => {
        if (!(error instanceof SourceError)) throw error;
        throw new WriteError(`Nothing was written: ${error.message}`, true);
      });
      if (group === null) throw new WriteError(`${groupPath(groupId)} is gone, so nobody was added`, false);
      const asked = [...new Set([...group.userIds, ...userIds])].filter((id) => !leftOut.has(id));
      if (new Set(asked).symmetricDifference(new Set(group.userIds)).size === 0)
        return { group, doubt: null };
      return updateGroup(connection, group, { userIds: asked }, gate);
    },
  };
}

/** A group that is gone stays gone however often it is deleted. */
export const REPEATS = 2;

/** How a deletion is answered, by the specification. */
export const NO_CONTENT = 204;

/** For a look at a group whose deletion was not answered, in milliseconds. */
export const LOOK_MS = 5_000;

/** Deletes a group. One that is gone already counts as deleted. */
export async function removeGroup(connection: SecodaConnection, id: string, gate: WriteGate): Promise<void> {
  const request = { method: 'DELETE', path: groupPath(id) } as const;
  try {
    const answer = await attemptWrite(connection, request, gate, REPEATS);
    if (answer.status === NO_CONTENT || isAbsent(answer)) return;
    const where = `DELETE ${groupPath(id)}`;
    if (!isOk(answer)) throw refusal(connection, answer, where);
    // Whatever else says 200 may be a page of something in between.
    if (await isGone(connection, id)) return;
    const said = `${where} was answered ${answer.status} (${connection.words(answer)})`;
    throw new WriteError(`${said}, and the group is not seen to be gone`, true);
  } catch (error) {
    if (!(error instanceof Uncertain)) throw error;
    if (await isGone(connection, id)) return;
    if (error.lease !== undefined) throw error.lease;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
}

export async function isGone(connection: SecodaConnection, id: string): Promise<boolean> {
  try {
    return (await readGroup(connection, id, LOOK_MS)) === null;
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
}
