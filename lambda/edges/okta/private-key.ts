import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { UsageError } from '../../errors.ts';
import type { ServiceApp } from './credentials.ts';

/**
 * The service app's key as the JSON of a JWK, whatever form it came in. Okta's SDK signs its proofs with RS256 only, so a
 * key of another kind is refused here, with words, and not there, without. Throws `UsageError`; the key is never shown.
 */
export function privateJwk({ privateKey, keyId }: ServiceApp): string {
  const text = privateKey.trim();
  const { key, ownId } = text.startsWith('{') ? fromJwk(text) : { key: fromPem(text), ownId: undefined };
  if (key.asymmetricKeyType !== 'rsa') {
    throw unusable(
      `it is of the kind ${key.asymmetricKeyType ?? 'unknown'}, and Okta's SDK signs with RSA keys only`,
    );
  }
  const kid = keyId ?? ownId;
  return JSON.stringify({ ...key.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }) });
}

const jwkShape = z.object({ kty: z.string(), kid: z.string().optional() }).loose();

function fromJwk(text: string): { key: KeyObject; ownId: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable('it looks like a JWK and is not valid JSON');
  }
  const jwk = jwkShape.safeParse(value);
  if (!jwk.success)
    throw unusable('it is JSON without the member "kty" of a JWK (of a set, take the one key)');
  return { key: keyFrom({ key: jwk.data, format: 'jwk' }, 'JWK'), ownId: jwk.data.kid };
}

function fromPem(text: string): KeyObject {
  // In one line of an environment file, line breaks are often spelt `\n`.
  const pem = text.replaceAll('\\n', '\n');
  if (!pem.startsWith('-----BEGIN')) throw unusable('it is neither a JWK (JSON) nor PEM');
  return keyFrom(pem, 'PEM');
}

function keyFrom(source: string | { key: JsonWebKey; format: 'jwk' }, form: string): KeyObject {
  try {
    return createPrivateKey(source);
  } catch {
    throw unusable(`it is ${form} that holds no whole, unencrypted private key`);
  }
}

function unusable(reason: string): UsageError {
  return new UsageError([`The private key of the Okta service app cannot be used: ${reason}`]);
}
