import type { OAuth } from '@okta/okta-sdk-nodejs/src/oauth.js';
import type { Clock } from '../../ports.ts';
import { checked } from '../http/checked.ts';
import { type FetchExecutor, TOKEN_PATH } from './executor.ts';
import type { HttpRefusal } from './refusal.ts';
import { AccessToken } from './shapes.ts';

/** How the requests of a client are authorised. */
export interface Session {
  /** Resolves when requests may be sent, within `withinMs`. */
  ready(withinMs: number): Promise<void>;
  /** After a 401: whether requests will carry another token from the next `ready` on. */
  renews(refused: HttpRefusal): boolean;
}

/** An API token stands in every request as it is. */
export const fixedSession: Session = {
  ready: () => Promise.resolve(),
  renews: () => false,
};

/** A token is renewed this long before it ends, or with a tenth of its life left if that is sooner. */
const MARGIN_MS = 60_000;

/**
 * Gets and renews the access token of a service app. The SDK does so too, but takes whatever the token endpoint answers for
 * a token, and asks once for each parallel request.
 */
export class OAuthSession implements Session {
  readonly #oauth: OAuth;
  readonly #executor: FetchExecutor;
  readonly #clock: Clock;
  #renewing: Promise<void> | null = null;
  #renewAt = -Infinity;
  #token: string | null = null;

  constructor(oauth: OAuth, executor: FetchExecutor, clock: Clock) {
    this.#oauth = oauth;
    this.#executor = executor;
    this.#clock = clock;
  }

  async ready(withinMs: number): Promise<void> {
    if (this.#renewing === null && this.#clock.now() < this.#renewAt) return;
    this.#renewing ??= this.#renew(withinMs).finally(() => {
      this.#renewing = null;
    });
    await this.#renewing;
  }

  renews(refused: HttpRefusal): boolean {
    // One of several parallel requests that were refused: another may have seen to it already.
    if (this.#token !== null && refused.carried(this.#token)) this.#renewAt = -Infinity;
    return refused.path !== TOKEN_PATH;
  }

  async #renew(withinMs: number): Promise<void> {
    const oauth = this.#oauth;
    const askedAt = this.#clock.now();
    this.#executor.tokenTimeoutMs = withinMs;
    oauth.clearCachedAccessToken();
    try {
      const answer = checked(AccessToken, await oauth.getAccessToken(), `POST ${TOKEN_PATH}`);
      const lifeMs = answer.expires_in * 1000;
      this.#token = answer.access_token;
      this.#renewAt = askedAt + lifeMs - Math.min(MARGIN_MS, lifeMs / 10);
    } catch (error) {
      oauth.clearCachedAccessToken();
      throw error;
    }
  }
}
