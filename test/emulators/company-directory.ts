import { people, type Person } from './company-people.ts';
import type { OktaGroup, OktaUser } from './okta-model.ts';
import type { OktaState } from './okta-state.ts';

/** The Okta app whose assigned groups are in scope. */
export const appId = '0oa1secodaAcmeApp5d7';

const headCount = 300;

/** In the order of creation, with Okta's description. */
const scopedGroups: readonly (readonly [name: string, description: string | null])[] = [
  ['Data Platform', 'Runs the warehouse and everything around it'],
  ['Data Engineering', 'Pipelines and their on-call rota'],
  ['Data Analysts EMEA', null],
  ['Data Analysts Americas', null],
  ['Data Analysts APAC', null],
  ['Data Science', 'Forecasts, experiments and models'],
  ['Data Governance', 'Owners of the glossary'],
  ['Data Stewards', 'One for each domain; approve changes to definitions'],
  ['Data Quality', null],
  ['Data Privacy', 'Answers subject access requests'],
  ['Data Leadership', null],
  ['BI team', 'Dashboards for the whole company'],
  ['BI Developers', null],
  ['BI Consumers', null],
  ['Analytics EMEA', null],
  ['Analytics Americas', null],
  ['Analytics Engineering', 'Models between the warehouse and the dashboards'],
  ['secoda-Finance', null],
  ['secoda-Marketing', null],
  ['secoda-Sales', null],
  ['secoda-People', 'Human resources; sees salary bands'],
  ['secoda-Legal', null],
  ['secoda-Product', null],
  ['secoda-Engineering', null],
  ['secoda-Customer Success', null],
  ['secoda-Operations', null],
];

export interface Employee {
  readonly person: Person;
  readonly user: OktaUser;
}

/** The company as Okta knows it. */
export interface Directory {
  readonly employees: readonly Employee[];
  /** By name: the groups in scope. */
  readonly groups: ReadonlyMap<string, OktaGroup>;
}

/** Fills an org with the company's people and groups, a few of them out of scope, all up to date. */
export function foundDirectory(okta: OktaState): Directory {
  const employees = people(headCount).map((person) => {
    const { firstName, lastName, oktaEmail: email } = person;
    return { person, user: okta.addUser({ email, login: email.toLowerCase(), firstName, lastName }) };
  });
  const users = employees.map(({ user }) => user);
  okta.addGroup({
    name: 'Everyone',
    description: 'All users in your organization',
    type: 'BUILT_IN',
    members: users,
  });
  okta.addGroup({ name: 'VPN Users', members: users.filter((_, n) => n % 2 === 0) });
  okta.addGroup({ name: 'Okta Administrators', type: 'BUILT_IN', members: users.slice(0, 3) });

  const groups = new Map<string, OktaGroup>();
  for (const [index, [name, description]] of scopedGroups.entries()) {
    const group = okta.addGroup({ name, description, members: users.filter((_, n) => belongs(n, index)) });
    okta.assignApp(appId, group);
    groups.set(name, group);
  }
  // Assigned to the app, but not for us: one is excluded by name, the other not included.
  okta.assignApp(appId, okta.addGroup({ name: 'Data Lake (test)', members: users.slice(10, 14) }));
  okta.assignApp(appId, okta.addGroup({ name: 'Contractors', members: users.slice(20, 60) }));
  return { employees, groups };
}

/** Everyone has one group, and every third person a second one. */
function belongs(person: number, group: number): boolean {
  const count = scopedGroups.length;
  return person % count === group || (person % 3 === 0 && (person * 5 + 3) % count === group);
}
