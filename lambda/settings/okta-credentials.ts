import { checkPrivateKey } from './private-key.ts';

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
