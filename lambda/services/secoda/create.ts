import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import { SourceError, WriteError } from '../../errors.ts';
import type { Answered, WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isOk } from './answer.ts';
import { jsonBody } from './get.ts';
import { GROUPS_PATH, type SecodaConnection } from './connection.ts';
import { bodyOf, isAsked } from './update.ts';
import { groupFrom, readGroups } from './workspace.ts';

const WHERE = `POST ${GROUPS_PATH}`;
/** How often a POST is sent again after a look found that it had created nothing. */
const REPEATS = 2;
/** Between two looks, in milliseconds: a POST that was not answered may still be taking effect. */
const SECOND_LOOK_MS = 2_000;
/** For each page of a look, in milliseconds. */
const LOOK_MS = 15_000;

/** Creates a group, and returns it as Secoda shows it. `known`: the ids of all groups that existed before. */
export async function createGroup(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  gate: WriteGate,
): Promise<Answered> {
  for (let repeat = 0; ; repeat += 1) {
    const posted = await post(connection, content, known, gate);
    if (!(posted instanceof Unclear)) return { group: posted, doubt: null };
    // There is no idempotency key: only a look tells whether another POST would make a second group.
    const created =
      (await look(connection, content, known, posted)) ??
      (await lookAgain(connection, content, known, posted));
    if (created !== null) return { group: created, doubt: posted.words };
    if (posted.accepted || repeat === REPEATS) {
      throw new WriteError(`${posted.words}; no such group is listed`, true);
    }
    connection.willRetry('failure', 0);
  }
}

/** A POST after which it is not known whether there is a group, and which. */
class Unclear {
  /** Secoda said 2xx: another POST would make a second group if this one is only late to show. */
  readonly accepted: boolean;
  readonly words: string;
  constructor(accepted: boolean, words: string) {
    this.accepted = accepted;
    this.words = words;
  }
}

async function post(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  gate: WriteGate,
): Promise<WorkspaceGroup | Unclear> {
  try {
    const request = { method: 'POST', path: GROUPS_PATH, body: bodyOf(content) } as const;
    const answer = await attemptWrite(connection, request, gate, 0);
    if (!isOk(answer)) throw refusal(connection, answer, WHERE);
    const group = groupFrom(connection, jsonBody(connection, answer, WHERE), WHERE);
    if (!known.has(group.id)) return group;
    return new Unclear(true, `${WHERE} answered with a group that existed before, ${group.id}`);
  } catch (error) {
    if (error instanceof Uncertain) return new Unclear(false, error.message);
    if (error instanceof SourceError) return new Unclear(true, error.message);
    throw error;
  }
}

async function lookAgain(...[connection, ...rest]: Parameters<typeof look>): ReturnType<typeof look> {
  await connection.clock.sleep(SECOND_LOOK_MS);
  return look(connection, ...rest);
}

/** The group that a POST made after all; `null` if none is listed. */
async function look(
  connection: SecodaConnection,
  content: GroupContent,
  known: ReadonlySet<string>,
  { words }: Unclear,
): Promise<WorkspaceGroup | null> {
  const groups = await readGroups(connection, LOOK_MS).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    throw new WriteError(`${words}; whether the group exists is unknown, since ${error.message}`, true);
  });
  const [created, ...others] = groups.filter((group) => !known.has(group.id) && isAsked(group, content));
  if (created === undefined) return null;
  if (others.length === 0) return created;
  const ids = [created, ...others].map(({ id }) => id).join(', ');
  throw new WriteError(
    `${words}; ${others.length + 1} new groups of this name and description are listed (${ids}): delete all but one in Secoda`,
    false,
  );
}
