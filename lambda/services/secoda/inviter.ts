import type { Inviter, WriteGate } from '../../ports.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isHtml, isOk, type SecodaAnswer } from './answer.ts';
import { type SecodaConnection, USERS_PATH } from './connection.ts';
import { learnSlash } from './get.ts';

/** How often an invitation is sent again that could not be sent at all. */
const REPEATS = 2;
/** Before that, in milliseconds. */
const PAUSE_MS = 1_000;
const WHERE = `POST ${USERS_PATH}`;

/** Invites people. The answer's shape is not documented, so nothing of it is read but its status. */
export function secodaInviter(connection: SecodaConnection): Inviter {
  return {
    async invite(emails, role, groups, gate) {
      await learnSlash(connection);
      for (let repeat = 0; ; repeat += 1) {
        try {
          const answer = await postInvitation(connection, { emails, role, groups }, gate);
          if (!isOk(answer)) throw refusal(connection, answer, WHERE);
          if (!isHtml(answer)) return null;
          return `${WHERE} answered ${answer.status} with an HTML page`;
        } catch (error) {
          if (!(error instanceof Uncertain)) throw error;
          // It is sent again only if it never left: an e-mail cannot be taken back.
          if (!error.unsent) return error.message;
          if (repeat === REPEATS) throw error;
        }
        connection.willRetry('failure', PAUSE_MS);
        await connection.clock.sleep(PAUSE_MS);
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
