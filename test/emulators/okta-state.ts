import type { Clock } from '../../lambda/ports.ts';
import type { JsonObject } from './json.ts';
import { oktaId } from './okta-ids.ts';
import type { NewOktaGroup, NewOktaUser, OktaApp, OktaGroup, OktaStatus, OktaUser } from './okta-model.ts';
import { inventedProfile } from './okta-profile.ts';

/** An Okta org: its people, groups and app assignments, and what happens to them. */
export class OktaState {
  /** By id. */
  readonly users = new Map<string, OktaUser>();
  /** By id. */
  readonly groups = new Map<string, OktaGroup>();
  /** By id. */
  readonly apps = new Map<string, OktaApp>();
  /** Ids of groups that the credentials may not see, as when their admin role was narrowed. */
  readonly hiddenGroups = new Set<string>();
  /** What asking for a hidden group by its id answers. */
  hiddenStatus: 403 | 404 = 404;

  /** Whom the role behind the credentials sees: the list of users is 200 without all others, whatever scope is granted. */
  seesUser: (user: OktaUser) => boolean = () => true;
  /** What asking for one of the others by id or login answers. */
  unseenStatus: 200 | 403 | 404 = 404;

  /** Whom the list of a group's members leaves out, on whatever page, although the group's own count has them. */
  leavesOut: (user: OktaUser, group: OktaGroup) => boolean = () => false;

  readonly #clock: Clock;
  readonly #logins = new Map<string, OktaUser>();
  /** The members of a group in the order of lists, kept until the membership changes. */
  readonly #sorted = new WeakMap<OktaGroup, readonly OktaUser[]>();
  #made = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addUser({
    email,
    login = email,
    status = 'ACTIVE',
    firstName,
    lastName,
    id,
    profile,
  }: NewOktaUser): OktaUser {
    const order = this.#made++;
    const now = this.#now();
    const user: OktaUser = {
      id: id ?? oktaId('00u', order),
      order,
      created: now,
      lastUpdated: now,
      statusChanged: now,
      status,
      profile: { ...inventedProfile(order, { email, login, firstName, lastName }), ...profile },
      groups: new Set(),
    };
    if (this.users.has(user.id)) throw new Error(`There is a user ${user.id} already`);
    if (this.#logins.has(login.toLowerCase()))
      throw new Error(`There is a user with the login ${login} already`);
    this.users.set(user.id, user);
    this.#logins.set(login.toLowerCase(), user);
    return user;
  }

  addGroup({ name, description = null, type = 'OKTA_GROUP', id, members = [] }: NewOktaGroup): OktaGroup {
    const order = this.#made++;
    const now = this.#now();
    const group: OktaGroup = {
      id: id ?? oktaId('00g', order),
      order,
      created: now,
      lastUpdated: now,
      lastMembershipUpdated: now,
      type,
      name,
      description,
      members: new Set(),
    };
    if (this.groups.has(group.id)) throw new Error(`There is a group ${group.id} already`);
    this.groups.set(group.id, group);
    for (const user of members) this.join(user, group);
    return group;
  }

  /** An app without groups. `assignApp` makes one where there is none. */
  addApp(id: string, label = 'Secoda'): OktaApp {
    const app: OktaApp = { id, label, created: this.#now(), groups: new Set() };
    this.apps.set(id, app);
    return app;
  }

  join(user: OktaUser, group: OktaGroup): void {
    if (group.members.has(user)) return;
    group.members.add(user);
    user.groups.add(group);
    this.#membershipChanged(group);
  }

  leave(user: OktaUser, group: OktaGroup): void {
    if (!group.members.delete(user)) return;
    user.groups.delete(group);
    this.#membershipChanged(group);
  }

  /** As Okta does it: the person stays in their groups, whose `lastMembershipUpdated` does not move. */
  deactivate(user: OktaUser): void {
    this.setStatus(user, 'DEPROVISIONED');
  }

  setStatus(user: OktaUser, status: OktaStatus | (string & {})): void {
    user.status = status;
    user.statusChanged = user.lastUpdated = this.#now();
  }

  /** Sets fields of a profile; no group's `lastMembershipUpdated` moves. */
  changeProfile(user: OktaUser, fields: JsonObject): void {
    this.#logins.delete(loginOf(user));
    user.profile = { ...user.profile, ...fields };
    user.lastUpdated = this.#now();
    this.#logins.set(loginOf(user), user);
  }

  /** Deletes a person, who leaves all groups. */
  deleteUser(user: OktaUser): void {
    for (const group of [...user.groups]) this.leave(user, group);
    this.users.delete(user.id);
    this.#logins.delete(loginOf(user));
  }

  renameGroup(group: OktaGroup, name: string): void {
    group.name = name;
    group.lastUpdated = this.#now();
  }

  describeGroup(group: OktaGroup, description: string | null): void {
    group.description = description;
    group.lastUpdated = this.#now();
  }

  /** Deletes a group, with its memberships and assignments. */
  removeGroup(group: OktaGroup): void {
    for (const user of group.members) user.groups.delete(group);
    group.members.clear();
    for (const app of this.apps.values()) app.groups.delete(group);
    this.groups.delete(group.id);
    this.#sorted.delete(group);
  }

  assignApp(appId: string, group: OktaGroup): void {
    (this.apps.get(appId) ?? this.addApp(appId)).groups.add(group);
  }

  unassignApp(appId: string, group: OktaGroup): void {
    this.apps.get(appId)?.groups.delete(group);
  }

  /** By id, or by login without regard to case, as Okta finds people. */
  findUser(idOrLogin: string): OktaUser | undefined {
    return this.users.get(idOrLogin) ?? this.#logins.get(idOrLogin.toLowerCase());
  }

  /** The group of this id or name. @throws where there is none */
  group(idOrName: string): OktaGroup {
    const found =
      this.groups.get(idOrName) ?? [...this.groups.values()].find(({ name }) => name === idOrName);
    if (found === undefined) throw new Error(`There is no Okta group ${idOrName}`);
    return found;
  }

  /** The person of this id or login. @throws where there is none */
  user(idOrLogin: string): OktaUser {
    const found = this.findUser(idOrLogin);
    if (found === undefined) throw new Error(`There is no Okta user ${idOrLogin}`);
    return found;
  }

  /** The members of a group in the order of lists. */
  membersOf(group: OktaGroup): readonly OktaUser[] {
    let members = this.#sorted.get(group);
    if (members === undefined) {
      members = [...group.members].sort((a, b) => a.order - b.order);
      this.#sorted.set(group, members);
    }
    return members;
  }

  #membershipChanged(group: OktaGroup): void {
    this.#sorted.delete(group);
    group.lastMembershipUpdated = this.#now();
  }

  /** Okta's timestamps have the precision of a second. */
  #now(): string {
    return new Date(Math.floor(this.#clock.now() / 1000) * 1000).toISOString();
  }
}

function loginOf({ profile }: OktaUser): string {
  return typeof profile.login === 'string' ? profile.login.toLowerCase() : '';
}
