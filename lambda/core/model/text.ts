import { createHash } from 'node:crypto';

/**
 * The candidate that the fewest edits lead to, swaps of neighbours among them, whatever the case; of several the first by `byText`.
 * `glob`: `*` in the text stands for any text, and `?` for any letter; `most`: whatever needs more edits is not near.
 */
export function nearest(
  text: string,
  candidates: Iterable<string>,
  { glob = false, most = Infinity }: { readonly glob?: boolean; readonly most?: number } = {},
): string | undefined {
  const from = folded(text);
  let best: string | undefined;
  let least = most;
  for (const candidate of candidates) {
    const distance = editDistance(from, folded(candidate), glob, least);
    if (distance > least || (distance === least && best !== undefined && byText(best, candidate) <= 0))
      continue;
    best = candidate;
    least = distance;
  }
  return best;
}

function folded(text: string): string {
  return composed(text).toLowerCase();
}

/** The edits that turn `a` into `b`; more than `most`, and perhaps too few, as soon as there are known to be more. */
function editDistance(a: string, b: string, glob: boolean, most: number): number {
  let rows = a.length;
  let columns = b.length;
  // Most addresses end alike, and there can be a hundred thousand of them.
  while (rows > 0 && a[rows - 1] === b[columns - 1] && a[rows - 1] !== '*') {
    rows--;
    columns--;
  }
  let beforeLast: number[] = [];
  let last = Array.from({ length: columns + 1 }, (_, column) => column);
  for (let row = 1; row <= rows; row++) {
    const letter = a[row - 1];
    const any = glob && letter === '*';
    const current = [any ? at(last, 0) : at(last, 0) + 1];
    let least = at(current, 0);
    for (let column = 1; column <= columns; column++) {
      let edits = Math.min(at(last, column), at(current, column - 1));
      if (!any) {
        const same = letter === b[column - 1] || (glob && letter === '?');
        edits = Math.min(edits + 1, at(last, column - 1) + (same ? 0 : 1));
        if (letter === b[column - 2] && a[row - 2] === b[column - 1])
          edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      }
      current.push(edits);
      if (edits < least) least = edits;
    }
    if (least > most) return least;
    beforeLast = last;
    last = current;
  }
  return at(last, columns);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

/** The known word that somebody probably meant, or `undefined` when none is near. Case does not count as a mistake. */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  // All addresses of a company end alike.
  const [own = word] = word.split('@');
  return nearest(word, known, { most: Math.max(1, Math.floor(own.length / 3)) });
}

/** What is added to a complaint about a word: the known one that was probably meant, unless none is near or it is this very word. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearMiss(word, known);
  return near === undefined || near === word ? '' : `; did you mean ${JSON.stringify(near)}?`;
}

/** A short text for one of any length, which differs when that does: SHA-256 in hexadecimal. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Orders texts by code unit: the same everywhere, whatever the machine's language. */
export function byText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

/** These texts by `byText`: the same list where they stand so already. */
export function ascending(texts: readonly string[]): readonly string[] {
  const isSo = texts.every((text, n) => n === 0 || byText(texts[n - 1] ?? '', text) <= 0);
  return isSo ? texts : texts.toSorted(byText);
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

/**
 * An account with the same name at another domain, or one letter off. Names that are merely alike are other people's, who must not
 * be given somebody's access.
 */
export function accountNear(address: string, addresses: readonly string[]) {
  const local = (text: string) => text.replace(/@.*$/s, '');
  const plain = (text: string) => local(text).replaceAll(/[^a-z0-9]/g, '');
  const same = addresses.filter((each) => plain(each) === plain(address));
  const email =
    (same.length === 1 ? same[0] : undefined) ??
    addresses.find((each) => each.startsWith(`${local(address)}.`));
  if (email !== undefined) return { email, how: 'an account of that name exists' };
  // Of several with that name, nothing tells whose is whose.
  if (same.length > 0) return null;
  const spelled = nearest(plain(address), addresses.map(plain), { most: 1 });
  const other = spelled === undefined ? undefined : addresses.find((each) => plain(each) === spelled);
  return other === undefined
    ? null
    : { email: other, how: 'if that account is theirs: it is one letter off' };
}
