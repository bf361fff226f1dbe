import { SourceError, WriteError } from '../../errors.ts';
import type { WorkspaceWriter } from '../../ports.ts';
import { jsonOf } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { createGroup } from './create.ts';
import { get } from './get.ts';
import { removeGroup } from './remove.ts';
import { updateGroup } from './update.ts';
import { GROUPS_PATH } from './workspace.ts';

/** For learning how the server wants its paths, where nothing was read before, in milliseconds. */
const LEARN_MS = 10_000;

/** The writing side of a workspace. Whoever is not to change anything is not given one. */
export function secodaWriter(connection: SecodaConnection): WorkspaceWriter {
  const ready = () => learnSlash(connection);
  return {
    create: async (content, known, gate) => {
      await ready();
      return createGroup(connection, content, known, gate);
    },
    update: async (id, content, gate) => {
      await ready();
      return updateGroup(connection, id, content, gate);
    },
    remove: async (id, gate) => {
      await ready();
      return removeGroup(connection, id, gate);
    },
  };
}

/** A write is not the place to find out whether paths end in a slash; a run has read before, and this does nothing. */
async function learnSlash(connection: SecodaConnection): Promise<void> {
  if (connection.habits.slashKnown) return;
  const where = `GET ${GROUPS_PATH}`;
  try {
    jsonOf(connection, await get(connection, { path: GROUPS_PATH, where, deadlineMs: LEARN_MS }), where);
  } catch (error) {
    throw error instanceof SourceError
      ? new WriteError(`Nothing was written: ${error.message}`, true)
      : error;
  }
}
