import { SourceError, WriteError } from '../../errors.ts';
import type { WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isAbsent, isOk } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { groupPath, readGroup } from './workspace.ts';

/** A group that is gone stays gone however often it is deleted. */
const REPEATS = 2;
/** How a deletion is answered, by the specification. */
const NO_CONTENT = 204;
/** For a look at a group whose deletion was not answered, in milliseconds. */
const LOOK_MS = 5_000;

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
    if (error.turn !== undefined) throw error.turn;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
}

async function isGone(connection: SecodaConnection, id: string): Promise<boolean> {
  try {
    return (await readGroup(connection, id, LOOK_MS)) === null;
  } catch (error) {
    if (error instanceof SourceError) return false;
    throw error;
  }
}
