import * as z from 'zod';
import { normaliseAddress } from '../core/people/address.ts';
import { STATUSES } from '../core/model/directory.ts';
import {
  ADDRESS,
  closed,
  DOMAIN_PATTERN,
  globs,
  isObject,
  list,
  oneOf,
  table,
  text,
  wholeNumber,
  yesOrNo,
} from './values.ts';
import { composed } from '../core/model/text.ts';
import { renamePattern } from '../core/groups/mapping.ts';
import { archive, events, notify, okta, secoda, secrets } from './services.ts';
import { schedule } from './schedule.ts';

const INVITE = "false or { role: 'viewer', teams: [] }";
const TEAMS = 'a list of ids of Secoda teams';
const GUESTS = `${TEAMS}: a guest needs one at least`;

/** A login need not be an address, so any word may stand before an alias; whether it fits `match` is checked below. */
const LOGIN = /^[^\s*]+$/;

const invitees = closed({
  role: text('the name of a role'),
  /** Ids of the teams that people are invited into. */
  teams: list(text('the id of a team'), TEAMS).default([]),
}).refine(({ role, teams }) => role.trim().toLowerCase() !== 'guest' || teams.length > 0, {
  error: GUESTS,
  path: ['teams'],
});

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
  invite: z.union([z.literal(false), invitees], { error: INVITE }).default(false),
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

/** More than 100 is no limit. */
const PERCENT = 'a number of at least 0';

/** A limit is the larger of `max` and `percent`, so a low `max` alone does not lower it. */
function limit(max: number, percent: number) {
  return closed({
    /** As many as this are always allowed. */
    max: wholeNumber(0).default(max),
    /** Of what stands before the plan, rounded down. */
    percent: z.number({ error: PERCENT }).min(0, { error: PERCENT }).default(percent),
  }).prefault({});
}

function atMost(max: number) {
  return closed({ max: wholeNumber(0).default(max) }).prefault({});
}

export const guard = closed({
  /** Managed groups that may be deleted, as in all that follows by one run with what was done in the 20 hours before. */
  groupDeletions: limit(3, 10),
  /** Memberships that may be removed in all. */
  memberRemovals: limit(20, 10),
  /** Members that may be removed from any one group. */
  removalsPerGroup: limit(5, 50),
  /** A group of so many members or more may not end with none. */
  emptiedGroups: closed({ atLeast: wholeNumber(1).default(3) }).prefault({}),
  /** People who may be added to any one group that stands already. */
  additionsPerGroup: limit(50, 100),
  /** Hand-made groups that may be adopted. */
  adoptions: atMost(3),
  /** People who may be invited. */
  invitations: atMost(25),
  /** Fewer Okta groups in scope than this refuse the run. */
  minimumGroups: wholeNumber(0).default(1),
  /** Over a limit on losses or growth: refuse the plan whole, or hold what is over it and write the rest. */
  overLimit: oneOf(['refuse', 'hold']).default('refuse'),
});

const MATCH = 'a regular expression';

const renameRule = closed({
  /** A regular expression on the Okta name. */
  match: text(MATCH).superRefine((source, context) => {
    const problem = regexProblem(source);
    if (problem !== null) context.addIssue({ code: 'custom', message: `${MATCH} (${problem})` });
  }),
  /** What the fitting part becomes; `$1` stands for the first group of the expression. */
  to: z.string({ error: 'a text' }),
}).superRefine(({ match, to }, context) => {
  const strange = regexProblem(match) === null ? strangerIn(to, match) : undefined;
  if (strange === undefined) return;
  const message = `a text in which ${strange} stands for a group of match, which has none such; $$ stands for a dollar sign`;
  context.addIssue({ code: 'custom', message, path: ['to'] });
});

/** What names no group of the expression, and would stand in every name as it is written. */
function strangerIn(to: string, match: string): string | undefined {
  const { length = 1, groups = {} } = new RegExp(`${renamePattern(match).source}|`, 'u').exec('') ?? {};
  const isGroup = (number: number) => number > 0 && number < length;
  return [...to.replaceAll('$$', '').matchAll(/\$(?:(\d)(\d?)|<([^>]*)>)/g)].find(([, one, two, name]) =>
    name === undefined
      ? !isGroup(Number(`${one}${two}`)) && !isGroup(Number(one))
      : !Object.hasOwn(groups, name),
  )?.[0];
}

export const groups = closed({
  /** Patterns on the Okta name; a group is in scope when one of these fits. */
  include: globs().default(['*']),
  /** Patterns on the Okta name of groups that are left out anyway. */
  exclude: globs().default([]),
  /** In order, the first that fits wins. */
  rename: list(renameRule, 'a list of { match, to }').default([]),
  /** Okta id or exact Okta name → Secoda name. Several keys with one value make one Secoda group of them. */
  map: table('an object of Okta id or name to Secoda name', composed, (key) =>
    key.trim() === '' ? 'an Okta id or name before the Secoda name' : undefined,
  ).default(() => new Map<string, string>()),
  /** What becomes of managed groups whose Okta groups left the scope. */
  whenGone: oneOf(['delete', 'empty', 'keep']).default('delete'),
  /** Groups to leave exactly as they are for now: ids, Okta names or Secoda names. */
  frozen: list(text('an id or a name'), 'a list of ids or names of groups').default([]),
});

/** By what the mapping itself does, so that what passes here works there. */
function regexProblem(source: string): string | null {
  try {
    renamePattern(source);
    return null;
  } catch (error) {
    return String(error).replace(/^SyntaxError: Invalid regular expression: /, '');
  }
}

const NAME = 'up to 41 letters, digits and hyphens, the first no hyphen';

/** Everything that can stand in `sync.config.ts`. */
export const config = closed({
  /** Stands in the marker of every managed group; a second deployment to one workspace needs another. */
  name: z
    .string({ error: NAME })
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/i, { error: NAME })
    .default('okta'),
  /** The directory: where it is and which of its groups are read. */
  okta,
  /** The workspace. */
  secoda,
  /** Which groups are in scope and what they are called in Secoda. */
  groups: groups.prefault({}),
  /** Who belongs into a group, and how people are recognised. */
  users: users.prefault({}),
  /** The harm that one run may do without being asked. */
  guard: guard.prefault({}),
  /** When the deployed function runs by itself: `{ cron, timeZone }` or `{ every }`. */
  schedule: schedule.prefault({ cron: '0 2 * * ? *' }),
  /** Only plan. A terminal then writes with `--no-dry-run` alone, the deployed function when its event says so. */
  dryRun: yesOrNo().default(false),
  /** Who is told when an alarm goes off. */
  notify: notify.prefault({}),
  /** Events that start a run at once. */
  events: events.prefault({}),
  /** Existing secrets for the deployed function. */
  secrets: secrets.prefault({}),
  /** Where the deployed function keeps its records. */
  archive: archive.prefault({}),
});

/** What people write in `sync.config.ts`. */
export type SyncConfig = z.input<typeof config>;
