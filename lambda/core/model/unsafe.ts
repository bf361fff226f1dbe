/**
 * What may not reach a terminal as it is: control characters and escape sequences (C0, DEL, C1), marks that reorder or
 * hide text (bidi, zero-width, tags and other invisible characters), separators of lines, halves of a surrogate pair.
 * The variation selectors 15 and 16 stay: they only choose how an emoji looks.
 */
export const UNSAFE =
  /(?![\u{fe0e}\u{fe0f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const ALL_UNSAFE = new RegExp(UNSAFE.source, 'gu');

/**
 * JSON that is safe to show on a terminal, and that means the same: whatever is unsafe stands as `\uXXXX`. `indent`: spaces a
 * level; none puts it on one line.
 */
export function safeJson(value: unknown, indent = 2): string {
  // The line breaks between the fields are the only control characters that JSON itself leaves as they are.
  return JSON.stringify(value, null, indent).replace(ALL_UNSAFE, (found) =>
    found === '\n' ? found : escaped(found),
  );
}

/** A text on one line, in which whatever is unsafe stands as `\uXXXX`. */
export function safeText(text: string): string {
  return text.replace(ALL_UNSAFE, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
