import type { WorkspaceWriter } from '../../ports.ts';
import type { SecodaConnection } from './connection.ts';
import { createGroup } from './create.ts';
import { learnSlash } from './learn-slash.ts';
import { removeGroup } from './remove.ts';
import { updateGroup } from './update.ts';

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
