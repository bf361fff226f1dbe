import { safeText, UNSAFE } from '../core/model/json.ts';

/** So many characters of a text are shown on a terminal at most, by what it is; the record holds it whole. */
export const LONGEST = { name: 60, address: 80, ids: 200, line: 400, message: 2_000 } as const;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Any text made safe and visible on one line of a terminal or log: unsafe characters stand as escapes such as `\n` or
 * `\u202e`. At most `max` code points, the last of them `…` when something was left out; no escape is cut in two.
 */
export function printable(text: string, max = Infinity): string {
  // Nearly all are. One that is put together letter by letter takes many times its length in memory.
  if (text.length <= max && !UNSAFE.test(text)) return text;
  let safe = '';
  let length = 0;
  /** The longest beginning that leaves room for the ellipsis. */
  let beginning = '';
  for (const character of text) {
    const piece = UNSAFE.test(character) ? escaped(character) : character;
    length += piece === character ? 1 : piece.length;
    if (length > max) return `${beginning}…`;
    safe += piece;
    if (length < max) beginning = safe;
  }
  return safe;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return SHORT[character] ?? (code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`);
}

/** A text as one word of a POSIX shell, safe to be shown. */
export function shellWord(text: string): string {
  const safe = printable(text);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`;
}

/** A spreadsheet takes what begins so for a formula, full-width forms too. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@\t\r＝＋－＠]/u;

/**
 * Rows as CSV (RFC 4180), each value in quotes, on one line, with what is unsafe to show escaped. What a spreadsheet would run as a
 * formula gets an apostrophe before it (owasp.org/www-community/attacks/CSV_Injection).
 */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const harmless = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safeText(harmless).replaceAll('"', '""')}"`;
}
