import { createHash } from 'node:crypto';
import type { Clock } from '../../lambda/ports.ts';

/** A member of the workspace. */
export interface SecodaUser {
  readonly id: string;
  /** In the case it was written in; null for someone without an address. */
  email: string | null;
  /** Invited, and not signed in yet. */
  pending: boolean;
  /** Suspended by an admin. */
  disabled: boolean;
  role: string;
  displayName: string;
  /** It may be in groups, but the users list does not show it. */
  readonly hidden: boolean;
  /** Seen in integrations and no member of the workspace. Whether the users list shows such rows is not known: see `hidden`. */
  readonly serviceAccount: boolean;
}

export interface SecodaGroup {
  readonly id: string;
  readonly createdAt: string;
  updatedAt: string;
  name: string;
  description: string | null;
  icon: string | null;
  users: Set<SecodaUser>;
}

/** A write that was accepted over HTTP. */
export interface SecodaWrite {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Null for an invitation. */
  readonly groupId: string | null;
  /** Whether anything is different now. */
  readonly effective: boolean;
}

export interface NewSecodaUser {
  readonly email: string | null;
  readonly pending?: boolean;
  readonly disabled?: boolean;
  readonly role?: string;
  readonly displayName?: string;
  readonly id?: string;
  readonly hidden?: boolean;
  readonly serviceAccount?: boolean;
}

export interface NewSecodaGroup {
  readonly name: string;
  readonly description?: string | null;
  readonly icon?: string | null;
  readonly users?: readonly SecodaUser[];
  readonly id?: string;
}

/** What can be edited of a group; what is left out stays as it is. */
export interface GroupEdit {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly icon?: string | null | undefined;
  readonly users?: readonly SecodaUser[] | undefined;
}

/** A Secoda workspace: its users and groups. */
export class SecodaState {
  readonly workspaceId: string = uuid('workspace', 0);
  /** By id. */
  readonly users = new Map<string, SecodaUser>();
  /** By id. */
  readonly groups = new Map<string, SecodaGroup>();
  /** Every accepted write over HTTP, in order. What a test does through this class is not among them. */
  readonly writes: SecodaWrite[] = [];
  /** The address of every e-mail that an invitation over HTTP sent, in order: also to people who had been invited before. */
  readonly mailed: string[] = [];
  /** Whether the users list shows people who were invited and have not signed in. It is not known of Secoda. */
  listsInvited = true;

  readonly #clock: Clock;
  #made = 0;
  #lastStamp = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addUser({
    email,
    pending = false,
    disabled = false,
    role = 'viewer',
    displayName,
    id,
    hidden = false,
    serviceAccount = false,
  }: NewSecodaUser): SecodaUser {
    const user: SecodaUser = {
      id: id ?? uuid('user', this.#made++),
      email,
      pending,
      disabled,
      role,
      displayName: displayName ?? email?.split('@', 1)[0] ?? 'Service account',
      hidden,
      serviceAccount,
    };
    if (this.users.has(user.id)) throw new Error(`There is a user ${user.id} already`);
    this.users.set(user.id, user);
    return user;
  }

  /** Removes a user from the workspace and from all groups. */
  removeUser(user: SecodaUser): void {
    for (const group of this.groups.values()) {
      if (group.users.has(user))
        this.edit(group, { users: [...group.users].filter((member) => member !== user) });
    }
    this.users.delete(user.id);
  }

  /** Someone invited signs in for the first time. */
  activate(user: SecodaUser): void {
    user.pending = false;
  }

  addGroup({ name, description = '', icon = null, users = [], id }: NewSecodaGroup): SecodaGroup {
    const stamp = this.#stamp();
    const group: SecodaGroup = {
      id: id ?? uuid('group', this.#made++),
      createdAt: stamp,
      updatedAt: stamp,
      name,
      description,
      icon,
      users: new Set(users),
    };
    if (this.groups.has(group.id)) throw new Error(`There is a group ${group.id} already`);
    this.groups.set(group.id, group);
    return group;
  }

  removeGroup(group: SecodaGroup): void {
    this.groups.delete(group.id);
  }

  /** Edits a group as someone in Secoda would. @returns whether anything is different now */
  edit(group: SecodaGroup, change: GroupEdit): boolean {
    const { name = group.name, description = group.description, icon = group.icon } = change;
    const users = change.users === undefined ? group.users : new Set(change.users);
    const same =
      name === group.name &&
      description === group.description &&
      icon === group.icon &&
      sameMembers(users, group.users);
    if (same) return false;
    Object.assign(group, { name, description, icon, users, updatedAt: this.#stamp() });
    return true;
  }

  join(user: SecodaUser, group: SecodaGroup): void {
    this.edit(group, { users: [...group.users, user] });
  }

  leave(user: SecodaUser, group: SecodaGroup): void {
    this.edit(group, { users: [...group.users].filter((member) => member !== user) });
  }

  recordWrite(method: string, path: string, groupId: string | null, effective: boolean): void {
    this.writes.push({ at: this.#clock.now(), method, path, groupId, effective });
  }

  /** The group of this id or name. @throws where there is none, or several of the name */
  group(idOrName: string): SecodaGroup {
    const byId = this.groups.get(idOrName);
    if (byId !== undefined) return byId;
    const [found, ...others] = [...this.groups.values()].filter(({ name }) => name === idOrName);
    if (found === undefined) throw new Error(`There is no Secoda group ${idOrName}`);
    if (others.length > 0) throw new Error(`There are ${others.length + 1} Secoda groups ${idOrName}`);
    return found;
  }

  /** The user of this id or address, without regard to case. @throws where there is none, or several of the address */
  user(idOrEmail: string): SecodaUser {
    const byId = this.users.get(idOrEmail);
    if (byId !== undefined) return byId;
    const wanted = idOrEmail.toLowerCase();
    const [found, ...others] = [...this.users.values()].filter(
      ({ email }) => email?.toLowerCase() === wanted,
    );
    if (found === undefined) throw new Error(`There is no Secoda user ${idOrEmail}`);
    if (others.length > 0) throw new Error(`There are ${others.length + 1} Secoda users ${idOrEmail}`);
    return found;
  }

  /** The sorted addresses of a group's members as they are written, or the id where there is no address. */
  memberEmails(idOrName: string): string[] {
    return [...this.group(idOrName).users].map(({ email, id }) => email ?? id).sort();
  }

  /** Microseconds, as Django writes them; always later than the last, even on a clock that stands still. */
  #stamp(): string {
    this.#lastStamp = Math.max(this.#clock.now() * 1000, this.#lastStamp + 1);
    const micros = String(this.#lastStamp % 1000).padStart(3, '0');
    return new Date(Math.floor(this.#lastStamp / 1000)).toISOString().replace('Z', `${micros}Z`);
  }
}

function sameMembers(some: ReadonlySet<SecodaUser>, others: ReadonlySet<SecodaUser>): boolean {
  return some.size === others.size && [...some].every((user) => others.has(user));
}

/** The nth UUID of a kind: the same every time. */
function uuid(kind: string, n: number): string {
  const hex = createHash('sha256').update(`${kind} ${n}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
