/** Characters a piece has at least, but for the last: enough that handing it on costs little. */
const PIECE = 64 * 1024;

/**
 * The text of `safeJson(value)`, character for character, in pieces: lists at the top and directly below it are put into
 * words one entry at a time, so that a plan of millions of memberships is never one string.
 */
export function* jsonPieces(value: unknown): Generator<string, void, undefined> {
  let piece = '';
  for (const part of partsOf(value, 2, '\n')) {
    piece += part;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** `levels`: how deep to go entry by entry; `line`: a new line with the indentation of what `value` stands in. */
function* partsOf(value: unknown, levels: number, line: string): Generator<string, void, undefined> {
  const entries = levels === 0 ? [] : entriesOf(value);
  if (entries.length === 0) {
    yield safeJson(value).replaceAll('\n', line);
    return;
  }
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  let before = open ?? '';
  for (const [name, inner] of entries) {
    yield `${before}${line}  ${name}`;
    yield* partsOf(inner, levels - 1, `${line}  `);
    before = ',';
  }
  yield `${line}${close ?? ''}`;
}

/** What is worth taking apart: lists, and objects that JSON shows by their fields. */
function entriesOf(value: unknown): readonly (readonly [name: string, inner: unknown])[] {
  // JSON shows what it cannot show as nothing in an object and as null in a list.
  if (Array.isArray(value)) return value.map((inner: unknown) => ['', isShown(inner) ? inner : null]);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    isShown(inner) ? [[`${safeJson(name)}: `, inner]] : [],
  );
}

function isShown(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/**
 * What may not reach a terminal as it is: control characters and escape sequences (C0, DEL, C1), marks that reorder or
 * hide text (bidi, zero-width, tags and other invisible characters), separators of lines, halves of a surrogate pair.
 * The variation selectors 15 and 16 stay: they only choose how an emoji looks.
 */
export const UNSAFE =
  /(?![\u{fe0e}\u{fe0f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const ALL_UNSAFE = new RegExp(UNSAFE.source, 'gu');
/** Nothing of it is unsafe, but for the line breaks that JSON puts between its fields: so are nearly all texts, and quickly told. */
const PLAIN = /^[\n\x20-\x7e]*$/;

/** JSON that is safe on a terminal and means the same: what is unsafe stands as `\uXXXX`. `indent`: spaces a level; none: one line. */
export function safeJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, null, indent);
  if (PLAIN.test(text)) return text;
  // The line breaks between the fields are the only control characters that JSON itself leaves as they are.
  return text.replace(ALL_UNSAFE, (found) => (found === '\n' ? found : escaped(found)));
}

/** A text on one line, in which whatever is unsafe stands as `\uXXXX`. */
export function safeText(text: string): string {
  return text.replace(ALL_UNSAFE, escaped);
}

export function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** What a JSON text holds; `undefined` where it is none. */
export function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
