/** Small made-up directories, workspaces and rules: each test writes down only what it is about. */
import type { Change, Plan, PlanInput } from '../../lambda/core/plan/change.ts';
import { createIdentity, type Identity } from '../../lambda/core/people/identity.ts';
import { markerLine } from '../../lambda/core/groups/marker.ts';
import { type GroupMemory, type Memory, NO_MEMORY } from '../../lambda/core/model/memory.ts';
import type { DirectorySnapshot, OktaGroup, Person } from '../../lambda/core/model/directory.ts';
import type { WorkspaceGroup, WorkspaceUser } from '../../lambda/core/model/workspace.ts';
import { makePlan } from '../../lambda/core/plan/plan.ts';
import type {
  GuardRules,
  InviteRules,
  MappingRules,
  PeopleRules,
  SyncRules,
  WhenGone,
} from '../../lambda/core/model/rules.ts';

export const NOW = Date.UTC(2026, 0, 5, 2);
export const DAY_MS = 24 * 60 * 60 * 1000;

export function person(email: string | null, status = 'ACTIVE', login: string | null = email): Person {
  return { id: `00u-${login ?? ''}-${status}`, status, email, login };
}

/** An Okta group with its people: addresses stand for active people, `null` for a group that vanished. */
export interface OktaSide {
  readonly id: string;
  readonly name: string;
  readonly description?: string | null;
  readonly people?: readonly (string | Person)[] | null;
  readonly doubt?: string;
}

export function oktaGroup(id: string, name: string, description: string | null = null): OktaGroup {
  return { id, name, description, lastUpdated: null, lastMembershipUpdated: null, usersCount: null };
}

export function directory(
  okta: readonly OktaSide[],
  unlisted: ReadonlyMap<string, OktaGroup | null> = new Map(),
): DirectorySnapshot {
  return {
    groups: okta.map(({ id, name, description }) => oktaGroup(id, name, description ?? null)),
    listedAt: NOW,
    memberships: new Map(
      okta.map(({ id, people = [], doubt }) => [
        id,
        {
          readAt: NOW,
          people: people?.map((each) => (typeof each === 'string' ? person(each) : each)) ?? null,
          doubt: doubt ?? null,
        },
      ]),
    ),
    unlisted,
  };
}

export function user(id: string, email: string | null = `${id}@acme.com`, active = true): WorkspaceUser {
  return { id, email, active };
}

export const users = (...ids: readonly string[]) => ids.map((id) => user(id));

/** The address of the Secoda user `user(id)`. */
export const at = (id: string) => `${id}@acme.com`;

export function handMade(
  id: string,
  name: string,
  userIds: readonly string[] = [],
  description = '',
): WorkspaceGroup {
  return { id, name, description, userIds, updatedAt: null };
}

export function managed(
  id: string,
  name: string,
  oktaIds: readonly string[],
  userIds: readonly string[] = [],
  via = 'okta',
): WorkspaceGroup {
  return handMade(id, name, userIds, markerLine({ oktaIds, via }));
}

export function mappingRules(rules: Partial<MappingRules> = {}): MappingRules {
  return { include: ['*'], exclude: [], rename: [], map: new Map(), frozen: [], ...rules };
}

function peopleRules(rules: Partial<PeopleRules> = {}): PeopleRules {
  const statuses = ['ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT'];
  return { match: 'email', statuses, aliases: new Map(), protect: [], ...rules };
}

export const GUARD: GuardRules = {
  groupDeletions: { max: 3, percent: 10 },
  memberRemovals: { max: 20, percent: 10 },
  removalsPerGroup: { max: 5, percent: 50 },
  emptiedGroups: { atLeast: 3 },
  additionsPerGroup: { max: 50, percent: 100 },
  adoptions: { max: 3 },
  invitations: { max: 25 },
  minimumGroups: 1,
  overLimit: 'refuse',
};

export interface World {
  readonly okta?: readonly OktaSide[];
  readonly unlisted?: ReadonlyMap<string, OktaGroup | null>;
  /** What Okta answered for addresses that it was asked for. */
  readonly asked?: Readonly<Record<string, readonly Person[]>>;
  readonly users?: readonly WorkspaceUser[];
  readonly groups?: readonly WorkspaceGroup[];
  readonly mapping?: Partial<MappingRules>;
  readonly people?: Partial<PeopleRules>;
  readonly whenGone?: WhenGone;
  readonly invite?: InviteRules | null;
  /** Addresses invited earlier. */
  readonly invited?: readonly string[];
  readonly memory?: Partial<Memory>;
  readonly targets?: readonly string[];
  readonly now?: number;
  readonly nextRunAt?: number;
}

export function rulesOf(world: World): SyncRules {
  return {
    name: 'okta',
    mapping: mappingRules(world.mapping),
    people: peopleRules(world.people),
    whenGone: world.whenGone ?? 'delete',
    invite: world.invite ?? null,
  };
}

export function inputOf(world: World): PlanInput {
  return {
    rules: rulesOf(world),
    directory: {
      ...directory(world.okta ?? [], world.unlisted),
      asked: { bearers: new Map(Object.entries(world.asked ?? {})), why: null },
    },
    workspace: { users: world.users ?? [], groups: world.groups ?? [] },
    memory: { ...NO_MEMORY, ...world.memory },
    targets: world.targets === undefined ? null : new Set(world.targets),
    now: world.now ?? NOW,
    nextRunAt: world.nextRunAt ?? null,
    invited: new Map(
      (world.invited ?? []).map((email) => [email, { email, at: world.now ?? NOW, sure: true }] as const),
    ),
  };
}

export function planOf(world: World): Plan {
  return makePlan(inputOf(world));
}

export function identityOf(rules: Partial<PeopleRules>, secodaUsers: readonly WorkspaceUser[]): Identity {
  return createIdentity(peopleRules(rules), secodaUsers);
}

/** A memory in which these Secoda groups are ours. */
export function remembered(...known: readonly (readonly [id: string, oktaIds: string[]])[]): Partial<Memory> {
  const groups = known.map(([secodaId, oktaIds]): [string, GroupMemory] => [
    secodaId,
    { secodaId, oktaIds, asked: '', answered: '', unsettled: [], shortfall: null, triedAt: 0 },
  ]);
  return { groups: new Map(groups) };
}

/** A change in a line: action, group, `+` who comes, `-` who leaves. */
export function brief({ action, name, secodaId, renamedFrom, add, remove }: Change): string {
  const parts = [action, secodaId ?? 'new', name];
  if (renamedFrom !== null) parts.push(`(was ${renamedFrom})`);
  parts.push(...add.map(({ userId }) => `+${userId}`), ...remove.map(({ userId }) => `-${userId}`));
  return parts.join(' ');
}

export const briefs = ({ changes }: Plan) => changes.map(brief);
