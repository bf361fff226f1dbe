import * as z from 'zod';
import { normaliseAddress } from '../core/people/address.ts';
import { STATUSES } from '../core/model/directory.ts';
import { ADDRESS, closed, DOMAIN_PATTERN, globs, isObject, list, oneOf, table, text } from './values.ts';

const INVITE = "false or { role: 'viewer' }";

/** A login need not be an address, so any word may stand before an alias; whether it fits `match` is checked below. */
const LOGIN = /^[^\s*]+$/;

export const users = closed({
  /** The field of the Okta profile that is compared with the e-mail address in Secoda. */
  match: oneOf(['email', 'login']).default('email'),
  /** Okta statuses whose people belong into the groups. */
  statuses: list(oneOf(STATUSES), 'a list of Okta statuses')
    .min(1, { error: 'at least one Okta status' })
    .default(['ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT']),
  /** Okta address → Secoda address, or `*@domain` → `*@domain`. Exact ones win over patterns. */
  aliases: table(
    'an object of Okta address to Secoda address',
    (key) => normaliseAddress(key) ?? '',
    aliasProblem,
  ).default(() => new Map<string, string>()),
  /** Patterns on the Secoda address of people who are never removed; a group that holds one is never deleted. */
  protect: globs().default([]),
  /** Whether people without an account are invited, and with which role. */
  invite: z
    .union([z.literal(false), closed({ role: text('the name of a role') })], { error: INVITE })
    .default(false),
}).superRefine(
  ({ match, aliases }, context) => {
    if (match !== 'email') return;
    const message = "an address before the alias, or match: 'login'";
    for (const key of aliases.keys())
      if (!key.includes('@')) context.addIssue({ code: 'custom', message, path: ['aliases', key] });
  },
  // Also while other values are wrong, so that all problems are told at once.
  { when: ({ value }) => isObject(value) && value['aliases'] instanceof Map },
);

function aliasProblem(key: string, value: string): string | undefined {
  const from = key.trim();
  if (!LOGIN.test(from) && !DOMAIN_PATTERN.test(from)) return 'an address or *@domain before the alias';
  if (DOMAIN_PATTERN.test(from)) {
    return DOMAIN_PATTERN.test(value) ? undefined : 'a pattern such as *@acme.io, as its key is one';
  }
  return ADDRESS.test(value) ? undefined : 'an address such as ada@acme.io';
}
