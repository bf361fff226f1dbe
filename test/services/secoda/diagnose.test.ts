import { expect, test } from 'vitest';
import { diagnoseSecoda } from '../../../lambda/services/secoda/diagnose.ts';
import { skewed } from '../../emulators/clock.ts';
import {
  html,
  nextOnAnotherHost,
  repeatPage,
  resetBefore,
  type SecodaEmulator,
  type SecodaOptions,
  status,
  wrongCount,
} from '../../emulators/index.ts';
import { HeldClock } from '../../time/clock.ts';
import { aSecoda, optionsFor } from './setup.ts';

async function aWorkspace(options: SecodaOptions = {}): Promise<SecodaEmulator> {
  const secoda = await aSecoda(options);
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  secoda.state.addUser({ email: 'bob@acme.example', pending: true });
  secoda.state.addUser({ email: null });
  secoda.state.addGroup({ name: 'Data', users: [ada] });
  return secoda;
}

/** What is found, by what was looked at: `✓`, `✗` or `–` and the detail. */
async function diagnosis(secoda: SecodaEmulator, changes: Parameters<typeof optionsFor>[1] = {}) {
  const findings = await diagnoseSecoda(optionsFor(secoda, changes));
  expect(JSON.stringify(findings)).not.toContain(secoda.credentials.apiKey);
  for (const { ok, fix } of findings) expect(fix === null).toBe(ok !== false);
  const line = ({ ok, detail }: (typeof findings)[number]) =>
    `${ok === null ? '–' : ok ? '✓' : '✗'} ${detail}`;
  return Object.fromEntries(
    findings.map((finding) => [finding.check.replace('Secoda: ', ''), line(finding)]),
  );
}

const NOT_LOOKED = '– skipped: an earlier check failed';

test('all is well', async () => {
  const secoda = await aWorkspace();
  const { clock, ...found } = await diagnosis(secoda);
  expect(clock).toBe("✓ Secoda's clock is 0 s ahead of this machine's");
  expect(found).toEqual({
    address: `✓ ${secoda.url} answers`,
    'API key': '✓ accepted; whether it may change groups is for doctor --probe to show',
    paths: '✓ requests use no trailing slash',
    users:
      '✓ 3 listed, 1 without an address, 1 not active, 0 service accounts; told by pending, disabled, is_service_account',
    groups: '✓ 1 listed, with 1 memberships',
    pages: '✓ page_size is honoured; the next page is linked on the same origin',
  });
});

test.each([
  ['is_active', '1 not active, 0 service accounts; told by is_active'],
  ['none', 'nothing says who is active (none of pending, disabled, is_service_account, is_active)'],
] as const)('which fields of a user were seen is told: %s', async (userFields, words) => {
  const secoda = await aWorkspace({ userFields });
  expect((await diagnosis(secoda)).users).toContain(words);
});

test('service accounts are counted apart', async () => {
  const secoda = await aWorkspace();
  secoda.state.addUser({ email: 'etl@acme.example', serviceAccount: true });
  expect((await diagnosis(secoda)).users).toContain('1 not active, 1 service accounts');
});

test('nothing is written', async () => {
  const secoda = await aWorkspace();
  await diagnosis(secoda);
  expect(secoda.requests.every(({ method }) => method === 'GET')).toBe(true);
});

test('paths that end in a slash are told', async () => {
  expect(await diagnosis(await aWorkspace({ slash: 'with' }))).toMatchObject({
    paths: '✓ requests use a trailing slash',
  });
});

test('a page size that is ignored, capped or refused is told', async () => {
  const ignoring = await aWorkspace({ ignorePageSize: true });
  expect((await diagnosis(ignoring)).pages).toBe(
    '✓ page_size is ignored: 3 rows on a page, and all users are on the first',
  );
  const refusing = await aWorkspace();
  const when = ({ query }: { query: Readonly<Record<string, string>> }) => 'page_size' in query;
  refusing.faults.add({ on: /list/, when, times: Infinity, effect: status(400) });
  expect((await diagnosis(refusing)).pages).toBe(
    '✓ page_size is refused: pages are as long as Secoda makes them',
  );
});

test('a next page that repeats the first, or that cannot be had, is told', async () => {
  const when = ({ query }: { query: Readonly<Record<string, string>> }) => query['page'] === '2';
  for (const [effect, words] of [
    [repeatPage(), /^✗ the next page repeats the first$/],
    [html(), /^✗ .*an HTML page/],
  ] as const) {
    const secoda = await aWorkspace();
    secoda.faults.add({ on: 'secoda.user.list', when, times: Infinity, effect });
    expect((await diagnosis(secoda)).pages).toMatch(words);
  }
});

test('links on another host are told, and that host is never asked', async () => {
  const elsewhere = await aSecoda();
  const secoda = await aWorkspace();
  secoda.faults.add({ on: /list/, times: Infinity, effect: nextOnAnotherHost(elsewhere.url) });
  expect((await diagnosis(secoda)).pages).toBe(
    `✓ page_size is honoured; the next page is linked on ${elsewhere.url}, of which only the query is used`,
  );
  expect(elsewhere.requests).toEqual([]);
});

test('a clock that is off is told', async () => {
  const here = new HeldClock();
  const secoda = await aWorkspace({ clock: skewed(here, 300_000) });
  secoda.faults.add({ on: /list/, times: Infinity, effect: status(401) });
  const { clock } = await diagnosis(secoda, { clock: here });
  expect(clock).toBe("✗ Secoda's clock is 300 s ahead of this machine's");
});

test('a key that is not accepted is told, and what cannot be looked at then', async () => {
  const secoda = await aWorkspace();
  expect(await diagnosis(secoda, { apiKey: 'nobodys-key' })).toMatchObject({
    address: `✓ ${secoda.url} answers`,
    'API key':
      '✗ GET /api/v1/auth/group: Secoda does not accept the API key (401, Secoda said: Invalid token.)',
    paths: NOT_LOOKED,
    users: NOT_LOOKED,
    groups: NOT_LOOKED,
    pages: NOT_LOOKED,
  });
});

test.each([
  ['a server that is dead', resetBefore(), 'given up after'],
  ['something that is not Secoda', html(), 'without JSON: an HTML page'],
])('%s is told', async (_, effect, words) => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: /list/, times: Infinity, effect });
  const found = await diagnosis(secoda);
  expect(found.address).toMatch(/^✗ /);
  expect(found.address).toContain(words);
  expect(found['API key']).toBe(NOT_LOOKED);
});

test('a list that cannot be read completely is told, and the rest is looked at', async () => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.user.list', times: Infinity, effect: wrongCount(4) });
  const found = await diagnosis(secoda);
  expect(found.users).toContain('✗ GET /api/v1/user contradicted itself');
  expect(found.groups).toBe('✓ 1 listed, with 1 memberships');
});

test('an empty workspace is suspicious', async () => {
  const found = await diagnosis(await aSecoda());
  expect(found.users).toBe('✗ no users are listed');
  expect(found.pages).toBe('– there are not two users to page through');
});
