import * as z from 'zod';
import { isObject } from './closed.ts';

/** What is expected of an entry, when it is wrong. */
export type EntryCheck = (key: string, value: string) => string | undefined;

/**
 * An object of texts as a `Map`, so that any key is just a key (`__proto__` too). Values are trimmed and never empty.
 * Each wrong entry is a problem of its own, and so is each that means the same as an earlier one: `sameAs` gives keys in the
 * form in which they are compared.
 */
export function table(expected: string, sameAs: (key: string) => string, check: EntryCheck) {
  return z
    .custom<Readonly<Record<string, string>>>(isObject, { error: expected })
    .transform((record, context) => {
      const entries = new Map<string, string>();
      const earlier = new Map<string, string>();
      for (const [key, value] of Object.entries<unknown>(record)) {
        const trimmed = typeof value === 'string' ? value.trim() : '';
        const same = earlier.get(sameAs(key));
        const problem =
          trimmed === ''
            ? 'a text that is not empty'
            : same === undefined
              ? check(key, trimmed)
              : `one entry for this key, which ${JSON.stringify(same)} is already`;
        earlier.set(sameAs(key), key);
        if (problem === undefined) entries.set(key, trimmed);
        else context.issues.push({ code: 'custom', message: problem, input: value, path: [key] });
      }
      return entries;
    });
}
