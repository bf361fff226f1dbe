import type { OktaGroup, OktaUser, SecodaGroup, SecodaUser } from '../emulators/index.ts';
import type { Scenario } from './scenario.ts';

export const markerOf = (group: { readonly id: string }, via = 'okta') =>
  `Managed by Okta (${group.id}) via ${via}. Changes made in Secoda are overwritten.`;

export interface Pair {
  readonly okta: OktaGroup;
  readonly secoda: SecodaGroup;
}

export interface SmallWorld {
  readonly people: readonly OktaUser[];
  readonly accounts: readonly SecodaUser[];
  /** Managed and in sync. */
  readonly pairs: readonly Pair[];
}

/** `groups` managed groups in sync, each with the same `people`, all of whom have accounts. */
export function smallWorld({ okta, secoda }: Scenario, { groups = 3, people = 4 } = {}): SmallWorld {
  const emails = Array.from({ length: people }, (_, n) => `p${n}@acme.com`);
  const persons = emails.map((email) => okta.state.addUser({ email }));
  const accounts = emails.map((email) => secoda.state.addUser({ email }));
  const pairs = Array.from({ length: groups }, (_, n) => {
    const group = okta.state.addGroup({ name: `Group ${String.fromCharCode(65 + n)}`, members: persons });
    const mirror = secoda.state.addGroup({
      name: group.name,
      description: markerOf(group),
      users: accounts,
    });
    return { okta: group, secoda: mirror };
  });
  return { people: persons, accounts, pairs };
}

/** Drift of every kind: one group loses somebody, one gains somebody, one is missing, one is to be deleted. */
export function drift({ okta, secoda }: Scenario, { people, accounts, pairs }: SmallWorld): void {
  const [first, second, third] = pairs;
  const [somebody] = people;
  if (!first || !second || !third || !somebody) throw new Error('this world is too small to drift');
  okta.state.leave(somebody, first.okta);
  const hire = okta.state.addUser({ email: 'hire@acme.com' });
  secoda.state.addUser({ email: 'hire@acme.com' });
  okta.state.join(hire, second.okta);
  okta.state.addGroup({ name: 'New', members: [...people] });
  okta.state.removeGroup(third.okta);
  if (accounts.length === 0) throw new Error('nobody has an account');
}

/** The workspace as far as a sync decides it: names and members, without ids and times. */
export function membersOf({ secoda }: Scenario): Record<string, string[]> {
  const groups = [...secoda.state.groups.values()];
  return Object.fromEntries(
    groups
      .map(
        ({ id, name, users }) => [name, [...users].map((user) => user.email ?? user.id).sort(), id] as const,
      )
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, users]) => [name, users]),
  );
}
