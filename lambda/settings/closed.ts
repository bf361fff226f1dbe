import * as z from 'zod';
import { nearMiss } from './near-miss.ts';

/**
 * An object schema without room for other keys: a misspelt key would otherwise be a setting that silently has no effect.
 *
 * Messages follow the rule of all schemas here: they are what was *expected*, and `problemsOf` adds where and what came.
 * For unknown keys there is one line for each key, in the order of the issue's `keys`.
 */
export function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(key, known)).join('\n')
        : `an object with ${known.join(', ')}`,
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearMiss(key, known);
  return near === undefined
    ? `unknown key; expected one of ${known.join(', ')}`
    : `unknown key; did you mean ${near}?`;
}

/** Says so when not exactly one of the keys is given, even while other values of the object are wrong. */
export function exactlyOneOf<Key extends string>(keys: readonly Key[]) {
  return z.refine<Partial<Record<Key, unknown>>>(
    (value) => keys.filter((key) => value[key] !== undefined).length === 1,
    {
      error: `exactly one of ${keys.join(', ')}`,
      when: ({ value }) => isObject(value),
    },
  );
}

/** Neither `null` nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
