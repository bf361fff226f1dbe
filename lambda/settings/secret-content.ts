import { UsageError } from '../errors.ts';
import { unquoted } from '../names.ts';
import { jsonOf } from '../core/model/json.ts';
import { isObject } from './values.ts';
import { checkOkta, checkSecoda, type OktaCredentials, type OktaPartNames } from './credentials.ts';

const OKTA_NAMES: OktaPartNames = {
  apiToken: '"apiToken"',
  clientId: '"clientId"',
  privateKey: '"privateKey"',
  keyId: '"keyId"',
};

/**
 * Okta's credentials as a secret holds them: `{"apiToken"}`, or `{"clientId","privateKey","keyId"?}`. `text` is `null` for a
 * secret without one. Throws `UsageError`, which tells the secret, all that is wrong, and the command to fill it; never a value.
 */
export function oktaFromSecret(text: string | null, arn: string): OktaCredentials {
  const parts = partsOf(text, ['apiToken', 'clientId', 'privateKey', 'keyId']);
  if ('problem' in parts) throw unusable('okta', arn, [parts.problem]);
  const okta = checkOkta(parts.values, OKTA_NAMES);
  if ('problems' in okta) throw unusable('okta', arn, okta.problems);
  return okta.credentials;
}

/** Secoda's key as a secret holds it: `{"apiKey"}`. Throws `UsageError` as `oktaFromSecret`. */
export function secodaFromSecret(text: string | null, arn: string): { readonly apiKey: string } {
  const parts = partsOf(text, ['apiKey']);
  if ('problem' in parts) throw unusable('secoda', arn, [parts.problem]);
  const secoda = checkSecoda(parts.values.apiKey, '"apiKey"');
  if ('problems' in secoda) throw unusable('secoda', arn, secoda.problems);
  return secoda.credentials;
}

type Parts<Name extends string> =
  { readonly problem: string } | { readonly values: Readonly<Partial<Record<Name, string>>> };

/** The named texts of a JSON object, trimmed; an empty one is a missing one. */
function partsOf<Name extends string>(text: string | null, names: readonly Name[]): Parts<Name> {
  if (text === null || text.trim() === '') return { problem: 'it has no text yet' };
  const expected = `expected a JSON object with ${names.map((name) => `"${name}"`).join(' or ')}`;
  const content = jsonOf(text.trim());
  if (content === undefined) return { problem: `${expected}, got something that is not JSON (not shown)` };
  if (!isObject(content)) return { problem: `${expected}, got other JSON (not shown)` };
  // What stands in a wrong place may be the credential itself, so that not even its key is shown.
  if (Object.keys(content).some((key) => !names.some((name) => name === key))) {
    return { problem: `${expected}, got other keys as well (not shown)` };
  }
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = content[name];
    if (value === undefined || value === null) continue;
    // A JWK is JSON, so that it is at hand as an object as well.
    const part = isObject(value) && name === 'privateKey' ? JSON.stringify(value) : value;
    if (typeof part !== 'string') return { problem: `"${name}": expected a text (not shown)` };
    if (unquoted(part) !== '') values[name] = unquoted(part);
  }
  return { values };
}

function unusable(side: SecretOf, arn: string, problems: readonly string[]): UsageError {
  const what = `The ${CONTENTS[side].title} secret ${arn} cannot be used: ${problems.join('; ')}`;
  return new UsageError([`${what}. Fill it with: ${fillCommand(side, arn)}`]);
}

/** The two secrets of a deployment, and what each is to hold. */
const CONTENTS = {
  okta: { title: 'Okta', content: '{"apiToken":"…"}' },
  secoda: { title: 'Secoda', content: '{"apiKey":"…"}' },
} as const;

export type SecretOf = keyof typeof CONTENTS;

/** The command that fills a secret; its owner puts the credential where the dots are. */
export function fillCommand(side: SecretOf, arn: string): string {
  return `aws secretsmanager put-secret-value --secret-id '${arn}' --secret-string '${CONTENTS[side].content}'`;
}
