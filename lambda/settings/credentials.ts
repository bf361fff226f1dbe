import { UsageError } from '../errors.ts';
import { type Environment, ENVIRONMENT, variable } from '../names.ts';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { jsonOf } from '../core/model/json.ts';
import { isObject } from './values.ts';

export interface Credentials {
  readonly okta: OktaCredentials;
  readonly secoda: { readonly apiKey: string };
}

const OKTA_NAMES: OktaPartNames = {
  apiToken: ENVIRONMENT.oktaApiToken,
  clientId: ENVIRONMENT.oktaClientId,
  privateKey: ENVIRONMENT.oktaPrivateKey,
  keyId: ENVIRONMENT.oktaKeyId,
};

/** The credentials of both sides. Throws `UsageError` with all that is missing or wrong, by variables, never by values. */
export function readCredentials(environment: Environment): Credentials {
  const okta = oktaIn(environment);
  const secoda = checkSecoda(variable(environment, ENVIRONMENT.secodaApiKey), ENVIRONMENT.secodaApiKey);
  if ('credentials' in okta && 'credentials' in secoda) {
    return { okta: okta.credentials, secoda: secoda.credentials };
  }
  throw new UsageError([okta, secoda].flatMap((side) => ('problems' in side ? side.problems : [])));
}

/** Those for Okta alone; `null` where there are none. Throws `UsageError` where they are wrong. */
export function readOktaCredentials(environment: Environment): OktaCredentials | null {
  if (Object.values(OKTA_NAMES).every((name) => variable(environment, name) === undefined)) return null;
  const found = oktaIn(environment);
  if ('problems' in found) throw new UsageError(found.problems);
  return found.credentials;
}

function oktaIn(environment: Environment): CheckedOkta {
  const part = (name: keyof OktaParts) => variable(environment, OKTA_NAMES[name]);
  const key = { privateKey: part('privateKey'), keyId: part('keyId') };
  return checkOkta({ apiToken: part('apiToken'), clientId: part('clientId'), ...key }, OKTA_NAMES);
}

/** How Okta is told who is asking: an API token, or a service app that signs with its private key. */
export type OktaCredentials = { readonly apiToken: string } | ServiceApp;

export interface ServiceApp {
  readonly clientId: string;
  /** RSA, as JWK (JSON) or PEM (PKCS1 or PKCS8). */
  readonly privateKey: string;
  /** The key's id at Okta; a JWK may bring its own. */
  readonly keyId?: string;
}

/** What may be given for Okta, wherever it comes from. */
type OktaParts = {
  readonly [Part in 'apiToken' | 'clientId' | 'privateKey' | 'keyId']?: string | undefined;
};

/** What each part is called where it comes from, for messages. */
export type OktaPartNames = Readonly<Record<keyof OktaParts, string>>;

type CheckedOkta = { readonly credentials: OktaCredentials } | { readonly problems: readonly string[] };

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
  return { credentials: { clientId, privateKey: key.text, ...(keyId === undefined ? {} : { keyId }) } };
}

type CheckedSecoda =
  { readonly credentials: { readonly apiKey: string } } | { readonly problems: readonly [string] };

/** Secoda's key; `name`: what it is called where it comes from. */
export function checkSecoda(apiKey: string | undefined, name: string): CheckedSecoda {
  if (apiKey === undefined)
    return { problems: [`${name} is not set; expected the API key of a Secoda Admin`] };
  const problem = headerProblem(name, apiKey);
  return problem === null ? { credentials: { apiKey } } : { problems: [problem] };
}

/** Whether a credential can stand in an HTTP header at all: a pasted quote or line break ends in obscure errors later. */
function headerProblem(name: string, value: string): string | null {
  return /^[\x21-\x7e]+$/.test(value)
    ? null
    : `${name}: expected letters, digits and punctuation without spaces, got other characters (not shown)`;
}

/** A private key, or what is wrong with it, in words that never repeat any of it. `ownId`: a JWK's `kid`. */
type CheckedKey =
  | { readonly text: string; readonly key: KeyObject; readonly ownId: string | undefined }
  | { readonly problem: string };

const EXPECTED = 'expected a private RSA key, as a JWK in JSON or as PEM';

/** Whether a text is a private RSA key: Okta's SDK signs with RS256 only. Secret stores leave `\n` for the line breaks of PEM. */
export function checkPrivateKey(text: string): CheckedKey {
  return text.trimStart().startsWith('{') ? checkJwk(text) : checkPem(text.replaceAll('\\n', '\n').trim());
}

function checkJwk(text: string): CheckedKey {
  const jwk = jsonOf(text);
  if (!isObject(jwk)) return { problem: `${EXPECTED}; this starts like a JWK but is not valid JSON` };
  if (jwk['kty'] === undefined)
    return { problem: `${EXPECTED}; this is JSON without the "kty" of a JWK (of a set, take the one key)` };
  if (jwk['kty'] === 'EC')
    return { problem: `${EXPECTED}; this is an EC key, which Okta's client cannot use` };
  if (!('d' in jwk)) return { problem: `${EXPECTED}; this JWK has no private part` };
  const ownId = typeof jwk['kid'] === 'string' ? jwk['kid'] : undefined;
  return checkKey(text, () => createPrivateKey({ key: jwk, format: 'jwk' }), ownId);
}

function checkPem(text: string): CheckedKey {
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) return { problem: `${EXPECTED}; this is a public key` };
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    return { problem: `${EXPECTED}; this PEM is encrypted with a passphrase` };
  }
  return checkKey(text, () => createPrivateKey(text), undefined);
}

function checkKey(text: string, open: () => KeyObject, ownId: string | undefined): CheckedKey {
  let key: KeyObject;
  try {
    key = open();
  } catch {
    return { problem: `${EXPECTED}; this cannot be read as one` };
  }
  const { asymmetricKeyType: type } = key;
  if (type === 'rsa') return { text, key, ownId };
  const kind = type === 'ec' ? 'an EC key' : `a key of another kind (${String(type)})`;
  return { problem: `${EXPECTED}; this is ${kind}, which Okta's client cannot use` };
}
