import { WriteError } from '../../errors.ts';
import type { WorkspaceGroup } from '../../core/model.ts';
import type { WriteGate } from '../../ports.ts';
import { refusal } from './attempt-write.ts';
import { isOk } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { patchGroup } from './update.ts';
import { groupPath, readGroup } from './workspace.ts';

/** Sends a part of a group's fields, and returns the group as a GET shows it afterwards. */
export async function patchAndRead(
  connection: SecodaConnection,
  id: string,
  body: Parameters<typeof patchGroup>[2],
  gate: WriteGate,
): Promise<WorkspaceGroup> {
  const answer = await patchGroup(connection, id, body, gate);
  if (!isOk(answer)) throw refusal(connection, answer, `PATCH ${groupPath(id)}`);
  const group = await readGroup(connection, id);
  if (group === null) throw new WriteError(`GET ${groupPath(id)}: the scratch group is gone (404)`, false);
  return group;
}
