import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../lambda/aws/events/request.ts';
import { isObject } from '../lambda/settings/values.ts';
import { parseSettings, toJson } from '../lambda/settings.ts';
import { USAGE } from '../lambda/render/usage.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const read = (path: string) => readFileSync(posix.join(ROOT, path), 'utf8');
const there = (path: string) => existsSync(posix.join(ROOT, path));
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).map((path) => ({ path, text: read(path) }));
const prose = (text: string) => text.replace(/^ *```[\s\S]*?^ *```$/gm, '');

/** The anchors that a page's headings get. */
function anchorsOf(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** “page → target” for each link within the project that leads nowhere. */
function broken({ path, text }: { readonly path: string; readonly text: string }): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const page = file === '' ? path : posix.join(posix.dirname(path), file);
    const found = there(page) && (anchor === undefined || anchorsOf(read(page)).includes(anchor));
    return found ? [] : [`${path} → ${target}`];
  });
}

/** `a.b` for each value that a configuration can hold; a limit or a list counts as one. */
function keysOf(value: unknown, path: readonly string[] = []): string[] {
  if (!isObject(value) || path[0] === 'schedule' || (path[0] === 'guard' && path.length === 2)) {
    return [path.join('.')];
  }
  const keys = Object.entries(value).flatMap(([key, below]) => keysOf(below, [...path, key]));
  return keys.length === 0 ? [path.join('.')] : keys;
}

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.flatMap(broken)).toEqual([]);
  });

  it('name no file that is not there', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...prose(text).matchAll(/`((?:lambda|infra|test|docs)\/[\w./-]*)`/g)].map(([, file = '']) => ({
        path,
        file,
      })),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ file }) => !there(file))).toEqual([]);
  });

  it('list every decision', () => {
    const index = read('docs/decisions/README.md');
    const files = globSync('[0-9]*.md', { cwd: posix.join(ROOT, 'docs/decisions') });
    expect(files.filter((file) => !index.includes(`(${file})`))).toEqual([]);
  });

  it('explain every key of the configuration', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:name-AbCdEf';
    const written: unknown = JSON.parse(
      toJson(
        parseSettings({
          okta: { orgUrl: 'https://acme.okta.com', groups: { app: '0oa1' } },
          secoda: { region: 'eu' },
          events: { okta: { eventSource: 'aws.partner/okta.com/acme/sync' } },
          secrets: { okta: arn, secoda: arn },
        }),
      ),
    );
    const table = read('docs/configuration.md');
    const keys = keysOf(written).map((key) => (key === 'okta.groups.app' ? 'okta.groups' : key));
    expect(keys).toContain('guard.memberRemovals');
    expect(keys.filter((key) => !table.includes(`\`${key}\``))).toEqual([]);
  });

  it('show only events that are understood', () => {
    const shown = ['docs/operations.md', 'docs/runbook.md'].flatMap((path) =>
      [...read(path).matchAll(/(?:start|--payload) '(\{.*?\})'/g)].map(([, json = '']) => json),
    );
    expect(shown.length).toBeGreaterThan(6);
    for (const json of shown) expect(() => readRequest(JSON.parse(json)), json).not.toThrow();
  });

  it('quote of the program only what it says', () => {
    const folded = (text: string) => text.replace(/\s+/g, ' ');
    const said = globSync('lambda/**/*.ts', { cwd: ROOT })
      .map((path) => folded(read(path).replace(/['`]\s*\+\s*['`]/g, '')))
      .join('\n');
    const quotes = [...folded(read('docs/runbook.md')).matchAll(/“((?:[^“”]|“X”)+)”/g)];
    const pieces = quotes.flatMap(([, quote = '']) => quote.split(/…|“X”/).map((piece) => piece.trim()));
    expect(pieces.length).toBeGreaterThan(30);
    expect(pieces.filter((piece) => !said.includes(piece))).toEqual([]);
  });

  it('explain every command, flag and variable that --help tells', () => {
    const explained = read('docs/commands.md') + read('docs/configuration.md');
    const told = USAGE.match(/--[a-z]+|\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    expect(told.length).toBeGreaterThan(12);
    const missing = told.filter((word) => word !== 'NAME_OR_ID' && !explained.includes(`\`${word}`));
    expect(missing).toEqual([]);
  });
});
