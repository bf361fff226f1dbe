import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configText } from '../../lambda/commands/init.ts';
import { loadSettings } from '../../lambda/settings/load.ts';
import { status } from '../emulators/index.ts';
import { type Scenario, scenario, type ScenarioOptions } from './scenario.ts';

const SHIPPED = await readFile(new URL('../../sync.config.ts', import.meta.url), 'utf8');

/** `init` into a file of the stage's folder, and what stands there afterwards. */
async function init(stand: Scenario, ...flags: readonly string[]) {
  const file = join(stand.folder, 'acme.config.ts');
  const ended = await stand.sync('init', '--config', file, ...flags);
  const settings = ended.code === 0 ? await loadSettings(file, {}) : null;
  return { ...ended, file, settings };
}

const withoutPlaces = { environment: () => ({}) };
const withPlaces: ScenarioOptions = {
  environment: (okta, secoda) => ({
    OKTA_ORG_URL: okta.url,
    OKTA_API_TOKEN: okta.credentials.apiToken,
    SECODA_API_URL: secoda.url,
    SECODA_API_KEY: secoda.credentials.apiKey,
  }),
};
const PLACES = ['--org-url', 'https://acme.okta.com', '--region', 'eu'];

describe('init', () => {
  it('writes what the shipped configuration says, with the places that are given', async () => {
    const stand = await scenario(withoutPlaces);
    const { code, stdout, settings, file } = await init(stand, ...PLACES, '--app', '0oa1');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('groups assigned to the app 0oa1; Secoda eu'),
    ]);
    expect(settings).toMatchObject({
      okta: { orgUrl: 'https://acme.okta.com', selection: { app: '0oa1' } },
      secoda: { place: { region: 'eu' } },
    });
    const placeholders = {
      orgUrl: 'https://acme.okta.com',
      groups: { all: true },
      secoda: { region: 'us' },
    } as const;
    expect(configText({ settings: './lambda/settings.ts', ...placeholders })).toBe(SHIPPED);
    expect(stdout).toMatch(
      /Next:\n\n {2}export OKTA_API_TOKEN=…\n {2}export SECODA_API_KEY=…\n {2}npm run sync -- doctor/,
    );
    expect(stdout).toContain(`doctor --config ${file}`);
  });

  it('answers in JSON, and with the next command ready for a shell', async () => {
    const stand = await scenario(withoutPlaces);
    const file = join(stand.folder, 'our config.ts');
    const { stdout } = await stand.sync('init', '--config', file, ...PLACES, '--app', '0oa1', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ file, groups: 'groups assigned to the app 0oa1', secoda: 'eu', assumed: null, replaced: false },
      next: expect.arrayContaining([`npm run sync -- doctor --config '${file}'`]) as unknown,
    });
  });

  it.each<[string, readonly [id: string, label: string][], string[], string | RegExp]>([
    [
      'the app that is called Secoda',
      [
        ['0oa1', 'Secoda'],
        ['0oa2', 'Slack'],
      ],
      [],
      '0oa1',
    ],
    [
      'the app that is named',
      [
        ['0oa1', 'Secoda'],
        ['0oa2', 'Catalog'],
      ],
      ['--app', 'Catalog'],
      '0oa2',
    ],
    [
      'the app of the id that is given, whatever it is called',
      [
        ['0oa1', 'Secoda'],
        ['0oa2', 'Catalog'],
      ],
      ['--app', '0oa2'],
      '0oa2',
    ],
    [
      'nothing of several',
      [
        ['0oa1', 'Secoda'],
        ['0oa2', 'Secoda (test)'],
      ],
      [],
      /2 apps: Secoda \(0oa1\), Secoda \(test\) \(0oa2\); name one by its id with --app/,
    ],
    [
      'nothing that is not there',
      [['0oa2', 'Slack']],
      ['--app', 'Secoda'],
      /--app "Secoda": Okta lists no app/,
    ],
  ])('takes of Okta %s', async (_, apps, flags, expected) => {
    const stand = await scenario(withPlaces);
    for (const [id, label] of apps) stand.okta.state.addApp(id, label);
    const { code, stderr, settings } = await init(stand, ...flags);
    if (typeof expected === 'string') expect(settings?.okta.selection).toEqual({ app: expected });
    else expect([code, stderr]).toEqual([2, expect.stringMatching(expected)]);
  });

  it('takes all groups where no app is called Secoda, or the credentials may list none, and says so', async () => {
    const stand = await scenario(withPlaces);
    const none = await init(stand);
    expect(none.settings?.okta.selection).toEqual({ all: true });
    expect(none.stdout).toContain(
      "! Assumed: okta.groups is { all: true }, since no app of Okta is called Secoda: for the groups of one app put its id there, { app: '0oa1…' }.\n",
    );
    await rm(none.file);
    stand.okta.faults.add({ on: 'okta.app.list', times: Infinity, effect: status(403) });
    const denied = await init(stand);
    expect(denied.stdout).toContain('since the credentials may not list apps');
    await rm(denied.file);
    const named = await init(stand, '--app', 'Catalog');
    expect(named.stdout).toContain('groups assigned to the app Catalog;');
    expect(named.stdout).not.toContain('Assumed');
    await rm(named.file);
    const asked = stand.okta.requests.length;
    expect((await init(stand, '--app', '0oa1')).stdout).toContain('groups assigned to the app 0oa1;');
    expect(stand.okta.requests).toHaveLength(asked);
  });

  it('waits for Okta half a minute, and no longer', async () => {
    const stand = await scenario(withPlaces);
    const throttled = (seconds: number) =>
      stand.okta.faults.add({
        on: 'okta.app.list',
        effect: status(429, {}, { 'retry-after': `${seconds}` }),
      });
    throttled(20);
    const { file, ...waited } = await init(stand);
    expect(waited.code, waited.stderr).toBe(0);
    await rm(file);
    throttled(40);
    const { code, stderr } = await init(stand);
    expect([code, stderr]).toEqual([5, expect.stringContaining('it asks to wait 40 s')]);
  });

  it('ends where Okta does not answer as it should, and writes nothing', async () => {
    const stand = await scenario(withPlaces);
    stand.okta.faults.add({ on: 'okta.app.list', times: Infinity, effect: status(400) });
    const { code, stderr, file } = await init(stand);
    expect([code, existsSync(file)]).toEqual([5, false]);
    expect(stderr).toContain('/api/v1/apps');
  });

  it('never writes over what somebody edited, and over the shipped one', async () => {
    const stand = await scenario(withoutPlaces);
    const file = join(stand.folder, 'acme.config.ts');
    await writeFile(file, SHIPPED);
    const written = await init(stand, ...PLACES);
    expect([written.code, written.stdout]).toEqual([
      0,
      expect.stringContaining('  It replaces the sample that was shipped.\n'),
    ]);
    expect(written.stdout).toContain('since there are no credentials for Okta to list its apps with');
    await writeFile(file, 'export default {};\n');
    const { code, stderr } = await init(stand, ...PLACES);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('is there already, and init never writes over it'),
    ]);
    expect(await readFile(file, 'utf8')).toBe('export default {};\n');
  });

  it('names all that is missing or wrong at once', async () => {
    const stand = await scenario(withoutPlaces);
    const { code, stderr } = await stand.sync(
      'init',
      '--config',
      'x.json',
      '--org-url',
      'acme',
      '--region',
      'mars',
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/x\.json: init writes a file that ends in \.ts/);
    expect(stderr).toMatch(/--org-url: expected/);
    expect(stderr).toMatch(/--region "[^"]*": one of us, eu, apac/);
  });
});
