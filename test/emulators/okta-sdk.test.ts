import { Client, RequestExecutor } from '@okta/okta-sdk-nodejs';
import { afterEach, expect, test } from 'vitest';
import { ask } from './ask.ts';
import { type OktaEmulator, type OktaOptions, startOkta } from './index.ts';

let okta: OktaEmulator;

async function start(options: OktaOptions = {}): Promise<void> {
  okta = await startOkta(options);
  okta.state.addGroup({ name: 'Data' });
}
afterEach(() => okta.close());

/** The SDK's requests over the global `fetch`. */
class OktaExecutor extends RequestExecutor {
  override fetch({
    url = '',
    ...init
  }: RequestInit & { url?: string }): ReturnType<RequestExecutor['fetch']> {
    return fetch(url, init);
  }
}

function client(settings: ConstructorParameters<typeof Client>[0]): Client {
  return new Client({
    orgUrl: okta.url,
    requestExecutor: new OktaExecutor(),
    cacheMiddleware: null,
    ...settings,
  });
}

function service(settings: ConstructorParameters<typeof Client>[0] = {}): Client {
  const { clientId, privateKeyJwk } = okta.credentials;
  const scopes = ['okta.groups.read'];
  return client({
    authorizationMode: 'PrivateKey',
    clientId,
    scopes,
    privateKey: privateKeyJwk,
    ...settings,
  });
}

async function groupNames(sdk: Client): Promise<string[]> {
  const names: string[] = [];
  await (await sdk.groupApi.listGroups()).each((group) => void names.push(group.profile?.name ?? ''));
  return names;
}

test("Okta's own client reads groups with an API token", async () => {
  await start();
  expect(await groupNames(client({ token: okta.credentials.apiToken }))).toEqual(['Data']);
});

test("Okta's own client reads groups with a key, as JWK and as PEM", async () => {
  await start();
  const { privateKeyPem, keyId } = okta.credentials;
  expect(await groupNames(service())).toEqual(['Data']);
  expect(await groupNames(service({ privateKey: privateKeyPem, keyId }))).toEqual(['Data']);
  expect(okta.requests.filter(({ route }) => route === 'okta.token')).toHaveLength(2);
});

test("Okta's own client goes through the exchange of a nonce where proofs are required", async () => {
  await start({ dpop: 'required' });
  expect(await groupNames(service())).toEqual(['Data']);
  expect(okta.requests.map(({ route, status }) => [route, status])).toEqual([
    ['okta.token', 400],
    ['okta.token', 200],
    ['okta.group.list', 200],
  ]);
  const call = okta.requests.at(-1);
  expect(call?.headers.authorization).toMatch(/^DPoP /);
});

test('a token that is bound to a key is no good without a fresh proof', async () => {
  await start({ dpop: 'required' });
  await groupNames(service());
  const { authorization = '', dpop = '' } = okta.requests.at(-1)?.headers ?? {};
  const groups = `${okta.url}/api/v1/groups`;
  const bearer = authorization.replace('DPoP', 'Bearer');
  for (const headers of [{ authorization }, { authorization, dpop }, { authorization: bearer, dpop }]) {
    expect((await ask(groups, { headers })).status).toBe(401);
  }
});
