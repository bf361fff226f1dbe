import { LeaseOver, RefusedWrite, WriteError } from '../../errors.ts';
import type { WriteGate } from '../../ports.ts';
import { GaveUp, retrying, Throttled } from '../http/backoff.ts';
import { NoAnswer } from '../http/send.ts';
import { checkAccess, learnSlash, redirectTarget } from './get.ts';
import { isOk, type SecodaAnswer, type SecodaRequest } from './answer.ts';
import type { SecodaConnection } from './connection.ts';
import { isRedirect } from './learned-habits.ts';

/** Throttled this often in a row, somebody else uses the workspace's calls up. */
const THROTTLES = 5;
/** Leaves time within 30 s for a look at what became of a write that was not answered. */
const DEADLINE_MS = 25_000;

/** A write was sent and its effect is unknown: no answer came, or the service failed (5xx). */
export class Uncertain extends WriteError {
  /** Why it could not be sent again; absent when it was sent often enough. */
  readonly lease: LeaseOver | undefined;
  /** No connection was made: it had no effect, and whoever sends it again does it for the first time. */
  readonly unsent: boolean;
  constructor(message: string, { lease, unsent = false }: { lease?: LeaseOver; unsent?: boolean } = {}) {
    super(message, true);
    this.lease = lease;
    this.unsent = unsent;
  }
}

/**
 * Sends a write, each attempt through the gate, and repeats it up to `repeats` times while its effect is unknown; then
 * throws `Uncertain`. A 401 is repeated once if there is another key. What comes back is a 2xx or a 404. Other refusals are a `WriteError`, 401 and 403 an `AccessError`.
 */
export async function attemptWrite(
  connection: SecodaConnection,
  request: SecodaRequest,
  gate: WriteGate,
  repeats: number,
): Promise<SecodaAnswer> {
  const where = `${request.method} ${request.path}`;
  await learnSlash(connection);
  let answer = await untilAnswered(connection, request, gate, repeats);
  if (answer.otherSlash) {
    // A redirected request took no effect. It is sent anew, as the write it is: a client that follows makes a GET of it.
    connection.habits.slash = !answer.slash;
    answer = await untilAnswered(connection, request, gate, repeats);
  }
  // Nor did a refused one; it goes through the gate again, since the lease may have ended meanwhile.
  if (await connection.renews(answer)) answer = await untilAnswered(connection, request, gate, repeats);
  checkAccess(connection, answer, where);
  if (isRedirect(answer.status)) {
    const target = redirectTarget(connection, answer);
    throw new WriteError(
      `${where} was redirected (${answer.status}) to ${target} and took no effect: a write is never sent elsewhere. Check the Secoda address.`,
      true,
    );
  }
  if (isOk(answer) || answer.status === 404) return answer;
  throw refusal(connection, answer, where);
}

/** By these statuses Secoda finds fault with what was sent, and might accept less of it. */
const FAULTS: ReadonlySet<number> = new Set([400, 409, 413, 422]);

/** What Secoda has against this one change. */
export function refusal(connection: SecodaConnection, answer: SecodaAnswer, where: string): WriteError {
  const message = `${where} was refused (${answer.status}), Secoda said: ${connection.words(answer)}`;
  if (!FAULTS.has(answer.status)) return new WriteError(message, false);
  return new RefusedWrite(message, answer.status, connection.words(answer, Infinity));
}

async function untilAnswered(
  connection: SecodaConnection,
  request: SecodaRequest,
  gate: WriteGate,
  repeats: number,
): Promise<SecodaAnswer> {
  const { clock, random } = connection;
  const where = `${request.method} ${request.path}`;
  const metered = request.method !== 'DELETE';
  /** An attempt went out whose effect is unknown: whoever asks may not be told that nothing was sent. */
  let unclear = false;
  const enter = async () => {
    try {
      await gate.enter(metered);
    } catch (error) {
      if (!unclear || !(error instanceof LeaseOver)) throw error;
      throw new Uncertain(`${where} was not answered, and the lease ended`, { lease: error });
    }
    unclear = true;
  };
  return retrying(
    ({ remainingMs }) => connection.attempt(request, remainingMs).finally(() => gate.leave(metered)),
    {
      clock,
      random,
      deadlineMs: DEADLINE_MS,
      retries: repeats,
      throttles: THROTTLES,
      before: enter,
      // the gate does the waiting, or ends the lease; what was throttled had no effect
      hold(ms) {
        unclear = false;
        gate.throttled(clock.now() + ms);
      },
      onRetry: (error, ms) => connection.willRetry(error instanceof Throttled ? 'throttled' : 'failure', ms),
    },
  ).catch((error: unknown) => {
    if (!(error instanceof GaveUp)) throw error;
    if (!(error.last instanceof Throttled)) {
      // Of several attempts, only the last is known.
      const unsent = repeats === 0 && error.last instanceof NoAnswer && error.last.unsent;
      throw new Uncertain(error.message, { unsent });
    }
    throw new WriteError(
      `${error.message}. Does something else write to this workspace? Lower secoda.writesPerMinute.`,
      true,
    );
  });
}
