/** The shape of `lambda/`: `npm run shape` prints its figures, and ends with 1 where one of them is over its limit. */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** From the bottom to the top: a file imports its own layer or a lower one. Paths without `lambda/`. */
const LAYERS: readonly (readonly string[])[] = [
  ['errors', 'names'],
  ['core'],
  ['ports'],
  ['services', 'settings', 'archive', 'render'],
  ['run'],
  ['commands'],
  ['compose'],
  ['terminal', 'aws'],
  ['cli', 'handler', 'start'],
];
const MOST_FILES = 200;
const MOST_LINES = 19_500;
const MOST_LINES_IN_A_FILE = 250;
const FEWEST_IN_A_FOLDER = 3;
const MOST_IN_A_FOLDER = 15;
const MOST_IN_A_SERVICE = 20;

export interface Source {
  /** Relative to the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly lines: number;
  /** What it imports or exports again, types too: our own files by their path, packages by their name. */
  readonly imports: readonly string[];
}

/** All sources of these folders, in order. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }));
  return paths.sort().map((path) => {
    const text = readFileSync(posix.join(ROOT, path), 'utf8');
    const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
    return { path, text, tree, lines: text.split('\n').length - 1, imports: importsOf(path, tree) };
  });
}

function importsOf(path: string, tree: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    let from: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) from = node.moduleSpecifier;
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) from = node.argument.literal;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      from = node.arguments[0];
    if (from !== undefined && ts.isStringLiteral(from))
      found.push(from.text.startsWith('.') ? posix.join(posix.dirname(path), from.text) : from.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** “file → import” wherever something is imported from a higher layer, or a file has no layer. */
export function upwardImports(product: readonly Source[]): readonly string[] {
  const known = new Set(product.map(({ path }) => path));
  return product.flatMap(({ path, imports }) => {
    if (layerOf(path) < 0) return [`${path}: in no layer`];
    const upward = imports.filter((each) => known.has(each) && layerOf(each) > layerOf(path));
    return upward.map((each) => `${path} → ${each}`);
  });
}

function layerOf(path: string): number {
  const first = /^lambda\/([^/.]+)/.exec(path)?.[1] ?? '';
  return LAYERS.findIndex((names) => names.includes(first));
}

/** The files of each circle of imports, also where these are of types alone. */
export function circles(product: readonly Source[]): readonly (readonly string[])[] {
  const imports = new Map(product.map(({ path, imports: targets }) => [path, targets]));
  const reached = new Map(product.map(({ path }) => [path, reach(path, imports)]));
  const seen = new Set<string>();
  return product.flatMap(({ path }) => {
    if (seen.has(path) || reached.get(path)?.has(path) !== true) return [];
    const circle = [...(reached.get(path) ?? [])].filter((each) => reached.get(each)?.has(path));
    for (const each of circle) seen.add(each);
    return [circle.sort()];
  });
}

function reach(from: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = [from];
  for (let path = next.pop(); path !== undefined; path = next.pop())
    for (const target of imports.get(path) ?? [])
      if (imports.has(target) && !reached.has(target)) {
        reached.add(target);
        next.push(target);
      }
  return reached;
}

/** What is over a limit, a line each; and the figures themselves, to be printed. */
export function measure(product: readonly Source[]): {
  readonly figures: readonly string[];
  readonly problems: readonly string[];
} {
  const lines = product.reduce((sum, source) => sum + source.lines, 0);
  const longest = product.reduce((most, source) => (source.lines > most.lines ? source : most));
  const problems: string[] = [];
  const limit = (what: string, count: number, most: number) => {
    if (count > most) problems.push(`${what}: ${count}, at most ${most}`);
  };
  limit('files in lambda/', product.length, MOST_FILES);
  limit('lines in lambda/', lines, MOST_LINES);
  for (const { path, lines: count } of product) limit(`lines in ${path}`, count, MOST_LINES_IN_A_FILE);
  for (const [folder, entries] of folders(product)) {
    const files = [...entries].filter((each) => each.endsWith('.ts')).length;
    const service = /^lambda\/services\/(okta|secoda)$/.test(folder);
    if (folder !== 'lambda')
      limit(`files in ${folder}/`, files, service ? MOST_IN_A_SERVICE : MOST_IN_A_FOLDER);
    if (entries.size < FEWEST_IN_A_FOLDER)
      problems.push(`${folder}/ has fewer than ${FEWEST_IN_A_FOLDER} entries: it is a file`);
  }
  problems.push(...circles(product).map((circle) => `a circle of imports: ${circle.join(', ')}`));
  problems.push(...upwardImports(product).map((each) => `an upward import: ${each}`));
  const figures = [
    `${product.length} files, ${lines} lines in lambda/`,
    `${folders(product).size} folders`,
    `longest file: ${longest.path}, ${longest.lines} lines`,
  ];
  return { figures, problems };
}

/** The files and folders right in each folder, by its path. */
function folders(product: readonly Source[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path } of product)
    for (let at = path; at !== 'lambda'; at = posix.dirname(at)) {
      const folder = posix.dirname(at);
      found.set(folder, (found.get(folder) ?? new Set()).add(posix.basename(at)));
    }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { figures, problems } = measure(readSources('lambda'));
  console.log(figures.join('\n'));
  for (const problem of problems) console.error(`✗ ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
