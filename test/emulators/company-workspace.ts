import type { Directory, Employee } from './company-directory.ts';
import { domain } from './company-people.ts';
import type { OktaGroup, OktaUser } from './okta-model.ts';
import type { SecodaGroup, SecodaState, SecodaUser } from './secoda-state.ts';

/** How many of the last employees have no account in Secoda. */
const withoutAccount = 6;

/** Secoda groups that several Okta groups feed. */
const unions: Readonly<Record<string, readonly string[]>> = {
  Analytics: ['Analytics EMEA', 'Analytics Americas'],
};

/** The company's workspace. */
export interface Workspace {
  readonly accounts: ReadonlyMap<OktaUser, SecodaUser>;
  /** By Secoda name. */
  readonly managed: ReadonlyMap<string, SecodaGroup>;
  readonly breakGlass: SecodaUser;
  readonly serviceAccount: SecodaUser;
  readonly unrelated: readonly SecodaGroup[];
}

/** Fills a workspace with accounts and with groups that mirror those of Okta exactly, and a few of its own. */
export function foundWorkspace({ employees, groups }: Directory, secoda: SecodaState): Workspace {
  const accounts = new Map<OktaUser, SecodaUser>();
  for (const employee of employees.slice(0, -withoutAccount))
    accounts.set(employee.user, account(employee, secoda));
  const breakGlass = secoda.addUser({
    email: `breakglass@${domain}`,
    role: 'admin',
    displayName: 'Break Glass',
  });
  const serviceAccount = secoda.addUser({ email: null, displayName: 'Warehouse Connector', hidden: true });
  secoda.addUser({ email: null, displayName: 'Secoda Support' });

  const united = new Set(Object.values(unions).flat());
  const sources = [...groups.values()]
    .filter(({ name }) => !united.has(name))
    .map((group): [string, OktaGroup[]] => [group.name.replace(/^secoda-/, ''), [group]]);
  for (const [name, names] of Object.entries(unions)) {
    sources.push([name, [...groups.values()].filter((group) => names.includes(group.name))]);
  }
  const managed = new Map<string, SecodaGroup>();
  for (const [name, mirrored] of sources) managed.set(name, mirror(name, mirrored, accounts, secoda));

  const some = [...accounts.values()];
  const unrelated = [
    secoda.addGroup({
      name: 'Friends of Data',
      description: 'Newsletter readers',
      users: some.slice(40, 52),
    }),
    secoda.addGroup({ name: 'Onboarding buddies', users: some.slice(100, 106) }),
  ];
  return { accounts, managed, breakGlass, serviceAccount, unrelated };
}

/** A managed group with the members it should have. */
export function mirror(
  name: string,
  sources: readonly OktaGroup[],
  accounts: ReadonlyMap<OktaUser, SecodaUser>,
  secoda: SecodaState,
): SecodaGroup {
  const [only, ...more] = sources;
  const text = more.length === 0 ? (only?.description ?? null) : null;
  const marker = managedBy('okta', sources);
  const people = new Set(sources.flatMap(({ members }) => [...members]));
  const users = [...people]
    .filter(({ status }) => status === 'ACTIVE')
    .flatMap((user) => accounts.get(user) ?? []);
  return secoda.addGroup({ name, description: text === null ? marker : `${marker}\n${text}`, users });
}

/** The first line of a managed group's description. */
export function managedBy(deployment: string, sources: readonly OktaGroup[]): string {
  const ids = sources.map(({ id }) => id).sort();
  return `Managed by Okta (${ids.join(', ')}) via ${deployment}. Changes made in Secoda are overwritten.`;
}

function account({ person }: Employee, secoda: SecodaState): SecodaUser {
  const { firstName, lastName, secodaEmail } = person;
  return secoda.addUser({ email: secodaEmail, displayName: `${firstName} ${lastName}`, role: 'editor' });
}
