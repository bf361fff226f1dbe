import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { bundle } from '../../infra/bundler.ts';
import { synthesis } from './synthesis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'made-again-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether anything is deployed is decided by its hash, and by it anybody can see that what runs is what stands in version control. */
it('a function that is made twice is the same, bit for bit, and says nothing of where it was made', async () => {
  const folder = await aFolder();
  const { sync, start } = await synthesis();
  const config = join(folder, 'acme.config.json');
  await cp(join(dirname(sync.bundle), '..', 'acme.config.json'), config);
  for (const [entry, made] of [
    ['handler.ts', sync],
    ['start.ts', start],
  ] as const) {
    const again = join(folder, entry);
    await bundle(join(ROOT, 'lambda', entry), again, config);
    const [first, second] = await Promise.all([dirname(made.bundle), again].map(filesIn));
    expect(second, entry).toEqual(first);
    for (const place of [ROOT, folder, dirname(dirname(made.bundle))])
      expect(Object.values(first ?? {}).some((text) => text.includes(place))).toBe(false);
  }
});

it('a function has all that it imports beside it, and begins with little of it', async () => {
  const { sync, start } = await synthesis();
  for (const [{ bundle: made }, most] of [
    [sync, 1_000_000],
    [start, 500_000],
  ] as const) {
    const files = await filesIn(dirname(made));
    const imported = Object.values(files).flatMap((text) =>
      importsOf(text, /(?:\bfrom|\bimport\(?)"([^"]+)"/g),
    );
    expect(imported.length).toBeGreaterThan(20);
    expect(imported.filter((name) => !isBuiltin(name) && !Object.hasOwn(files, name.slice(2)))).toEqual([]);
    const atOnce = new Set(['index.mjs']);
    for (const name of atOnce)
      for (const file of importsOf(files[name] ?? '', /(?:\bfrom|\bimport)"\.\/([^"]+)"/g)) atOnce.add(file);
    expect([...atOnce].reduce((sum, name) => sum + (files[name] ?? '').length, 0)).toBeLessThan(most);
  }
});

it('a function is not made with an SDK of Okta that requires other files than it did', async () => {
  const folder = await aFolder();
  const sdk = join(folder, 'okta-sdk-nodejs', 'src');
  await mkdir(sdk, { recursive: true });
  const entry = join(sdk, 'oauth.js');
  for (const text of ["require('./jwt');", "require('./dpop');", "require('./dpop'); require('./dpop');"]) {
    await writeFile(entry, text);
    await expect(bundle(entry, join(folder, 'made'), entry)).rejects.toThrow(
      /oauth\.js does not require \.\/(dpop|jwt) once, as it did/,
    );
  }
});

/** What stands in each file of a folder, by its name. */
async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return Object.fromEntries(names.map((name, n) => [name, texts[n] ?? '']));
}

function importsOf(text: string, form: RegExp): readonly string[] {
  return [...text.matchAll(form)].map(([, name = '']) => name);
}
