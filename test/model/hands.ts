/** What people do on both sides: before the first night, between two, and during one. */
import type { OktaEmulator, OktaGroup, OktaUser, SecodaEmulator } from '../emulators/index.ts';
import {
  APP,
  configOf,
  type Configuration,
  descriptionOf,
  GHOST,
  nameOf,
  statusOf,
  typed,
  written,
} from './pools.ts';
import { look } from './seen.ts';
import { wantedGroups } from './matching.ts';
import { peopleOf } from './people.ts';
import type { ConfigChoice, World, Written } from './world.ts';

/** Something that a person does on either side; numbers count among what there is by then. */
export interface Edit {
  readonly kind: (typeof EDITS)[number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export const OKTA_EDITS = [
  'join',
  'leave',
  'status',
  'address',
  'rename',
  'remove',
  'add',
  'assign',
  'unassign',
  'hide',
  'show',
  'hire',
  'fire',
  'describe',
] as const;

export const SECODA_EDITS = [
  's-join',
  's-leave',
  's-rename',
  's-wipe',
  's-add',
  's-copy',
  's-remove',
  's-account',
  's-gone',
  's-active',
  's-suspend',
] as const;

export const EDITS = [...OKTA_EDITS, ...SECODA_EDITS] as const;

export interface Built {
  /** The Okta groups of the start by id and name, which the mapping is written for. */
  readonly start: readonly { readonly id: string; readonly name: string }[];
  readonly config: (choice: ConfigChoice) => Configuration;
}

export function build(world: World, okta: OktaEmulator, secoda: SecodaEmulator): Built {
  const groups = world.groups.map((choice) => {
    const name = nameOf(choice.name);
    const group = okta.state.addGroup({
      name: choice.nfd ? typed(name) : name,
      type: choice.type,
      description: descriptionOf(choice.description),
    });
    if (choice.assigned) okta.state.assignApp(APP, group);
    return group;
  });
  if (!okta.state.apps.has(APP)) okta.state.addApp(APP);
  for (const choice of world.people) {
    const user = addPerson(okta, choice, statusOf(choice.status), choice.ownLogin);
    for (const n of choice.groups) {
      const group = groups[n % groups.length];
      if (group !== undefined) okta.state.join(user, group);
    }
  }
  for (const choice of world.accounts) addAccount(secoda, choice, choice.kind);

  const start = groups.map(({ id, name }) => ({ id, name }));
  const config = (choice: ConfigChoice): Configuration =>
    configOf(choice, { okta: okta.url, secoda: secoda.url }, start);
  fill(world, okta, secoda, groups, config(world.config));
  return { start, config };
}

/** The workspace's groups as somebody left them before the first run. */
function fill(
  world: World,
  okta: OktaEmulator,
  secoda: SecodaEmulator,
  groups: readonly OktaGroup[],
  config: Configuration,
): void {
  const users = [...secoda.state.users.values()];
  const seen = look(okta, secoda, config, false);
  const people = peopleOf(seen, config);
  const add = (name: string, description: string, ids: Iterable<string>): void => {
    const members = [...ids].map((id) => secoda.state.user(id));
    secoda.state.addGroup({ name, description, users: members, icon: '🦊' });
  };
  for (const [n, wanted] of wantedGroups(seen, config).entries()) {
    const choice = world.mirrors[n];
    if (choice === undefined || choice.fate === 'absent') continue;
    const members = new Set([...people.in(wanted.groups).wanted].flatMap((each) => people.account(each)));
    for (const each of choice.drift) {
      const id = users[each % users.length]?.id ?? '';
      if (!members.delete(id)) members.add(id);
    }
    const line = marker([...wanted.ids, ...(choice.ghost ? [GHOST] : [])], config.name);
    const name = choice.name === null ? wanted.name : nameOf(choice.name);
    add(name, choice.fate === 'wiped' ? 'Ask us' : line, members);
  }
  for (const choice of world.others) {
    const fed = choice.groups.flatMap((n) => groups[n % groups.length] ?? []);
    const ids = fed.map(({ id }) => id);
    const before = [...secoda.state.groups.values()].at(-1)?.description ?? '';
    const description = {
      marked: marker(ids, config.name),
      foreign: marker(ids, 'emea'),
      'hand-made': 'Ask us',
      copy: before,
    }[choice.kind];
    const members = choice.members.flatMap((n) => users[n % users.length]?.id ?? []);
    add(choice.name === null ? (fed[0]?.name ?? '') : nameOf(choice.name), description, new Set(members));
  }
}

const marker = (ids: readonly string[], via: string): string =>
  ids.length === 0
    ? ''
    : `Managed by Okta (${[...new Set(ids)].sort().join(', ')}) via ${via}. Changes made in Secoda are overwritten.`;

/** A person whose login is theirs alone, whatever address they share with somebody. */
export function addPerson(okta: OktaEmulator, choice: Written, status: string, ownLogin: boolean): OktaUser {
  const email = written(choice);
  let login = email;
  for (let n = 0; (n === 0 && ownLogin) || okta.state.findUser(login) !== undefined; n++) {
    login = `login${n}@acme.com`;
    if (okta.state.findUser(login) === undefined) break;
  }
  return okta.state.addUser({ email, login, status });
}

export function addAccount(secoda: SecodaEmulator, choice: Written, kind: string): void {
  secoda.state.addUser({
    email: kind === 'blank' ? null : written(choice),
    pending: kind === 'pending',
    disabled: kind === 'disabled',
    hidden: kind === 'hidden',
    serviceAccount: kind === 'service',
  });
}

/** Does what is asked, as far as there is somebody or something to do it to. */
export function edit(okta: OktaEmulator, secoda: SecodaEmulator, { kind, a, b, c }: Edit): void {
  const nth = <T>(items: ReadonlyMap<string, T>, n: number): T | undefined =>
    [...items.values()][n % Math.max(1, items.size)];
  const person = nth(okta.state.users, a);
  const group = nth(okta.state.groups, b);
  const account = nth(secoda.state.users, a);
  const mirror = nth(secoda.state.groups, b);
  const name = c % 3 === 0 ? typed(nameOf(c)) : nameOf(c);
  if (kind === 'add') {
    const made = okta.state.addGroup({ name, type: a % 4 === 0 ? 'APP_GROUP' : 'OKTA_GROUP' });
    if (person !== undefined) okta.state.join(person, made);
    okta.state.assignApp(APP, made);
  } else if (kind === 'hire') {
    const hired = addPerson(okta, { address: a, form: c }, 'ACTIVE', true);
    if (group !== undefined) okta.state.join(hired, group);
  } else if (kind === 's-add') {
    const users = account === undefined ? [] : [account];
    secoda.state.addGroup({ name: nameOf(c), description: 'By hand', users, icon: '🐸' });
  } else if (kind === 's-account') {
    addAccount(secoda, { address: a, form: c }, b % 5 === 0 ? 'pending' : 'active');
  }

  if (person !== undefined) {
    if (kind === 'status') okta.state.setStatus(person, statusOf(c));
    if (kind === 'address') okta.state.changeProfile(person, { email: written({ address: b, form: c }) });
    if (kind === 'fire' && okta.state.users.size > 1) okta.state.deleteUser(person);
    if (kind === 'join' && group !== undefined) okta.state.join(person, group);
    if (kind === 'leave' && group !== undefined) okta.state.leave(person, group);
  }
  if (group !== undefined) {
    if (kind === 'rename') okta.state.renameGroup(group, name);
    if (kind === 'describe') okta.state.describeGroup(group, descriptionOf(c));
    if (kind === 'remove') okta.state.removeGroup(group);
    if (kind === 'assign') okta.state.assignApp(APP, group);
    if (kind === 'unassign') okta.state.unassignApp(APP, group);
    if (kind === 'hide') okta.state.hiddenGroups.add(group.id);
    if (kind === 'show') okta.state.hiddenGroups.clear();
  }
  if (account !== undefined) {
    if (kind === 's-join' && mirror !== undefined) secoda.state.join(account, mirror);
    if (kind === 's-leave' && mirror !== undefined) secoda.state.leave(account, mirror);
    if (kind === 's-gone') secoda.state.removeUser(account);
    if (kind === 's-active') Object.assign(account, { pending: false, disabled: false });
    if (kind === 's-suspend') account.disabled = true;
  }
  if (mirror !== undefined) {
    if (kind === 's-rename') secoda.state.edit(mirror, { name: nameOf(c) });
    if (kind === 's-wipe') secoda.state.edit(mirror, { description: c % 2 === 0 ? '' : 'Our own words' });
    if (kind === 's-remove') secoda.state.removeGroup(mirror);
    if (kind === 's-copy') {
      const { description, users } = mirror;
      secoda.state.addGroup({ name: c % 2 === 0 ? mirror.name : nameOf(c), description, users: [...users] });
    }
  }
}
