/** Who somebody is, and who belongs where: the rules on people, written anew from what is promised. */
import { domainToASCII } from 'node:url';
import type { Configuration } from './pools.ts';
import type { Seen, SeenOktaGroup, SeenPerson, SeenUser } from './seen.ts';

const KNOWN_STATUSES = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
];
export const USUAL = ['ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT'];
const EDGE = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;

/** One form for all ways to write an address. */
export function address(text: string): string {
  const bare = text.replace(EDGE, '').normalize('NFC').toLowerCase();
  const at = bare.lastIndexOf('@');
  if (at < 0) return bare;
  const domain = bare.slice(at + 1);
  return `${bare.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

export interface People {
  /** What an address in Okta is in Secoda. */
  readonly alias: (text: string) => string;
  /** The accounts of an address; where it has several, nobody knows whose they are. */
  readonly account: (address: string) => readonly string[];
  /** The addresses of those who belong into the groups, and of those about whom nobody can say. */
  readonly in: (groups: readonly SeenOktaGroup[]) => {
    readonly wanted: Set<string>;
    readonly unknown: Set<string>;
  };
  /** Whether a member who is not wanted stays all the same. */
  readonly stays: (userId: string) => boolean;
  readonly isProtected: (userId: string) => boolean;
  readonly doubts: (userId: string) => SeenUser['doubts'];
  readonly addressOf: (userId: string) => string | null;
  /** Addresses that Okta itself shows as out in these groups. */
  readonly out: (groups: readonly SeenOktaGroup[]) => Set<string>;
}

export function peopleOf({ users }: Seen, config: Configuration): People {
  const { match, statuses = USUAL, aliases, protect } = config.users;
  const exact = new Map<string, string>();
  const domains = new Map<string, string>();
  for (const [from, to] of Object.entries(aliases)) {
    if (from.startsWith('*@')) domains.set(domainOf(address(from)), domainOf(address(to)));
    else exact.set(address(from), address(to));
  }
  const alias = (text: string): string => {
    const own = address(text);
    const other = domains.get(domainOf(own));
    return exact.get(own) ?? (other === undefined ? own : `${own.slice(0, own.lastIndexOf('@'))}@${other}`);
  };
  const aliased = (person: SeenPerson): string => alias(person[match]);
  const byAddress = new Map<string, string[]>();
  const byId = new Map(users.map((user) => [user.id, user]));
  for (const { id, email, listed } of users) {
    if (!listed || email === null) continue;
    byAddress.set(address(email), [...(byAddress.get(address(email)) ?? []), id]);
  }
  const patterns = protect.map((pattern) => glob(address(pattern)));
  const isProtected = (userId: string): boolean => {
    // Nobody knows the address of somebody whom the users list does not show.
    const { email, shown } = byId.get(userId) ?? { email: null, shown: false };
    return shown && email !== null && patterns.some((pattern) => pattern.test(address(email)));
  };
  const having = (groups: readonly SeenOktaGroup[], status: (text: string) => boolean): Set<string> =>
    new Set(groups.flatMap(({ people }) => people.filter((person) => status(person.status)).map(aliased)));
  return {
    alias,
    account: (text) => byAddress.get(text) ?? [],
    in: (groups) => ({
      wanted: having(groups, (status) => statuses.includes(status)),
      unknown: having(groups, (status) => !KNOWN_STATUSES.includes(status)),
    }),
    out: (groups) =>
      having(groups, (status) => KNOWN_STATUSES.includes(status) && !statuses.includes(status)),
    stays: (userId) => {
      const user = byId.get(userId);
      if (user === undefined || !user.listed || user.email === null || isProtected(userId)) return true;
      return (byAddress.get(address(user.email)) ?? []).length > 1;
    },
    isProtected,
    doubts: (userId) => byId.get(userId)?.doubts ?? [],
    addressOf: (userId) => {
      const user = byId.get(userId);
      return user?.listed === true && user.email !== null ? address(user.email) : null;
    },
  };
}

const domainOf = (text: string): string => text.slice(text.lastIndexOf('@') + 1);

/** `*` fits any text, `?` one character. */
export function glob(pattern: string): RegExp {
  const source = Array.from(pattern.normalize('NFC'))
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 'su');
}
