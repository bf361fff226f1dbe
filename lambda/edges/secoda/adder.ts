import { SourceError, WriteError } from '../../errors.ts';
import type { Adder } from '../../ports.ts';
import type { SecodaConnection } from './connection.ts';
import { learnSlash } from './learn-slash.ts';
import { updateGroup } from './update.ts';
import { groupPath, readGroup } from './workspace.ts';

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
