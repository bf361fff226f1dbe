import { generateKeyPairSync } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { HeldClock } from '../time/clock.ts';
import { ask, type Answer } from './ask.ts';
import { isJsonObject, type OktaEmulator, type OktaOptions, startOkta } from './index.ts';

let okta: OktaEmulator;

async function start(options: OktaOptions = {}): Promise<void> {
  okta = await startOkta(options);
}
afterEach(() => okta.close());

interface Assertion {
  readonly issuer?: string;
  readonly audience?: string;
  readonly kid?: string;
  readonly jti?: string;
  readonly minutes?: number;
  readonly pem?: string;
}

let assertions = 0;

/** A client assertion as Okta asks for it, but for what is given. */
async function assertion(given: Assertion = {}): Promise<string> {
  const { clientId, keyId, privateKeyPem } = okta.credentials;
  const {
    issuer = clientId,
    audience = `${okta.url}/oauth2/v1/token`,
    kid = keyId,
    minutes = 5,
    pem,
  } = given;
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setSubject(issuer)
    .setAudience(audience)
    .setJti(given.jti ?? `assertion-${String((assertions += 1))}`)
    .setExpirationTime(Math.floor(Date.now() / 1000) + minutes * 60)
    .sign(await importPKCS8(pem ?? privateKeyPem, 'RS256'));
}

function requestToken(
  clientAssertion: string,
  scope = 'okta.groups.read',
  grant = 'client_credentials',
): Promise<Answer> {
  const body = new URLSearchParams({
    grant_type: grant,
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion,
  });
  return ask(`${okta.url}/oauth2/v1/token`, { method: 'POST', body });
}

async function token(scope?: string): Promise<string> {
  const { json } = await requestToken(await assertion(), scope);
  return isJsonObject(json) ? JSON.stringify(json.access_token).slice(1, -1) : '';
}

const get = (path: string, bearer: string): Promise<Answer> =>
  ask(`${okta.url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });

test('a signed assertion gives a token that the API accepts', async () => {
  await start();
  const answer = await requestToken(await assertion(), 'okta.groups.read okta.users.read');
  expect(answer).toMatchObject({
    status: 200,
    json: { token_type: 'Bearer', expires_in: 3600, scope: 'okta.groups.read okta.users.read' },
  });
  expect((await get('/api/v1/groups', await token())).status).toBe(200);
});

test('a token without the scope of a route is a 403', async () => {
  await start();
  const bearer = await token('okta.groups.read');
  const answer = await get('/api/v1/users', bearer);
  expect(answer).toMatchObject({ status: 403, json: { errorCode: 'E0000006' } });
  expect(answer.headers.get('www-authenticate')).toContain('scope="okta.users.read"');
});

test('a token expires, and can be revoked', async () => {
  const clock = new HeldClock();
  await start({ clock, tokenSeconds: 60 });
  const bearer = await token();
  clock.advance(59_000);
  expect((await get('/api/v1/groups', bearer)).status).toBe(200);
  clock.advance(1000);
  expect((await get('/api/v1/groups', bearer)).status).toBe(401);
  const other = await token();
  okta.revokeTokens();
  expect((await get('/api/v1/groups', other)).status).toBe(401);
});

test.each<[string, Assertion]>([
  ['of another client', { issuer: '0oaSomeoneElse' }],
  ['for another audience', { audience: 'https://acme.okta.com/oauth2/v1/token' }],
  ['with another key id', { kid: 'unknown' }],
  ['that has expired', { minutes: -5 }],
  ['that expires in over an hour', { minutes: 61 }],
  ['signed with another key', { pem: strangersKey() }],
])('an assertion %s is refused', async (_, given) => {
  await start();
  const answer = await requestToken(await assertion(given));
  expect(answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
});

test('an assertion is good for once', async () => {
  await start();
  const once = await assertion();
  expect((await requestToken(once)).status).toBe(200);
  expect(await requestToken(once)).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
});

test("the client's clock may not be far behind Okta's", async () => {
  await start({ skewMs: 600_000 });
  expect((await requestToken(await assertion())).json).toMatchObject({ error: 'invalid_client' });
});

test('a scope that was not granted is refused', async () => {
  await start({ grantedScopes: ['okta.groups.read'] });
  const answer = await requestToken(await assertion(), 'okta.groups.read okta.apps.read');
  expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_scope' } });
});

test('another grant is refused', async () => {
  await start();
  const answer = await requestToken(await assertion(), 'okta.groups.read', 'password');
  expect(answer).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } });
});

test('where proofs are required, a request without one gets no token', async () => {
  await start({ dpop: 'required' });
  expect(await requestToken(await assertion())).toMatchObject({
    status: 400,
    json: { error: 'invalid_dpop_proof' },
  });
});

function strangersKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
