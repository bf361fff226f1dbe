import { styleText } from 'node:util';
import type { Environment } from '../names.ts';

type Paint = (text: string) => string;

/** How text is coloured; every paint is the identity when the output is no terminal. */
export interface Style {
  readonly good: Paint;
  readonly change: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

/** Colour only on a terminal that can show it, and never against the user's wish (https://no-color.org). */
export function styleFor(output: Output, environment: Environment): Style {
  const plain = !isTerminal(output, environment) || Boolean(environment['NO_COLOR']);
  // The stream is judged here and not by styleText, which would ask the process for its own streams and variables.
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (text) =>
      plain ? text : styleText(format, text, { validateStream: false });
  return {
    good: paint('green'),
    change: paint('cyan'),
    bad: paint('red'),
    warn: paint('yellow'),
    dim: paint('dim'),
    bold: paint('bold'),
  };
}

/** One stream of the terminal, or a stand-in for it. */
export interface Output {
  readonly isTTY?: boolean;
  /** The width of the terminal; absent where the stream is none. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Whether escape sequences do what they should on this stream. */
export function isTerminal(output: Output, environment: Environment): boolean {
  return output.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Lines are broken for a terminal only: a log or a pipe gets each as a whole, to be searched. */
export function lineWidth(output: Output): number {
  return output.isTTY === true ? Math.max(60, output.columns ?? 80) : Infinity;
}

/** Letters that take two columns of a terminal: East Asian wide ones and emoji. */
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;

/** Marks that are drawn onto the letter before them. */
const COMBINING = /[\p{Mn}\p{Me}]/u;

/** How many columns a text takes on a terminal. It holds no escape sequences (see `shown`). */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text with spaces after it up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The width of a column: that of its widest text, within bounds. */
export function columnFor(texts: readonly string[], least: number, most: number): number {
  return texts.reduce((widest, text) => Math.min(most, Math.max(widest, widthOf(text))), least);
}

/** Breaks a text at its spaces into lines of at most `width` columns; a single longer word gets a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const length = widthOf(word);
    if (line !== '' && used + 1 + length > width) {
      lines.push(line);
      line = word;
      used = length;
    } else {
      line = line === '' ? word : `${line} ${word}`;
      used += used === 0 ? length : length + 1;
    }
  }
  return [...lines, line];
}

/** A text that continues under its own beginning when it is too long: `first` stands before it, and its width below. */
export function hanging(first: string, text: string, width: number): string[] {
  const indent = ' '.repeat(widthOf(first));
  return wrapped(text, Math.max(20, width - indent.length)).map(
    (line, index) => (index === 0 ? first : indent) + line,
  );
}

/** A number with its noun: `1 group`, `2 groups`, `3 people`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
