import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One expression, and what stands there instead. */
export interface Place {
  readonly path: string;
  /** Whose score it counts for. */
  readonly folder: string;
  /** The whole file, unbroken. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  readonly broken: string;
  /** Runs when the file is loaded: once for several test files. */
  readonly onLoad: boolean;
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

/** So many places of this folder and of each folder in it, by chance: the same ones for the same seed. */
export function placesBelow(folder: string, each: number, seed: number): Place[] {
  const paths = globSync(`${folder}/**/*.ts`, { cwd: ROOT }).sort();
  const inFolder = (path: string): string => {
    const [first = ''] = posix.relative(folder, posix.dirname(path)).split('/');
    return posix.join(folder, first);
  };
  const all = paths.flatMap((path) => placesOf(path, inFolder(path)));
  return [...Map.groupBy(all, (place) => place.folder).values()].flatMap((places) => {
    const size = Math.min(each, places.length);
    const drawn = fc.shuffledSubarray(places, { minLength: size, maxLength: size });
    return fc.sample(drawn, { seed, numRuns: 1 }).flat();
  });
}

function placesOf(path: string, folder: string): Place[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const found: Place[] = [];
  const put = (node: ts.Node, broken: string): void => {
    const onLoad = ts.findAncestor(node, ts.isFunctionLike) === undefined;
    found.push({ path, folder, text, at: node.getStart(), end: node.end, broken, onLoad });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    const swapped = ts.isBinaryExpression(node) ? SWAPS.get(node.operatorToken.getText()) : undefined;
    if (ts.isBinaryExpression(node) && swapped !== undefined)
      put(node, `(${node.left.getText()} ${swapped} ${node.right.getText()})`);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) put(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) put(node, 'true');
    else if (ts.isNumericLiteral(node) && !isKey(node)) put(node, `(${node.text} * 1000 + 1)`);
    else if (ts.isIfStatement(node)) put(node.expression, `!(${node.expression.getText()})`);
    else if (ts.isConditionalExpression(node)) put(node.condition, `!(${node.condition.getText()})`);
    else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression))
      put(node.expression, 'undefined');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isKey(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}
