import pMap from 'p-map';
import type { Member } from '../../core/model/workspace.ts';
import {
  accountsOf,
  addressesOf,
  addressOfText,
  type EventPerson,
  type EventsInput,
  groupsOfEvents,
} from '../../core/people/groups-of-events.ts';
import type { Identity } from '../../core/people/identity.ts';
import type { Person } from '../../core/model/directory.ts';
import type { PersonCache } from '../../ports.ts';
import type { EventTargets } from '../../core/model/request.ts';
import { OKTA_WIDTH, type Recall } from './read-members.ts';

/** More people than this at once are asked for in vain: they are in too many groups for a target. */
const MOST_PEOPLE = 200;

interface EventTargetsInput extends Pick<EventsInput, 'mapped' | 'managed' | 'identity'> {
  readonly people: PersonCache;
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
export async function targetsOf(hints: EventTargets, input: EventTargetsInput) {
  const { oktaGroupIds, oktaUserIds, emails, leaverIds } = hints;
  const { mapped, managed, identity, people, recall } = input;
  const ids = new Set(oktaUserIds);
  const asked = [...new Set([...ids, ...leaverIds])];
  if ([ids, new Set(leaverIds), new Set(emails)].some(({ size }) => size > MOST_PEOPLE))
    return { targets: 'everything' as const, userIds: [], untraced: 0 };
  const width = { concurrency: OKTA_WIDTH };
  const answers = await pMap(asked, (id) => people.person(id), width);
  const missing = new Set(asked.filter((_, index) => answers[index] === null));
  const remembered = missing.size === 0 ? [] : await recall(missing);
  const shown = answers.filter((person) => person !== null);
  const leavers = [...shown, ...remembered].filter(({ id }) => !ids.has(id));
  const found = shown.filter(({ id }) => ids.has(id));
  const recalled = remembered.filter(({ id }) => ids.has(id));
  const gone = ids.intersection(missing);
  const left = othersThan(found, emails, identity);
  const untraced = gone.size - tracedOf(recalled, identity);
  const mayBeTheirs = othersThan(recalled, left, identity);
  const known = [...found, ...recalled, ...leavers];
  const everything = { targets: 'everything' as const, userIds: accountsOf(known, [], identity), untraced };
  if (untraced > 0 && !leadTo(untraced, mayBeTheirs, identity)) return everything;
  const byEmail = (await pMap(left, (email) => people.byEmail(email), width)).flat();
  // What somebody in Okta bears does not tell who is gone.
  if (untraced > 0 && byEmail.some(({ id }) => !gone.has(id))) return everything;
  const persons = new Map([...found, ...byEmail].map((person) => [person.id, person]));
  const placeOf = async (person: Person): Promise<EventPerson> => {
    const groups = (await people.groupsOf(person.id)) ?? [];
    return { person, groupIds: groups.map(({ id }) => id) };
  };
  const placed = await pMap(persons.values(), placeOf, width);
  const past = recalled.map((person): EventPerson => ({ person, groupIds: [] }));
  const userIds = accountsOf([...known, ...persons.values()], emails, identity);
  const about = { groupIds: oktaGroupIds, people: [...placed, ...past], emails, mapped, managed, identity };
  return { targets: groupsOfEvents(about), userIds, untraced: 0 };
}

/**
 * The accounts of people who were deleted and whom nothing traced: of those who would lose something, the ones whom no record
 * of Okta's bears any more, unless these are more than were deleted.
 */
export async function goneFrom(
  people: PersonCache,
  losing: readonly Member[],
  untraced: number,
  identity: Identity,
): Promise<readonly string[]> {
  if (untraced === 0 || losing.length > MOST_PEOPLE) return [];
  const recordsOf = async ({ email }: Member) =>
    (await pMap(email === null ? [] : identity.sourcesOf(email), (each) => people.byEmail(each))).flat();
  const records = await pMap(losing, recordsOf, { concurrency: OKTA_WIDTH });
  const gone = losing.filter((_, index) => records[index]?.length === 0);
  return gone.length > untraced ? [] : gone.map(({ userId }) => userId);
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
