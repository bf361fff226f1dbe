import { composed } from '../model/text.ts';

const PLAIN = /^[\x21-\x7e]+$/;

/**
 * An address as addresses are compared: trimmed, without invisible characters at its ends, NFC, in lower case, its domain in one
 * form (that of DNS; `münchen.de` and `xn--mnchen-3ya.de` are one). `null` when nothing is left.
 */
export function normaliseAddress(address: string | null): string | null {
  const text = address ?? '';
  // Most are plain, and millions are compared.
  if (PLAIN.test(text)) return text.toLowerCase();
  const normal = composed(text)
    .replace(/^[\s\p{C}\p{Z}\p{DI}]+|[\s\p{C}\p{Z}\p{DI}]+$/gu, '')
    .toLowerCase();
  if (normal === '') return null;
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  if (at < 0 || PLAIN.test(domain)) return normal;
  const host = /[/?#:\\[\]]/.test(domain) ? null : URL.parse(`http://${domain}`)?.hostname;
  return host === null || host === undefined ? normal : normal.slice(0, at + 1) + host;
}

/** Characters as people see them: a letter with its accents, an emoji of several parts. */
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Tells whether `text` fits `glob`, where `*` stands for any run of characters and `?` for one. Everything else stands
 * for itself, whether its letters are composed or not. Linear in practice for any pattern: a name from outside can never make
 * it slow, as a regular expression could.
 */
export function fitsGlob(glob: string, text: string): boolean {
  return fits(composed(glob), composed(text));
}

export function fits(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let retry = 0;
  while (t < text.length) {
    if (glob[g] === '*') {
      star = g++;
      retry = t;
    } else if (glob[g] === '?') {
      g++;
      t = endOfCharacter(text, t);
    } else if (g < glob.length && glob[g] === text[t]) {
      g++;
      t++;
    } else if (star >= 0) {
      g = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (glob[g] === '*') g++;
  return g === glob.length;
}

/** Where the character that begins here, or that this is in the midst of, ends. */
function endOfCharacter(text: string, at: number): number {
  const found = CHARACTERS.segment(text).containing(at);
  return found === undefined ? at + 1 : found.index + found.segment.length;
}

/** Whether one of the patterns fits the whole text; never without patterns. */
export function fitsAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => fitsGlob(glob, text));
}
