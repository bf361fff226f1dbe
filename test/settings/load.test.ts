import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { COMPILED } from '../compiled.ts';
import { isObject } from '../../lambda/settings/values.ts';

const LEAST = `{"okta":{"orgUrl":"https://acme.okta.com","groups":{"all":true}},"secoda":{"region":"us"}}`;
const SETTINGS = new URL('../../lambda/settings.ts', import.meta.url).href;
/** Loads as the product does, with Node's own loader, whose messages this is about. */
const LOAD = `
  const { loadSettings } = await import(${JSON.stringify(new URL('../../lambda/settings/load.ts', import.meta.url).href)});
  const [file] = process.argv.slice(1);
  const told = await loadSettings(file, process.env).catch(({ problems, stack }) => ({ problems: problems ?? [stack] }));
  console.log(JSON.stringify(told));
`;

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
const run = promisify(execFile);

async function load(
  file?: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const argv = ['--input-type=module', '-e', LOAD, ...(file === undefined ? [] : [file])];
  const { stdout } = await run(process.execPath, argv, { cwd: folder, env: { ...COMPILED, ...environment } });
  const told: unknown = JSON.parse(stdout);
  return isObject(told) ? told : {};
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

beforeEach(() => {
  for (const name of ['sync.config.ts', 'sync.config.json']) rmSync(join(folder, name), { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the configuration is loaded', () => {
  it('from sync.config.ts, unless told', async () => {
    write('sync.config.json', LEAST);
    write(
      'sync.config.ts',
      `import { defineSync } from '${SETTINGS}';\nexport default defineSync({ name: 'typed', ...${LEAST} });`,
    );
    expect(await load()).toMatchObject({ name: 'typed', secoda: { place: { region: 'us' } } });
  });

  it('from sync.config.json where there is no other', async () => {
    write('sync.config.json', LEAST);
    expect(await load()).toMatchObject({ name: 'okta' });
  });

  it('from the file that is named', async () => {
    expect(await load(write('other.json', LEAST))).toMatchObject({ name: 'okta' });
    expect(await load(write('other.js', `export default ${LEAST}`))).toMatchObject({ name: 'okta' });
  });
});

describe('the environment', () => {
  it('overrides both addresses', async () => {
    const file = write('a.json', LEAST);
    const settings = await load(file, {
      OKTA_ORG_URL: 'http://127.0.0.1:1/',
      SECODA_API_URL: 'https://acme.secoda.co',
    });
    expect(settings).toMatchObject({
      okta: { orgUrl: 'http://127.0.0.1:1' },
      secoda: { place: { url: 'https://acme.secoda.co' }, writesPerMinute: 30 },
    });
  });

  it('overrides nothing with an empty variable', async () => {
    const settings = await load(write('a.json', LEAST), { OKTA_ORG_URL: '', SECODA_API_URL: ' ' });
    expect(settings).toMatchObject({
      okta: { orgUrl: 'https://acme.okta.com' },
      secoda: { place: { region: 'us' } },
    });
  });

  it('is held to the same rules, both problems at once', async () => {
    const settings = await load(write('a.json', LEAST), {
      OKTA_ORG_URL: 'http://acme.okta.com',
      SECODA_API_URL: 'https://x:hunter2@a.co',
    });
    expect(settings).toEqual({
      problems: [
        expect.stringMatching(/^OKTA_ORG_URL: expected a URL that starts with https.*, got "http:\/\/acme/),
        expect.stringMatching(
          /^SECODA_API_URL: expected a URL without a user name.*, got "https:\/\/…@a.co"/,
        ),
      ],
    });
  });
});

describe('a problem is told in one line for', () => {
  it.each([
    [
      'no file',
      undefined,
      '',
      'sync.config.ts: there is no such file; name the configuration with --config FILE (for the stack: -c config=FILE)',
    ],
    ['another kind of file', 'a.yaml', 'x: 1', 'a.yaml: expected a file that ends in .ts, .js or .json'],
    ['no default export', 'none.ts', 'export const x = 1;', 'none.ts: has no default export; expected'],
    [
      'wrong TypeScript',
      'a.ts',
      'export default {\n  name: ,\n};',
      'a.ts: is not valid at line 2, column 9: ',
    ],
    ['an enum', 'b.ts', '\nenum A { B }', 'b.ts: is not valid at line 2, column 1: TypeScript enum'],
    ['wrong JavaScript', 'a.js', 'export default {\n  a b\n};', 'a.js: is not valid at line 2, column 5: '],
    ['a wrong import', 'c.ts', "import './nope.ts';", 'c.ts: imports what is not there: Cannot find module'],
    [
      'an error of its own',
      'd.ts',
      '\n\nthrow new Error("boo");',
      'd.ts: throws while it is loaded, at line 3: boo',
    ],
    ['a long error', 'g.ts', 'throw new Error("x".repeat(1000));', `, at line 1: ${'x'.repeat(299)}…`],
    ['something thrown', 'e.ts', 'throw "boo";', 'e.ts: throws boo while it is loaded'],
    [
      'an unexpected word in JSON',
      'a.json',
      '{\n  "a": x\n}',
      'a.json: not valid JSON at line 2, column 8 (Unexp',
    ],
    ['a comma too many in JSON', 'b.json', '{"a": 1,}', 'b.json: not valid JSON at line 1, column 9 ('],
    ['no JSON at all', 'e.json', 'x{}', 'e.json: not valid JSON at line 1, column 1 (Unexp'],
    ['JSON cut off', 'c.json', '{\n"a": "b', 'c.json: not valid JSON at line 2, column 8 ('],
    [
      'a key that stands there twice',
      'g.json',
      '{"a": {"b": ["c", "c"], "a": "c:c", "d": {"b": 1}},\n "\\u0061": 2, "{": "\\"a\\":"}',
      'g.json: the key "\\u0061" stands once more at line 2, column 2',
    ],
    ['an empty file', 'd.json', '', 'd.json: not valid JSON at line 1, column 1 (Unexpected end'],
    [
      'a wrong value',
      'f.json',
      LEAST.replace('us', 'uk'),
      "f.json: secoda.region: expected one of 'us', 'eu', 'apac'",
    ],
  ])('%s', async (_, file, text, expected) => {
    if (file !== undefined) write(file, text);
    const { problems } = await load(file);
    expect(problems).toEqual([expect.stringContaining(expected)]);
    expect(String(problems)).not.toContain('\n');
  });

  it('a folder of that name', async () => {
    mkdirSync(join(folder, 'h.json'));
    expect((await load('h.json')).problems).toEqual([
      expect.stringMatching(/^h\.json: cannot be read \(EISDIR/),
    ]);
  });
});
