import { SourceError, UsageError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { type Renew, Renewal } from '../http/renewal.ts';
import { NoAnswer } from '../http/send.ts';
import { HttpRefusal, OktaAnswer } from './answer.ts';
import { createClient } from './client.ts';
import type { OktaCredentials } from '../../settings/credentials.ts';
import { type ExecutorOptions, OktaExecutor, TOKEN_PATH } from './executor.ts';
import type { OAuth } from '@okta/okta-sdk-nodejs/src/oauth.js';
import { checked } from '../http/checked.ts';
import { AccessToken } from './shapes.ts';

interface ExchangeOptions extends ExecutorOptions {
  /** Origin alone. */
  readonly orgUrl: string;
  /** Or where they are fetched from with the first request. */
  readonly credentials: OktaCredentials | (() => Promise<OktaCredentials>);
  readonly renew: Renew<OktaCredentials> | undefined;
  readonly scopes: readonly string[];
}

/** One authorised request and its answer, over Okta's SDK. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #credentials: Renewal<OktaCredentials>;
  readonly #executor: OktaExecutor;
  readonly #refusedOn = new WeakMap<HttpRefusal, Line>();
  #line: Line | null = null;

  /** Throws `UsageError` for a key that cannot be used. */
  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#executor = new OktaExecutor(options);
    const { credentials, renew } = options;
    if (typeof credentials === 'function') this.#credentials = new Renewal(null, renew, credentials);
    else {
      this.#credentials = new Renewal(credentials, renew);
      this.#line = lineOf(options, this.#executor, credentials, this.#credentials.number);
    }
  }

  /** How far Okta's clock is ahead of ours, in milliseconds; `null` before the first answer. */
  get skewMs(): number | null {
    return this.#executor.skewMs;
  }

  get as(): 'token' | 'app' {
    return this.#line?.session === null ? 'token' : 'app';
  }

  /** Why newer credentials could not be had, to be added to an error's message; empty where nothing went wrong. */
  get trouble(): string {
    return this.#credentials.trouble;
  }

  /**
   * Throws `HttpRefusal` for an answer that is not 2xx, from Okta's API or its token endpoint; `NoAnswer`; and `SourceError` for an
   * answer that makes no sense. Takes no longer than `withinMs`.
   */
  async get(url: URL, withinMs: number): Promise<OktaAnswer> {
    const { clock } = this.#options;
    const startedAt = clock.now();
    const credentials = await this.#credentials.ready();
    const { number } = this.#credentials;
    if (this.#line?.number !== number)
      this.#line = lineOf(this.#options, this.#executor, credentials, number);
    const line = this.#line;
    try {
      await line.session?.ready(withinMs);
      const timeout = Math.max(0, withinMs - (clock.now() - startedAt));
      const request = { url: url.href, method: 'GET', headers: { Accept: 'application/json' }, timeout };
      const answer: unknown = await line.http.http(url.href, request);
      if (answer instanceof OktaAnswer) return answer;
      throw new TypeError('The SDK made an answer of its own');
    } catch (error) {
      if (error instanceof HttpRefusal) this.#refusedOn.set(error, line);
      throw isKnown(error) ? error : unforeseen(error, url);
    }
  }

  /** For one read: whether after this refusal another try would carry a new token or newer credentials; each once. */
  renewal(): (refused: HttpRefusal) => Promise<boolean> {
    let mayRenewToken = true;
    let mayRenewCredentials = true;
    return async (refused) => {
      const line = this.#refusedOn.get(refused);
      if (line === undefined || !isUnknown(refused)) return false;
      if (mayRenewToken && line.session?.renews(refused)) {
        mayRenewToken = false;
        return true;
      }
      if (!mayRenewCredentials) return false;
      mayRenewCredentials = false;
      return this.#credentials.after(line.number);
    };
  }
}

/** What requests are sent with, for as long as the credentials stay what they are; `number`: theirs (see `Renewal`). */
type Line = ReturnType<typeof lineOf>;

function lineOf(
  { orgUrl, scopes, clock }: ExchangeOptions,
  executor: OktaExecutor,
  credentials: OktaCredentials,
  number: number,
) {
  const { http, oauth } = createClient(orgUrl, credentials, scopes, executor);
  return { number, http, session: oauth && oauthSession(oauth, executor, clock) };
}

/** Okta does not know who asks. The token endpoint may say so with 400. */
function isUnknown({ answered, code }: HttpRefusal): boolean {
  return answered === 401 || code === 'invalid_client';
}

function isKnown(error: unknown): error is Error {
  return [HttpRefusal, NoAnswer, SourceError, UsageError].some((kind) => error instanceof kind);
}

/** What the SDK throws of its own may quote anything: only the name is kept. */
function unforeseen(error: unknown, { pathname }: URL): SourceError {
  const name = error instanceof Error ? error.name : 'an unknown error';
  return new SourceError(`GET ${pathname}: Okta's SDK could not send the request (${name})`);
}

/** A token is renewed this long before it ends, or with a tenth of its life left if that is sooner. */
const MARGIN_MS = 60_000;

/**
 * Gets and renews the access token of a service app. The SDK does so too, but takes whatever the token endpoint answers for
 * a token, and asks once for each parallel request.
 */
function oauthSession(oauth: OAuth, executor: OktaExecutor, clock: Clock) {
  let renewing: Promise<void> | null = null;
  let renewAt = -Infinity;
  let token: string | null = null;

  const renew = async (withinMs: number): Promise<void> => {
    const askedAt = clock.now();
    executor.tokenTimeoutMs = withinMs;
    oauth.clearCachedAccessToken();
    try {
      const answer = checked(AccessToken, await oauth.getAccessToken(), `POST ${TOKEN_PATH}`);
      const lifeMs = answer.expires_in * 1000;
      token = answer.access_token;
      renewAt = askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 10);
    } catch (error) {
      oauth.clearCachedAccessToken();
      throw error;
    }
  };

  return {
    /** Resolves when requests may be sent, within `withinMs`. */
    async ready(withinMs: number): Promise<void> {
      if (renewing === null && clock.now() < renewAt) return;
      renewing ??= renew(withinMs).finally(() => {
        renewing = null;
      });
      await renewing;
    },
    /** After a 401: whether requests will carry another token from the next `ready` on. */
    renews(refused: HttpRefusal): boolean {
      // One of several parallel requests that were refused: another may have seen to it already.
      if (token !== null && refused.carried(token)) renewAt = -Infinity;
      return refused.path !== TOKEN_PATH;
    },
  };
}
