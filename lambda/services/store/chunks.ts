/**
 * A text, whole or in pieces, as UTF-8 in chunks of `units` UTF-16 units each (so at least as many bytes, and at most
 * three times as many); the last one, which may be empty, has what is left. Takes a piece only when it is needed, holds
 * no more than a chunk and a piece, and cuts no character in two, wherever the pieces end.
 */
export function* chunksOf(text: string | Iterable<string>, units: number): Generator<Buffer, void> {
  let held = '';
  for (const piece of typeof text === 'string' ? [text] : text) {
    held += piece;
    while (held.length > units) {
      const end = startsPair(held.charCodeAt(units - 1)) ? units + 1 : units;
      yield Buffer.from(held.slice(0, end));
      held = held.slice(end);
    }
  }
  yield Buffer.from(held);
}

/** Whether this UTF-16 unit is the first half of a character. */
function startsPair(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
