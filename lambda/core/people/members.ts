import type { Member, Removal, UnmatchedReason } from '../model/workspace.ts';
import type { Identity } from './identity.ts';
import type { Person } from '../model/directory.ts';
import { ascending, byText } from '../model/text.ts';

/** What the people of a wanted group mean for the members of its Secoda group. */
export interface MemberPlan {
  /** Everyone the group is to hold. */
  readonly userIds: readonly string[];
  /** By e-mail. */
  readonly add: readonly Member[];
  readonly remove: readonly Removal[];
  /** People who would leave, and whom this run may not take out. */
  readonly waiting: readonly Member[];
  readonly unmatched: readonly {
    readonly key: string;
    readonly email: string;
    readonly reason: UnmatchedReason;
  }[];
  /** People with a status never seen before: their membership stays as it is. */
  readonly held: readonly { readonly email: string; readonly status: string }[];
}

/**
 * Decides the members of one group. `people`: everyone in its Okta groups, a person once for each Okta record.
 * `ineligible` tells of an address that Okta shows as switched off in every record, which matters to the guard only.
 * `mayLeave`: Secoda ids of the only people who may be taken out; `null` for anybody.
 */
export function planMembers(
  people: Iterable<Person>,
  current: readonly string[],
  identity: Identity,
  ineligible: (address: string) => boolean,
  mayLeave: ReadonlySet<string> | null = null,
): MemberPlan {
  const { wanted, missing, held, nameless, possible } = wishesOf(people, identity);
  const members = new Set(current);
  const add: Member[] = [];
  for (const [userId, member] of wanted)
    if (!members.has(userId) && identity.mayGain(userId)) add.push(member);

  const remove: Removal[] = [];
  const waiting: Member[] = [];
  for (const userId of members) {
    if (wanted.has(userId) || staysAnyway(userId, identity)) continue;
    const member = identity.member(userId);
    if (member.email === null || held.has(member.email) || possible.has(member.email)) continue;
    if (mayLeave?.has(userId) === false) waiting.push(member);
    else remove.push({ ...member, ineligible: ineligible(member.email) });
  }

  const leaving = new Set(remove.map(({ userId }) => userId));
  return {
    // Of millions of memberships none is kept twice, and no list longer than it is.
    userIds:
      add.length + remove.length === 0
        ? current
        : ascending(current.filter((id) => !leaving.has(id)).concat(add.map(({ userId }) => userId))),
    add: add.toSorted(byMember),
    remove: remove.toSorted(byMember),
    waiting: waiting.sort(byMember),
    unmatched: [
      ...[...missing].map(([email, reason]) => ({ key: email, email, reason })),
      ...nameless.map(({ id, login }) => ({ key: id, email: login ?? id, reason: 'no-email' as const })),
    ],
    held: [...held].map(([email, status]) => ({ email, status })),
  };
}

/** Several Okta records with one address are one person, who is wanted if any of the records is eligible. */
function wishesOf(people: Iterable<Person>, identity: Identity) {
  /** The accounts of everyone wanted who has one, by user id. */
  const wanted = new Map<string, Member>();
  /** The addresses of everyone else who is wanted, with what is wrong. */
  const missing = new Map<string, UnmatchedReason>();
  const held = new Map<string, string>();
  const nameless: Person[] = [];
  /** Addresses that could be those of the nameless, and of people without an address whose status decides nothing. */
  const possible = new Set<string>();
  for (const person of people) {
    const { eligibility, address, account } = identity.recognise(person);
    if (address === null) {
      if (eligibility === 'eligible') nameless.push(person);
      const maybe = eligibility === 'ineligible' ? null : identity.couldBe(person);
      if (maybe !== null) possible.add(maybe);
    } else if (eligibility === 'unknown') held.set(address, person.status);
    else if (eligibility === 'ineligible') continue;
    else if (account === 'none') missing.set(address, 'no-account');
    else if (account === 'several') missing.set(address, 'ambiguous');
    else wanted.set(account.userId, account);
  }
  for (const address of held.keys()) {
    const account = identity.account(address);
    const isWanted = account !== 'none' && account !== 'several' && wanted.has(account.userId);
    if (isWanted || missing.has(address)) held.delete(address);
  }
  return { wanted, missing, held, nameless, possible };
}

/** Those members who stay whatever Okta says: protected people, and whoever cannot be matched. */
export function staysAnyway(userId: string, identity: Identity): boolean {
  const email = identity.addressOfUser(userId);
  return email === null || identity.account(email) === 'several' || identity.isProtected(userId);
}

/** Sorts by address, those without one first, then by id. */
export function byMember(a: Member, b: Member): number {
  return byText(a.email ?? '', b.email ?? '') || byText(a.userId, b.userId);
}
