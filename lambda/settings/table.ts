import * as z from 'zod';
import { isObject } from './closed.ts';

/** What is expected of an entry, when it is wrong. */
export type EntryCheck = (key: string, value: string) => string | undefined;

/**
 * An object of texts as a `Map`, so that any key is just a key (`__proto__` too). Values are trimmed and never empty.
 * Each wrong entry is a problem of its own.
 */
export function table(expected: string, check: EntryCheck) {
  return z
    .custom<Readonly<Record<string, string>>>(isObject, { error: expected })
    .transform((record, context) => {
      const entries = new Map<string, string>();
      for (const [key, value] of Object.entries<unknown>(record)) {
        const trimmed = typeof value === 'string' ? value.trim() : '';
        const problem = trimmed === '' ? 'a text that is not empty' : check(key, trimmed);
        if (problem === undefined) entries.set(key, trimmed);
        else context.issues.push({ code: 'custom', message: problem, input: value, path: [key] });
      }
      return entries;
    });
}
