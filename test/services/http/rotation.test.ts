import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Renewal } from '../../../lambda/services/http/renewal.ts';
import type { OktaCredentials } from '../../../lambda/settings/credentials.ts';
import { SecodaConnection } from '../../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { secodaWriter } from '../../../lambda/services/secoda/writer.ts';
import { AccessError, LeaseOver } from '../../../lambda/errors.ts';
import { startOkta, status } from '../../emulators/index.ts';
import { aDirectory, errorOf } from '../okta/setup.ts';
import { aConnection, aSecoda, LoggingGate } from '../secoda/setup.ts';

/** Hands out these one after the other, then nothing newer; counts how often it was asked. */
function renewing<T>(...next: T[]) {
  const renew = () => {
    asked.times += 1;
    return Promise.resolve(next.shift() ?? null);
  };
  const asked = { times: 0, renew };
  return asked;
}

async function anOrgOfSix(latencyMs = 0) {
  const okta = await startOkta({ latencyMs });
  onTestFinished(() => okta.close());
  const ids = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => okta.state.addGroup({ name }).id);
  return { okta, ids };
}

const refusals = (requests: readonly { readonly status: number | null }[]): number =>
  requests.filter(({ status }) => status === 401).length;

describe('an API token of Okta that is rotated in the middle of reading', () => {
  test('is taken up, once for all parallel requests', async () => {
    const { okta, ids } = await anOrgOfSix(20);
    const keeper = renewing({ apiToken: '00new' });
    const directory = aDirectory(okta, { renew: keeper.renew });
    await directory.groups();
    okta.rotateApiToken('00new');
    const read = await Promise.all(ids.map((id) => directory.members(id)));
    expect(read).toEqual(ids.map(() => []));
    expect(keeper.times).toBe(1);
    expect(refusals(okta.requests)).toBeLessThanOrEqual(ids.length);
    expect(okta.requests.at(-1)?.headers['authorization']).toBe('SSWS 00new');
  });

  test('may be rotated again', async () => {
    const { okta } = await anOrgOfSix();
    const keeper = renewing({ apiToken: '00second' }, { apiToken: '00third' });
    const directory = aDirectory(okta, { renew: keeper.renew });
    for (const token of ['00second', '00third']) {
      okta.rotateApiToken(token);
      expect(await directory.groups()).toHaveLength(6);
    }
    expect(keeper.times).toBe(2);
  });

  test.each([
    ['nothing newer', null],
    ['the same token', { apiToken: '00emulatedApiToken_5d7' }],
    ['another token that is refused too', { apiToken: '00wrong' }],
  ])('ends the reads when there is %s, having asked once for each that was refused', async (_, next) => {
    const { okta, ids } = await anOrgOfSix();
    const keeper = renewing(next);
    const directory = aDirectory(okta, { renew: keeper.renew });
    okta.rotateApiToken('00unknown');
    const error = await errorOf(directory.groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('The API token is wrong, revoked or expired');
    expect(refusals(okta.requests)).toBe(next?.apiToken === '00wrong' ? 2 : 1);
    expect(keeper.times).toBe(1);
    await errorOf(directory.members(ids[0] ?? ''));
    expect(keeper.times).toBe(next?.apiToken === '00wrong' ? 2 : 1);
  });

  test('tells why the credentials could not be fetched again', async () => {
    const { okta } = await anOrgOfSix();
    okta.rotateApiToken('00unknown');
    const renew = () => Promise.reject(new Error('the secret is not there'));
    const error = await errorOf(aDirectory(okta, { renew }).groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toMatch(
      /The API token is wrong.* They could not be fetched again: the secret is not there$/,
    );
  });
});

describe('the key of a service app of Okta that is rotated in the middle of reading', () => {
  const app = (clientId: string, privateKey: string): { credentials: OktaCredentials } => ({
    credentials: { clientId, privateKey },
  });

  test('is taken up with a new session, once for all parallel requests', async () => {
    const { okta, ids } = await anOrgOfSix(20);
    const { clientId, privateKeyJwk } = okta.credentials;
    const keeper = renewing<OktaCredentials>();
    const next = { privateKey: privateKeyJwk };
    const renew = async () => {
      await keeper.renew();
      return { clientId, ...next };
    };
    const directory = aDirectory(okta, { ...app(clientId, privateKeyJwk), renew });
    await directory.groups();
    next.privateKey = await okta.rotateServiceKey();
    const read = await Promise.all(ids.map((id) => directory.members(id)));
    expect(read).toEqual(ids.map(() => []));
    expect(keeper.times).toBe(1);
    // The first token, one that the old key was refused, and one with the new key.
    expect(okta.requests.filter(({ route }) => route === 'okta.token').map(({ status }) => status)).toEqual([
      200, 401, 200,
    ]);
  });

  test('is taken up where Okta says with a 400 that it does not know the client', async () => {
    const { okta } = await anOrgOfSix();
    const { clientId, privateKeyJwk } = okta.credentials;
    okta.faults.add({ on: 'okta.token', effect: status(400, { error: 'invalid_client' }) });
    const renew = () => Promise.resolve({ clientId, privateKey: privateKeyJwk });
    const directory = aDirectory(okta, { ...app('0oaOld', privateKeyJwk), renew });
    expect(await directory.groups()).toHaveLength(6);
  });

  test('may give way to an API token', async () => {
    const { okta } = await anOrgOfSix();
    const { clientId, privateKeyJwk, apiToken } = okta.credentials;
    const keeper = renewing<OktaCredentials>({ apiToken });
    await okta.rotateServiceKey();
    const directory = aDirectory(okta, { ...app(clientId, privateKeyJwk), renew: keeper.renew });
    expect(await directory.groups()).toHaveLength(6);
  });

  test('ends the reads when there is nothing newer', async () => {
    const { okta } = await anOrgOfSix();
    const { clientId, privateKeyJwk } = okta.credentials;
    const keeper = renewing<OktaCredentials>();
    const directory = aDirectory(okta, { ...app(clientId, privateKeyJwk), renew: keeper.renew });
    await directory.groups();
    await okta.rotateServiceKey();
    const error = await errorOf(directory.groups());
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('invalid_client');
    expect(keeper.times).toBe(1);
  });
});

describe('an API key of Secoda that is rotated', () => {
  const NEW = 'rotated-secoda-key';

  test('in the middle of reading is taken up', async () => {
    const secoda = await aSecoda({ pageSize: 2, maxPageSize: 2 });
    for (const email of ['a@b.c', 'd@e.f', 'g@h.i']) secoda.state.addUser({ email });
    const keeper = renewing({ apiKey: NEW });
    const workspace = secodaWorkspace(aConnection(secoda, { renew: keeper.renew }));
    secoda.faults.add({
      on: 'secoda.user.list',
      effect: {
        name: 'rotate',
        kind: 'rewrite',
        change: (answer) => {
          secoda.rotateKey(NEW);
          return answer;
        },
      },
    });
    expect(await workspace.users()).toHaveLength(3);
    expect(refusals(secoda.requests)).toBe(1);
    expect(await workspace.groups()).toEqual([]);
    expect(keeper.times).toBe(1);
  });

  test('between two writes is taken up, through the gate, and each takes effect once', async () => {
    const secoda = await aSecoda();
    const keeper = renewing({ apiKey: NEW });
    const connection = aConnection(secoda, { renew: keeper.renew });
    const writer = secodaWriter(connection);
    const gate = new LoggingGate();
    const content = (name: string) => ({ name, description: '', userIds: [] });
    const { group: first } = await writer.create(content('First'), new Set(), gate);
    secoda.rotateKey(NEW);
    gate.log.length = 0;
    const { group: second } = await writer.create(content('Second'), new Set([first.id]), gate);
    expect(gate.log).toEqual(['enter', 'leave', 'enter', 'leave']);
    await writer.update(first, content('Renamed'), gate);
    await writer.remove(second.id, gate);
    expect([...secoda.state.groups.values()].map(({ name }) => name)).toEqual(['Renamed']);
    expect(refusals(secoda.requests)).toBe(1);
    expect(connection.traffic()).toMatchObject({ writes: 5, retries: 1 });
    expect(keeper.times).toBe(1);
  });

  test('is not used once the lease is over', async () => {
    const secoda = await aSecoda();
    const connection = aConnection(secoda, { renew: renewing({ apiKey: NEW }).renew });
    const writer = secodaWriter(connection);
    await secodaWorkspace(connection).users();
    secoda.rotateKey(NEW);
    let entered = 0;
    const gate = {
      enter: () => ((entered += 1) > 1 ? Promise.reject(new LeaseOver('over')) : Promise.resolve()),
      leave: () => undefined,
      throttled: () => undefined,
    };
    const content = { name: 'Late', description: '', userIds: [] };
    expect(await errorOf(writer.create(content, new Set(), gate))).toBeInstanceOf(LeaseOver);
    expect(secoda.state.groups.size).toBe(0);
  });

  test('ends a write when there is nothing newer, and shows neither key', async () => {
    const secoda = await aSecoda();
    const keeper = renewing({ apiKey: NEW });
    const connection = aConnection(secoda, { renew: keeper.renew });
    await secodaWorkspace(connection).users();
    secoda.faults.add({
      on: 'secoda.group.create',
      times: Infinity,
      effect: {
        name: 'echo',
        kind: 'rewrite',
        change: () => ({
          status: 401,
          headers: [],
          body: { detail: `neither ${secoda.credentials.apiKey} nor ${NEW}` },
        }),
      },
    });
    const content = { name: 'Never', description: '', userIds: [] };
    const error = await errorOf(secodaWriter(connection).create(content, new Set(), new LoggingGate()));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.message).toContain('neither [hidden] nor [hidden]');
    const printed = inspect([error, connection], { depth: 10, showHidden: true });
    expect(printed).not.toContain(secoda.credentials.apiKey);
    expect(printed).not.toContain(NEW);
  });

  test('for one that cannot stand in a header stays what it is, and the reason is told', async () => {
    const secoda = await aSecoda();
    const renew = () => Promise.resolve({ apiKey: 'with a\nbreak' });
    secoda.rotateKey('unknown');
    const connection = new SecodaConnection({
      baseUrl: secoda.url,
      apiKey: secoda.credentials.apiKey,
      clock: aConnection(secoda).clock,
      random: () => 0,
      renew,
    });
    const error = await errorOf(secodaWorkspace(connection).users());
    expect(error.message).toMatch(/They could not be fetched again: The Secoda API key is empty or holds/);
  });
});

test('credentials that were refused before are no renewal', async () => {
  const answers = [{ apiKey: 'b' }, { apiKey: 'a' }];
  const renewal = new Renewal({ apiKey: 'a' }, () => Promise.resolve(answers.shift() ?? null));
  expect(await renewal.after(1)).toBe(true);
  expect(await renewal.after(1)).toBe(true);
  // Nobody asks, or repeats a request, for those any more.
  for (let n = 0; n < 2; n++) expect(await renewal.after(2)).toBe(false);
  expect(renewal.current).toEqual({ apiKey: 'b' });
  expect(answers).toEqual([]);
});
