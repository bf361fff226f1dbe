import type * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import type { Archive } from '../ports.ts';

/** Swaps lost in a row before giving up: others edit in milliseconds. */
const TRIES = 50;

/**
 * Edits a file that other runs may edit at the same time. `edit` gets its text (`null`: there is none) and gives the new one, or
 * `null` to leave the file as it is; it is asked again where somebody else was faster. Throws where that never ends.
 */
export async function editFile(
  archive: Archive,
  key: string,
  edit: (text: string | null) => string | null | Promise<string | null>,
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await archive.read(key);
    const text = await edit(stored?.text ?? null);
    if (text === null || text === stored?.text) return;
    if ((await archive.swap(key, text, stored?.tag ?? null)) !== null) return;
  }
  throw new Error(`${archive.address}${key} could not be written: other runs kept changing it`);
}

/**
 * What a later version wrote into a file beside the keys of this shape, as the first fields of a JSON object: who writes the file
 * anew carries it along.
 */
export function carriedIn(text: string | null | undefined, { shape }: z.ZodObject): string {
  const file = jsonOf(text ?? '');
  if (typeof file !== 'object' || file === null) return '';
  const later = Object.entries(file).filter(([key]) => !Object.hasOwn(shape, key));
  return later.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`).join('');
}
