import type { Member, Removal, UnmatchedReason } from './change.ts';
import type { Identity } from './identity.ts';
import type { Person } from './model.ts';
import { byText } from './order.ts';

/** What the people of a wanted group mean for the members of its Secoda group. */
export interface MemberPlan {
  /** Everyone the group is to hold, ascending. */
  readonly userIds: readonly string[];
  /** By e-mail. */
  readonly add: readonly Member[];
  readonly remove: readonly Removal[];
  readonly unmatched: readonly {
    readonly key: string;
    readonly email: string;
    readonly reason: UnmatchedReason;
  }[];
  /** People with a status never seen before: their membership stays as it is. */
  readonly held: readonly { readonly email: string; readonly status: string }[];
}

interface Standings {
  readonly wanted: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, string>;
  readonly nameless: readonly Person[];
}

/**
 * Decides the members of one group. `people`: everyone in its Okta groups, a person once for each Okta record.
 * `ineligible` tells of an address that Okta shows as switched off in every record, which matters to the guard only.
 */
export function planMembers(
  people: Iterable<Person>,
  current: readonly string[],
  identity: Identity,
  ineligible: (address: string) => boolean,
): MemberPlan {
  const { wanted, held, nameless } = standingsOf(people, identity);
  const members = new Set(current);
  const add: Member[] = [];
  const unmatched: { key: string; email: string; reason: UnmatchedReason }[] = [];
  for (const email of wanted) {
    const account = identity.account(email);
    if (account === 'none') unmatched.push({ key: email, email, reason: 'no-account' });
    else if (account === 'several') unmatched.push({ key: email, email, reason: 'ambiguous' });
    else if (!members.has(account.userId)) add.push({ userId: account.userId, email });
  }
  for (const person of nameless) {
    unmatched.push({ key: person.id, email: person.login ?? person.id, reason: 'no-email' });
  }

  const remove: Removal[] = [];
  for (const userId of members) {
    const email = identity.addressOfUser(userId);
    if (email === null || wanted.has(email) || held.has(email)) continue;
    if (identity.account(email) === 'several' || identity.isProtected(userId)) continue;
    remove.push({ userId, email, ineligible: ineligible(email) });
  }

  const leaving = new Set(remove.map(({ userId }) => userId));
  return {
    userIds: [...current.filter((id) => !leaving.has(id)), ...add.map(({ userId }) => userId)],
    add: add.sort(byMember),
    remove: remove.sort(byMember),
    unmatched,
    held: [...held].map(([email, status]) => ({ email, status })),
  };
}

/** Several Okta records with one address are one person, who is wanted if any of the records is eligible. */
function standingsOf(people: Iterable<Person>, identity: Identity): Standings {
  const wanted = new Set<string>();
  const held = new Map<string, string>();
  const nameless: Person[] = [];
  for (const person of people) {
    const standing = identity.standingOf(person);
    const address = identity.addressOf(person);
    if (address === null) {
      if (standing === 'eligible') nameless.push(person);
    } else if (standing === 'eligible') wanted.add(address);
    else if (standing === 'unknown') held.set(address, person.status);
  }
  for (const address of wanted) held.delete(address);
  return { wanted, held, nameless };
}

/** Those members who stay whatever Okta says: protected people, and whoever cannot be matched. */
export function staysAnyway(userId: string, identity: Identity): boolean {
  const email = identity.addressOfUser(userId);
  return email === null || identity.account(email) === 'several' || identity.isProtected(userId);
}

export function memberOf(userId: string, identity: Identity): Member {
  return { userId, email: identity.addressOfUser(userId) };
}

export function byMember(a: Member, b: Member): number {
  return byText(a.email ?? '', b.email ?? '') || byText(a.userId, b.userId);
}
