import * as z from 'zod';
import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { UsageError } from '../../errors.ts';

/** How Okta is told who is asking: an API token, or a service app that signs with its private key. */
export type OktaCredentials = ApiToken | ServiceApp;

export interface ApiToken {
  readonly apiToken: string;
}

export interface ServiceApp {
  readonly clientId: string;
  /** RSA, as JWK (JSON) or PEM (PKCS1 or PKCS8). */
  readonly privateKey: string;
  /** The key's id at Okta; a JWK may bring its own. */
  readonly keyId?: string;
}

/** What a call needs to be allowed to read. */
export type Right = 'groups' | 'apps' | 'users';

/** The OAuth scope that a service app has to be granted for each right. */
export const SCOPES: Readonly<Record<Right, string>> = {
  groups: 'okta.groups.read',
  apps: 'okta.apps.read',
  users: 'okta.users.read',
};

/** What the admin role behind a token or service app has to allow, in words that complete "a role that may …". */
export const ROLES: Readonly<Record<Right, string>> = {
  groups: 'view groups and their members (Read-Only Administrator, for example)',
  apps: 'view applications and the groups assigned to them (Read-Only Administrator, for example)',
  users: 'view users and the groups they are in (Read-Only Administrator, for example)',
};

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

export const jwkShape = z.object({ kty: z.string(), kid: z.string().optional() }).loose();

export function fromJwk(text: string): { key: KeyObject; ownId: string | undefined } {
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

export function fromPem(text: string): KeyObject {
  // In one line of an environment file, line breaks are often spelt `\n`.
  const pem = text.replaceAll('\\n', '\n');
  if (!pem.startsWith('-----BEGIN')) throw unusable('it is neither a JWK (JSON) nor PEM');
  return keyFrom(pem, 'PEM');
}

export function keyFrom(source: string | { key: JsonWebKey; format: 'jwk' }, form: string): KeyObject {
  try {
    return createPrivateKey(source);
  } catch {
    throw unusable(`it is ${form} that holds no whole, unencrypted private key`);
  }
}

export function unusable(reason: string): UsageError {
  return new UsageError([`The private key of the Okta service app cannot be used: ${reason}`]);
}
