import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lambda/errors.ts';
import { checkPrivateKey, readCredentials, readOktaCredentials } from '../../lambda/settings/credentials.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const PKCS8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const PKCS1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const JWK = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'key-1' });
const SECODA = { SECODA_API_KEY: 'secoda-key' };

function problemsOf(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readCredentials(environment);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('credentials are read', () => {
  it('as an API token', () => {
    expect(readCredentials({ OKTA_API_TOKEN: ' 00token\n', ...SECODA })).toEqual({
      okta: { apiToken: '00token' },
      secoda: { apiKey: 'secoda-key' },
    });
  });

  it.each([
    ['a JWK', JWK],
    ['PEM (PKCS 8)', PKCS8],
    ['PEM (PKCS 1)', PKCS1],
    ['PEM with \\n for line breaks', PKCS8.replaceAll('\n', '\\n')],
  ])('as a service app with %s', (_, key) => {
    const { okta } = readCredentials({ OKTA_CLIENT_ID: '0oa1', OKTA_PRIVATE_KEY: key, ...SECODA });
    expect(okta).toEqual({ clientId: '0oa1', privateKey: key.replaceAll('\\n', '\n').trim() });
  });

  it('with the id of the key', () => {
    const environment = { OKTA_CLIENT_ID: '0oa1', OKTA_PRIVATE_KEY: PKCS8, OKTA_KEY_ID: 'key-1', ...SECODA };
    expect(readCredentials(environment).okta).toHaveProperty('keyId', 'key-1');
  });
});

it('a JWK may bring the id of the key, which is a text', () => {
  expect(checkPrivateKey(JWK)).toHaveProperty('ownId', 'key-1');
  expect(checkPrivateKey(JWK.replace('"key-1"', '1'))).toHaveProperty('ownId', undefined);
});

it("Okta's alone are read, none where no part is given, and are held to the same rules", () => {
  expect(readOktaCredentials(SECODA)).toBeNull();
  expect(readOktaCredentials({ OKTA_API_TOKEN: '00token' })).toEqual({ apiToken: '00token' });
  expect(() => readOktaCredentials({ OKTA_CLIENT_ID: 'y' })).toThrow('OKTA_PRIVATE_KEY is not set');
});

it('what is wrong on either side alone is told alone', () => {
  expect(problemsOf({ OKTA_API_TOKEN: 'x' })).toEqual([
    'SECODA_API_KEY is not set; expected the API key of a Secoda Admin',
  ]);
  expect(problemsOf({ OKTA_API_TOKEN: 'x', SECODA_API_KEY: 'a b' })).toEqual([
    'SECODA_API_KEY: expected letters, digits and punctuation without spaces, got other characters (not shown)',
  ]);
});

it('names what is missing on both sides together', () => {
  const expected = [
    'OKTA_API_TOKEN is not set; expected an Okta API token, or OKTA_CLIENT_ID with OKTA_PRIVATE_KEY',
    'SECODA_API_KEY is not set; expected the API key of a Secoda Admin',
  ];
  expect(problemsOf({})).toEqual(expected);
  expect(problemsOf({ OKTA_API_TOKEN: '', OKTA_CLIENT_ID: ' ', SECODA_API_KEY: '\n' })).toEqual(expected);
});

describe('a problem is', () => {
  it.each([
    [
      'a token and a service app',
      { OKTA_API_TOKEN: 'x', OKTA_CLIENT_ID: 'y' },
      'expected one of the two ways',
    ],
    ['a client without a key', { OKTA_CLIENT_ID: 'y' }, 'OKTA_PRIVATE_KEY is not set'],
    ['a key without a client', { OKTA_PRIVATE_KEY: PKCS8 }, 'OKTA_CLIENT_ID is not set'],
    ['a token with a line break', { OKTA_API_TOKEN: 'hunter2\nhunter2' }, 'OKTA_API_TOKEN: expected letters'],
    [
      'a token with letters no header takes',
      { OKTA_API_TOKEN: 'hunter2–' },
      'OKTA_API_TOKEN: expected letters',
    ],
  ])('%s', (_, environment, expected) => {
    expect(problemsOf({ ...environment, ...SECODA })).toEqual([expect.stringContaining(expected)]);
  });

  const jwk = privateKey.export({ format: 'jwk' });
  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'x' };
  it.each([
    ['an EC key in PEM', ec.export({ type: 'pkcs8', format: 'pem' }), 'an EC key'],
    ['an EC key as a JWK', JSON.stringify(ec.export({ format: 'jwk' })), 'an EC key'],
    ['a public key in PEM', publicKey.export({ type: 'spki', format: 'pem' }), 'a public key'],
    ['a public JWK', JSON.stringify(publicKey.export({ format: 'jwk' })), 'no private part'],
    ['an encrypted key', privateKey.export({ type: 'pkcs8', format: 'pem', ...encrypted }), 'a passphrase'],
    ['a JWK cut off', JWK.slice(0, -20), 'not valid JSON'],
    ['a JWK with parts missing', JSON.stringify({ ...jwk, p: undefined }), 'cannot be read as one'],
    ['PEM cut off', PKCS8.slice(0, 300), 'cannot be read as one'],
    ['JSON that is no key', '{"keys":[]}', 'without the "kty" of a JWK'],
    ['a key of another kind', ed25519.export({ type: 'pkcs8', format: 'pem' }), 'of another kind (ed25519)'],
    ['something else', 'hunter2', 'cannot be read as one'],
  ])('%s', (_, key, expected) => {
    const text = key.toString();
    const problems = problemsOf({ OKTA_CLIENT_ID: 'y', OKTA_PRIVATE_KEY: text, ...SECODA });
    expect(problems).toEqual([expect.stringMatching(/^OKTA_PRIVATE_KEY: expected a private RSA key/)]);
    expect(problems[0]).toContain(expected);
    // No piece of the key of any length that would matter.
    const pieces = (problems[0] ?? '').match(/\S{7,}/g) ?? [];
    expect(pieces.filter((piece) => text.includes(piece))).toEqual([]);
  });
});
