import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { privateJwk } from '../../../lambda/services/okta/client.ts';
import type { ServiceApp } from '../../../lambda/settings/credentials.ts';
import { AccessError, SourceError, UsageError } from '../../../lambda/errors.ts';
import {
  type Effect,
  hangBeforeHeaders,
  html,
  type OktaEmulator,
  resetBefore,
  status,
} from '../../emulators/index.ts';
import { aDirectory, anOrg, errorOf } from './setup.ts';

const TOKEN = 'okta.token';

function serviceApp(
  { credentials }: OktaEmulator,
  changes: Partial<ServiceApp> = {},
): { credentials: ServiceApp } {
  const { clientId, privateKeyJwk } = credentials;
  return { credentials: { clientId, privateKey: privateKeyJwk, ...changes } };
}

const tokenRequests = (okta: OktaEmulator): number =>
  okta.requests.filter(({ route }) => route === TOKEN).length;

describe('a service app', () => {
  test('reads with its key as JWK', async () => {
    const okta = await anOrg();
    okta.state.addGroup({ name: 'Data' });
    const directory = aDirectory(okta, serviceApp(okta));
    expect(await directory.groups()).toHaveLength(1);
    expect(okta.requests.map(({ route }) => route)).toEqual([TOKEN, 'okta.group.list']);
    expect(directory.traffic().reads).toBe(2);
  });

  test.each(['pkcs1', 'pkcs8'] as const)('reads with its key as PEM (%s)', async (type) => {
    const okta = await anOrg();
    const { privateKeyPem, keyId } = okta.credentials;
    const privateKey = createPrivateKey(privateKeyPem).export({ type, format: 'pem' }).toString();
    expect(await aDirectory(okta, serviceApp(okta, { privateKey, keyId })).groups()).toEqual([]);
    const oneLine = privateKey.trim().replaceAll('\n', '\\n');
    expect(await aDirectory(okta, serviceApp(okta, { privateKey: oneLine, keyId })).groups()).toEqual([]);
  });

  test('asks for no more than it needs', async () => {
    const okta = await anOrg();
    okta.state.addApp('0oaSecoda');
    await aDirectory(okta, serviceApp(okta)).groups();
    await aDirectory(okta, { ...serviceApp(okta), selection: { app: '0oaSecoda' } }).groups();
    const scopes = okta.requests
      .filter(({ route }) => route === TOKEN)
      .map(({ body }) => new URLSearchParams(body).get('scope'));
    expect(scopes).toEqual(['okta.groups.read', 'okta.groups.read okta.apps.read']);
  });

  test('proves its key with every call where Okta wants it (DPoP)', async () => {
    const okta = await anOrg({ dpop: 'required', pageCap: 1 });
    for (const name of ['A', 'B', 'C']) okta.state.addGroup({ name });
    expect(await aDirectory(okta, serviceApp(okta)).groups()).toHaveLength(3);
    expect(okta.requests.at(-1)?.headers['authorization']).toMatch(/^DPoP /);
  });

  test('gives a new proof with each repetition', async () => {
    const okta = await anOrg({ dpop: 'required' });
    okta.faults.add({ on: 'okta.group.list', effect: status(503) });
    await aDirectory(okta, serviceApp(okta)).groups();
    const proofs = okta.requests
      .filter(({ route }) => route === 'okta.group.list')
      .map(({ headers }) => headers['dpop']);
    expect(new Set(proofs).size).toBe(2);
  });

  test('is given up by an Okta that is never content with a proof', async () => {
    const okta = await anOrg();
    const effect = status(400, { error: 'use_dpop_nonce' }, { 'dpop-nonce': 'again' });
    okta.faults.add({ on: TOKEN, times: Infinity, effect });
    const error = await errorOf(aDirectory(okta, serviceApp(okta)).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(tokenRequests(okta)).toBe(4);
  });
});

describe('the access token', () => {
  test('is asked for once by calls that begin together', async () => {
    const okta = await anOrg({ latencyMs: 20 });
    const ids = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => okta.state.addGroup({ name }).id);
    const directory = aDirectory(okta, serviceApp(okta));
    await Promise.all(ids.map((id) => directory.members(id)));
    expect(tokenRequests(okta)).toBe(1);
  });

  test('is renewed before it ends', async () => {
    const okta = await anOrg({ tokenSeconds: 20 });
    const directory = aDirectory(okta, serviceApp(okta));
    for (let asked = 0; asked < 10; asked += 1) {
      await directory.groups();
      await okta.clock.sleep(5_000);
    }
    expect(tokenRequests(okta)).toBeGreaterThan(1);
    expect(okta.requests.filter(({ status }) => status === 401)).toEqual([]);
  });

  test.each([
    [20, 18_000],
    [600, 540_000],
    [3_600, 3_540_000],
  ])('that lasts %i s is renewed after %i ms: with a minute left, or a tenth', async (tokenSeconds, ms) => {
    const okta = await anOrg({ tokenSeconds });
    const directory = aDirectory(okta, serviceApp(okta));
    await directory.groups();
    await okta.clock.sleep(ms - 1);
    await directory.groups();
    expect(tokenRequests(okta)).toBe(1);
    await okta.clock.sleep(1);
    await directory.groups();
    expect(tokenRequests(okta)).toBe(2);
  });

  test('is renewed once by all calls when Okta has ended it', async () => {
    const okta = await anOrg({ latencyMs: 20 });
    const ids = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => okta.state.addGroup({ name }).id);
    const directory = aDirectory(okta, serviceApp(okta));
    await directory.groups();
    okta.revokeTokens();
    await Promise.all(ids.map((id) => directory.members(id)));
    expect(tokenRequests(okta)).toBe(2);
  });

  test('that is refused although it is new ends the read', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.group.list', times: Infinity, effect: status(401) });
    const error = await errorOf(aDirectory(okta, serviceApp(okta)).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('Okta issued an access token and then refused it');
    expect(okta.requests.filter(({ route }) => route === 'okta.group.list')).toHaveLength(2);
  });
});

