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

/** Letters that take two columns of a terminal: East Asian wide ones and emoji. Half-width Katakana and Hangul take one. */
const WIDE =
  /(?![\uff61-\uffdc])[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u33ff\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u;

/** Marks that are drawn onto the letter before them. */
const COMBINING = /^[\p{Mn}\p{Me}]+$/u;

/** One column each, whatever stands beside it; with the letters of most of Europe, and the signs that our own texts have. */
const PLAIN = /^[\x20-\x7e\xa1-\xac\xae-\u024f\u2010-\u2027\u2190-\u2193\u2212\u2713\u2717]*$/;

/** What is drawn as one: a letter with its marks, a flag of two letters, an emoji with its colour. */
const LETTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

function columnsOf(letter: string): number {
  return COMBINING.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
}

/** How many columns a text takes on a terminal. It holds no escape sequences (see `printable`). */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of LETTERS.segment(text)) width += columnsOf(segment);
  return width;
}

/** A text that holds no escape sequences in at most `width` columns; the last is `…` where something was left out. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const { segment } of LETTERS.segment(text)) {
    used += columnsOf(segment);
    if (used >= width) break;
    taken += segment;
  }
  return `${taken}…`;
}

/** A length of time in milliseconds as people say it: `41 s`, `3 min 20 s`, `12 min`, `2 h 47 min`. */
export function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const minutes = Math.ceil(seconds / 60);
  if (seconds <= 90) return `${seconds} s`;
  if (seconds <= 600)
    return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** The text with spaces after it up to `width` columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The width of a column: that of its widest text, within bounds. */
export function columnFor(texts: readonly string[], least: number, most: number): number {
  return texts.reduce((widest, text) => Math.min(most, Math.max(widest, widthOf(text))), least);
}

/** Breaks a text at its spaces into lines of at most `width` columns, and a longer word where it has to. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ').flatMap((each) => pieces(each, width))) {
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

function pieces(word: string, width: number): string[] {
  // To look at its letters takes a kilobyte outside the heap, until that is cleaned up.
  if (widthOf(word) <= width) return [word];
  const found: string[] = [];
  let last = '';
  let used = 0;
  for (const { segment } of LETTERS.segment(word)) {
    used += columnsOf(segment);
    if (used > width) {
      found.push(last);
      last = '';
      used = columnsOf(segment);
    }
    last += segment;
  }
  return [...found, last];
}

/** A text that continues under its own beginning when it is too long: `first` stands before it, and its width below. */
export function hanging(first: string, text: string, width: number): string[] {
  const indent = ' '.repeat(widthOf(first));
  return wrapped(text, Math.max(20, width - indent.length)).map(
    (line, index) => (index === 0 ? first : indent) + line,
  );
}

/** The first of them, and how many more there are: `a, b and 3 more`. */
export function someOf(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return `${texts.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** A number with its noun: `1 group`, `2 groups`, `3 people`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
