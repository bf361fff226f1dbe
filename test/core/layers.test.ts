import { globSync, readFileSync } from 'node:fs';
import { basename, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Source {
  /** Relative to the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

const sources = globSync('{lambda,infra,test}/**/*.ts', { cwd: ROOT }).map((path): Source => {
  const text = readFileSync(posix.join(ROOT, path), 'utf8');
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true) };
});
const product = sources.filter(({ path }) => path.startsWith('lambda/'));
const inside = (folder: string) => product.filter(({ path }) => path.startsWith(folder));

/** What a file imports or re-exports: our own files by their path, packages by their name. */
function importsOf({ path, tree }: Source): { readonly target: string; readonly typeOnly: boolean }[] {
  return tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const from = statement.moduleSpecifier;
    if (from === undefined || !ts.isStringLiteral(from)) return [];
    const target = from.text.startsWith('.') ? posix.join(posix.dirname(path), from.text) : from.text;
    const typeOnly = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    return [{ target, typeOnly }];
  });
}

/** “file → import” for every import that the test does not allow. */
function offences(
  files: readonly Source[],
  allowed: (target: string, typeOnly: boolean) => boolean,
): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter(({ target, typeOnly }) => !allowed(target, typeOnly))
      .map(({ target }) => `${file.path} → ${target}`),
  );
}

/** Entries may know the edges; `address.ts` shares the one rule of what an origin is. */
const KNOW_EDGES =
  /^lambda\/(cloud\/|edges\/|doctor\/|terminal\/|(cli|compose|handler|start)\.ts$|settings\/address\.ts$)/;
/** What edges may take from the rest: the model's types, how names are compared, and what they implement or throw. */
const OPEN_TO_EDGES =
  /^lambda\/(edges\/|ports\.ts$|errors\.ts$|doctor\/finding\.ts$|turn\/process\.ts$|core\/order\.ts$)/;

describe('the layers', () => {
  it('are looked at in the right place', () => {
    expect(inside('lambda/core/').length).toBeGreaterThan(20);
    expect(inside('lambda/edges/').length).toBeGreaterThan(20);
  });

  it('core imports core alone: no package, no Node, nothing outside', () => {
    expect(offences(inside('lambda/core/'), (target) => target.startsWith('lambda/core/'))).toEqual([]);
  });

  it('core asks neither the clock nor chance nor the environment', () => {
    const asking =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bcrypto\.|\bsetTimeout\b|\bfetch\(/;
    expect(inside('lambda/core/').flatMap(({ path, text }) => (asking.test(text) ? path : []))).toEqual([]);
  });

  it('edges import of the core only the types of the model', () => {
    const allowed = (target: string, typeOnly: boolean) =>
      !target.startsWith('lambda/') ||
      OPEN_TO_EDGES.test(target) ||
      (typeOnly && target === 'lambda/core/model.ts');
    expect(offences(inside('lambda/edges/'), allowed)).toEqual([]);
  });

  it('only the entries know the edges', () => {
    const others = product.filter(({ path }) => !KNOW_EDGES.test(path));
    expect(offences(others, (target) => !target.startsWith('lambda/edges/'))).toEqual([]);
  });

  it('the product imports nothing of its tests', () => {
    expect(offences(product, (target) => !target.startsWith('test/'))).toEqual([]);
  });
});

describe('the files', () => {
  it('are no longer than 250 lines, tests 400', () => {
    const long = sources.filter(
      ({ path, text }) => text.split('\n').length - 1 > (path.startsWith('test/') ? 400 : 250),
    );
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('of the product have fewer than 100 lines in the middle', () => {
    const lengths = product.map(({ text }) => text.split('\n').length - 1).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100);
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
