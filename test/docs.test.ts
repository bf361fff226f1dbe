import { globSync } from 'node:fs';
import { posix } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ASSIGNMENT_EVENT_TYPES, OKTA_EVENT_TYPES } from '../infra/events.ts';
import { readRequest } from '../lambda/aws/events/invocation.ts';
import type { Status } from '../lambda/core/report/report.ts';
import { AccessError, SourceError, UsageError } from '../lambda/errors.ts';
import { isObject } from '../lambda/settings/values.ts';
import { ALARMS, METRICS } from '../lambda/names.ts';
import { parseSettings, toJson } from '../lambda/settings.ts';
import { exitCode, UNEXPECTED_CHANGES } from '../lambda/terminal/conclude.ts';
import { UNKNOWNS } from '../lambda/core/report/finding.ts';
import { COMMANDS, FLAGS, usage } from '../lambda/terminal/flags.ts';
import { codesIn, type Page, pages, prose, read, ROOT, rowsBelow, spans, there } from './docs/pages.ts';

const sources = globSync('lambda/**/*.ts', { cwd: ROOT }).map(read);
const sorted = (words: Iterable<string>) => [...new Set(words)].sort();
const firstCells = (path: string, heading: string) =>
  rowsBelow(path, heading).flatMap(([cell]) => codesIn(cell));

/** Lists of figures and of changes, which nobody reads from end to end. */
const NOT_READ_THROUGH = new Set(['CHANGELOG.md']);

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
function broken({ path, text }: Page): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const page = file === '' ? path : posix.join(posix.dirname(path), file);
    const found = there(page) && (anchor === undefined || anchorsOf(read(page)).includes(anchor));
    return found ? [] : [`${path} → ${target}`];
  });
}

/** `a.b` and its default for each value that a configuration can hold; a limit or a list counts as one. */
function keysOf(value: unknown, path: readonly string[] = []): [string, unknown][] {
  if (!isObject(value) || path[0] === 'schedule' || (path[0] === 'guard' && path.length === 2))
    return [[path.join('.'), value]];
  const keys = Object.entries(value).flatMap(([key, below]) => keysOf(below, [...path, key]));
  return keys.length === 0 ? [[path.join('.'), value]] : keys;
}

