import type { Membership, OktaGroup, Person } from './directory.ts';
import { byText } from './text.ts';

/** One list of members as it was read from Okta, with what the group list then said of the group. Times by Okta's clock. */
export interface RememberedList extends Pick<
  OktaGroup,
  'id' | 'lastUpdated' | 'lastMembershipUpdated' | 'usersCount'
> {
  /** Epoch milliseconds. */
  readonly readAt: number;
  /** The places of its people in the table, packed. */
  readonly members: string;
}

/** What was read from Okta by earlier runs: facts alone, nothing that was decided by them. */
export interface Reads {
  /** The rows of the table are those of this time or later (epoch milliseconds by Okta's clock). */
  readonly asOf: number;
  /** Everyone once. */
  readonly people: readonly Person[];
  readonly lists: ReadonlyMap<string, RememberedList>;
  /** Okta id → the Secoda address of somebody whose address in Okta had changed, and whose account had not (see `movedPeople`). */
  readonly formerly: ReadonlyMap<string, string>;
}

/** Before anything was read. */
export const NO_READS: Reads = { asOf: 0, people: [], lists: new Map(), formerly: new Map() };

/** What a run read, ready to be remembered. `skewMs`: how far Okta's clock is ahead of ours. Lists in doubt are left out. */
export function readsOf(
  asOf: number,
  skewMs: number,
  groups: readonly OktaGroup[],
  memberships: ReadonlyMap<string, Membership>,
  formerly: ReadonlyMap<string, string> = new Map(),
): Reads {
  const kept = groups.flatMap((group) => {
    const membership = memberships.get(group.id);
    if (!membership?.people || membership.doubt !== null) return [];
    return { group, people: membership.people, readAt: membership.readAt + skewMs };
  });
  // Whoever is in several lists is taken from the one that was read last. Most are the same object in all of them.
  const rows = new Map<string, Person>();
  const met = new Set<Person>();
  for (const { people } of kept.toSorted((a, b) => b.readAt - a.readAt)) {
    for (const person of people) {
      if (met.has(person)) continue;
      met.add(person);
      if (!rows.has(person.id)) rows.set(person.id, person);
    }
  }
  const people = [...rows.values()].sort((a, b) => byText(a.id, b.id));
  const byId = new Map<string, number>();
  for (const { id } of people) byId.set(id, byId.size);
  const places = new Map<Person, number>();
  for (const person of met) places.set(person, byId.get(person.id) ?? 0);
  const lists = kept.map(({ group, people: members, readAt }): [string, RememberedList] => {
    const { id, lastUpdated, lastMembershipUpdated, usersCount } = group;
    const packed = packList(placesOf(members, places).sort());
    return [id, { id, lastUpdated, lastMembershipUpdated, usersCount, readAt, members: packed }];
  });
  return { asOf, people, lists: new Map(lists.sort(([a], [b]) => byText(a, b))), formerly };
}

function placesOf(people: readonly Person[], places: ReadonlyMap<Person, number>): Uint32Array {
  const found = new Uint32Array(people.length);
  let next = 0;
  for (const person of people) found[next++] = places.get(person) ?? 0;
  return found;
}

/** The same reads with these people as they are by now. Who is in which list is not touched by it. */
export function withPeople(reads: Reads, changed: readonly Person[]): Reads {
  const rows = new Map(changed.map((person) => [person.id, person]));
  return { ...reads, people: reads.people.map((person) => rows.get(person.id) ?? person) };
}

/** The people of a remembered list; `null` when it cannot be made out. */
export function peopleIn({ people }: Reads, { members }: RememberedList): Person[] | null {
  const places = unpackList(members);
  if (places === null) return null;
  const found = places.flatMap((place) => people[place] ?? []);
  return found.length === places.length ? found : null;
}

/** Base 64 by five bits a letter, the sixth saying that more follow: as in source maps. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const VALUES = new Map(Array.from(LETTERS, (letter, value) => [letter, value]));

const MORE = 32;

/** Packs ascending whole numbers, each once, as their distances: two letters each, where four hundred people of a hundred thousand are meant. */
export function packList(ascending: Iterable<number>): string {
  // Joined at once: a text that grows by letters is kept as a tree of them, which takes thirty times as much.
  const letters: string[] = [];
  let last = -1;
  for (const number of ascending) {
    if (number === last) continue;
    let rest = number - last - 1;
    last = number;
    while (rest >= MORE) {
      letters.push(LETTERS.charAt((rest % MORE) + MORE));
      rest = Math.floor(rest / MORE);
    }
    letters.push(LETTERS.charAt(rest));
  }
  return letters.join('');
}

/** The numbers that `packList` packed; `null` for a text that is not of its making. */
export function unpackList(text: string): number[] | null {
  const numbers: number[] = [];
  let last = -1;
  let rest = 0;
  let place = 1;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return null;
    rest += (value % MORE) * place;
    place *= MORE;
    if (value >= MORE) continue;
    last += rest + 1;
    numbers.push(last);
    rest = 0;
    place = 1;
  }
  return place === 1 ? numbers : null;
}