describe('without an access token', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const otherKey = other.export({ type: 'pkcs8', format: 'pem' }).toString();

  test.each([
    [
      'a wrong key',
      { privateKey: otherKey, keyId: 'emulated-service-key' },
      'invalid_client',
      'OKTA_CLIENT_ID',
    ],
    ['a wrong client id', { clientId: '0oaOther' }, 'invalid_client', 'OKTA_CLIENT_ID'],
  ])('because of %s the error says so', async (_, changes, code, fix) => {
    const okta = await anOrg();
    const error = await errorOf(aDirectory(okta, serviceApp(okta, changes)).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/^POST \/oauth2\/v1\/token: Okta answered 40[01] \(/);
    expect(error.message).toContain(code);
    expect(error.message).toContain(fix);
    expect(okta.requests).toHaveLength(1);
  });

  test('because of a scope that is not granted the error names all that are needed', async () => {
    const okta = await anOrg({ grantedScopes: ['okta.groups.read'] });
    const error = await errorOf(
      aDirectory(okta, { ...serviceApp(okta), selection: { app: '0oa1' } }).groups(),
    );
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/^POST \/oauth2\/v1\/token: .*invalid_scope/);
    expect(error.message).toContain('is granted okta.groups.read and okta.apps.read');
  });

  test('for the call at hand the error names the scope', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.group.list', effect: status(403) });
    const error = await errorOf(aDirectory(okta, serviceApp(okta)).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('Grant the service app the scope okta.groups.read');
  });

  test.each<[string, Effect, RegExp]>([
    ['that is a page for people', html(), /^POST \/oauth2\/v1\/token: .*not JSON \(text\/html\)/],
    [
      'that is empty',
      status(200, {}),
      /^POST \/oauth2\/v1\/token: access_token: expected a string, got nothing/,
    ],
    ['that is not found', status(404, 'No such page'), /^POST \/oauth2\/v1\/token: .*is okta\.orgUrl/],
    ['that looks like a group that is gone', status(404), /^POST \/oauth2\/v1\/token: .*404 \(E0000007/],
  ])('but with an answer %s nothing is asked', async (_, effect, message) => {
    const okta = await anOrg();
    okta.faults.add({ on: TOKEN, effect });
    const error = await errorOf(aDirectory(okta, serviceApp(okta)).members('00g1'));
    expect(error.message).toMatch(message);
    expect(okta.requests).toHaveLength(1);
  });

  test.each([
    ['resets', resetBefore(), 45_000],
    ['hangs', hangBeforeHeaders(), 45_000],
    ['fails', status(503), 45_000],
    ['throttles', status(429), 2.1 * 3_600_000],
  ])(
    'a token endpoint that %s is tried again, and is a source that cannot be read',
    async (_, effect, ms) => {
      const okta = await anOrg();
      okta.faults.add({ on: TOKEN, effect });
      expect(await aDirectory(okta, serviceApp(okta)).groups()).toEqual([]);

      okta.faults.add({ on: TOKEN, times: Infinity, effect });
      const startedAt = okta.clock.now();
      const error = await errorOf(aDirectory(okta, serviceApp(okta)).groups());
      expect(error).toBeInstanceOf(SourceError);
      expect(error.message).toContain('/oauth2/v1/token');
      expect(okta.clock.now() - startedAt).toBeLessThan(ms);
    },
  );

  test('no secret is in the error, whatever the answer repeats', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: 'okta.group.list', times: Infinity, effect: status(401) });
    await errorOf(aDirectory(okta, serviceApp(okta)).groups());
    const [asked] = okta.requests;
    const assertion = new URLSearchParams(asked?.body).get('client_assertion') ?? '';
    expect(assertion).not.toBe('');

    const echoing = await anOrg();
    const echo = {
      name: 'echo',
      kind: 'rewrite',
      change: () => ({
        status: 400,
        headers: [],
        body: {
          error: 'invalid_client',
          error_description: `${echoing.requests.at(-1)?.body ?? ''} is wrong`,
        },
      }),
    } as const;
    echoing.faults.add({ on: TOKEN, effect: echo });
    const error = await errorOf(aDirectory(echoing, serviceApp(echoing)).groups());
    const sent = new URLSearchParams(echoing.requests[0]?.body).get('client_assertion') ?? 'none';
    expect(inspect(error, { depth: 10 })).not.toContain(sent);
    expect(error.message).toContain('[hidden]');
  });
});

