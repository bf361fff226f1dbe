import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
}

export const read = (path: string): string => readFileSync(posix.join(ROOT, path), 'utf8');
export const there = (path: string): boolean => existsSync(posix.join(ROOT, path));

/** What is written for people. */
export const pages: readonly Page[] = globSync(['*.md', '.github/**/*.md', 'docs/**/*.md'], {
  cwd: ROOT,
}).map((path) => ({ path, text: read(path) }));

/** A page without its blocks of code. */
export const prose = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```$/gm, '');

/** A block of code in a page. */
export interface Block {
  readonly path: string;
  readonly language: string;
  /** Without the indentation of its fence. */
  readonly text: string;
}

export const blocks: readonly Block[] = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indentation = '', language = '', inside = '']) => ({
      path,
      language,
      text: inside.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
    }),
  ),
);

/** What stands between backticks outside of blocks of code. */
export const spans = ({ path, text }: Page): readonly { readonly path: string; readonly code: string }[] =>
  [...prose(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => ({ path, code }));

/** The cells of each row of the tables below a heading, up to the next heading, without the tables' own headings. */
export function rowsBelow(path: string, heading: string): readonly (readonly string[])[] {
  const [, below = ''] = `\n${read(path)}`.split(`\n${heading}\n`);
  const section = below.split(/^#+ /m)[0] ?? '';
  const lines = section.split('\n');
  return lines
    .filter(
      (line, index) =>
        line.startsWith('| ') && ![line, lines[index + 1]].some((each) => each?.startsWith('| --')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** Whatever stands between backticks in a cell. */
export const codesIn = (cell = ''): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
