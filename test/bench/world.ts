import { describe } from '../../lambda/core/groups/marker.ts';
import type { OktaGroup, OktaUser, SecodaGroup, SecodaUser } from '../emulators/index.ts';
import type { OktaState } from '../emulators/okta-state.ts';
import type { SecodaState } from '../emulators/secoda-state.ts';

export interface WorldSize {
  readonly groups: number;
  readonly people: number;
  /** In each group. */
  readonly members: number;
}

/** What a night brings, in the order in which a bench plays them on one world. */
export const SCENARIOS = ['first sync', 'quiet night', '2 % churn', 'drifted workspace'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** Two emulators as far as a world is made in them. */
export interface Sides {
  readonly okta: { readonly state: OktaState };
  readonly secoda: { readonly state: SecodaState };
}

/** A world of a size: everybody has an account in Secoda, which has no group yet. The same size, the same world. */
export class World {
  readonly size: WorldSize;
  readonly #okta: OktaState;
  readonly #secoda: SecodaState;
  readonly #people: readonly OktaUser[];
  readonly #groups: OktaGroup[];
  #joined = 0;

  constructor({ okta, secoda }: Sides, size: WorldSize) {
    this.size = size;
    this.#okta = okta.state;
    this.#secoda = secoda.state;
    this.#people = Array.from({ length: size.people }, (_, n) => {
      const email = `person.${n}@example.com`;
      secoda.state.addUser({ email });
      return okta.state.addUser({ email });
    });
    this.#groups = Array.from({ length: size.groups }, (_, n) => this.#found(n));
  }

  /** Makes Secoda hold all groups as a sync would have left them. */
  mirror(): void {
    const accounts = new Map([...this.#secoda.users.values()].map((user) => [user.email, user]));
    for (const { id, name, description, members } of this.#groups) {
      const users = [...members].flatMap(({ profile: { email } }) =>
        typeof email === 'string' ? (accounts.get(email) ?? []) : [],
      );
      const marked = describe({ oktaIds: [id], via: 'okta' }, description, '');
      this.#secoda.addGroup({ name, description: marked, users });
    }
  }

  /** Lets somebody join in so many groups. */
  join(groups: number): void {
    for (const group of this.#groups.slice(0, groups)) this.#join(group);
  }

  /** Lets happen in both what lies behind a night. Returns the least number of writes that can bring Secoda up to date. */
  play(scenario: Scenario): number {
    if (scenario === 'first sync') return this.size.groups;
    if (scenario === 'quiet night') return 0;
    return scenario === '2 % churn' ? this.#churn() : this.#drift();
  }

  /** Groups of Okta that Secoda shows under their names with just their people, and groups that Secoda should not have. */
  compared(): { readonly right: number; readonly spare: number } {
    const byName = Map.groupBy(this.#secoda.groups.values(), ({ name }) => name);
    const groups = [...this.#okta.groups.values()];
    const right = groups.filter((group) => {
      const [mirror, another] = byName.get(group.name) ?? [];
      return mirror !== undefined && another === undefined && sameMembers(group, mirror);
    });
    return { right: right.length, spare: this.#secoda.groups.size - right.length };
  }

  #found(n: number): OktaGroup {
    const name = `Team ${String(n).padStart(5, '0')}`;
    const members = Array.from({ length: this.size.members }, (_, m) => this.#person(n * 7 + m * 13));
    return this.#okta.addGroup({ name, description: `Everybody in ${name}`, members });
  }

  #person(n: number): OktaUser {
    const person = this.#people[n % this.#people.length];
    if (person === undefined) throw new Error('a world needs people');
    return person;
  }

  /** In one group of fifty, one person leaves and two join. */
  #churn(): number {
    const changing = this.#every(50);
    for (const group of changing) {
      const [leaver] = group.members;
      if (leaver !== undefined) this.#okta.leave(leaver, group);
      this.#join(group);
      this.#join(group);
    }
    return changing.length;
  }

  /** A quarter of the groups: renamed in Okta, edited by hand in Secoda, deleted in Secoda, or with people who joined. */
  #drift(): number {
    const drifting = this.#every(4);
    for (const [n, group] of drifting.entries()) {
      const mirror = this.#mirrorOf(group);
      const [someone] = mirror?.users ?? [];
      if (n % 4 === 0) this.#okta.renameGroup(group, `${group.name} (renamed)`);
      else if (n % 4 === 1) this.#join(group);
      else if (mirror === undefined) continue;
      else if (n % 4 === 2) this.#secoda.removeGroup(mirror);
      else if (someone !== undefined) this.#secoda.leave(someone, mirror);
    }
    return drifting.length;
  }

  #every(nth: number): readonly OktaGroup[] {
    return this.#groups.filter((_, n) => n % nth === 0);
  }

  #join(group: OktaGroup): void {
    for (let tries = 0; tries < this.#people.length; tries += 1) {
      const person = this.#person((this.#joined += 1));
      if (group.members.has(person)) continue;
      this.#okta.join(person, group);
      return;
    }
  }

  #mirrorOf({ name }: OktaGroup): SecodaGroup | undefined {
    return [...this.#secoda.groups.values()].find((group) => group.name === name);
  }
}

function sameMembers(group: OktaGroup, mirror: SecodaGroup): boolean {
  const emails = new Set([...group.members].map(({ profile }) => profile.email));
  const shown = [...mirror.users].map(({ email }: SecodaUser) => email);
  return shown.length === emails.size && shown.every((email) => emails.has(email));
}
