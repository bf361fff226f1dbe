import type { Member, WorkspaceUser } from '../model/workspace.ts';
import { fitsAny, normaliseAddress } from './address.ts';
import { type Person, STATUSES } from '../model/directory.ts';
import type { PeopleRules } from '../model/rules.ts';

/** What Okta's life-cycle status says about a person's memberships. */
type Eligibility = 'eligible' | 'ineligible' | 'unknown';

/** The Secoda accounts that bear one address. */
type Account = Member | 'none' | 'several';

/** All that a person of Okta is to Secoda. */
interface Recognised {
  readonly eligibility: Eligibility;
  /** See `Identity.addressOf`. */
  readonly address: string | null;
  /** Of the address; `none` without one. */
  readonly account: Account;
}

/** The one place that decides that an Okta person and a Secoda user are the same. */
export interface Identity {
  /** Looked up once for each person, however many groups they are in. */
  recognise(person: Person): Recognised;
  /** The Secoda address of an Okta person; `null` when Okta has none to match by. */
  addressOf(person: Person): string | null;
  /**
   * Who somebody without such an address could be, by what else Okta knows of them (their login, or their e-mail); never
   * enough to let them in, but to let nobody go for want of an address.
   */
  couldBe(person: Person): string | null;
  /** The Okta addresses that stand for this Secoda address. */
  sourcesOf(address: string): readonly string[];
  eligibilityOf(person: Person): Eligibility;
  account(address: string): Account;
  user(userId: string): WorkspaceUser | undefined;
  /** One object for each user whose address is theirs alone: a plan names people millions of times. */
  member(userId: string): Member;
  /** The address of a Secoda user; `null` for a service account and for someone hidden or without e-mail, who cannot be matched. */
  addressOfUser(userId: string): string | null;
  isProtected(userId: string): boolean;
  /** Whether this account may be put into groups. */
  mayGain(userId: string): boolean;
  /** The address of an Okta person before any alias; `null` when Okta has none to match by. */
  writtenOf(person: Person): string | null;
}

/** Any other status was never seen before and decides nothing. */
const KNOWN_STATUSES: ReadonlySet<string> = new Set(STATUSES);

/** By the users list and the rules: a slice asks several times for the same, of a hundred thousand people. */
const made = new WeakMap<readonly WorkspaceUser[], WeakMap<PeopleRules, Identity>>();

/** Knows everybody on the users list by id and by address. The same for the same list. */
export function createIdentity(rules: PeopleRules, users: readonly WorkspaceUser[]): Identity {
  const theirs = made.get(users) ?? new WeakMap<PeopleRules, Identity>();
  made.set(users, theirs);
  const identity = theirs.get(rules) ?? indexed(rules, users);
  theirs.set(rules, identity);
  return identity;
}

/** Lets go of what is known of a users list that nobody asks for soon: it takes hundreds of bytes a user, and is quickly made anew. */
export function forgetIdentity(users: readonly WorkspaceUser[]): void {
  made.delete(users);
}

function indexed(rules: PeopleRules, users: readonly WorkspaceUser[]): Identity {
  const eligible = new Set(rules.statuses);
  const aliasOf = aliases(rules.aliases);
  const byId = new Map<string, WorkspaceUser>();
  const addresses = new Map<string, string>();
  const accounts = new Map<string, Account>();
  for (const user of users) {
    byId.set(user.id, user);
    const address = addressOfAccount(user);
    if (address === null) continue;
    addresses.set(user.id, address);
    accounts.set(address, accounts.has(address) ? 'several' : { userId: user.id, email: address });
  }
  const protect = rules.protect.flatMap((glob) => normaliseAddress(glob) ?? []);
  const guarded = new Map<string, boolean>();
  const known = new Map<Person, Recognised>();

  const eligibilityOf = ({ status }: Person): Eligibility => {
    if (eligible.has(status)) return 'eligible';
    return KNOWN_STATUSES.has(status) ? 'ineligible' : 'unknown';
  };
  const account = (address: string): Account => accounts.get(address) ?? 'none';
  const inSecoda = (written: string | null): string | null => {
    const address = normaliseAddress(written);
    return address === null ? null : aliasOf(address);
  };
  const recognise = (person: Person): Recognised => {
    let found = known.get(person);
    if (found === undefined) {
      const address = inSecoda(rules.match === 'email' ? person.email : person.login);
      found = {
        eligibility: eligibilityOf(person),
        address,
        account: address === null ? 'none' : account(address),
      };
      known.set(person, found);
    }
    return found;
  };

  return {
    recognise,
    addressOf: (person) => recognise(person).address,
    couldBe: ({ email, login }) => inSecoda(rules.match === 'email' ? login : email),
    sourcesOf: (address) => sources(rules.aliases, address).filter((each) => aliasOf(each) === address),
    eligibilityOf,
    account,
    user: (userId) => byId.get(userId),
    member(userId) {
      const email = addresses.get(userId) ?? null;
      const only = email === null ? 'none' : account(email);
      return only === 'none' || only === 'several' ? { userId, email } : only;
    },
    mayGain: (userId) => rules.gainNothing?.has(addresses.get(userId) ?? '') !== true,
    writtenOf: ({ email, login }) => normaliseAddress(rules.match === 'email' ? email : login),
    addressOfUser: (userId) => addresses.get(userId) ?? null,
    isProtected(userId) {
      if (protect.length === 0) return false;
      let found = guarded.get(userId);
      if (found === undefined) {
        // A service account, too, has an address that a rule can be about.
        const address = normaliseAddress(byId.get(userId)?.email ?? null);
        guarded.set(userId, (found = address !== null && fitsAny(protect, address)));
      }
      return found;
    },
  };
}

/** The address by which somebody can be matched to this account; `null` where nobody can. */
export function addressOfAccount({ email, service }: WorkspaceUser): string | null {
  return service === true ? null : normaliseAddress(email);
}

/** Exact aliases first, then patterns in the order of the configuration; what `*` stood for is carried over. */
function aliases(rules: ReadonlyMap<string, string>): (address: string) => string {
  const exact = new Map<string, string>();
  const patterns: { head: string; tail: string; to: string }[] = [];
  for (const [key, value] of rules) {
    const from = normaliseAddress(key) ?? '';
    const to = normaliseAddress(value) ?? '';
    const [head, tail] = from.split('*');
    if (head !== undefined && tail !== undefined) patterns.push({ head, tail, to });
    else exact.set(from, to);
  }
  return (address) => {
    const found = exact.get(address);
    if (found !== undefined) return found;
    for (const { head, tail, to } of patterns) {
      if (address.length < head.length + tail.length) continue;
      if (!address.startsWith(head) || !address.endsWith(tail)) continue;
      return to.split('*').join(address.slice(head.length, address.length - tail.length));
    }
    return address;
  };
}

/** What could become this address by some alias, or without one; and whatever else has an alias of its own. */
function sources(rules: ReadonlyMap<string, string>, address: string): readonly string[] {
  const found = new Set([address]);
  for (const [key, value] of rules) {
    const from = normaliseAddress(key) ?? '';
    const [head = '', tail, more] = (normaliseAddress(value) ?? '').split('*');
    if (tail === undefined) {
      if (!from.includes('*')) found.add(from);
    } else if (more === undefined && address.startsWith(head) && address.endsWith(tail)) {
      found.add(from.split('*').join(address.slice(head.length, address.length - tail.length)));
    }
  }
  return [...found];
}
