import type { Identity } from './identity.ts';
import type { Mapped } from '../groups/mapping.ts';
import type { Managed } from '../groups/match.ts';
import type { Person } from '../model/directory.ts';
import { decidedTogether } from '../groups/requested-groups.ts';

/** More groups than this at once are cheaper, and no later, in a run over everything. */
export const MOST_GROUPS = 100;

/** Somebody whom events named, as Okta shows them now. */
export interface EventPerson {
  readonly person: Person;
  readonly groupIds: readonly string[];
}

export interface EventsInput {
  /** Okta group ids that events named; unknown ones are harmless. */
  readonly groupIds: readonly string[];
  readonly people: readonly EventPerson[];
  /** Addresses that events named, of people who may be gone from Okta. */
  readonly emails: readonly string[];
  readonly mapped: Mapped;
  readonly managed: readonly Managed[];
  readonly identity: Identity;
}

/**
 * The Okta ids of all groups that may have to change for what events named: the groups themselves, those the people are in
 * in Okta, and every managed group that holds their Secoda account, so that whoever was deactivated or deleted leaves them
 * all. Whatever is decided together with one of them is among them. `'everything'` when that is too much for a target.
 */
export function groupsOfEvents(input: EventsInput): ReadonlySet<string> | 'everything' {
  const { mapped, managed, identity } = input;
  const persons = input.people.map(({ person }) => person);
  const accounts = accountsOf(persons, input.emails, identity);
  const holding = managed.filter(({ group }) => accounts.some((id) => group.userIds.includes(id)));
  const named = new Set([
    ...input.groupIds,
    ...input.people.flatMap(({ groupIds }) => groupIds),
    ...holding.flatMap(({ marker }) => marker.oktaIds),
  ]);
  const marked = new Set(managed.flatMap(({ marker }) => marker.oktaIds));
  const known = [...named].filter((id) => mapped.inScope.has(id) || marked.has(id));
  if (known.length > MOST_GROUPS) return 'everything';
  const targets = decidedTogether(known, mapped, managed);
  return targets.size > MOST_GROUPS ? 'everything' : targets;
}

/** Secoda ids of the accounts that bear an address of these people, or one of these addresses. */
export function accountsOf(people: readonly Person[], emails: readonly string[], identity: Identity) {
  const addresses = new Set([
    ...people.flatMap((person) => addressesOf(person, identity)),
    ...emails.flatMap((email) => addressOfText(email, identity) ?? []),
  ]);
  return [...addresses].flatMap((address) => {
    const account = identity.account(address);
    return typeof account === 'string' ? [] : [account.userId];
  });
}

/** The Secoda address that an address of an event, an Okta e-mail or login, would stand for. */
export function addressOfText(text: string, identity: Identity): string | null {
  return identity.addressOf({ id: '', status: '', email: text, login: text });
}

/** Both addresses of a person: after a change of one of them, the account may still bear the other. */
export function addressesOf({ email, login }: Person, identity: Identity): string[] {
  return [email, login].flatMap((text) => (text === null ? [] : (addressOfText(text, identity) ?? [])));
}
