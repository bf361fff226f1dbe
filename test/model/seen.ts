/** Both sides as they stand at one moment, as whoever looks at the services themselves would find them. */
import type { OktaEmulator, OktaGroup, OktaUser, SecodaEmulator, SecodaUser } from '../emulators/index.ts';
import type { Passed } from './checks.ts';
import { APP, type Configuration } from './pools.ts';

export interface SeenPerson {
  readonly id: string;
  readonly status: string;
  readonly email: string;
  readonly login: string;
}

export interface SeenOktaGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly people: readonly SeenPerson[];
  /** Whether the configured selection has it. */
  readonly selected: boolean;
  /** Whether an app brought it in, and named it. */
  readonly app: boolean;
}

/** `odd`: hidden or a service account. */
export type Doubt = 'pending' | 'disabled' | 'odd';

export interface SeenUser {
  readonly id: string;
  readonly email: string | null;
  /** Whatever may keep Secoda from taking them as a member: nothing where they are active. */
  readonly doubts: readonly Doubt[];
  /** Whether the users list shows it at all, and as somebody's account. */
  readonly shown: boolean;
  readonly listed: boolean;
}

export interface SeenGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly icon: string | null;
  /** User ids. */
  readonly members: ReadonlySet<string>;
}

export interface Seen {
  /** Every group that Okta answers for, selected or not. */
  readonly okta: readonly SeenOktaGroup[];
  readonly users: readonly SeenUser[];
  readonly groups: ReadonlyMap<string, SeenGroup>;
}

/** @param hides whether groups do not show members who have not signed in */
export function look(
  okta: OktaEmulator,
  secoda: SecodaEmulator,
  { okta: { groups } }: Configuration,
  hides: boolean,
): Seen {
  const selected = (group: OktaGroup): boolean => {
    if ('app' in groups) return okta.state.apps.get(APP)?.groups.has(group) === true;
    return 'search' in groups || group.type === 'OKTA_GROUP';
  };
  return {
    okta: [...okta.state.groups.values()]
      .filter(({ id }) => !okta.state.hiddenGroups.has(id))
      .map((group) => ({
        id: group.id,
        name: group.name,
        description: group.description,
        people: [...group.members].map(person),
        selected: selected(group),
        app: group.type === 'APP_GROUP',
      })),
    users: [...secoda.state.users.values()].map((user) => {
      const { id, email } = user;
      const shown = !user.hidden && (!user.pending || secoda.state.listsInvited);
      return { id, email, doubts: doubtsOf(user), shown, listed: shown && !user.serviceAccount };
    }),
    groups: new Map(
      [...secoda.state.groups.values()].map(({ id, name, description, icon, users }) => [
        id,
        {
          id,
          name,
          description: description ?? '',
          icon,
          members: new Set([...users].filter(({ pending }) => !pending || !hides).map((user) => user.id)),
        },
      ]),
    ),
  };
}

function doubtsOf({ pending, disabled, hidden, serviceAccount }: SecodaUser): Doubt[] {
  const doubts = { pending, disabled, odd: hidden || serviceAccount };
  return (['pending', 'disabled', 'odd'] as const).filter((doubt) => doubts[doubt]);
}

function person({ id, status, profile }: OktaUser): SeenPerson {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { id, status, email: text(profile.email), login: text(profile.login) };
}

/** A run that went wrong, in lines that somebody can read: both sides, what the run said, and what it left. */
export function picture({ before, after, report, code, config }: Passed, args: readonly string[]): string {
  const short = shorter(before, after);
  const { name, okta, groups, users, guard } = config;
  return [
    `config ${JSON.stringify({ name, ...okta, orgUrl: undefined, groups, selection: okta.groups, users, guard })}`,
    ...before.okta.map(
      ({ id, name, selected, people }) =>
        `okta   ${id} ${JSON.stringify(name)}${selected ? '' : ' (not selected)'} ${people
          .map((person) => `${JSON.stringify(person.email)}/${person.login}:${person.status}`)
          .join(' ')}`,
    ),
    ...before.users.map(
      ({ id, email, doubts, listed }) =>
        `user   ${short(id)} ${JSON.stringify(email)} ${doubts.join(' and ') || 'active'}${listed ? '' : ' unlisted'}`,
    ),
    ...[...before.groups.values()].map((group) => `before ${shown(group, short)}`),
    `run    ${args.join(' ')} → exit ${String(code)} ${report?.status ?? ''} ${report?.error ?? ''}`,
    ...(report?.refusals ?? []).map(({ rule, message }) => `       refused: ${rule}: ${message}`),
    ...(report?.changes ?? []).map(
      ({ action, group, add, remove, outcome, error, reason }) =>
        `       ${action} ${short(group.secodaId ?? '')} ${group.name} [${group.oktaIds.join()}] +${add.join()} -${remove.join()} ${outcome ?? ''} ${error ?? ''} (${reason})`,
    ),
    ...(report?.skipped ?? []).map(
      ({ group, oktaIds, reason }) => `       skipped ${group} [${oktaIds.join()}]: ${reason}`,
    ),
    ...(report?.warnings ?? []).map(({ group, message }) => `       warning ${group ?? ''}: ${message}`),
    ...[...after.groups.values()].map((group) => `after  ${shown(group, short)}`),
  ].join('\n  ');
}

function shown({ id, name, description, members }: SeenGroup, short: (id: string) => string): string {
  const marker = /^Managed by Okta (\([^)]*\) via [^.]*)/.exec(description)?.[1] ?? 'no marker';
  return `${short(id)} ${JSON.stringify(name)} ${marker}: ${[...members].map(short).sort().join(' ')}`;
}

/** Users and groups by a letter and a number, as ids are long. */
function shorter(before: Seen, after: Seen): (id: string) => string {
  const users = new Map(
    [...before.users, ...after.users].map(({ id }, n) => [id, `u${n % before.users.length}`]),
  );
  const groups = [...new Set([...before.groups.keys(), ...after.groups.keys()])];
  return (id) => users.get(id) ?? (groups.includes(id) ? `s${groups.indexOf(id)}` : id);
}
