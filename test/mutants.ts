/**
 * Breaks the code on purpose, one place at a time, and says how often the tests noticed: a score for each folder of `lambda/`. It
 * works on a copy, and takes minutes: it is no part of `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const USAGE = `npm run mutants -- [--count=60] [--seed=N] [--folder=lambda/core]
  --count   how many places to break
  --seed    which ones; printed where none is given
  --folder  only below this folder`;
/** Ten times and more what they take on a busy machine: to begin, and for each test file. */
const [START_MS, FILE_MS] = [120_000, 20_000];
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COPIED = ['lambda', 'infra', 'test', 'docs', 'README.md', 'CHANGELOG.md', 'package.json'];
const CONFIGS = ['sync.config.ts', 'vitest.config.ts', 'tsconfig.json', 'cdk.json', 'package-lock.json'];

/** One place and what stands there instead. */
interface Mutant {
  readonly path: string;
  readonly at: number;
  readonly old: string;
  readonly broken: string;
}

/** By operator: what somebody could have meant or mistyped. */
const SWAPS: ReadonlyMap<string, string> = new Map([
  ['===', '!=='],
  ['!==', '==='],
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['&&', '||'],
  ['||', '&&'],
  ['+', '-'],
  ['-', '+'],
  ['??', '&&'],
]);

function mutantsOf(path: string): Mutant[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const found: Mutant[] = [];
  const put = (node: ts.Node, broken: string): void => {
    const at = node.getStart();
    found.push({ path, at, old: text.slice(at, node.end), broken });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    const swapped = ts.isBinaryExpression(node) ? SWAPS.get(node.operatorToken.getText()) : undefined;
    if (ts.isBinaryExpression(node) && swapped !== undefined) put(node.operatorToken, swapped);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) put(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) put(node, 'true');
    else if (ts.isNumericLiteral(node)) put(node, `(${node.text} * 1000 + 1)`);
    else if (ts.isIfStatement(node)) put(node.expression, `!(${node.expression.getText()})`);
    else if (ts.isConditionalExpression(node)) put(node.condition, `!(${node.condition.getText()})`);
    else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) put(node, ';');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

/** The same numbers for the same seed: from 0 (inclusive) to 1 (exclusive). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function sampled(all: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = seeded(seed);
  const drawn = all.map((mutant) => ({ mutant, place: random() }));
  return drawn
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

function aCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const name of [...COPIED, ...CONFIGS]) {
    if (globSync(name, { cwd: ROOT }).length > 0)
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Too slow to run for each place; what they alone would notice needs a fast test. */
const SLOW = /^test\/(artefact|model|bench|demo|docs)\b/;
const FILES = new Set(
  globSync('{lambda,infra,test}/**/*.ts', { cwd: ROOT }).filter((path) => !SLOW.test(path)),
);

/** What each file names, be it to import it or to run it in a process of its own. */
const NAMED = new Map(
  [...FILES].map((path) => {
    const names = readFileSync(join(ROOT, path), 'utf8').matchAll(/['"`/]([\w./-]+\.ts)['"`]/g);
    const near = posix.dirname(path);
    return [path, [...names].flatMap(([, name = '']) => [posix.join(near, name), name])];
  }),
);

/** All test files that use a file, in whatever way. */
function testsOf(path: string): string[] {
  const users = new Set([path]);
  // A set that grows while it is walked through is walked through to its end.
  for (const user of users) for (const [file, named] of NAMED) if (named.includes(user)) users.add(file);
  return [...users].filter((user) => user.endsWith('.test.ts'));
}

/** The tests of a file, in the order in which they are worth their time: most is noticed close by, within a second. */
function stagesOf(path: string): string[][] {
  // `test/` mirrors `lambda/`.
  const folder = `${posix.join('test', posix.dirname(path).replace(/^lambda\b/, ''))}/`;
  const area = folder.split('/', 2).join('/') + '/';
  const stages = Object.groupBy(testsOf(path), (test) =>
    test.startsWith(folder) ? 'folder' : test.startsWith(area) ? 'area' : 'rest',
  );
  return [stages.folder, stages.area, stages.rest].filter((tests) => tests !== undefined);
}

/** Whether tests pass. Whatever takes so much longer than they do on a busy machine hangs. */
function pass(copy: string, tests: readonly string[], stdio: 'ignore' | 'inherit' = 'ignore'): boolean {
  const args = [join(copy, 'node_modules/vitest/vitest.mjs'), 'run', ...tests, '--bail=1', '--reporter=dot'];
  const timeout = START_MS + tests.length * FILE_MS;
  return spawnSync(process.execPath, args, { cwd: copy, stdio, timeout, killSignal: 'SIGKILL' }).status === 0;
}

/** Whether a test of those that use the file fails, or never ends. */
function isNoticed(copy: string, { path, at, old, broken }: Mutant): boolean {
  const file = join(copy, path);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, at) + broken + text.slice(at + old.length));
  const noticed = stagesOf(path).some((tests) => !pass(copy, tests));
  writeFileSync(file, text);
  return noticed;
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    folder: { type: 'string', default: 'lambda' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else {
  const files = globSync(`${values.folder}/**/*.ts`, { cwd: ROOT }).sort();
  const chosen = sampled(files.flatMap(mutantsOf), Number(values.count), Number(values.seed));
  console.log(`${chosen.length} places of --seed=${values.seed}`);
  const copy = aCopy();
  const scores = new Map<string, { noticed: number; all: number }>();
  try {
    const tests = new Set(chosen.flatMap(({ path }) => testsOf(path)));
    if (!pass(copy, [...tests], 'inherit'))
      throw new Error('the tests fail as it is: there is nothing to learn from breaking more');
    for (const mutant of chosen) {
      const noticed = isNoticed(copy, mutant);
      const folder = posix.dirname(mutant.path).split('/').slice(0, 3).join('/');
      const score = scores.get(folder) ?? { noticed: 0, all: 0 };
      scores.set(folder, { noticed: score.noticed + (noticed ? 1 : 0), all: score.all + 1 });
      const line = readFileSync(join(ROOT, mutant.path), 'utf8').slice(0, mutant.at).split('\n').length;
      if (!noticed) console.log(`not noticed: ${mutant.path}:${line}: ${mutant.old} → ${mutant.broken}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  for (const [folder, { noticed, all }] of [...scores].sort())
    console.log(`${folder}: ${noticed} of ${all} noticed (${Math.floor((100 * noticed) / all)} %)`);
}
