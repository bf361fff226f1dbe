import { safeText } from '../core/model/json.ts';

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
