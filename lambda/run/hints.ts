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

export interface HintsInput {
  readonly mapped: Mapped;
  readonly managed: readonly Managed[];
  readonly identity: Identity;
  readonly people: People;
}

/**
 * What a run that follows events is about: Okta group ids, or everything. What the events named is asked for again, so
 * that it does not matter in which order, how often and how late they came. An empty set means that nothing is to be done.
 *
 * Somebody who is gone from Okta is found in Secoda by an address that the events named; where they named none, only a
 * run over everything finds where they were. Throws `AccessError` when people may not be read.
 */
export async function targetsOf(
  { oktaGroupIds, oktaUserIds, emails }: Hints,
  { mapped, managed, identity, people }: HintsInput,
): Promise<ReadonlySet<string> | 'everything'> {
  if (new Set(oktaUserIds).size > MOST_PEOPLE || new Set(emails).size > MOST_PEOPLE) return 'everything';
  const width = { concurrency: OKTA_WIDTH };
  const byId = await pMap(new Set(oktaUserIds), (id) => people.person(id), width);
  const found = byId.filter((person) => person !== null);
  const known = new Set(found.flatMap((person) => addressesOf(person, identity)));
  const left = [...new Set(emails.map((email) => email.trim()))].filter((email) => {
    const address = addressOfText(email, identity);
    return address !== null && !known.has(address);
  });
  if (byId.length - found.length > left.length) return 'everything';
  const byEmail = (await pMap(left, (email) => people.byEmail(email), width)).flat();
  const persons = new Map([...found, ...byEmail].map((person) => [person.id, person]));
  const placed = await pMap(
    persons.values(),
    async (person): Promise<HintedPerson> => ({
      person,
      groupIds: (await people.groupsOf(person.id)) ?? [],
    }),
    width,
  );
  return hintedGroups({ groupIds: oktaGroupIds, people: placed, emails, mapped, managed, identity });
}

function addressesOf({ email, login }: Person, identity: Identity): string[] {
  return [email, login].flatMap((text) => (text === null ? [] : (addressOfText(text, identity) ?? [])));
}
