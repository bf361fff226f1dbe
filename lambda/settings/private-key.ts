import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isObject } from './closed.ts';

/** The key as the Okta client takes it, or what is wrong with it, in words that never repeat any of it. */
export type CheckedKey = { readonly key: string } | { readonly problem: string };

const EXPECTED = 'expected a private RSA key, as a JWK in JSON or as PEM';

/** Checks that a text is a private RSA key. PEM may have `\n` for its line breaks, as many a secret store leaves it. */
export function checkPrivateKey(text: string): CheckedKey {
  return text.trimStart().startsWith('{') ? checkJwk(text) : checkPem(text.replaceAll('\\n', '\n').trim());
}

function checkJwk(text: string): CheckedKey {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return { problem: `${EXPECTED}; this starts like a JWK but is not valid JSON` };
  }
  if (!isObject(jwk)) return { problem: EXPECTED };
  if (jwk['kty'] === 'EC')
    return { problem: `${EXPECTED}; this is an EC key, which Okta's client cannot use` };
  if (!('d' in jwk)) return { problem: `${EXPECTED}; this JWK has no private part` };
  return checkKey(text, () => createPrivateKey({ key: jwk, format: 'jwk' }));
}

function checkPem(text: string): CheckedKey {
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) return { problem: `${EXPECTED}; this is a public key` };
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return { problem: `${EXPECTED}; this PEM is encrypted with a passphrase` };
  }
  return checkKey(text, () => createPrivateKey(text));
}

function checkKey(text: string, open: () => KeyObject): CheckedKey {
  let type: string | undefined;
  try {
    type = open().asymmetricKeyType;
  } catch {
    return { problem: `${EXPECTED}; this cannot be read as one` };
  }
  if (type === 'rsa') return { key: text };
  const kind = type === 'ec' ? 'an EC key' : `a key of another kind (${type ?? 'unknown'})`;
  return { problem: `${EXPECTED}; this is ${kind}, which Okta's client cannot use` };
}
