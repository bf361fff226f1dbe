import { basename } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { circles, readSources, type Source, upwardImports } from './shape.ts';

const sources = readSources('lambda', 'infra', 'test');
const product = sources.filter(({ path }) => path.startsWith('lambda/'));
const inside = (folder: string) => product.filter(({ path }) => path.startsWith(folder));

/** “file → import” for every import that the test does not allow. */
function offences(files: readonly Source[], allowed: (target: string) => boolean): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((target) => !allowed(target)).map((target) => `${path} → ${target}`),
  );
}

describe('imports', () => {
  it('are looked at in the right place', () => {
    expect(inside('lambda/core/').length).toBeGreaterThan(20);
    expect(inside('lambda/services/').length).toBeGreaterThan(20);
    expect(product.flatMap(({ imports }) => imports).length).toBeGreaterThan(500);
  });

  it('go nowhere in circles, not even for types', () => {
    expect(circles(product)).toEqual([]);
  });

  it('go to their own layer or a lower one', () => {
    expect(upwardImports(product)).toEqual([]);
  });

  it('of the core go to the core alone: no package, nothing outside, of Node its hashes', () => {
    const isPure = (target: string) => target.startsWith('lambda/core/') || target === 'node:crypto';
    expect(offences(inside('lambda/core/'), isPure)).toEqual([]);
  });

  it('of services, archive and steps of a run do not go to the services of others', () => {
    const others = product.filter(({ path }) =>
      /^lambda\/(core|ports|settings\/|archive|render|run)/.test(path),
    );
    const address = 'lambda/services/http/checked.ts';
    expect(
      offences(others, (target) => !target.startsWith('lambda/services/') || target === address),
    ).toEqual([]);
  });

  it('of the product do not go to its tests', () => {
    expect(offences(product, (target) => !target.startsWith('test/'))).toEqual([]);
  });
});

describe('circles and layers', () => {
  const file = (path: string, ...imports: string[]): Source => ({
    path,
    imports,
    text: '',
    lines: 1,
    tree: ts.createSourceFile(path, '', ts.ScriptTarget.ESNext),
  });

  it('are found where there are any', () => {
    const around = [
      file('lambda/run/a.ts', 'lambda/run/b.ts'),
      file('lambda/run/b.ts', 'lambda/run/c.ts', 'lambda/core/d.ts'),
      file('lambda/run/c.ts', 'lambda/run/a.ts'),
      file('lambda/core/d.ts', 'lambda/run/a.ts'),
      file('lambda/elsewhere/e.ts'),
    ];
    expect(circles(around)).toEqual([
      ['lambda/core/d.ts', 'lambda/run/a.ts', 'lambda/run/b.ts', 'lambda/run/c.ts'],
    ]);
    expect(upwardImports(around)).toEqual([
      'lambda/core/d.ts → lambda/run/a.ts',
      'lambda/elsewhere/e.ts: in no layer',
    ]);
  });
});

describe('the core', () => {
  it('asks neither the clock nor chance nor the environment', () => {
    const asking =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bcrypto\.|\bsetTimeout\b|\bfetch\(/;
    expect(inside('lambda/core/').flatMap(({ path, text }) => (asking.test(text) ? path : []))).toEqual([]);
  });
});

describe('the files', () => {
  it('are no longer than 250 lines, tests 400', () => {
    const long = sources.filter(({ path, lines }) => lines > (path.startsWith('test/') ? 400 : 250));
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('say in their names what is in them', () => {
    const vague = /\b(utils?|helpers?|common|misc)\b/i;
    expect(sources.filter(({ path }) => vague.test(basename(path))).map(({ path }) => path)).toEqual([]);
  });
});

/** Casts, `any`, non-null assertions, and comments that silence a checker. */
function escapesIn({ tree, text }: Source): number {
  let count = text.match(/eslint-disable|@ts-(ignore|expect-error|nocheck)/g)?.length ?? 0;
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node) && node.type.getText() !== 'const') count++;
    if (ts.isTypeAssertionExpression(node) || ts.isNonNullExpression(node)) count++;
    if (node.kind === ts.SyntaxKind.AnyKeyword) count++;
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return count;
}

describe('type escapes', () => {
  /** This number only ever falls. */
  const MOST = 0;

  it('in the product do not become more', () => {
    const found = product.map((file) => ({ path: file.path, escapes: escapesIn(file) }));
    const offenders = found.filter(({ escapes }) => escapes > 0);
    const sum = offenders.reduce((total, { escapes }) => total + escapes, 0);
    expect(sum, JSON.stringify(offenders)).toBeLessThanOrEqual(MOST);
  });
});
