import { type Directory, foundDirectory } from './company-directory.ts';
import { foundWorkspace, managedBy, mirror, type Workspace } from './company-workspace.ts';
import type { OktaGroup, OktaUser } from './okta-model.ts';
import type { OktaState } from './okta-state.ts';
import type { SecodaGroup, SecodaState, SecodaUser } from './secoda-state.ts';

export { companyConfig } from './company-config.ts';

/** The people and groups worth pointing at. */
export interface Company {
  /** In Okta's groups since today, with an account in Secoda, and not in its groups yet. */
  readonly newHires: readonly OktaUser[];
  /** Deactivated in Okta, which leaves them in their groups there, and still in Secoda's. */
  readonly leaver: OktaUser;
  /** Changed from one group to another in Okta. */
  readonly mover: { readonly user: OktaUser; readonly from: OktaGroup; readonly to: OktaGroup };
  /** In mapped Okta groups and without an account in Secoda. */
  readonly unmatched: readonly OktaUser[];
  /** In a managed group and not in Okta; protected by the configuration. */
  readonly breakGlass: SecodaUser;
  /** In a managed group, and not on Secoda's users list. */
  readonly serviceAccount: SecodaUser;
  /** Okta groups that Secoda has no group for. */
  readonly missing: readonly OktaGroup[];
  /** Managed, under the name that the Okta group had before. */
  readonly renamed: { readonly okta: OktaGroup; readonly secoda: SecodaGroup };
  /** Made by hand, with the name of an Okta group. */
  readonly handMade: SecodaGroup;
  /** Managed; its Okta group was deleted. */
  readonly orphan: SecodaGroup;
  /** Managed by another deployment. */
  readonly foreign: SecodaGroup;
  /** Made by hand, with names of their own. */
  readonly unrelated: readonly SecodaGroup[];
}

/**
 * Fills both sides with a believable company whose workspace has drifted. What a sync with `companyConfig` has to
 * mend stays below the guard's default limits.
 */
export function foundCompany(
  okta: { readonly state: OktaState },
  secoda: { readonly state: SecodaState },
): Company {
  const directory = foundDirectory(okta.state);
  // Deactivated long ago: still in their Okta groups, and rightly in none of Secoda's.
  for (const n of [31, 57]) okta.state.deactivate(employee(directory, n));
  const workspace = foundWorkspace(directory, secoda.state);
  const { breakGlass, serviceAccount, unrelated } = workspace;
  return {
    ...driftOfPeople(directory, workspace, okta.state, secoda.state),
    ...driftOfGroups(directory, workspace, okta.state, secoda.state),
    breakGlass,
    serviceAccount,
    unrelated,
  };
}

type PeopleOf = Pick<Company, 'newHires' | 'leaver' | 'mover' | 'unmatched'>;

function driftOfPeople(
  directory: Directory,
  workspace: Workspace,
  okta: OktaState,
  secoda: SecodaState,
): PeopleOf {
  const { accounts, breakGlass, serviceAccount } = workspace;
  const newHires = [290, 291, 292, 293].map((n) => employee(directory, n));
  for (const hire of newHires) dropFromManaged(hire, workspace, secoda);

  const leaver = employee(directory, 48);
  okta.deactivate(leaver);

  const mover = {
    user: employee(directory, 8),
    from: okta.group('Data Quality'),
    to: okta.group('Data Platform'),
  };
  okta.leave(mover.user, mover.from);
  okta.join(mover.user, mover.to);

  // Someone left Finance and someone joined it; the last people of Analytics have not arrived yet.
  okta.leave(employee(directory, 43), okta.group('secoda-Finance'));
  okta.join(employee(directory, 61), okta.group('secoda-Finance'));
  for (const n of [274, 275]) dropFromManaged(employee(directory, n), workspace, secoda);

  secoda.join(breakGlass, managed(workspace, 'Finance'));
  secoda.join(serviceAccount, managed(workspace, 'Data Platform'));
  const unmatched = directory.employees.map(({ user }) => user).filter((user) => !accounts.has(user));
  return { newHires, leaver, mover, unmatched };
}

type GroupsOf = Pick<Company, 'missing' | 'renamed' | 'handMade' | 'orphan' | 'foreign'>;

function driftOfGroups(
  directory: Directory,
  workspace: Workspace,
  okta: OktaState,
  secoda: SecodaState,
): GroupsOf {
  for (const name of ['Data Stewards', 'Analytics Engineering', 'People'])
    secoda.removeGroup(managed(workspace, name));
  const missing = ['Data Stewards', 'Analytics Engineering', 'secoda-People'].map((name) => okta.group(name));

  const renamed = { okta: okta.group('Data Leadership'), secoda: managed(workspace, 'Data Leadership') };
  secoda.edit(renamed.secoda, { name: 'Data Leads' });

  const handMade = managed(workspace, 'BI team');
  const guest = account(workspace, employee(directory, 200));
  secoda.edit(handMade, {
    description: 'Ask us about dashboards',
    users: [...[...handMade.users].slice(0, 7), guest],
  });

  const closed = okta.addGroup({
    name: 'Data Warehouse Migration',
    members: [15, 16].map((n) => employee(directory, n)),
  });
  const orphan = mirror(closed.name, [closed], workspace.accounts, secoda);
  okta.removeGroup(closed);

  const foreign = secoda.addGroup({
    name: 'Human Resources',
    description: managedBy('legacy-hr', [okta.group('VPN Users')]),
    users: [70, 71, 72].map((n) => account(workspace, employee(directory, n))),
  });
  return { missing, renamed, handMade, orphan, foreign };
}

function dropFromManaged(user: OktaUser, workspace: Workspace, secoda: SecodaState): void {
  const member = account(workspace, user);
  for (const group of workspace.managed.values()) secoda.leave(member, group);
}

function employee({ employees }: Directory, n: number): OktaUser {
  const found = employees[n];
  if (found === undefined) throw new Error(`The company has no employee ${n}`);
  return found.user;
}

function account({ accounts }: Workspace, user: OktaUser): SecodaUser {
  const found = accounts.get(user);
  if (found === undefined) throw new Error(`${user.id} has no account in Secoda`);
  return found;
}

function managed({ managed: groups }: Workspace, name: string): SecodaGroup {
  const found = groups.get(name);
  if (found === undefined) throw new Error(`The workspace has no managed group ${name}`);
  return found;
}
