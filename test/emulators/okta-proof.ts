import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';

/** How old a proof may be, in seconds. */
const maxAgeSeconds = 300;

/** A DPoP proof that was found good. */
export interface Proof {
  /** Thumbprint of the key that made it. */
  readonly thumbprint: string;
  readonly payload: JWTPayload;
}

/** What a proof has to be for. */
export interface Expected {
  readonly method: string;
  /** Without the query. */
  readonly url: string;
  /** The access token it goes with; none when one is asked for. */
  readonly token?: string;
  readonly now: Date;
}

/**
 * Checks DPoP proofs (RFC 9449): signature by the key inside, method, address, age, token, and that none comes twice.
 * Made for one emulator, because it remembers what it has seen.
 */
export class ProofCheck {
  readonly #seen = new Set<string>();

  /** @throws when the proof is not good; the message says why */
  async check(proof: string, { method, url, token, now }: Expected): Promise<Proof> {
    const { payload } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['RS256', 'ES256'],
      maxTokenAge: maxAgeSeconds,
      clockTolerance: 60,
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      currentDate: now,
    });
    const { jwk } = decodeProtectedHeader(proof);
    if (jwk === undefined || 'd' in jwk)
      throw new Error('The proof must carry the public key, and nothing more of it');
    // Okta's own SDK writes the method as its caller did, often in lower case.
    if (String(payload.htm).toUpperCase() !== method) throw new Error(`htm is not ${method}`);
    if (payload.htu !== url) throw new Error(`htu is not ${url}`);
    if (token !== undefined && payload.ath !== createHash('sha256').update(token).digest('base64url')) {
      throw new Error('ath is not the hash of the access token');
    }
    const id = String(payload.jti);
    if (this.#seen.has(id)) throw new Error('The proof was used before');
    this.#seen.add(id);
    return { thumbprint: await calculateJwkThumbprint(jwk), payload };
  }
}
