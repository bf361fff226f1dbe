import type { GroupContent, WorkspaceGroup } from '../../core/model.ts';
import { WriteError } from '../../errors.ts';
import type { WriteGate } from '../../ports.ts';
import type { SecodaConnection } from './connection.ts';
import { updateGroup } from './update.ts';
import { groupPath, readGroup } from './workspace.ts';

/** Sends a part of the scratch group's fields, and returns the group as a GET shows it afterwards. */
export async function patchAndRead(
  connection: SecodaConnection,
  group: WorkspaceGroup,
  fields: Partial<GroupContent>,
  gate: WriteGate,
): Promise<WorkspaceGroup> {
  await updateGroup(connection, group, fields, gate);
  const shown = await readGroup(connection, group.id);
  if (shown !== null) return shown;
  throw new WriteError(`GET ${groupPath(group.id)}: the scratch group is gone (404)`, false);
}
