import { SourceError, TurnOver, WriteError } from '../../errors.ts';
import type { Inviter, WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isOk } from './body.ts';
import type { SecodaAnswer, SecodaConnection } from './connection.ts';
import { learnSlash } from './learn-slash.ts';
import { secodaWorkspace, USERS_PATH } from './workspace.ts';

/** How often an invitation is sent again after a look found that some were not invited. */
const REPEATS = 2;
/** Between two looks, in milliseconds: a POST that was not answered may still be taking effect. */
const SECOND_LOOK_MS = 2_000;
const WHERE = `POST ${USERS_PATH}`;

/** Invites people. The answer's shape is not documented, so nothing of it is read but its status. */
export function secodaInviter(connection: SecodaConnection): Inviter {
  return {
    async invite(emails, role, groupIds, gate) {
      await learnSlash(connection);
      let missing = emails;
      for (let repeat = 0; ; repeat += 1) {
        const uncertain = await post(connection, { emails: missing, role, groups: groupIds }, gate, repeat);
        if (uncertain === null) return;
        missing = await stillMissing(connection, missing, uncertain);
        if (missing.length === 0) return;
        const words = `${uncertain.message}; ${missing.length} of ${emails.length} people are not listed afterwards`;
        if (repeat === REPEATS || uncertain.turn !== undefined) throw new WriteError(words, true);
        connection.willRetry('failure', 0);
      }
    },
  };
}

export interface InvitationBody {
  readonly emails: readonly string[];
  readonly role: string;
  readonly groups: readonly string[];
}

/** The request alone. */
export function postInvitation(
  connection: SecodaConnection,
  body: InvitationBody,
  gate: WriteGate,
): Promise<SecodaAnswer> {
  return attemptWrite(connection, { method: 'POST', path: USERS_PATH, body }, gate, 0);
}

/** `null`: Secoda accepted it. Otherwise nobody knows. */
async function post(
  connection: SecodaConnection,
  body: InvitationBody,
  gate: WriteGate,
  repeat: number,
): Promise<Uncertain | null> {
  try {
    const answer = await postInvitation(connection, body, gate);
    if (isOk(answer)) return null;
    throw refusal(connection, answer, WHERE);
  } catch (error) {
    if (error instanceof Uncertain) return error;
    if (error instanceof TurnOver && repeat > 0)
      throw new WriteError(`${WHERE} was not answered, and the turn ended`, true);
    throw error;
  }
}

/** Who of these is not on the users list, looked at twice. */
async function stillMissing(
  connection: SecodaConnection,
  emails: readonly string[],
  { message }: Uncertain,
): Promise<readonly string[]> {
  const look = async (): Promise<readonly string[]> => {
    const users = await secodaWorkspace(connection)
      .users()
      .catch((error: unknown) => {
        if (!(error instanceof SourceError)) throw error;
        throw new WriteError(`${message}; whether it took effect is unknown, since ${error.message}`, true);
      });
    const listed = new Set(users.map(({ email }) => (email === null ? null : compared(email))));
    return emails.filter((email) => !listed.has(compared(email)));
  };
  const missing = await look();
  if (missing.length === 0) return missing;
  await connection.clock.sleep(SECOND_LOOK_MS);
  return look();
}

/** As addresses are compared. */
function compared(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}
