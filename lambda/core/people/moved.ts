import { type Warning, warningOf } from '../model/warning.ts';
import type { Person } from '../model/directory.ts';
import { byText } from '../model/text.ts';
import type { Reads } from '../model/reads.ts';
import type { PeopleRules } from '../model/rules.ts';
import type { WorkspaceUser } from '../model/workspace.ts';
import { createIdentity } from './identity.ts';

/** Somebody whose address in Okta has changed, and whose account in Secoda still has the old one. */
export interface Moved {
  readonly oktaId: string;
  /** The address in Okta, as addresses are compared, before any alias. */
  readonly from: string;
  /** That of the account. */
  readonly to: string;
}

/** Whether there is anybody without an account, who could have one under another address. */
export function mayHaveMoved(rules: PeopleRules, users: readonly WorkspaceUser[], people: Iterable<Person>) {
  const identity = createIdentity(rules, users);
  for (const person of people) {
    const { address, account } = identity.recognise(person);
    if (address !== null && account === 'none') return true;
  }
  return false;
}

/**
 * Whose account is taken for theirs although their address differs: known under another address before, which an account still
 * has and nobody else in Okta, while no account has the new one. `people`: everybody in Okta whom this run knows.
 */
export function movedPeople(
  rules: PeopleRules,
  users: readonly WorkspaceUser[],
  people: Iterable<Person>,
  before: Pick<Reads, 'people' | 'formerly'>,
): readonly Moved[] {
  const identity = createIdentity(rules, users);
  const bearers = new Map<string, Set<string>>();
  const now = new Map<string, Person>();
  const bear = (person: Person) => {
    for (const address of [identity.addressOf(person), identity.couldBe(person)])
      if (address !== null) bearers.set(address, (bearers.get(address) ?? new Set()).add(person.id));
  };
  for (const person of people) {
    if (now.has(person.id)) continue;
    now.set(person.id, person);
    bear(person);
  }
  const formerly = new Map(before.formerly);
  for (const person of before.people) {
    if (!now.has(person.id)) bear(person);
    const address = identity.addressOf(person);
    if (address !== null && !formerly.has(person.id)) formerly.set(person.id, address);
  }
  const moved: Moved[] = [];
  for (const [oktaId, to] of formerly) {
    const person = now.get(oktaId);
    const address = person === undefined ? null : identity.addressOf(person);
    if (person === undefined || address === null || address === to) continue;
    const account = identity.account(to);
    if (account === 'none' || account === 'several' || identity.account(address) !== 'none') continue;
    const others = [...(bearers.get(to) ?? []), ...(bearers.get(address) ?? [])];
    if (others.every((id) => id === oktaId))
      moved.push({ oktaId, from: identity.writtenOf(person) ?? address, to });
  }
  return moved.sort((a, b) => byText(a.oktaId, b.oktaId));
}

/** The rules as if each of them had an alias; by it they keep what they have, and gain nothing. */
export function withMoved(rules: PeopleRules, moved: readonly Moved[]): PeopleRules {
  if (moved.length === 0) return rules;
  return {
    ...rules,
    aliases: new Map([...rules.aliases, ...moved.map(({ from, to }) => [from, to] as const)]),
    gainNothing: new Set(moved.map(({ to }) => to)),
  };
}

/** What is to be said of them, with the alias to paste. */
export function movedWarnings(moved: readonly Moved[]): readonly Warning[] {
  return moved.map((each) =>
    warningOf('address-changed', { group: null, oktaIds: [] }, movedText(each), { email: each.to }),
  );
}

export function movedText({ oktaId, from, to }: Moved): string {
  return `the address of ${oktaId} in Okta is ${from} by now, and was ${to}, which an account in Secoda still has: it keeps what they are wanted in, and gains nothing until users.aliases has '${from}': '${to}'`;
}
