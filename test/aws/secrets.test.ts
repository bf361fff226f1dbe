import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSecrets, secretsManager } from '../../lambda/aws/secrets.ts';
import { createOktaDirectory } from '../../lambda/services/okta/directory.ts';
import { AccessError, UsageError } from '../../lambda/errors.ts';
import { anOrg, errorOf, optionsFor } from '../services/okta/setup.ts';
import { aSecretsManager } from './aws-setup.ts';

const OKTA = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:sync/okta-AbCdEf';
const SECODA = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:sync/secoda-AbCdEf';
const TOKEN = '{"apiToken":"00token"}';
const KEY = '{"apiKey":"secoda-key"}';

/** `null`: a secret without a value; `undefined`: no such secret. */
async function theSecrets(okta: string | Uint8Array | null | undefined, secoda: string | null | undefined) {
  const manager = await aSecretsManager();
  if (okta !== undefined) manager.secrets.set(OKTA, okta);
  if (secoda !== undefined) manager.secrets.set(SECODA, secoda);
  const secrets = createSecrets({ read: secretsManager(), oktaArn: OKTA, secodaArn: SECODA });
  return { manager, secrets };
}

describe('the secrets', () => {
  test('are fetched once, however often and by how many they are asked for', async () => {
    const { manager, secrets } = await theSecrets(` ${TOKEN}\n`, KEY);
    const expected = { okta: { apiToken: '00token' }, secoda: { apiKey: 'secoda-key' } };
    expect(await Promise.all([secrets.credentials(), secrets.credentials()])).toEqual([expected, expected]);
    expect(await secrets.credentials()).toEqual(expected);
    expect(manager.requests.toSorted()).toEqual([OKTA, SECODA]);
  });

  test('give the new credentials after one side was fetched again', async () => {
    const { manager, secrets } = await theSecrets(TOKEN, KEY);
    await secrets.credentials();
    manager.secrets.set(SECODA, '{"apiKey":"rotated"}');
    expect(await Promise.all([secrets.renewSecoda(), secrets.renewSecoda()])).toEqual([
      { apiKey: 'rotated' },
      { apiKey: 'rotated' },
    ]);
    expect(await secrets.credentials()).toMatchObject({ secoda: { apiKey: 'rotated' } });
    expect(manager.requests).toHaveLength(3);
  });

  test('stay what they were when fetching them again fails', async () => {
    const { manager, secrets } = await theSecrets(TOKEN, KEY);
    await secrets.credentials();
    manager.fault('deny');
    expect(await errorOf(secrets.renewOkta())).toBeInstanceOf(AccessError);
    manager.secrets.set(OKTA, 'not JSON');
    expect(await errorOf(secrets.renewOkta())).toBeInstanceOf(UsageError);
    expect(await secrets.credentials()).toMatchObject({ okta: { apiToken: '00token' } });
  });

  test('are fetched again by the next call when they were not good', async () => {
    const { manager, secrets } = await theSecrets(null, KEY);
    expect(await errorOf(secrets.credentials())).toBeInstanceOf(UsageError);
    manager.secrets.set(OKTA, TOKEN);
    expect(await secrets.credentials()).toMatchObject({ okta: { apiToken: '00token' } });
    expect(manager.requests.toSorted()).toEqual([OKTA, OKTA, SECODA]);
  });

  test('survive a failure of the service', async () => {
    const { manager, secrets } = await theSecrets(TOKEN, KEY);
    manager.fault('fail');
    expect(await secrets.credentials()).toMatchObject({ okta: { apiToken: '00token' } });
  });

  test('may hold a service app, with its key as text or as JSON in JSON', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'key-1' };
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
    const { manager, secrets } = await theSecrets(JSON.stringify({ clientId: '0oa1', privateKey: jwk }), KEY);
    const { okta } = await secrets.credentials();
    expect(okta).toEqual({ clientId: '0oa1', privateKey: JSON.stringify(jwk) });
    manager.secrets.set(OKTA, JSON.stringify({ clientId: '0oa1', privateKey: pem, keyId: 'key-1' }));
    expect(await secrets.renewOkta()).toEqual({ clientId: '0oa1', privateKey: pem, keyId: 'key-1' });
  });
});

