import { randomUUID } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';
import type { Clock } from '../../lambda/ports.ts';
import { type Call, type Header, type Reply, reply, type Route } from './exchange.ts';
import { isJsonObject, type Json } from './json.ts';
import type { ServiceKey } from './okta-keys.ts';
import { type Proof, ProofCheck } from './okta-proof.ts';

const tokenPath = '/oauth2/v1/token';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface IssuedToken {
  readonly scopes: readonly string[];
  /** Milliseconds, by the emulator's clock. */
  readonly expires: number;
  /** The key that every request with it has to prove; null for a plain bearer token. */
  readonly thumbprint: string | null;
}

export interface TokenOptions {
  readonly clientId: string;
  /** The one that is valid now. */
  readonly key: () => ServiceKey;
  readonly clock: Clock;
  /** What the service app was granted. */
  readonly grantedScopes: readonly string[];
  readonly dpop: 'off' | 'required';
  readonly lifetimeSeconds: number;
  /** The time that assertions and proofs are judged by: their makers know only the machine's. */
  readonly wallClock: Clock;
  readonly origin: () => string;
}

/** A request for a token that is refused, in the words of OAuth. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: readonly Header[];

  constructor(status: number, code: string, description: string, headers: readonly Header[] = []) {
    super(description);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Issues access tokens to the one service app of the org, and remembers them. */
export class OktaTokens {
  readonly #options: TokenOptions;
  readonly #issued = new Map<string, IssuedToken>();
  readonly #proofs = new ProofCheck();
  readonly #assertions = new Set<string>();
  readonly #nonce = `nonce-${randomUUID()}`;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** The token, if it was issued here and has not expired. */
  find(token: string): IssuedToken | undefined {
    const found = this.#issued.get(token);
    return found !== undefined && found.expires > this.#options.clock.now() ? found : undefined;
  }

  /** Makes every token that was issued so far invalid. */
  revokeAll(): void {
    this.#issued.clear();
  }

  /** Checks the proof that comes with an API call. @throws when it is not good */
  prove(proof: string, method: string, path: string, token: string): Promise<Proof> {
    return this.#proofs.check(proof, {
      method,
      url: `${this.#options.origin()}${path}`,
      token,
      now: this.#now(),
    });
  }

  get route(): Route {
    return {
      name: 'okta.token',
      method: 'POST',
      path: tokenPath,
      body: 'form',
      handle: async (call) => {
        try {
          return await this.#issue(call);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return reply(error.status, { error: error.code, error_description: error.message }, error.headers);
        }
      },
    };
  }

  async #issue({ body, served }: Call): Promise<Reply> {
    const field = formReader(body);
    if (field('grant_type') !== 'client_credentials') {
      throw new Refusal(400, 'unsupported_grant_type', 'The grant type must be client_credentials.');
    }
    if (field('client_assertion_type') !== assertionType) {
      throw new Refusal(401, 'invalid_client', `The client_assertion_type must be ${assertionType}.`);
    }
    await this.#checkAssertion(field('client_assertion'));
    const scopes = field('scope').split(' ').filter(Boolean);
    const { grantedScopes, dpop, clock, lifetimeSeconds } = this.#options;
    const refused = scopes.filter((scope) => !grantedScopes.includes(scope));
    if (scopes.length === 0 || refused.length > 0) {
      throw new Refusal(
        400,
        'invalid_scope',
        `One or more scopes are not granted to the app: ${refused.join(' ')}`,
      );
    }
    const thumbprint = dpop === 'required' ? await this.#checkProof(served.headers.dpop) : null;
    const token = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(randomUUID()).toString('base64url')}.${randomUUID()}`;
    this.#issued.set(token, { scopes, thumbprint, expires: clock.now() + lifetimeSeconds * 1000 });
    return reply(200, {
      token_type: thumbprint === null ? 'Bearer' : 'DPoP',
      expires_in: lifetimeSeconds,
      access_token: token,
      scope: scopes.join(' '),
    });
  }

  async #checkAssertion(assertion: string): Promise<void> {
    const { clientId, origin } = this.#options;
    const key = this.#options.key();
    try {
      const { payload, protectedHeader } = await jwtVerify(
        assertion,
        await importJWK(key.publicJwk, 'RS256'),
        {
          algorithms: ['RS256'],
          issuer: clientId,
          subject: clientId,
          audience: `${origin()}${tokenPath}`,
          requiredClaims: ['exp'],
          currentDate: this.#now(),
        },
      );
      if (protectedHeader.kid !== undefined && protectedHeader.kid !== key.keyId)
        throw new Error('unknown kid');
      if ((payload.exp ?? 0) > this.#now().getTime() / 1000 + 3600)
        throw new Error('exp is over an hour ahead');
      if (payload.jti === undefined) return;
      if (this.#assertions.has(payload.jti)) throw new Error('the jti was used before');
      this.#assertions.add(payload.jti);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Refusal(401, 'invalid_client', `The client_assertion token is not valid: ${reason}.`);
    }
  }

  /** The thumbprint of the key that the token will be bound to. */
  async #checkProof(proof: string | undefined): Promise<string> {
    if (proof === undefined)
      throw new Refusal(400, 'invalid_dpop_proof', 'The DPoP proof JWT header is missing.');
    const expected = { method: 'POST', url: `${this.#options.origin()}${tokenPath}`, now: this.#now() };
    const checked = await this.#proofs.check(proof, expected).catch((error: unknown) => {
      throw new Refusal(400, 'invalid_dpop_proof', error instanceof Error ? error.message : String(error));
    });
    if (checked.payload.nonce === this.#nonce) return checked.thumbprint;
    const description = 'Authorization server requires nonce in DPoP proof.';
    throw new Refusal(400, 'use_dpop_nonce', description, [['dpop-nonce', this.#nonce]]);
  }

  #now(): Date {
    return new Date(this.#options.wallClock.now());
  }
}

function formReader(body: Json | undefined): (name: string) => string {
  return (name) => {
    const value = isJsonObject(body) ? body[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
}
