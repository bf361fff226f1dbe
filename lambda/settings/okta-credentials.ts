import { createPrivateKey, type KeyObject } from 'node:crypto';
import { isObject } from './values.ts';

/** `privateKey`: a JWK as JSON, or PEM; RSA in either form. */
export type OktaCredentials =
  | { readonly apiToken: string }
  | { readonly clientId: string; readonly privateKey: string; readonly keyId?: string };

/** What may be given for Okta, wherever it comes from. */
export interface OktaParts {
  readonly apiToken: string | undefined;
  readonly clientId: string | undefined;
  readonly privateKey: string | undefined;
  readonly keyId: string | undefined;
}

/** What each part is called where it comes from, for messages. */
export type OktaPartNames = Readonly<Record<keyof OktaParts, string>>;

export type CheckedOkta =
  { readonly credentials: OktaCredentials } | { readonly problems: readonly string[] };

/** Either an API token or an OAuth service app, complete and usable. Problems never repeat a value. */
export function checkOkta(parts: OktaParts, names: OktaPartNames): CheckedOkta {
  const { apiToken, clientId, privateKey, keyId } = parts;
  const oauth = `${names.clientId} with ${names.privateKey}`;
  if (apiToken !== undefined) {
    if (clientId !== undefined || privateKey !== undefined) {
      return { problems: [`both ${names.apiToken} and ${oauth} are given; expected one of the two ways`] };
    }
    const problem = headerProblem(names.apiToken, apiToken);
    return problem === null ? { credentials: { apiToken } } : { problems: [problem] };
  }
  if (clientId === undefined && privateKey === undefined) {
    return { problems: [`${names.apiToken} is not set; expected an Okta API token, or ${oauth}`] };
  }
  const problems: string[] = [];
  if (clientId === undefined) problems.push(`${names.clientId} is not set; ${names.privateKey} needs it`);
  if (privateKey === undefined) problems.push(`${names.privateKey} is not set; ${names.clientId} needs it`);
  const key = privateKey === undefined ? null : checkPrivateKey(privateKey);
  if (key !== null && 'problem' in key) problems.push(`${names.privateKey}: ${key.problem}`);
  if (clientId === undefined || key === null || 'problem' in key) return { problems };
  return { credentials: { clientId, privateKey: key.key, ...(keyId === undefined ? {} : { keyId }) } };
}

/** Whether a credential can stand in an HTTP header at all: a pasted quote or line break ends in obscure errors later. */
export function headerProblem(name: string, value: string): string | null {
  return /^[\x21-\x7e]+$/.test(value)
    ? null
    : `${name}: expected letters, digits and punctuation without spaces, got other characters (not shown)`;
}

/** The key as the Okta client takes it, or what is wrong with it, in words that never repeat any of it. */
export type CheckedKey = { readonly key: string } | { readonly problem: string };

export const EXPECTED = 'expected a private RSA key, as a JWK in JSON or as PEM';

/** Checks that a text is a private RSA key. PEM may have `\n` for its line breaks, as many a secret store leaves it. */
export function checkPrivateKey(text: string): CheckedKey {
  return text.trimStart().startsWith('{') ? checkJwk(text) : checkPem(text.replaceAll('\\n', '\n').trim());
}

export function checkJwk(text: string): CheckedKey {
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

export function checkPem(text: string): CheckedKey {
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) return { problem: `${EXPECTED}; this is a public key` };
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return { problem: `${EXPECTED}; this PEM is encrypted with a passphrase` };
  }
  return checkKey(text, () => createPrivateKey(text));
}

export function checkKey(text: string, open: () => KeyObject): CheckedKey {
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
