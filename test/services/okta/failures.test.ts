import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createOktaDirectory } from '../../../lambda/services/okta/directory.ts';
import { AccessError, SourceError, UsageError } from '../../../lambda/errors.ts';
import {
  type Effect,
  errorBodyWith200,
  hangAfterEffect,
  hangBeforeHeaders,
  hangMidBody,
  html,
  type OktaEmulator,
  resetAfter,
  resetBefore,
  rewrite,
  status,
} from '../../emulators/index.ts';
import { aDirectory, anOrg, errorOf, optionsFor } from './setup.ts';

const LIST = 'okta.group.list';

async function anOrgThat(...effects: Effect[]): Promise<OktaEmulator> {
  const okta = await anOrg();
  okta.state.addGroup({ name: 'Data' });
  for (const effect of effects) okta.faults.add({ on: LIST, effect });
  return okta;
}

describe('a request is repeated after', () => {
  test.each([
    ['a reset', resetBefore()],
    ['a reset after Okta was done', resetAfter()],
    ['no answer', hangBeforeHeaders()],
    ['no answer although Okta was done', hangAfterEffect()],
    ['a 500', status(500)],
    ['a 503 of a proxy', status(503, '<html>')],
    ['a 504 without a body', status(504, '')],
  ])('%s', async (_, effect) => {
    const okta = await anOrgThat(effect, effect);
    const directory = aDirectory(okta);
    expect(await directory.groups()).toHaveLength(1);
    expect(directory.traffic()).toMatchObject({ reads: 3, retries: 2, throttled: 0 });
  });
});

test('a request is repeated after half an answer', async () => {
  const okta = await anOrgThat(hangMidBody());
  const directory = aDirectory(okta);
  expect(await directory.groups()).toHaveLength(1);
  expect(directory.traffic()).toMatchObject({ reads: 2, retries: 1 });
});

