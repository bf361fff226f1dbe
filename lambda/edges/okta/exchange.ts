import type { Client } from '@okta/okta-sdk-nodejs';
import { SourceError, UsageError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { NoAnswer, type Timeouts } from '../http/send.ts';
import { OktaAnswer } from './answer.ts';
import { createClient } from './client.ts';
import type { OktaCredentials } from './credentials.ts';
import { FetchExecutor, type SdkRequest } from './executor.ts';
import { Refusal } from './refusal.ts';
import { fixedSession, OAuthSession, type Session } from './session.ts';
import type { Tally } from './tally.ts';

export interface ExchangeOptions {
  /** Origin alone. */
  readonly orgUrl: string;
  readonly credentials: OktaCredentials;
  readonly scopes: readonly string[];
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly tally: Tally;
}

/** One authorised request and its answer, over Okta's SDK. */
export class Exchange {
  readonly #clock: Clock;
  readonly #client: Client;
  readonly #session: Session;
  readonly #executor: FetchExecutor;

  /** Throws `UsageError` for a key that cannot be used. */
  constructor({ orgUrl, credentials, scopes, clock, timeouts, tally }: ExchangeOptions) {
    this.#clock = clock;
    this.#executor = new FetchExecutor({ clock, timeouts, tally });
    this.#client = createClient(orgUrl, credentials, scopes, this.#executor);
    this.#session =
      'apiToken' in credentials ? fixedSession : new OAuthSession(this.#client, this.#executor, clock);
  }

  /** How far Okta's clock is ahead of ours, in milliseconds; `null` before the first answer. */
  get skewMs(): number | null {
    return this.#executor.skewMs;
  }

  /**
   * Throws `Refusal` for an answer that is not 2xx, from Okta's API or its token endpoint; `NoAnswer`; and `SourceError` for an
   * answer that makes no sense. Takes no longer than `withinMs`.
   */
  async get(url: URL, withinMs: number): Promise<OktaAnswer> {
    const startedAt = this.#clock.now();
    try {
      await this.#session.ready(withinMs);
      const timeout = Math.max(0, withinMs - (this.#clock.now() - startedAt));
      const headers = { Accept: 'application/json' };
      const request: SdkRequest = { url: url.href, method: 'GET', headers, timeout };
      const answer: unknown = await this.#client.http.http(url.href, request);
      if (answer instanceof OktaAnswer) return answer;
      throw new TypeError('The SDK made an answer of its own');
    } catch (error) {
      throw isKnown(error) ? error : unforeseen(error, url);
    }
  }

  /** After a 401: whether another try would carry another access token. An API token stays what it is. */
  renews(refused: Refusal): boolean {
    return this.#session.renews(refused);
  }
}

function isKnown(error: unknown): error is Error {
  return [Refusal, NoAnswer, SourceError, UsageError].some((kind) => error instanceof kind);
}

/** What the SDK throws of its own may quote anything: only the name is kept. */
function unforeseen(error: unknown, { pathname }: URL): SourceError {
  const name = error instanceof Error ? error.name : 'an unknown error';
  return new SourceError(`GET ${pathname}: Okta's SDK could not send the request (${name})`);
}
