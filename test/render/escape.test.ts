import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../lambda/render/escape.ts';

/** Written out, apart from the product's own classes: whatever can move the cursor, colour, reorder, hide or break text. */
function isUnsafe(code: number): boolean {
  const within = (first: number, last: number) => code >= first && code <= last;
  return (
    within(0x00, 0x1f) || // C0 controls, with ESC
    within(0x7f, 0x9f) || // DEL and C1 controls, with CSI
    code === 0xad || // soft hyphen
    code === 0x61c || // Arabic letter mark
    within(0x200b, 0x200f) || // zero-width, left-to-right and right-to-left marks
    within(0x2028, 0x202e) || // line and paragraph separators, embeddings and overrides
    within(0x2060, 0x206f) || // word joiner, isolates
    code === 0xfeff || // byte order mark
    within(0xd800, 0xdfff) || // half of a surrogate pair
    within(0xe0000, 0xe0fff) // tags and variation selectors that hide text
  );
}

function unsafeIn(text: string): string[] {
  return Array.from(text).filter((character) => isUnsafe(character.codePointAt(0) ?? 0));
}

const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 0xff }),
  fc.integer({ min: 0x2000, max: 0x20ff }),
  fc.integer({ min: 0xd800, max: 0xdfff }),
  fc.integer({ min: 0xe0000, max: 0xe0fff }),
  fc.integer({ min: 0, max: 0x10ffff }),
);
const anyText = fc.array(codePoint).map((codes) => codes.map((code) => String.fromCodePoint(code)).join(''));

it('never lets an unsafe character through', () => {
  fc.assert(fc.property(anyText, (text) => unsafeIn(printable(text)).length === 0));
});

it('is never longer than allowed, and whole when it fits', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, max) => {
      const short = printable(text, max);
      expect(Array.from(short).length).toBeLessThanOrEqual(max);
      const whole = printable(text);
      if (Array.from(whole).length <= max) expect(short).toBe(whole);
      else expect(short.endsWith('…') && whole.startsWith(short.slice(0, -1))).toBe(true);
    }),
  );
});

it('shows every unsafe character of the basic plane as an escape', () => {
  for (let code = 0; code <= 0xffff; code++) {
    if (isUnsafe(code)) expect(printable(String.fromCharCode(code))).toMatch(/^\\(n|r|t|u[\da-f]{4})$/);
  }
});

describe('what stands for', () => {
  it.each([
    ['a line break', 'a\nb', 'a\\nb'],
    ['a carriage return', 'a\rb', 'a\\rb'],
    ['a colour', '\u001b[31mred', '\\u001b[31mred'],
    ['a C1 control', '\u009b31m', '\\u009b31m'],
    ['an override of direction', 'abc\u202egnp.exe', 'abc\\u202egnp.exe'],
    ['a zero-width space', 'ad\u200bmin', 'ad\\u200bmin'],
    ['a tag', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a pair', '\ud83d', '\\ud83d'],
    ['letters of any script', 'Zoë Ω 日本 עברית', 'Zoë Ω 日本 עברית'],
    ['an emoji', '🚀 ❤️', '🚀 ❤️'],
    ['a backslash', 'ACME\\Finance', 'ACME\\Finance'],
    ['nothing', '', ''],
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('a text that is too long ends in an ellipsis and in no half escape', () => {
    expect(printable('abcdef', 6)).toBe('abcdef');
    expect(printable('abcdefg', 6)).toBe('abcde…');
    expect(printable('abc\u202edef', 6)).toBe('abc…');
    expect(printable('🚀🚀🚀', 2)).toBe('🚀…');
  });
});
