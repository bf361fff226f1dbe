import { isDeepStrictEqual } from 'node:util';
import { readMarker, sameText } from '../../core/groups/marker.ts';
import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import { RefusedWrite, SourceError, WriteError } from '../../errors.ts';
import type { Answered, WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isOk, type SecodaAnswer } from './answer.ts';
import { forWrite, jsonBody } from './get.ts';
import { groupPath, GROUPS_PATH, type SecodaConnection } from './connection.ts';
import { groupFrom, readGroup, readGroups } from './workspace.ts';
import { sameName } from '../../core/model/text.ts';

/** PATCH says what the group is to hold, so that saying it again is harmless. */
const REPEATS = 2;
/** For a look at a group after a write that was not answered, in milliseconds. */
const LOOK_MS = 5_000;
/** How a PATCH is refused that lacks the field `name`: by its key, as Django REST does it, or in words. */
const WANTS_NAME = /"name"\s*:|\bname\b.*\b(required|missing)\b/is;

/** Replaces these fields alone (and says the name again where Secoda asks for it); returns the group as Secoda then shows it. */
export async function updateGroup(
  connection: SecodaConnection,
  group: Pick<WorkspaceGroup, 'id' | 'name'>,
  asked: Partial<GroupContent>,
  gate: WriteGate,
): Promise<Answered> {
  const { habits } = connection;
  const { id, name } = group;
  const where = `PATCH ${groupPath(id)}`;
  const fields = habits.patchNeedsName ? { name, ...asked } : asked;
  try {
    const request = { method: 'PATCH', path: groupPath(id), body: bodyOf(fields) } as const;
    const answer = await attemptWrite(connection, request, gate, REPEATS);
    if (!isOk(answer)) throw refusal(connection, answer, where);
    const shown = shownBy(connection, answer, id);
    if (shown !== null) return { group: shown, doubt: null };
    const doubt = `${where} was answered ${answer.status} without the group (${connection.words(answer)})`;
    return { group: await shownNow(connection, id, doubt), doubt };
  } catch (error) {
    if (error instanceof RefusedWrite && fields.name === undefined && WANTS_NAME.test(error.said)) {
      habits.patchNeedsName = true;
      return updateGroup(connection, group, asked, gate);
    }
    if (!(error instanceof Uncertain)) throw error;
    const shown = await lookAt(connection, id);
    if (shown && holds(shown, fields)) return { group: shown, doubt: null };
    if (error.lease !== undefined) throw error.lease;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
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
  const group = await forWrite(readGroup(connection, id, LOOK_MS), (why) => `${doubt}, and ${why}`);
  if (group !== null) return group;
  throw new WriteError(`${doubt}, and the group is gone (404)`, false);
}

/** A group after a write that was not answered; `null` where there is none, and nothing where the look fails. */
export async function lookAt(connection: SecodaConnection, id: string) {
  try {
    return await readGroup(connection, id, LOOK_MS);
  } catch (error) {
    if (error instanceof SourceError) return undefined;
    throw error;
  }
}

/** The body of a POST or PATCH. `users` replaces the whole list; what is left out stays as it is. */
function bodyOf({ name, description, userIds }: Partial<GroupContent>) {
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
function isAsked(group: WorkspaceGroup, content: GroupContent): boolean {
  const marker = readMarker(content.description);
  const same =
    marker === null
      ? firstLine(group.description) === firstLine(content.description)
      : isDeepStrictEqual(readMarker(group.description), marker);
  return sameName(group.name, content.name) && same;
}

function firstLine(text: string): string {
  const [first = ''] = text.trim().split(/[\r\n]/);
  return first.trim();
}

const WHERE = `POST ${GROUPS_PATH}`;
/** How often a POST is sent again after a look found that it had created nothing. */
const POST_REPEATS = 2;
/** Between two looks, in milliseconds: a POST that was not answered may still be taking effect. */
const SECOND_LOOK_MS = 2_000;
/** For each page of a look, in milliseconds. */
const LIST_LOOK_MS = 15_000;

/** Creates a group, and returns it as Secoda shows it. `known`: the ids of all groups that existed before. */
export async function createGroup(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  gate: WriteGate,
): Promise<Answered> {
  for (let repeat = 0; ; repeat += 1) {
    const posted = await post(connection, content, known, gate);
    if (posted.group !== undefined) return { group: posted.group, doubt: null };
    // There is no idempotency key: only a look tells whether another POST would make a second group.
    let created = await look(connection, content, known, posted.words);
    if (created === null) {
      await connection.clock.sleep(SECOND_LOOK_MS);
      created = await look(connection, content, known, posted.words);
    }
    if (created !== null) return { group: created, doubt: posted.words };
    if (posted.accepted || repeat === POST_REPEATS) {
      throw new WriteError(`${posted.words}; no such group is listed`, true);
    }
    connection.willRetry('failure', 0);
  }
}

/**
 * A group, or `words` where it is not known whether a POST made one, and which. `accepted`: Secoda said 2xx, so that another POST
 * would make a second group if this one is only late to show.
 */
async function post(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  gate: WriteGate,
) {
  try {
    const request = { method: 'POST', path: GROUPS_PATH, body: bodyOf(content) } as const;
    const answer = await attemptWrite(connection, request, gate, 0);
    if (!isOk(answer)) throw refusal(connection, answer, WHERE);
    const group = groupFrom(connection, jsonBody(connection, answer, WHERE), WHERE);
    if (!known.has(group.id)) return { group };
    return { accepted: true, words: `${WHERE} answered with a group that existed before, ${group.id}` };
  } catch (error) {
    if (error instanceof Uncertain) return { accepted: false, words: error.message };
    if (error instanceof SourceError) return { accepted: true, words: error.message };
    throw error;
  }
}

/** The group that a POST made after all; `null` if none is listed. */
async function look(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  words: string,
): Promise<WorkspaceGroup | null> {
  const groups = await forWrite(
    readGroups(connection, LIST_LOOK_MS),
    (why) => `${words}; whether the group exists is unknown, since ${why}`,
  );
  const [created, ...others] = groups.filter((group) => !known.has(group.id) && isAsked(group, content));
  if (created === undefined) return null;
  if (others.length === 0) return created;
  const ids = [created, ...others].map(({ id }) => id).join(', ');
  throw new WriteError(
    `${words}; ${others.length + 1} new groups of this name and description are listed (${ids}): delete all but one in Secoda`,
    false,
  );
}
