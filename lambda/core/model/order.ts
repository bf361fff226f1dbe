/** Orders texts by code unit: the same everywhere, whatever the machine's language. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A text in the one form in which its letters are composed: a directory, or a Mac, may write an accent as a letter of its own. */
export function composed(text: string): string {
  return text.normalize('NFC');
}

/** A name as names are compared: two names that look the same are the same. */
export function sameName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}

/** A name in the form in which names are compared; case counts. */
export function nameKey(name: string): string {
  return composed(name).trim();
}
