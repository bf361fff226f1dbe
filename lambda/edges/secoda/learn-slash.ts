import { SourceError, WriteError } from '../../errors.ts';
import { jsonOf } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { get } from './get.ts';
import { GROUPS_PATH } from './workspace.ts';

/** For learning how the server wants its paths, where nothing was read before, in milliseconds. */
const LEARN_MS = 10_000;

/** A write is not the place to find out whether paths end in a slash; a run has read before, and this does nothing. */
export async function learnSlash(connection: SecodaConnection): Promise<void> {
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
