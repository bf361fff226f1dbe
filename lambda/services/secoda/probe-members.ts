import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import { bad, type Finding, fine, untold } from '../../core/report/finding.ts';
import type { WriteGate } from '../../ports.ts';
import type { SecodaConnection } from './connection.ts';
import { broken, look } from './diagnose.ts';
import { patchAndRead } from './probe-descriptions.ts';

const MEMBERS = 'Secoda: members of a group';
const OTHERS = 'Secoda: fields left out of a PATCH';
const STAMP = 'Secoda: updated_at';
const NOT_UNDERSTOOD = 'Do not let a sync write before this is understood: ask Secoda about PATCH and users.';
/** A time stamp of whole seconds moves only when so much has passed, in milliseconds. */
const TICK_MS = 1_100;

/** Puts one person who is not known to be inactive into the scratch group and takes them out again, and sees what else changes. */
export async function probeMembers(
  connection: SecodaConnection,
  group: WorkspaceGroup,
  users: readonly WorkspaceUser[],
  gate: WriteGate,
): Promise<readonly Finding[]> {
  const possible = users.filter(({ active, service }) => active !== false && service !== true);
  const user = possible.find(({ active }) => active) ?? possible[0];
  if (user === undefined)
    return [MEMBERS, OTHERS, STAMP].map((check) => untold(check, 'nobody who could be active is listed'));
  await connection.clock.sleep(TICK_MS);
  const steps = await look(async () => ({
    joined: await patchAndRead(connection, group, { userIds: [user.id] }, gate),
    emptied: await patchAndRead(connection, group, { userIds: [] }, gate),
  }));
  if ('error' in steps) {
    return [broken(MEMBERS, steps.error, 'See what Secoda said.'), untold(OTHERS), untold(STAMP)];
  }
  const { joined, emptied } = steps.seen;
  return [
    membersFinding(joined, emptied, user.id),
    othersFinding(group, joined, connection),
    stampFinding(group, joined),
  ];
}

function membersFinding(joined: WorkspaceGroup, emptied: WorkspaceGroup, userId: string): Finding {
  if (!joined.userIds.includes(userId))
    return bad(MEMBERS, `the user ${userId} was not kept as a member`, NOT_UNDERSTOOD);
  if (emptied.userIds.includes(userId))
    return bad(MEMBERS, 'an empty list of users did not empty the group', NOT_UNDERSTOOD);
  const others = emptied.userIds.length;
  if (others > 0)
    return fine(MEMBERS, `a list of users replaces the one before, but for ${others} whom Secoda keeps`);
  return fine(MEMBERS, 'a list of users replaces the one before, and an empty one empties the group');
}

function othersFinding(before: WorkspaceGroup, after: WorkspaceGroup, { habits }: SecodaConnection): Finding {
  if (after.name !== before.name || after.description !== before.description)
    return bad(OTHERS, 'a PATCH of the users changes name or description', NOT_UNDERSTOOD);
  const name = habits.patchNeedsName ? '; one without the name is refused, so a sync sends it along' : '';
  return fine(OTHERS, `a PATCH of the users keeps name and description${name}`);
}

function stampFinding(before: WorkspaceGroup, after: WorkspaceGroup): Finding {
  if (before.updatedAt === null || after.updatedAt === null) return untold(STAMP, 'is not shown');
  if (before.updatedAt === after.updatedAt)
    return fine(STAMP, 'does not move with the members; nothing depends on it');
  return fine(STAMP, 'moves with the members');
}
