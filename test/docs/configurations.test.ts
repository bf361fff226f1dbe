import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { isObject } from '../../lambda/settings/values.ts';
import { loadSettings } from '../../lambda/settings/load.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { blocks, pages, ROOT, spans } from './pages.ts';

const whole = blocks.filter(({ text }) => text.includes('defineSync('));
const BASE = { okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } }, secoda: { region: 'us' } };
const SECTIONS = [...Object.keys(BASE), 'name', 'groups', 'users', 'guard', 'schedule', 'dryRun', 'notify'];
const ASSIGNED = new RegExp(
  `^((?:${[...SECTIONS, 'events', 'secrets', 'archive'].join('|')})[\\w.]*): (.+)$`,
);

it('loads every configuration that a page shows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-docs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(whole.length).toBeGreaterThanOrEqual(3);
  for (const [index, { path, text }] of whole.entries()) {
    const file = join(folder, `sync.config.${index}.ts`);
    const settings = pathToFileURL(join(ROOT, 'lambda/settings.ts')).href;
    const code = text.startsWith('import')
      ? text
      : `import { defineSync } from './lambda/settings.ts';\n${text}`;
    await writeFile(file, code.replace("'./lambda/settings.ts'", `'${settings}'`));
    await expect(loadSettings(file, {}), path).resolves.toHaveProperty('okta');
  }
});

it('accepts every key and value that a page shows in passing', () => {
  const shown = pages
    .filter(({ path }) => !/decisions|CHANGELOG/.test(path))
    .flatMap(spans)
    .flatMap(({ path, code }) => {
      const [, key, value] = ASSIGNED.exec(code) ?? [];
      return key === undefined || value === undefined ? [] : [{ path, key, value }];
    });
  expect(shown.length).toBeGreaterThan(5);
  for (const { path, key, value } of shown) {
    // As JSON: what comes from another context has other prototypes.
    const given: unknown = JSON.parse(JSON.stringify(runInNewContext(`(${value})`)));
    const config = withValue(BASE, key.split('.'), given);
    expect(() => parseSettings(config), `${path}: ${key}: ${value}`).not.toThrow();
  }
});

/** A copy with this value at this path; an object adds to the one that is there. */
function withValue(config: object, [key = '', ...below]: readonly string[], value: unknown): object {
  const before: unknown = Object.entries(config).find(([name]) => name === key)?.[1];
  const inside = isObject(before) ? before : {};
  const joined = isObject(value) && key !== 'groups' ? { ...inside, ...value } : value;
  return { ...config, [key]: below.length === 0 ? joined : withValue(inside, below, value) };
}
