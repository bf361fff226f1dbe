import type { GroupContent, WorkspaceGroup } from '../../core/model.ts';
import { SourceError, WriteError } from '../../errors.ts';
import type { WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isOk, jsonOf } from './body.ts';
import type { SecodaAnswer, SecodaConnection } from './connection.ts';
import { bodyOf, holds } from './content.ts';
import { groupFrom, groupPath, readGroup } from './workspace.ts';

/** PATCH says what the group is to hold, so that saying it again is harmless. */
const REPEATS = 2;
/** For a look at a group whose update was not answered, in milliseconds. */
const LOOK_MS = 5_000;

/** Replaces name, description and members of a group, and returns it as Secoda then shows it. */
export async function updateGroup(
  connection: SecodaConnection,
  id: string,
  content: GroupContent,
  gate: WriteGate,
): Promise<WorkspaceGroup> {
  const where = `PATCH ${groupPath(id)}`;
  let answer: SecodaAnswer;
  try {
    answer = await patchGroup(connection, id, bodyOf(content), gate);
  } catch (error) {
    if (!(error instanceof Uncertain)) throw error;
    const group = await lookAt(connection, id);
    if (group !== null && holds(group, content)) return group;
    if (error.turn !== undefined) throw error.turn;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
  if (!isOk(answer)) throw refusal(connection, answer, where);
  return shownBy(connection, answer, id) ?? (await shownNow(connection, id, where));
}

/** The request alone, for whoever wants to send a part of the fields. */
export function patchGroup(
  connection: SecodaConnection,
  id: string,
  body: Partial<ReturnType<typeof bodyOf>>,
  gate: WriteGate,
): Promise<SecodaAnswer> {
  return attemptWrite(connection, { method: 'PATCH', path: groupPath(id), body }, gate, REPEATS);
}

/** `null` where the answer does not show the group. */
function shownBy(connection: SecodaConnection, answer: SecodaAnswer, id: string): WorkspaceGroup | null {
  try {
    const group = groupFrom(connection, jsonOf(connection, answer, ''), '');
    return group.id === id ? group : null;
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

async function shownNow(connection: SecodaConnection, id: string, where: string): Promise<WorkspaceGroup> {
  const group = await readGroup(connection, id, LOOK_MS).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    throw new WriteError(`${where} was accepted without showing the group, and ${error.message}`, true);
  });
  if (group !== null) return group;
  throw new WriteError(`${where} was accepted without showing the group, which is gone (404)`, false);
}

/** `null` also where the look fails: then nothing is known. */
async function lookAt(connection: SecodaConnection, id: string): Promise<WorkspaceGroup | null> {
  try {
    return await readGroup(connection, id, LOOK_MS);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}
