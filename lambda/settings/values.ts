import * as z from 'zod';

/** A text that is more than white space, trimmed. */
export function text(expected: string) {
  return z.string({ error: expected }).trim().min(1, { error: expected });
}

/** A whole number with a lower bound; limits have no upper one, the person in charge knows better. */
export function wholeNumber(least: number) {
  const error = `a whole number of at least ${least}`;
  return z.int({ error }).min(least, { error });
}

/** A percentage; more than 100 is no limit. */
export function percentage() {
  const error = 'a number of at least 0';
  return z.number({ error }).min(0, { error });
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