describe('a problem with a secret', () => {
  test('tells of both secrets, and how to fill each', async () => {
    const { secrets } = await theSecrets(null, '{}');
    const error = await errorOf(secrets.credentials());
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message.split('\n')).toEqual([
      `The Okta secret ${OKTA} cannot be used: it has no text yet. Fill it with: aws secretsmanager put-secret-value --secret-id '${OKTA}' --secret-string '{"apiToken":"…"}'`,
      `The Secoda secret ${SECODA} cannot be used: "apiKey" is not set; expected the API key of a Secoda Admin. Fill it with: aws secretsmanager put-secret-value --secret-id '${SECODA}' --secret-string '{"apiKey":"…"}'`,
    ]);
  });

  test.each([
    ['a bare token', 'hunter2hunter2', 'got something that is not JSON'],
    ['binary', new TextEncoder().encode(TOKEN), 'it has no text yet'],
    ['a list', '["hunter2hunter2"]', 'got other JSON'],
    ['a key of another name', '{"hunter2hunter2":"x","apiToken":"00x"}', 'got other keys as well'],
    ['a token that is no text', '{"apiToken":{"hunter2hunter2":1}}', '"apiToken": expected a text'],
    ['a blank token', '{"apiToken":" "}', '"apiToken" is not set; expected an Okta API token, or "clientId"'],
    ['a token with a space in it', '{"apiToken":"hunter2 hunter2"}', '"apiToken": expected letters'],
    ['two ways at once', '{"apiToken":"hunter2hunter2","clientId":"x"}', 'both "apiToken" and "clientId"'],
    ['an app without a key', '{"clientId":"0oa1"}', '"privateKey" is not set'],
    ['a key that is none', '{"clientId":"0oa1","privateKey":"hunter2hunter2"}', 'a private RSA key'],
  ])('says what is wrong and never shows it: %s', async (_, content, expected) => {
    const { secrets } = await theSecrets(content, KEY);
    const error = await errorOf(secrets.credentials());
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain(expected);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('hunter2');
  });

  test('is no matter of usage when AWS refuses or knows no such secret', async () => {
    const { manager, secrets } = await theSecrets(undefined, KEY);
    const unknown = await errorOf(secrets.credentials());
    expect(unknown.message).toContain(`${OKTA} could not be read: there is none`);
    manager.fault('deny');
    const denied = await errorOf(secrets.credentials());
    expect(denied).toBeInstanceOf(AccessError);
    expect(denied.message).toContain('Needed is secretsmanager:GetSecretValue');
  });

  test('of one side does not hide what is wrong with the other', async () => {
    const { secrets } = await theSecrets(undefined, 'hunter2');
    const { message } = await errorOf(secrets.credentials());
    expect(message).toContain(`${OKTA} could not be read`);
    expect(message).toContain(`${SECODA} cannot be used`);
  });

  test('of both sides is a refusal where one of them is', async () => {
    const { manager, secrets } = await theSecrets(undefined, 'hunter2');
    expect(await errorOf(secrets.credentials())).not.toBeInstanceOf(AccessError);
    manager.fault('deny');
    manager.fault('deny');
    expect(await errorOf(secrets.credentials())).toBeInstanceOf(AccessError);
    manager.secrets.delete(SECODA);
    manager.fault('deny');
    expect(await errorOf(secrets.credentials())).toBeInstanceOf(AccessError);
  });
});

test.each([
  ['AccessDeniedException', 400, true],
  ['Forbidden', 403, true],
  ['ValidationException', 400, false],
])('%s (%i) is a refusal: %s', async (name, httpStatusCode, isRefusal) => {
  const answered = Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
  const sent = vi.spyOn(SecretsManagerClient.prototype, 'send').mockImplementation(() => {
    throw answered;
  });
  onTestFinished(() => sent.mockRestore());
  const error = await errorOf(secretsManager()(OKTA));
  expect(error instanceof AccessError).toBe(isRefusal);
  expect(error.message).toContain(`(${name})`);
});

test('a service that does not answer is not waited for without end', async () => {
  const { manager } = await theSecrets(TOKEN, KEY);
  for (let attempt = 0; attempt < 2; attempt += 1) manager.fault('hang');
  const impatient = new SecretsManagerClient({
    requestHandler: { requestTimeout: 800, throwOnRequestTimeout: true },
    maxAttempts: 2,
  });
  const error = await errorOf(secretsManager(impatient)(OKTA));
  expect(error.message).toContain(`The secret ${OKTA} could not be read: `);
  await expect.poll(() => manager.requests).toHaveLength(2);
});

test('a run goes on with the token that was rotated in the middle of it', async () => {
  const okta = await anOrg({ apiToken: '00token' });
  const { manager, secrets } = await theSecrets(TOKEN, KEY);
  const credentials = await secrets.credentials();
  const options = optionsFor(okta, { credentials: credentials.okta, renew: secrets.renewOkta });
  const directory = createOktaDirectory(options);
  await directory.groups();
  okta.rotateApiToken('00rotated');
  manager.secrets.set(OKTA, '{"apiToken":"00rotated"}');
  expect(await directory.groups()).toEqual([]);
  expect(manager.requests.toSorted()).toEqual([OKTA, OKTA, SECODA]);
  // And what is made next in this process begins with it.
  expect(await secrets.credentials()).toMatchObject({ okta: { apiToken: '00rotated' } });
});
