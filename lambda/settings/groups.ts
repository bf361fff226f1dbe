import * as z from 'zod';
import { renamePattern } from '../core/groups/mapping.ts';
import { composed } from '../core/model/order.ts';
import { closed, globs, list, oneOf, table, text } from './values.ts';

const MATCH = 'a regular expression';

const renameRule = closed({
  /** A regular expression on the Okta name. */
  match: text(MATCH).refine((source) => regexProblem(source) === null, {
    error: ({ input }) => `${MATCH} (${regexProblem(String(input)) ?? 'it is none'})`,
  }),
  /** What the fitting part becomes; `$1` stands for the first group of the expression. */
  to: z.string({ error: 'a text' }),
});

export const groups = closed({
  /** Patterns on the Okta name; a group is in scope when one of these fits. */
  include: globs().default(['*']),
  /** Patterns on the Okta name of groups that are left out all the same. */
  exclude: globs().default([]),
  /** In order, the first that fits wins. */
  rename: list(renameRule, 'a list of { match, to }').default([]),
  /** Okta id or exact Okta name → Secoda name. Several keys with one value make one Secoda group of them. */
  map: table('an object of Okta id or name to Secoda name', composed, (key) =>
    key.trim() === '' ? 'an Okta id or name before the Secoda name' : undefined,
  ).default(() => new Map<string, string>()),
  /** What becomes of managed groups whose Okta groups left the scope. */
  whenGone: oneOf(['delete', 'empty', 'keep']).default('delete'),
});

/** By what the mapping itself does, so that what passes here works there. */
function regexProblem(source: string): string | null {
  try {
    renamePattern(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : 'invalid';
  }
}
