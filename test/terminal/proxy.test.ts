import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { throughProxy } from '../../lambda/services/http/send.ts';
import { createOktaDirectory } from '../../lambda/services/okta/directory.ts';
import { Pace } from '../../lambda/services/okta/pace.ts';
import { SecodaConnection } from '../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../lambda/services/secoda/workspace.ts';
import type { OktaCredentials } from '../../lambda/settings/credentials.ts';
import { printedBy } from '../aws/printed.ts';
import { errorOf } from '../discretion.ts';
import { startOkta } from '../emulators/index.ts';
import { smallWorld } from '../run/small-world.ts';
import { scenario } from '../run/scenario.ts';
import { HeldClock } from '../time/clock.ts';
import { atRest } from '../time/under-way.ts';

/** A proxy on loopback that lets nobody through, and the hosts that it was asked for. */
async function aProxy() {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(500).end());
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://user:hunter2@127.0.0.1:${port}` };
}

function groupsOf(credentials: OktaCredentials): Promise<unknown> {
  const clock = new HeldClock();
  const requestsPerMinute = 600;
  const options = {
    clock,
    random: () => 0,
    credentials,
    selection: { all: true },
    requestsPerMinute,
  } as const;
  const pace = new Pace(clock, requestsPerMinute);
  return createOktaDirectory({ ...options, pace, orgUrl: 'https://acme.okta.com' }).groups();
}

it.each(['HTTPS_PROXY', 'https_proxy'])('both services are reached through the proxy of %s', async (name) => {
  const { asked, url } = await aProxy();
  const okta = await startOkta();
  onTestFinished(() => okta.close());
  const privateKey = okta.credentials.privateKeyPem;
  onTestFinished(throughProxy({ [name]: url }));
  await expect(groupsOf({ apiToken: '00token' })).rejects.toThrow('acme.okta.com');
  expect(new Set(asked.splice(0))).toEqual(new Set(['acme.okta.com:443']));
  await expect(groupsOf({ clientId: '0oa1', privateKey, keyId: 'key' })).rejects.toThrow();
  expect(new Set(asked.splice(0))).toEqual(new Set(['acme.okta.com:443']));
  const baseUrl = 'https://eapi.secoda.co';
  const connection = new SecodaConnection({
    baseUrl,
    apiKey: 'key',
    clock: new HeldClock(),
    random: () => 0,
  });
  const refused = await errorOf(secodaWorkspace(connection).users());
  expect(refused.message).toContain('/api/v1/user: Failed to establish tunnel to eapi.secoda.co:443');
  expect([refused.message.includes('403'), refused.message.includes('hunter2')]).toEqual([true, false]);
  expect(new Set(asked)).toEqual(new Set(['eapi.secoda.co:443']));
  // Nothing is left under way that later tests would wait for.
  await atRest();
});

it('this machine is reached without it', async () => {
  const { asked, url } = await aProxy();
  const stand = await scenario({
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      HTTPS_PROXY: url,
      HTTP_PROXY: url,
    }),
  });
  smallWorld(stand);
  expect((await stand.sync('plan')).code).toBe(0);
  expect(asked).toEqual([]);
});

// The SDK of S3 reads the environment of its process, so that this one is a process of its own.
it('S3 is reached through it, but for what NO_PROXY names and this machine', async () => {
  const { asked, url } = await aProxy();
  let direct = 0;
  const server = createTcpServer((socket) => {
    direct += 1;
    socket.destroy();
  });
  await once(server.listen(0), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { text, lines } = await printedBy('../terminal/history-worker.ts', {
    ENDPOINTS: [
      'https://s3.eu-west-1.amazonaws.com',
      `https://127.0.0.1:${port}`,
      `https://0.0.0.0:${port}`,
    ].join(' '),
    HTTPS_PROXY: url,
    // This machine as well, but nobody knows it by that.
    NO_PROXY: '0.0.0.0',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  expect(lines).toMatchObject([{ code: 5 }, { code: 5 }, { code: 5 }]);
  expect(new Set(asked)).toEqual(new Set(['records.s3.eu-west-1.amazonaws.com:443']));
  expect([direct > 0, text.includes('hunter2')]).toEqual([true, false]);
});

it.each(['', ' '])('no proxy is meant by a variable that holds nothing: %j', (none) => {
  expect(throughProxy({ HTTPS_PROXY: none, NO_PROXY: none })).not.toThrow();
});

it('an address that is none is told, without a password that it may hold', async () => {
  const stand = await scenario({ environment: () => ({ HTTPS_PROXY: 'user:hunter2@proxy:3128' }) });
  const { code, stderr } = await stand.sync('plan');
  expect([code, stderr.includes('HTTPS_PROXY is not'), stderr.includes('hunter2')]).toEqual([2, true, false]);
});