describe('a private key that cannot be used is refused at once, and not shown:', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encrypted = rsa.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });

  test.each([
    ['EC as PEM', ec.export({ type: 'pkcs8', format: 'pem' }).toString(), 'an EC key'],
    ['EC as JWK', JSON.stringify(ec.export({ format: 'jwk' })), 'an EC key'],
    ['half a JWK', '{"kty":"RSA","d":"topsecret"', 'not valid JSON'],
    ['a public JWK', JSON.stringify(rsa.publicKey.export({ format: 'jwk' })), 'no private part'],
    ['a set of keys', '{"keys":[{"kty":"RSA","d":"topsecret"}]}', 'of a set, take the one key'],
    ['an encrypted PEM', encrypted.toString(), 'encrypted with a passphrase'],
    ['a public PEM', rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'a public key'],
    ['no key at all', 'topsecret', 'expected a private RSA key, as a JWK in JSON or as PEM'],
  ])('%s', async (_, privateKey, reason) => {
    const okta = await anOrg();
    const make = (): unknown => aDirectory(okta, serviceApp(okta, { privateKey }));
    expect(make).toThrow(UsageError);
    expect(make).toThrow(reason);
    expect(make).not.toThrow('topsecret');
    expect(okta.requests).toEqual([]);
  });

  test('one that only the SDK cannot sign with is named by the kind of its error alone', async () => {
    // The textbook key of RSA (61 × 53): a JWK like any other, and too short to sign with.
    const jwk = { kty: 'RSA', n: 'DKE', e: 'EQ', d: 'CsE', p: 'PQ', q: 'NQ', dp: 'NQ', dq: 'MQ', qi: 'Jg' };
    const okta = await anOrg();
    const error = await errorOf(
      aDirectory(okta, serviceApp(okta, { privateKey: JSON.stringify(jwk) })).groups(),
    );
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toBe("GET /api/v1/groups: Okta's SDK could not send the request (Error)");
    expect(inspect(error, { depth: 10 })).not.toContain(jwk.d);
  });

  test('the id of a key is the one given, else its own', () => {
    const own = { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'own' };
    const kid = (keyId?: string): unknown =>
      JSON.parse(
        privateJwk({
          clientId: 'x',
          privateKey: JSON.stringify(own),
          ...(keyId === undefined ? {} : { keyId }),
        }),
      );
    expect(kid()).toMatchObject({ kid: 'own' });
    expect(kid('given')).toMatchObject({ kid: 'given' });
  });
});