describe('a server that is dead ends a read within 30 s', () => {
  test.each([
    ['when it resets', resetBefore(), /\/api\/v1\/groups: .*(ECONNRESET|other side closed|socket)/i],
    ['when it hangs', hangBeforeHeaders(), /\/api\/v1\/groups: no answer within [\d.]+ s/],
    ['when it stops halfway', hangMidBody(), /\/api\/v1\/groups: the answer did not end within [\d.]+ s/],
    ['when it fails', status(502, 'Bad gateway'), /^GET \/api\/v1\/groups: Okta answered 502/],
  ])('%s', async (_, effect, message) => {
    const okta = await anOrg();
    okta.faults.add({ on: LIST, times: Infinity, effect });
    const startedAt = okta.clock.now();
    const error = await errorOf(aDirectory(okta, { random: () => 0.99 }).groups());
    expect(okta.clock.now() - startedAt).toBeLessThanOrEqual(30_000);
    expect(okta.requests.length).toBeGreaterThan(1);
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/; given up after \d+ attempts in \d+ s$/);
  });

  test('when nobody listens', async () => {
    const okta = await anOrg();
    await okta.close();
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('and all reads that are under way with it', async () => {
    const okta = await anOrg();
    okta.faults.add({ on: /./, times: Infinity, effect: status(503) });
    const directory = aDirectory(okta);
    const reads = Array.from({ length: 100 }, (_, number) => directory.members(`00g${number}`));
    const startedAt = okta.clock.now();
    const ends = await Promise.allSettled(reads);
    const reasons = ends.map((end) =>
      end.status === 'rejected' && end.reason instanceof SourceError ? end.reason : null,
    );
    expect(reasons).not.toContain(null);
    expect(okta.clock.now() - startedAt).toBeLessThanOrEqual(30_000);

    okta.faults.clear();
    expect(await directory.groups()).toEqual([]);
  });
});

describe('an answer that makes no sense ends the read at once:', () => {
  test.each([
    ['a page for people', html(), 'Okta answered 200 with something that is not JSON (text/html)'],
    ['half a list', status(200, '[{"id":"00g1",', {}), 'something that is not JSON (text/plain)'],
    ['an error body', errorBodyWith200(), 'the answer: expected a list, got an object'],
    ['null', rewrite((reply) => ({ ...reply, body: null })), 'the answer: expected a list, got null'],
    ['something not found', status(404, 'Not found'), 'not in the form of an Okta error): is okta.orgUrl'],
    ['a list not found', status(404), 'is okta.orgUrl the address of the Okta org itself?'],
    ['a refusal of the request', status(400), 'Okta answered 400 (E0000001: '],
  ])('%s', async (_, effect, message) => {
    const okta = await anOrgThat(effect);
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(/^GET \/api\/v1\/groups: /);
    expect(error.message).toContain(message);
    expect(okta.requests).toHaveLength(1);
  });

  test('a member list that is not found, and not by Okta', async () => {
    const okta = await anOrg();
    const { id } = okta.state.addGroup({ name: 'Data' });
    okta.faults.add({ on: 'okta.group.users', effect: status(404, '<html>No such page</html>') });
    expect(await errorOf(aDirectory(okta).members(id))).toBeInstanceOf(SourceError);
  });

  test('a redirect, which is not followed', async () => {
    const elsewhere = await anOrg();
    const okta = await anOrgThat(status(302, '', { location: `${elsewhere.url}/login?token=x` }));
    const error = await errorOf(aDirectory(okta).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain(`it redirects to ${elsewhere.url}, which is not followed`);
    expect(elsewhere.requests).toEqual([]);
  });
});

describe('an API token', () => {
  test('that is wrong is named, with the fix', async () => {
    const okta = await anOrg();
    const error = await errorOf(aDirectory(okta, { credentials: { apiToken: '00nobodysToken' } }).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(
      /^GET \/api\/v1\/groups: Okta answered 401 \(E0000011: .*\)\. The API token is wrong, revoked or expired/,
    );
    expect(okta.requests).toHaveLength(1);
  });

  test.each([
    ['groups', { all: true }, LIST, 'whose role may view groups and their members'],
    ['the app', { app: '0oa1' }, 'okta.app.groups', 'whose role may view applications'],
  ] as const)('that may not read %s names the role', async (_, selection, on, fix) => {
    const okta = await anOrg();
    okta.faults.add({ on, effect: status(403) });
    const error = await errorOf(aDirectory(okta, { selection }).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(/^GET \/api\/v1\/.*: Okta answered 403 \(E0000006: /);
    expect(error.message).toContain(fix);
  });

  test('may have white space around it, and not a line break within', async () => {
    const okta = await anOrg();
    const { apiToken } = okta.credentials;
    expect(await aDirectory(okta, { credentials: { apiToken: `${apiToken}\n` } }).groups()).toEqual([]);
    const error = await errorOf(
      aDirectory(okta, { credentials: { apiToken: `00secret\n${apiToken}` } }).groups(),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(inspect(error, { depth: 10 })).not.toContain('00secret');
  });

  test('is in no error, whatever the answer repeats', async () => {
    const apiToken = '00verySecretToken';
    const echo = `You sent SSWS ${apiToken}`;
    const headers = {
      location: `https://elsewhere.example/?t=${apiToken}`,
      'x-echo': echo,
      'content-type': echo,
    };
    for (const code of [200, 302, 400, 401, 403, 404, 429, 500]) {
      for (const body of [{ errorCode: apiToken, errorSummary: echo }, { error: echo }, echo]) {
        const okta = await anOrg({ apiToken });
        okta.faults.add({ on: LIST, times: Infinity, effect: status(code, body, headers) });
        const error = await errorOf(aDirectory(okta).groups());
        expect(error.message).not.toContain(apiToken);
        expect(inspect(error, { depth: 10 })).not.toContain(apiToken);
      }
    }
  });
});

describe('the environment', () => {
  test('has no say: neither OKTA_CLIENT_*, nor a proxy, nor an okta.yaml', async () => {
    const okta = await anOrg();
    const elsewhere = await anOrg();
    const home = await mkdtemp(join(tmpdir(), 'okta-home-'));
    onTestFinished(() => rm(home, { recursive: true }));
    await mkdir(join(home, '.okta'));
    const client = { orgUrl: elsewhere.url, token: '00other', userAgent: 'other' };
    await writeFile(join(home, '.okta', 'okta.yaml'), JSON.stringify({ okta: { client } }));

    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HOME', home);
    vi.stubEnv('OKTA_CLIENT_ORGURL', elsewhere.url);
    vi.stubEnv('OKTA_CLIENT_TOKEN', '00other');
    vi.stubEnv('OKTA_CLIENT_AUTHORIZATIONMODE', 'PrivateKey');
    vi.stubEnv('OKTA_CLIENT_CLIENTID', '0oaOther');
    vi.stubEnv('HTTPS_PROXY', elsewhere.url);
    vi.stubEnv('https_proxy', elsewhere.url);
    expect(homedir()).toBe(home);

    expect(await aDirectory(okta).groups()).toEqual([]);
    expect(okta.requests[0]?.headers['user-agent']).toBe('okta-secoda-sync');
    expect(elsewhere.requests).toEqual([]);

    await writeFile(join(home, '.okta', 'okta.yaml'), 'token: [00other');
    expect(await aDirectory(okta).groups()).toEqual([]);

    vi.stubEnv('https_proxy', 'http://ada:secret@[::proxy');
    expect(() => aDirectory(okta)).toThrow(UsageError);
    expect(() => aDirectory(okta)).not.toThrow('secret');
  });

  test('does not decide where credentials go: only TLS, or loopback', async () => {
    const okta = await anOrg();
    for (const orgUrl of ['http://acme.okta.com', 'acme.okta.com', `${okta.url}/admin`]) {
      expect(() => createOktaDirectory(optionsFor(okta, { orgUrl }))).toThrow(UsageError);
    }
  });
});
