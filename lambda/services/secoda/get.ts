import { AccessError, SourceError, WriteError } from '../../errors.ts';
import { GaveUp, retrying, Throttled } from '../http/backoff.ts';
import { NoAnswer, noSuchHost } from '../http/send.ts';
import { isOk, parsed, type SecodaAnswer, type SecodaRequest } from './answer.ts';
import { GROUPS_PATH, type SecodaConnection } from './connection.ts';
import { isRedirect } from './learned-habits.ts';

interface Get {
  readonly path: string;
  readonly query?: string;
  /** For errors: method, path, and page where there are several. */
  readonly where: string;
  /** Bounds all attempts together, in milliseconds. */
  readonly deadlineMs: number;
}

/** Within this the retries of a dead server end, in milliseconds. */
export const READ_DEADLINE_MS = 30_000;

/** Reads one resource, with retries: a 2xx or 4xx. Throws `AccessError` for 401 and 403, and `SourceError` for everything else. */
export async function get(connection: SecodaConnection, request: Get): Promise<SecodaAnswer> {
  const { where } = request;
  let answer = await untilAnswered(connection, request);
  if (await connection.renews(answer)) answer = await untilAnswered(connection, request);
  checkAccess(connection, answer, where);
  if (isRedirect(answer.status)) {
    const target = redirectTarget(connection, answer);
    throw new SourceError(
      `${where} is redirected (${answer.status}) to ${target}; the key goes to ${connection.origin.origin} only. Check the Secoda address.`,
    );
  }
  return answer;
}

async function untilAnswered(connection: SecodaConnection, request: Get): Promise<SecodaAnswer> {
  return retrying(
    ({ remainingMs }) =>
      attemptEitherForm(connection, request, remainingMs).catch((error: unknown) => {
        if (!(error instanceof NoAnswer) || !error.noHost || connection.skewMs !== null) throw error;
        throw noSuchHost(error, 'Secoda', connection.origin, 'secoda.region, secoda.url / SECODA_API_URL');
      }),
    {
      clock: connection.clock,
      random: connection.random,
      onRetry: (error, ms) => connection.willRetry(error instanceof Throttled ? 'throttled' : 'failure', ms),
      deadlineMs: request.deadlineMs,
      holdMs: connection.holdMs,
    },
  ).catch((error: unknown) => {
    throw error instanceof GaveUp ? new SourceError(error.message, { cause: error }) : error;
  });
}

/**
 * One attempt, and a second one in the other form of the path (with or without the slash at its end) if the server asks
 * for it, or does not know the path in a form that was only guessed. The form that is answered is kept.
 */
async function attemptEitherForm(
  connection: SecodaConnection,
  { path, query = '', where }: Get,
  withinMs: number,
): Promise<SecodaAnswer> {
  const request: SecodaRequest = { method: 'GET', path, query, where };
  const first = await connection.attempt(request, withinMs);
  const unknown = first.status === 404 && !connection.habits.slashKnown;
  let answer = first;
  if (first.otherSlash || unknown) {
    const second = await connection.attempt(request, withinMs, !first.slash);
    answer = unknown && (second.status === 404 || second.otherSlash) ? first : second;
  }
  if (isOk(answer)) {
    connection.habits.slash = answer.slash;
    connection.habits.slashKnown = true;
  }
  return answer;
}

/** For learning how the server wants its paths, where nothing was read before, in milliseconds. */
const LEARN_MS = 10_000;

/** A write is not the place to find out whether paths end in a slash; a run has read before, and this does nothing. */
export async function learnSlash(connection: SecodaConnection): Promise<void> {
  if (connection.habits.slashKnown) return;
  const where = `GET ${GROUPS_PATH}`;
  const read = async () => {
    jsonBody(connection, await get(connection, { path: GROUPS_PATH, where, deadlineMs: LEARN_MS }), where);
  };
  await forWrite(read(), (why) => `Nothing was written: ${why}`);
}

/** A read that a write needs: where it fails, so does the write, in these words. */
export function forWrite<T>(read: Promise<T>, words: (why: string) => string): Promise<T> {
  return read.catch((error: unknown) => {
    throw error instanceof SourceError ? new WriteError(words(error.message), true) : error;
  });
}

/** Where a redirect points, for people: the origin and nothing else, since the rest may hold anything. */
export function redirectTarget(connection: SecodaConnection, answer: SecodaAnswer): string {
  const location = answer.headers.get('location') ?? '';
  if (answer.otherSlash) return 'the same path with and without a slash at its end, in turn';
  if (location === '' || !URL.canParse(location, connection.origin.href)) return 'nowhere in particular';
  const target = new URL(location, connection.origin);
  return target.origin === connection.origin.origin ? `another path on ${target.origin}` : target.origin;
}

/** The JSON of a 2xx answer. Throws `SourceError` for any other status, a page of HTML, or text that is not JSON. */
export function jsonBody(connection: SecodaConnection, answer: SecodaAnswer, where: string): unknown {
  if (!isOk(answer)) {
    throw new SourceError(`${where} answered ${answer.status}, Secoda said: ${connection.words(answer)}`);
  }
  const json = parsed(answer);
  if (json !== undefined) return json;
  throw new SourceError(
    `${where} answered ${answer.status} without JSON: ${connection.words(answer)}. Check that the address is Secoda's API, with no proxy or sign-in page in between.`,
  );
}

/** Secoda answered 401 or 403: what it said, and what to do about it. */
export class KeyRefused extends AccessError {
  readonly said: string;
  readonly fix: string;
  constructor(said: string, fix: string) {
    super(`${said}. ${fix}`);
    this.said = said;
    this.fix = fix;
  }
}

/** Throws `KeyRefused` for a 401 or 403. `where` is method and path. */
export function checkAccess(connection: SecodaConnection, answer: SecodaAnswer, where: string): void {
  const { status } = answer;
  if (status !== 401 && status !== 403) return;
  const words = `${status}, Secoda said: ${connection.words(answer)}`;
  if (status === 401) {
    throw new KeyRefused(
      `${where}: Secoda does not accept the API key (${words})`,
      `Check that the key belongs to the workspace at ${connection.origin.host}, or let an Admin create a new one in Secoda's settings.${connection.renewalTrouble}`,
    );
  }
  throw new KeyRefused(
    `${where}: the Secoda API key lacks the right for it (${words})`,
    'A key has the rights of the user who made it: use one that was made by an Admin of the workspace, or with a role that may manage groups and see users.',
  );
}
