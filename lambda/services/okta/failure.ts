import { AccessError, SourceError } from '../../errors.ts';
import { askedWaitMs, Throttled, Transient } from '../http/backoff.ts';
import { TOKEN_PATH } from './executor.ts';
import { HttpRefusal } from './answer.ts';
import { type Right, ROLES, SCOPES } from './client.ts';

/** What was asked with, and for. */
export interface Asked {
  readonly as: 'token' | 'app';
  readonly right: Right;
  /** All scopes that the access token is asked for. */
  readonly scopes: readonly string[];
  /** Why no newer credentials could be had; empty where nothing went wrong. */
  readonly trouble: string;
}

/** The error that a refusal means: worth another try (`Transient`, `Throttled`), or for people, with the fix. */
export function failureOf(refusal: HttpRefusal, asked: Asked, now: number): Error {
  const { answered: status, message } = refusal;
  if (status === 429) return new Throttled(message, askedWaitMs(refusal.headers, now));
  if (status >= 500 || status === 408) return new Transient(message);
  if (status >= 300 && status < 400) return redirected(refusal);
  if (refusal.path === TOKEN_PATH && (refusal.code !== null || status === 401 || status === 403)) {
    return new AccessError(`${message}. ${tokenCure(refusal.code, asked)}${asked.trouble}`, {
      cause: refusal,
    });
  }
  if (status === 401)
    return new AccessError(`${message}. ${unknownCure(asked)}${asked.trouble}`, { cause: refusal });
  if (status === 403) return new AccessError(`${message}. ${rightCure(asked)}`, { cause: refusal });
  return new SourceError(
    refusal.code === null ? `${message}: is okta.orgUrl the address of the Okta org itself?` : message,
    { cause: refusal },
  );
}

/** What to do, as `failureOf` says it in the message of an error; `null` if it does not. */
export function fixIn({ message, cause }: Error): string | null {
  const start = cause instanceof HttpRefusal ? `${cause.message}. ` : undefined;
  return start !== undefined && message.startsWith(start) ? message.slice(start.length) : null;
}

/** The origin alone is shown: the rest of the address may hold anything. */
function redirected({ message, headers }: HttpRefusal): SourceError {
  const location = headers.get('location') ?? '';
  const target = URL.canParse(location) ? new URL(location).origin : 'another path';
  return new SourceError(
    `${message}: it redirects to ${target}, which is not followed. Set okta.orgUrl to the address of the Okta org itself.`,
  );
}

function tokenCure(code: string | null, { scopes }: Asked): string {
  const checks = {
    scope: `in Okta (Applications → the app → Okta API Scopes), that the service app is granted ${scopes.join(' and ')}`,
    client:
      "the client id (OKTA_CLIENT_ID, or clientId in the secret), that the app is an active API Services app with public key authentication, that it holds the public half of this private key (and its key id), and that this machine's clock is right",
  };
  if (code === 'invalid_scope' || code === 'access_denied') return `Check ${checks.scope}.`;
  if (code === 'invalid_client') return `Check ${checks.client}.`;
  return `Check ${checks.client}; and ${checks.scope}.`;
}

function unknownCure({ as }: Asked): string {
  return as === 'token'
    ? 'The API token is wrong, revoked or expired (30 days without use): create one under Security → API → Tokens, in the org that okta.orgUrl names.'
    : 'Okta issued an access token and then refused it: check that the service app is active, in the org that okta.orgUrl names.';
}

function rightCure({ as, right }: Asked): string {
  return as === 'token'
    ? `The API token acts for the admin who created it: let one create it whose role may ${ROLES[right]}.`
    : `Grant the service app the scope ${SCOPES[right]} (Applications → the app → Okta API Scopes) and an admin role that may ${ROLES[right]}.`;
}

/** Fewer failures than this may be bad luck, however long ago the first was. */
const FEWEST_FAILURES = 5;
const LONGEST_MS = 30_000;

/** Whether Okta as a whole is down: of many reads that take turns, each would reach its own deadline late. */
export class Outage {
  #since: number | null = null;
  #failures = 0;

  /** Okta answered, whatever it said: it is not down. */
  answered(): void {
    this.#since = null;
    this.#failures = 0;
  }

  /** A request that was sent at `sentAt` failed at `now`, in epoch milliseconds. */
  failed(sentAt: number, now: number) {
    this.#since ??= sentAt;
    this.#failures += 1;
    const ms = now - this.#since;
    return { lasts: ms >= LONGEST_MS && this.#failures >= FEWEST_FAILURES, failures: this.#failures, ms };
  }
}
