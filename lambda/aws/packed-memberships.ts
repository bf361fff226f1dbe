import * as z from 'zod';
import type { Person } from '../core/model/directory.ts';
import type { Members } from '../run/checkpoints.ts';

const personShape = z.tuple([z.string(), z.string(), z.string().nullable(), z.string().nullable()]);
/** Memberships as `pack` keeps them between two steps. */
export const packedMembers = z.object({
  /** Everyone once: id, status, e-mail, login. */
  people: z.array(personShape),
  /** Okta group id, when it was read, what is doubted of it, its people by their place in the list above. */
  groups: z.array(z.tuple([z.string(), z.number(), z.string().nullable(), z.array(z.number()).nullable()])),
});
export type PackedMembers = z.infer<typeof packedMembers>;

/** Packs memberships: someone in forty groups is written, and read again, once. */
export function pack(members: Members): PackedMembers {
  const places = new Map<string, number>();
  const people: PackedMembers['people'] = [];
  const placeOf = (person: Person): number => {
    // Two reads of one person can differ: somebody was deactivated in between.
    const row: (typeof people)[number] = [person.id, person.status, person.email, person.login];
    const key = JSON.stringify(row);
    const place = places.get(key) ?? people.push(row) - 1;
    places.set(key, place);
    return place;
  };
  return {
    people,
    groups: [...members].map(([id, { readAt, doubt, people: found }]) => [
      id,
      readAt,
      doubt,
      found === null ? null : found.map(placeOf),
    ]),
  };
}

/** The memberships that `pack` packed. */
export function unpack({ people, groups }: PackedMembers): Members {
  const persons = people.map(([id, status, email, login]): Person => ({ id, status, email, login }));
  return new Map(
    groups.map(([id, readAt, doubt, places]) => [
      id,
      { readAt, doubt, people: places === null ? null : places.flatMap((place) => persons[place] ?? []) },
    ]),
  );
}
