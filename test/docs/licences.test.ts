import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../lambda/settings/values.ts';
import { codesIn, read, ROOT, rowsBelow } from './pages.ts';

const PAGE = 'docs/decisions/0001-dependencies.md';
/** Those that ask for a notice at most. */
const FREE = ['MIT', 'MIT-0', 'Apache-2.0', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause'];

const json = (path: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(read(path));
  return isObject(value) ? value : {};
};
const namesIn = (value: unknown) => Object.keys(isObject(value) ? value : {}).sort();
const licenceOf = (folder: string) => String(json(`${folder}/package.json`)['license']);

describe('decision 1', () => {
  const chosen = rowsBelow(PAGE, '## Decision');
  const manifest = json('package.json');

  it('gives every dependency, and its licence', () => {
    const named = chosen.flatMap(([cell]) => codesIn(cell));
    expect(named.sort()).toEqual(
      [...namesIn(manifest['dependencies']), ...namesIn(manifest['devDependencies'])].sort(),
    );
    for (const [cell, licence] of chosen)
      for (const name of codesIn(cell)) expect(licenceOf(`node_modules/${name}`), name).toBe(licence);
  });

  it('names every package that runs under another licence than those that ask for a notice at most', () => {
    const { packages } = json('package-lock.json');
    const running = Object.entries(isObject(packages) ? packages : {})
      .filter(([folder, entry]) => folder !== '' && isObject(entry) && entry['dev'] !== true)
      .map(([folder]) => folder)
      .filter((folder) => existsSync(join(ROOT, folder)));
    expect(running.length).toBeGreaterThan(50);
    const others = running
      .map((folder) => ({ name: folder.replace(/^.*node_modules\//, ''), licence: licenceOf(folder) }))
      .filter(({ licence }) => !FREE.includes(licence))
      .map(({ name, licence }) => `${name}: ${licence}`);
    const documented = rowsBelow(PAGE, '## Licences of what runs').map(
      ([name, licence]) => `${codesIn(name)[0]}: ${licence}`,
    );
    expect([...new Set(others)].sort()).toEqual(documented.sort());
    for (const licence of FREE) expect(read(PAGE)).toContain(licence);
  });
});
