import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { init } from '../../lambda/commands/init.ts';
import { UsageError } from '../../lambda/errors.ts';
import { temporaryFolder } from '../services/store/temporary.ts';

type Given = Partial<Parameters<typeof init>[0]>;

/** What is written into an empty folder, or the problems. */
async function written({ file = 'acme.config.ts', ...given }: Given = {}, before: string | null = null) {
  const path = join(await temporaryFolder(), file);
  if (before !== null) await writeFile(path, before);
  const place = {
    orgUrl: 'https://acme.okta.com',
    region: 'eu',
    secodaUrl: undefined,
    app: undefined,
    okta: null,
  };
  const told = await init({ ...place, ...given, file: path }).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    return error.problems.map((each) => each.replace(path, 'FILE'));
  });
  const text = existsSync(path) ? await readFile(path, 'utf8') : null;
  return { told, text, path };
}

it('a configuration names what was given, and says what nobody gave', async () => {
  const { told, text, path } = await written({ app: "it's", orgUrl: 'https://x.okta.com' });
  expect(told).toEqual({
    file: path,
    groups: "groups assigned to the app it's",
    secoda: 'eu',
    assumed: null,
    replaced: false,
  });
  expect(text).toContain(String.raw`groups: { app: 'it\'s' },`);
  expect(text).toContain("orgUrl: 'https://x.okta.com',");
  expect(text).toContain("secoda: { region: 'eu' },");
  expect(text).toMatch(/^import \{ defineSync \} from '\.\.\/.*\/lambda\/settings\.ts';\n/);
  const all = await written();
  expect(all.told).toMatchObject({
    groups: 'all groups of Okta',
    assumed: expect.stringContaining('there are no credentials for Okta to list its apps with') as unknown,
  });
  expect(all.text).toContain('groups: { all: true },');
});

it('a workspace is where its address says, unless a region is given', async () => {
  const secodaUrl = 'https://acme.secoda.co';
  const { told, text } = await written({ region: undefined, secodaUrl });
  expect(told).toMatchObject({ secoda: secodaUrl });
  expect(text).toContain(`secoda: { url: '${secodaUrl}' },`);
  expect((await written({ secodaUrl })).text).toContain("secoda: { region: 'eu' },");
});

it('all that is missing or wrong is told at once, and nothing is written', async () => {
  const nothing = await written({ file: 'acme.json', orgUrl: undefined, region: undefined });
  expect(nothing.told).toEqual([
    'FILE: init writes a file that ends in .ts',
    expect.stringMatching(/^--org-url is needed/),
    "--region is needed: one of us, eu, apac, as the Secoda workspace's address says",
  ]);
  expect(nothing.text).toBeNull();
  const wrong = await written({ orgUrl: 'acme', region: 'mars', secodaUrl: 'nowhere' });
  expect(wrong.told).toEqual([
    expect.stringMatching(/^--org-url: expected .*, not "acme"$/),
    expect.stringMatching(/^--region "mars": one of us, eu, apac/),
    expect.stringMatching(/^SECODA_API_URL: expected .*, not "nowhere"$/),
  ]);
  const { told } = await written({ orgUrl: 'x'.repeat(100) });
  expect(told).toEqual([expect.stringContaining(`not "${'x'.repeat(59)}…"`)]);
});

it('only the shipped sample is written over', async () => {
  const edited = await written({}, "orgUrl: 'https://mine.okta.com'");
  expect(edited.told).toEqual([
    expect.stringMatching(/^FILE is there already, and init never writes over it/),
  ]);
  expect(edited.text).toBe("orgUrl: 'https://mine.okta.com'");
  const sample = await written({}, "orgUrl: 'https://acme.okta.com'");
  expect(sample.told).toMatchObject({ replaced: true });
  expect(sample.text).toContain('defineSync');
  expect((await written({ file: 'missing/acme.config.ts' })).told).toEqual([
    expect.stringMatching(/^FILE cannot be written \(ENOENT/),
  ]);
});