/** What is said to whoever calls this. */
function said(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

const isAlarm = (word: string) => ALARMS.some((alarm) => alarm === word);

/** The words of a union of texts, as it is declared: a program has no other way to know them. */
function wordsOf(type: string): string[] {
  const declared = sources.flatMap((text) => {
    const [, words] = new RegExp(`^export type ${type} =([^;]+);`, 'm').exec(text) ?? [];
    return words ?? [];
  });
  expect(declared, `one declaration of ${type}`).toHaveLength(1);
  return sorted([...(declared[0] ?? '').matchAll(/'([^']+)'/g)].map(([, word = '']) => word));
}

describe('the documents', () => {
  it('have no link that leads nowhere', () => {
    expect(pages.length).toBeGreaterThan(15);
    expect(pages.flatMap(broken)).toEqual([]);
  });

  it('name no file that is not there', () => {
    const named = pages
      .flatMap(spans)
      .filter(({ code }) => /^(?:lambda|infra|test|docs)\/[\w./-]*$/.test(code));
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ code }) => !there(code))).toEqual([]);
  });

  it('draw only folders and files that are there', () => {
    const drawn = [
      ...read('docs/pictures/architecture.svg').matchAll(/class="folder"[^>]*>([^<]+)</g),
    ].flatMap(([, text = '']) => text.match(/[a-z]+(?:\/[a-z]+)*(?:\/|\.ts)/g) ?? []);
    expect(drawn.length).toBeGreaterThan(12);
    expect(drawn.filter((path) => !there(`lambda/${path}`) && !there(`lambda/core/${path}`))).toEqual([]);
  });

  it('are pages of at most 400 lines, and a README of 200, in which nothing is wider than a screen', () => {
    const lines = pages
      .filter(({ path }) => !NOT_READ_THROUGH.has(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n') }));
    const long = lines.filter((page) => page.lines.length > (page.path === 'README.md' ? 201 : 401));
    expect(long.map(({ path }) => path)).toEqual([]);
    const wide = lines.flatMap((page) =>
      page.lines.flatMap((line, index) => (line.length > 130 ? [`${page.path}:${index + 1}`] : [])),
    );
    expect(wide).toEqual([]);
  });

  it('list every decision', () => {
    const index = read('docs/decisions/README.md');
    const files = globSync('[0-9]*.md', { cwd: posix.join(ROOT, 'docs/decisions') });
    expect(files.filter((file) => !index.includes(`(${file})`))).toEqual([]);
  });

  it('show only events that are understood', () => {
    const shown = ['docs/operations.md', 'docs/runbook.md', 'docs/alarms.md'].flatMap((path) =>
      [...read(path).matchAll(/(?:start|approve|--payload) '(\{.*?\})'/g)].map(([, json = '']) => json),
    );
    expect(shown.length).toBeGreaterThan(6);
    for (const json of shown) {
      const alias = json.includes('"approve"') ? ':approve' : '';
      expect(() => readRequest(JSON.parse(json), alias), json).not.toThrow();
    }
  });

  it('quote of the program only what it says', () => {
    const folded = (text: string) => text.replace(/\s+/g, ' ');
    const said = sources.map((text) => folded(text.replace(/['`]\s*\+\s*['`]/g, ''))).join('\n');
    const quotes = [...folded(read('docs/runbook.md')).matchAll(/“((?:[^“”]|“X”)+)”/g)];
    const pieces = quotes.flatMap(([, quote = '']) => quote.split(/…|“X”/).map((piece) => piece.trim()));
    expect(pieces.length).toBeGreaterThan(30);
    expect(pieces.filter((piece) => !said.includes(piece))).toEqual([]);
  });
});

/** Of every table that has a key and its default. */
const configurationRows = () =>
  [...read('docs/configuration.md').matchAll(/^## .+$/gm)]
    .flatMap(([heading]) => rowsBelow('docs/configuration.md', heading))
    .filter((row) => row.length === 3);

describe('what the code has, the documents have, and nothing else', () => {
  it('what nobody knows of the services, with why either answer is safe', () => {
    const [, open = ''] = read('docs/emulators.md').split('## What nobody knows');
    const asked = [...open.matchAll(/\*\*([^*]+\?)\*\* \S/g)].map(([, question]) =>
      question?.replaceAll('\n', ' ').replace(/ +/g, ' '),
    );
    expect(asked).toEqual(UNKNOWNS.map(([question]) => question));
  });

  const commands = rowsBelow('docs/commands.md', '# Commands');

  it('commands', () => {
    const named = commands.flatMap(([cell]) => codesIn(cell)).filter((code) => !code.startsWith('--'));
    expect(sorted(named.map((code) => code.split(' ')[0] ?? ''))).toEqual(sorted(COMMANDS));
  });

  it('flags, with the commands they go with', () => {
    const named = codesIn(commands.map(([cell]) => cell).join(' ')).flatMap(
      (code) => code.match(/--[a-z-]+/g) ?? [],
    );
    expect(sorted(named)).toEqual(sorted(FLAGS.map(({ name }) => `--${name}`)));
    for (const [flag, goesWith] of commands.filter(([cell]) => cell?.startsWith('`--'))) {
      const only = FLAGS.find(({ name }) => flag?.startsWith(`\`--${name}`))?.only;
      if (flag !== '`--help`, `--version`') expect(codesIn(goesWith), flag).toEqual(only ?? []);
    }
    const told = usage().match(/--[a-z-]+/g) ?? [];
    expect(sorted(told.filter((flag) => flag !== '--help'))).toEqual(
      sorted(named.filter((flag) => flag !== '--help')),
    );
  });

  it('exit codes and what they stand for', () => {
    const statuses = wordsOf('Status');
    const documented = rowsBelow('docs/commands.md', '## Exit codes');
    expect(sorted(documented.flatMap(([, status]) => codesIn(status)))).toEqual(statuses);
    const failures = [new Error('x'), new UsageError(['x']), new SourceError('x'), new AccessError('x')];
    const codes = [
      ...statuses.map((status) => exitCode(status as Status, null)),
      ...failures.map((error) => exitCode(null, error)),
      UNEXPECTED_CHANGES,
      ...(read('lambda/cli.ts').match(/\b1[34]\d\b/g) ?? []).map(Number),
    ];
    expect(sorted(documented.flatMap(([code]) => code?.split(', ') ?? []))).toEqual(
      sorted(codes.map(String)),
    );
  });

  it('keys of the configuration, with their defaults', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:name-AbCdEf';
    const defaults: unknown = JSON.parse(
      toJson(
        parseSettings({
          okta: { orgUrl: 'https://acme.okta.com', groups: { app: '0oa1' } },
          secoda: { region: 'eu' },
          events: { okta: { eventSource: 'aws.partner/okta.com/acme/sync' } },
          secrets: { okta: arn, secoda: arn },
        }),
      ),
    );
    const settings = keysOf(defaults).map(
      ([key, value]) => [key.replace('groups.app', 'groups'), value] as const,
    );
    const rows = configurationRows();
    const keys = rows.flatMap(([cell]) => codesIn(cell));
    expect(sorted(keys)).toEqual(sorted([...settings.map(([key]) => key), 'secoda.url']));
    for (const [cell, written] of rows) {
      const [shown] = codesIn(written);
      if (shown === undefined) continue;
      const value = settings.find(([key]) => codesIn(cell).includes(key))?.[1];
      expect(JSON.parse(JSON.stringify(runInNewContext(`(${shown})`))), cell).toEqual(value);
    }
  });

  it('variables of the environment', () => {
    const told = usage().match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    const named = firstCells('docs/configuration.md', '## Environment');
    expect(told.filter((name) => name !== 'NAME_OR_ID' && !named.includes(name))).toEqual([]);
    const known = sources.join('\n');
    expect(named.filter((name) => name !== 'AWS_…' && !known.includes(name))).toEqual([]);
  });

  it('events', () => {
    const keys = sorted(
      firstCells('docs/events.md', '## Every event').flatMap((json) => json.match(/\w+(?=":)/g) ?? []),
    );
    const asked: Readonly<Record<string, unknown>> = {
      dryRun: false,
      groups: ['a'],
      full: true,
      approve: '0123456789abcdef',
      onboard: ['a@b.c'],
      explain: { person: 'a@b.c' },
    };
    expect(keys).toEqual(sorted(Object.keys(asked)));
    for (const key of keys)
      expect(
        () => readRequest({ [key]: asked[key] }, key === 'approve' ? ':approve' : ''),
        key,
      ).not.toThrow();
    const accepted = said(() => readRequest({ unheardOf: true }, '')).match(/"\w+"(?=:)/g) ?? [];
    expect(sorted(accepted.map((key) => key.slice(1, -1)))).toEqual(keys);
    const [, list = ''] = read('docs/events.md').split("Of Okta's events these count");
    expect(sorted(codesIn(list).filter((code) => /^(?:group|user)\./.test(code)))).toEqual(
      sorted([...OKTA_EVENT_TYPES, ...ASSIGNMENT_EVENT_TYPES]),
    );
  });

  it('alarms, each with a heading of its page', () => {
    expect(firstCells('docs/operations.md', '## Alarms, notices and the dashboard').filter(isAlarm)).toEqual([
      ...ALARMS,
    ]);
    const headings = [...read('docs/alarms.md').matchAll(/^## (\w+)$/gm)].map(([, heading = '']) => heading);
    expect(headings.filter(isAlarm)).toEqual([...ALARMS]);
  });

  it('metrics', () => {
    const { namespace, dimension, ...metrics } = METRICS;
    const named = firstCells('docs/operations.md', '## Alarms, notices and the dashboard');
    expect(sorted(named.filter((name) => !isAlarm(name)))).toEqual(sorted(Object.values(metrics)));
    expect(read('docs/operations.md')).toContain(
      `namespace \`${namespace}\` with the dimension \`${dimension}\``,
    );
  });

  it('kinds of warnings', () => {
    expect(sorted(firstCells('docs/records.md', '## Warnings'))).toEqual(wordsOf('WarningKind'));
  });
});
