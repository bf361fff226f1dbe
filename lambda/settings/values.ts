import * as z from 'zod';
import { nearMiss } from '../core/model/text.ts';
import { printable } from '../render/escape.ts';

/** A text that is more than white space, trimmed. */
export function text(expected: string) {
  return z.string({ error: expected }).trim().min(1, { error: expected });
}

/** A text of this form, trimmed. */
export function fitting(form: RegExp, error: string) {
  return z.string({ error }).trim().regex(form, { error });
}

/** A whole number with a lower bound; limits have no upper one, the person in charge knows better. */
export function wholeNumber(least: number, error = `a whole number of at least ${least}`) {
  return z.int({ error }).min(least, { error });
}

/** A switch. Texts such as `'yes'` and numbers are problems, so that nothing is taken for on that was meant to be off. */
export function yesOrNo() {
  return z.boolean({ error: 'true or false' });
}

/** One of a few words, which the problem lists. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `one of ${words.map((word) => `'${word}'`).join(', ')}` });
}

/** A list; `expected` is what the problem says of anything else. */
export function list<Item extends z.ZodType>(item: Item, expected: string) {
  return z.array(item, { error: expected });
}

/** Patterns in which `*` stands for any text. */
export function globs() {
  return list(text('a name or a pattern with *'), 'a list of names or patterns with *');
}

/** `local@domain`, loosely: whether anybody is there is for Okta and Secoda to say. */
export const ADDRESS = /^[^@\s*]+@[^@\s*]+$/;

/** Everybody of one domain. */
export const DOMAIN_PATTERN = /^\*@[^@\s*]+$/;

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

/** What is expected of an entry, when it is wrong. */
type EntryCheck = (key: string, value: string) => string | undefined;

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

/** The longest piece of somebody's value that a problem repeats, in characters. */
const VALUE_LENGTH = 60;

/** One line for each thing that is wrong: where, what was expected and what came. */
export function problemsOf(error: z.ZodError, input: unknown): readonly string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n');
      return issue.keys.map(
        (key, index) => `${place([...issue.path, key])}: ${lines[index] ?? 'unknown key'}`,
      );
    }
    const came = valueAt(input, issue.path);
    // Somebody may have put the credential itself where its ARN belongs.
    const secret = issue.path[0] === 'secrets' && came !== undefined;
    return [problem(place(issue.path), issue.message, secret ? 'something else' : described(came))];
  });
}

/** The problem with one value; `came` is the value as it may be shown (see `described`). */
export function problem(where: string, expected: string, came: string): string {
  return `${where}: expected ${expected}, got ${came}`;
}

/** `groups.map["BI team"]`, `groups.rename[0].to`. */
function place(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[a-z]\w*$/i.test(String(key))) text += text === '' ? String(key) : `.${String(key)}`;
    else text += `[${printable(JSON.stringify(String(key)), VALUE_LENGTH)}]`;
  }
  return text === '' ? 'the configuration' : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

/** A value as a problem may repeat it: an object by its keys alone, since a credential may stand in the wrong place. */
export function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return printable(JSON.stringify(withoutSecrets(value)), VALUE_LENGTH);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isObject(value)) return `a ${typeof value}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : printable(`an object with ${keys.join(', ')}`, VALUE_LENGTH);
}

/** An address may carry a password or a token, which nobody should read in a log. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/?#]*@/, '//…@').replace(/^(\w+:\/\/[^?#]*)[?#].*$/s, '$1?…');
}
