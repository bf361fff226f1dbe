import pMap from 'p-map';
import { addressOfText, hintedGroups, type HintedPerson } from '../core/hints.ts';
import type { Identity } from '../core/identity.ts';
import type { Mapped } from '../core/mapping.ts';
import type { Managed } from '../core/match.ts';
import type { Person } from '../core/model.ts';
import type { People } from '../ports.ts';
import type { Hints } from '../request.ts';
import { OKTA_WIDTH } from './read.ts';

/** More people than this at once are asked for in vain: they are in too many groups for a target. */
const MOST_PEOPLE = 200;

/** The rows of people whom an earlier run read, by Okta id; whoever it did not is missing. */
export type Recall = (personIds: ReadonlySet<string>) => Promise<readonly Person[]>;

export interface HintsInput {
  readonly mapped: Mapped;
  readonly managed: readonly Managed[];
  readonly identity: Identity;
  readonly people: People;
  readonly recall: Recall;
}

/**
 * What a run that follows events is about: Okta group ids, or everything. What the events named is asked for again, so
 * that it does not matter in which order, how often and how late they came. An empty set means that nothing is to be done.
 *
 * Somebody who is gone from Okta is found in Secoda by the row that an earlier run read, or by the address that the events
 * named, which is the login alone, unless somebody else bears that. Where neither leads to an account, only a run over
 * everything finds where they were.
 * Throws `AccessError` when people may not be read.
 */
export async function targetsOf(
  { oktaGroupIds, oktaUserIds, emails }: Hints,
  { mapped, managed, identity, people, recall }: HintsInput,
): Promise<ReadonlySet<string> | 'everything'> {
  if (new Set(oktaUserIds).size > MOST_PEOPLE || new Set(emails).size > MOST_PEOPLE) return 'everything';
  const width = { concurrency: OKTA_WIDTH };
  const ids = [...new Set(oktaUserIds)];
  const byId = await pMap(ids, (id) => people.person(id), width);
  const found = byId.filter((person) => person !== null);
  const gone = new Set(ids.filter((_, index) => byId[index] === null));
  const recalled = gone.size === 0 ? [] : await recall(gone);
  const left = othersThan(found, emails, identity);
  const unknown = gone.size - tracedOf(recalled, identity);
  const mayBeTheirs = othersThan(recalled, left, identity);
  if (unknown > 0 && !leadTo(unknown, mayBeTheirs, identity)) return 'everything';
  const byEmail = (await pMap(left, (email) => people.byEmail(email), width)).flat();
  // What somebody in Okta bears does not tell who is gone.
  if (unknown > 0 && byEmail.some(({ id }) => !gone.has(id))) return 'everything';
  const persons = new Map([...found, ...byEmail].map((person) => [person.id, person]));
  const placed = await pMap(
    persons.values(),
    async (person): Promise<HintedPerson> => ({
      person,
      groupIds: (await people.groupsOf(person.id)) ?? [],
    }),
    width,
  );
  const past = recalled.map((person): HintedPerson => ({ person, groupIds: [] }));
  const concerned = [...placed, ...past];
  return hintedGroups({ groupIds: oktaGroupIds, people: concerned, emails, mapped, managed, identity });
}

/** Those addresses that are none of these people's. */
function othersThan(people: readonly Person[], emails: readonly string[], identity: Identity): string[] {
  const known = new Set(people.flatMap((person) => addressesOf(person, identity)));
  return [...new Set(emails.map((email) => email.trim()))].filter((email) => {
    const address = addressOfText(email, identity);
    return address !== null && !known.has(address);
  });
}

/** How many of these people are found in Secoda. */
function tracedOf(people: readonly Person[], identity: Identity): number {
  return people.filter((person) =>
    addressesOf(person, identity).some((address) => identity.account(address) !== 'none'),
  ).length;
}

/** Whether these addresses find so many people in Secoda. Nothing says whose an address is, so all of them have to lead there. */
function leadTo(people: number, emails: readonly string[], identity: Identity): boolean {
  const addresses = emails.map((email) => addressOfText(email, identity) ?? '');
  return addresses.length === people && addresses.every((address) => identity.account(address) !== 'none');
}

function addressesOf({ email, login }: Person, identity: Identity): string[] {
  return [email, login].flatMap((text) => (text === null ? [] : (addressOfText(text, identity) ?? [])));
}
