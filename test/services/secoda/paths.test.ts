import { describe, expect, test } from 'vitest';
import { HeldClock } from '../../time/clock.ts';
import type { SecodaConnection } from '../../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { secodaWriter } from '../../../lambda/services/secoda/writer.ts';
import { SourceError, WriteError } from '../../../lambda/errors.ts';
import { rewrite, type SecodaEmulator, serve, Faults, status } from '../../emulators/index.ts';
import { aConnection, asked, aSecoda, errorOf, LoggingGate } from './setup.ts';

const CONTENT = { name: 'Data', description: 'All of it', userIds: [] };

function paths(secoda: SecodaEmulator): string[] {
  return secoda.requests.map(({ method, path }) => `${method} ${path}`);
}

async function writeEverything(connection: SecodaConnection): Promise<void> {
  const writer = secodaWriter(connection);
  const gate = new LoggingGate();
  const { group } = await writer.create(CONTENT, new Set(), gate);
  await writer.update(group, { name: 'Facts' }, gate);
  await writer.remove(group.id, gate);
}

describe.each([301, 308] as const)('a server that redirects with %i', (redirectStatus) => {
  test('to paths with a slash is asked so from the first read on, writes included', async () => {
    const secoda = await aSecoda({ slash: 'with', redirectStatus });
    const connection = aConnection(secoda);
    await secodaWorkspace(connection).groups();
    await secodaWorkspace(connection).users();
    await writeEverything(connection);
    const redirected = secoda.requests.filter(({ route }) => route === 'redirect');
    expect(redirected.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v1/auth/group']);
    expect(secoda.state.writes.map(({ effective }) => effective)).toEqual([true, true, true]);
  });

  test('is learned by a writer that has read nothing before', async () => {
    const secoda = await aSecoda({ slash: 'with', redirectStatus });
    await writeEverything(aConnection(secoda));
    expect(paths(secoda).slice(0, 3)).toEqual([
      'GET /api/v1/auth/group',
      'GET /api/v1/auth/group/',
      'POST /api/v1/auth/group/',
    ]);
    expect(secoda.requests.filter(({ route }) => route === 'redirect')).toHaveLength(1);
  });
});

test.each(['without', 'both'] as const)(
  'a server that wants paths %s a slash is never redirected',
  async (slash) => {
    const secoda = await aSecoda({ slash });
    const connection = aConnection(secoda);
    await secodaWorkspace(connection).users();
    await writeEverything(connection);
    expect(secoda.requests.filter(({ route }) => route === 'redirect')).toEqual([]);
    expect(paths(secoda).filter((path) => path.endsWith('/'))).toEqual([]);
  },
);

test('both lists can be the first to learn it at the same time', async () => {
  const secoda = await aSecoda({ slash: 'with' });
  const workspace = secodaWorkspace(aConnection(secoda));
  await Promise.all([workspace.users(), workspace.groups(), workspace.group('no-such-group')]);
  await workspace.users();
  expect(paths(secoda).at(-1)).toBe('GET /api/v1/user/');
});

test('a server that answers 404 to the form it does not want is asked in the other one', async () => {
  const secoda = await aSecoda({ slash: 'both' });
  const when = ({ path }: { path: string }) => !path.endsWith('/');
  const page = { 'content-type': 'text/html' };
  secoda.faults.add({ on: /.*/, when, times: Infinity, effect: status(404, '<h1>Not Found</h1>', page) });
  await writeEverything(aConnection(secoda));
  expect(secoda.state.writes).toHaveLength(3);
});

test.each([
  ['Secoda itself in the form that was tried first', true, null],
  ['something in front of it', false, 'an HTML page'],
] as const)(
  'that a group is gone is taken from %s, whatever the other form says',
  async (_, itself, fault) => {
    const secoda = await aSecoda({ slash: 'both' });
    const when = ({ path }: { path: string }) => path.endsWith('/') === itself;
    const page = { 'content-type': 'text/html' };
    secoda.faults.add({ on: /.*/, when, times: Infinity, effect: status(404, '<h1>Not Found</h1>', page) });
    const read = secodaWorkspace(aConnection(secoda)).group('no-such-group');
    if (fault === null) expect(await read).toBeNull();
    else expect((await errorOf(read)).message).toContain(fault);
    expect(secoda.requests).toHaveLength(2);
  },
);

test('a write that has to learn the form first does not wait long for it, and says that nothing was written', async () => {
  const secoda = await aSecoda();
  const { id } = secoda.state.addGroup({ name: 'Old' });
  secoda.faults.add({ on: 'secoda.group.list', times: Infinity, effect: status(503) });
  const began = secoda.clock.now();
  const connection = aConnection(secoda);
  const error = await errorOf(
    secodaWriter(connection).update({ id, name: 'Old' }, CONTENT, new LoggingGate()),
  );
  expect(error.message).toMatch(/^Nothing was written: GET \/api\/v1\/auth\/group .*503/);
  expect(secoda.clock.now() - began).toBeLessThanOrEqual(10_000);
  expect(secoda.state.writes).toEqual([]);
});

test('a redirect that names plain http behind a TLS proxy is understood, and the key stays on the origin', async () => {
  const secoda = await aSecoda({ slash: 'with' });
  const { host } = new URL(secoda.url);
  const effect = rewrite((reply) => ({
    ...reply,
    headers: reply.headers.map(([name, value]) => [name, `https://${host}${value}`] as const),
  }));
  secoda.faults.add({ on: 'redirect', effect });
  expect(await secodaWorkspace(aConnection(secoda)).groups()).toEqual([]);
  expect(paths(secoda)).toEqual(['GET /api/v1/auth/group', 'GET /api/v1/auth/group/']);
});

test('a write that is redirected to the other form after all is sent again as the write it is', async () => {
  const secoda = await aSecoda();
  const { id } = secoda.state.addGroup({ name: 'Old' });
  const connection = aConnection(secoda);
  await secodaWorkspace(connection).groups();
  secoda.faults.add({
    on: 'secoda.group.update',
    effect: status(301, '', { location: `/api/v1/auth/group/${id}/` }),
  });
  const gate = new LoggingGate();
  await secodaWriter(connection).update({ id, name: 'Old' }, CONTENT, gate);
  const [first, second] = secoda.requests.slice(1);
  expect([first?.method, first?.path]).toEqual(['PATCH', `/api/v1/auth/group/${id}`]);
  expect([second?.method, second?.path]).toEqual(['PATCH', `/api/v1/auth/group/${id}/`]);
  expect(second?.body).toBe(first?.body);
  expect(gate.log).toEqual(['enter', 'leave', 'enter', 'leave']);
  expect(secoda.state.group(id).name).toBe('Data');
});

describe('a redirect to another host', () => {
  async function twoServers(on: string | RegExp) {
    const elsewhere = await aSecoda();
    const secoda = await aSecoda();
    const { id } = secoda.state.addGroup({ name: 'Old' });
    const location = `${elsewhere.url}/api/v1/auth/group/?token=s3cret`;
    secoda.faults.add({ on, times: Infinity, effect: status(302, '', { location }) });
    return { secoda, elsewhere, id };
  }

  test('ends a read, and the host is never asked', async () => {
    const { secoda, elsewhere } = await twoServers(/list/);
    const error = await errorOf(secodaWorkspace(aConnection(secoda)).groups());
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toContain(`GET /api/v1/auth/group page 1 is redirected (302) to ${elsewhere.url};`);
    expect(error.message).not.toContain('s3cret');
    expect(elsewhere.requests).toEqual([]);
    expect(secoda.requests).toHaveLength(1);
  });

  test.each(['create', 'update', 'delete'])('leaves a %s without effect, and says so', async (kind) => {
    const { secoda, elsewhere, id } = await twoServers(`secoda.group.${kind}`);
    const writer = secodaWriter(aConnection(secoda));
    const gate = new LoggingGate();
    const attempts = {
      create: () => writer.create(CONTENT, new Set([id]), gate),
      update: () => writer.update({ id, name: 'Old' }, CONTENT, gate),
      delete: () => writer.remove(id, gate),
    };
    const attempt = Object.entries(attempts).find(([name]) => name === kind)?.[1];
    const error = await errorOf(Promise.resolve(attempt?.()));
    expect(error).toBeInstanceOf(WriteError);
    // It is the service that is at fault: a run does not go on like that with each of its groups.
    expect(error).toMatchObject({ server: true });
    expect(error.message).toContain(`was redirected (302) to ${elsewhere.url} and took no effect`);
    expect(elsewhere.requests).toEqual([]);
    expect(secoda.requests.filter(({ method }) => method !== 'GET')).toHaveLength(1);
    expect(secoda.state.group(id).name).toBe('Old');
  });
});

test('a server that redirects each form to the other ends a read', async () => {
  const faults = new Faults();
  const lease = (location: string) => status(301, '', { location });
  faults.add({
    on: /.*/,
    when: ({ path }) => path.endsWith('/'),
    times: Infinity,
    effect: lease('/api/v1/user'),
  });
  faults.add({ on: /.*/, times: Infinity, effect: lease('/api/v1/user/') });
  const server = await serve({
    name: 'turning server',
    clock: new HeldClock(),
    routes: [],
    faults,
    errorBody: (_, detail) => ({ detail }),
  });
  const secoda = await aSecoda();
  const connection = aConnection(secoda, { baseUrl: server.url });
  const error = await errorOf(secodaWorkspace(connection).users()).finally(() => server.close());
  expect(error).toBeInstanceOf(SourceError);
  expect(error.message).toContain('the same path with and without a slash at its end, in turn');
  expect(server.requests).toHaveLength(2);
});

test('an id is encoded in a path', async () => {
  const secoda = await aSecoda();
  expect(await secodaWorkspace(aConnection(secoda)).group('a b?c')).toBeNull();
  expect(asked(secoda)[0]).toBe('GET /api/v1/auth/group/a%20b%3Fc');
});
