/** Base 64 by five bits a letter, the sixth saying that more follow: as in source maps. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map(Array.from(LETTERS, (letter, value) => [letter, value]));
const MORE = 32;

/** Packs ascending whole numbers, each once, as their distances: two letters each, where four hundred people of a hundred thousand are meant. */
export function packList(ascending: Iterable<number>): string {
  let text = '';
  let last = -1;
  for (const number of ascending) {
    if (number === last) continue;
    let rest = number - last - 1;
    last = number;
    while (rest >= MORE) {
      text += LETTERS.charAt((rest % MORE) + MORE);
      rest = Math.floor(rest / MORE);
    }
    text += LETTERS.charAt(rest);
  }
  return text;
}

/** The numbers that `packList` packed; `null` for a text that is not of its making. */
export function unpackList(text: string): number[] | null {
  const numbers: number[] = [];
  let last = -1;
  let rest = 0;
  let place = 1;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return null;
    rest += (value % MORE) * place;
    place *= MORE;
    if (value >= MORE) continue;
    last += rest + 1;
    numbers.push(last);
    rest = 0;
    place = 1;
  }
  return place === 1 ? numbers : null;
}
