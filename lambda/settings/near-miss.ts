import { nearest } from '../core/nearest.ts';

/** The known word that somebody probably meant, or `undefined` when none is near. Case does not count as a mistake. */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known, { most: Math.max(1, Math.floor(word.length / 3)) });
}
