import type { Person } from '../../core/model/directory.ts';

/**
 * Keeps one object for each person, however many groups they are in: two million memberships of a hundred thousand
 * people then cost little more than the people.
 */
export class PersonCache {
  readonly #byId = new Map<string, Person>();
  readonly #statuses = new Map<string, string>();

  /** The object that stands for this person; a new one when anything about them has changed. */
  same(person: Person): Person {
    const known = this.#byId.get(person.id);
    if (known !== undefined && equal(known, person)) return known;
    const { id, email, login } = person;
    const kept = { id, status: this.#status(person.status), email, login: login === email ? email : login };
    this.#byId.set(kept.id, kept);
    return kept;
  }

  #status(status: string): string {
    const known = this.#statuses.get(status);
    if (known !== undefined) return known;
    this.#statuses.set(status, status);
    return status;
  }
}

function equal(a: Person, b: Person): boolean {
  return a.id === b.id && a.status === b.status && a.email === b.email && a.login === b.login;
}
