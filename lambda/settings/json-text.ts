/** What a JSON text says, or what is wrong with it and where. */
export type ParsedJson = { readonly value: unknown } | { readonly problem: string };

/** Parses, or says in words what is wrong and where. */
export function parseJson(text: string): ParsedJson {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'not valid JSON';
    // Without the piece of the text and the position that V8 adds to some messages and not to others.
    const what = message.replace(/, .*$/s, '').replace(/ in JSON at position.*$/s, '');
    return { problem: `not valid JSON at ${lineAndColumn(text, positionOf(text, message))} (${what})` };
  }
}

/** Where the error is, as an index into the text. */
function positionOf(text: string, message: string): number {
  const told = /at position (\d+)/.exec(message)?.[1];
  if (told !== undefined) return Number(told);
  if (!isUnexpectedToken(text)) return text.length;
  // V8 does not tell the position of an unexpected token: it is the last character of the shortest beginning that has one.
  let without = 0;
  let having = text.length;
  while (having - without > 1) {
    const middle = (without + having) >> 1;
    if (isUnexpectedToken(text.slice(0, middle))) having = middle;
    else without = middle;
  }
  return having - 1;
}

function isUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.startsWith('Unexpected token');
  }
}

function lineAndColumn(text: string, index: number): string {
  const lines = text.slice(0, index).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
