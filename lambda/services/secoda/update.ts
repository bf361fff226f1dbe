import { isDeepStrictEqual } from 'node:util';
import { readMarker, sameText } from '../../core/groups/marker.ts';
import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import { RefusedWrite, SourceError, WriteError } from '../../errors.ts';
import type { Answered, WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isOk, type SecodaAnswer } from './answer.ts';
import { jsonBody } from './get.ts';
import { groupPath, type SecodaConnection } from './connection.ts';
import { groupFrom, readGroup } from './workspace.ts';
import { sameName } from '../../core/model/order.ts';

/** PATCH says what the group is to hold, so that saying it again is harmless. */
const REPEATS = 2;
/** For a look at a group whose update was not answered, in milliseconds. */
const LOOK_MS = 5_000;
/** How a PATCH is refused that lacks the field `name`: by its key, as Django REST does it, or in words. */
const WANTS_NAME = /"name"\s*:|\bname\b.*\b(required|missing)\b/is;

/** Replaces these fields of a group and no others, and returns it as Secoda then shows it. */
export async function updateGroup(
  connection: SecodaConnection,
  group: Pick<WorkspaceGroup, 'id' | 'name'>,
  fields: Partial<GroupContent>,
  gate: WriteGate,
): Promise<Answered> {
  const { habits } = connection;
  try {
    return await update(connection, group, fields, gate);
  } catch (error) {
    const wanting = fields.name === undefined && !habits.patchNeedsName && error instanceof RefusedWrite;
    if (!wanting || !WANTS_NAME.test(error.said)) throw error;
    habits.patchNeedsName = true;
    return update(connection, group, fields, gate);
  }
}

async function update(
  connection: SecodaConnection,
  { id, name }: Pick<WorkspaceGroup, 'id' | 'name'>,
  asked: Partial<GroupContent>,
  gate: WriteGate,
): Promise<Answered> {
  const where = `PATCH ${groupPath(id)}`;
  const fields = connection.habits.patchNeedsName ? { name, ...asked } : asked;
  let answer: SecodaAnswer;
  try {
    const request = { method: 'PATCH', path: groupPath(id), body: bodyOf(fields) } as const;
    answer = await attemptWrite(connection, request, gate, REPEATS);
  } catch (error) {
    if (!(error instanceof Uncertain)) throw error;
    const group = await lookAt(connection, id);
    if (group !== null && holds(group, fields)) return { group, doubt: null };
    if (error.lease !== undefined) throw error.lease;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
  if (!isOk(answer)) throw refusal(connection, answer, where);
  const group = shownBy(connection, answer, id);
  if (group !== null) return { group, doubt: null };
  const doubt = `${where} was answered ${answer.status} without the group (${connection.words(answer)})`;
  return { group: await shownNow(connection, id, doubt), doubt };
}

/** `null` where the answer does not show the group. */
function shownBy(connection: SecodaConnection, answer: SecodaAnswer, id: string): WorkspaceGroup | null {
  try {
    const group = groupFrom(connection, jsonBody(connection, answer, ''), '');
    return group.id === id ? group : null;
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

async function shownNow(connection: SecodaConnection, id: string, doubt: string): Promise<WorkspaceGroup> {
  const group = await readGroup(connection, id, LOOK_MS).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    throw new WriteError(`${doubt}, and ${error.message}`, true);
  });
  if (group !== null) return group;
  throw new WriteError(`${doubt}, and the group is gone (404)`, false);
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

/** The body of a POST or PATCH. `users` replaces the whole list; what is left out stays as it is. */
export function bodyOf({ name, description, userIds }: Partial<GroupContent>) {
  return { name, description, users: userIds };
}

/** Whether a group shows all that was asked for, whatever Secoda makes of white space and order. */
function holds(group: WorkspaceGroup, fields: Partial<GroupContent>): boolean {
  const { name = group.name, description = group.description, userIds = group.userIds } = fields;
  const shown = new Set(group.userIds);
  const asked = new Set(userIds);
  return (
    sameName(group.name, name) &&
    sameText(description, group.description) &&
    shown.size === asked.size &&
    shown.isSubsetOf(asked)
  );
}

/**
 * Whether a group that was not there before is the one that was asked for: the same name and the same first line of the
 * description, which is the marker. What Secoda makes of the rest (trims, shortens) does not make it somebody else's.
 */
export function isAsked(group: WorkspaceGroup, content: GroupContent): boolean {
  const marker = readMarker(content.description);
  const same =
    marker === null
      ? firstLine(group.description) === firstLine(content.description)
      : isDeepStrictEqual(readMarker(group.description), marker);
  return sameName(group.name, content.name) && same;
}

function firstLine(text: string): string {
  return (
    text
      .trim()
      .split(/[\r\n]/, 1)[0]
      ?.trim() ?? ''
  );
}
