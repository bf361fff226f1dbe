import pMap from 'p-map';
import { mapGroups } from '../core/mapping.ts';
import { ownership } from '../core/match.ts';
import { NO_MEMORY } from '../core/memory.ts';
import type { DirectorySnapshot, Membership, OktaGroup, WorkspaceSnapshot } from '../core/model.ts';
import type { SyncRules } from '../core/rules.ts';
import { resolveTargets } from '../core/targets.ts';
import { UsageError } from '../errors.ts';
import { doubted } from './reread.ts';
import type { Clock, Directory, Listener, Workspace } from '../ports.ts';

/** How many Okta reads are under way at once: more would be impolite, and the pace decides anyway. */
export const OKTA_WIDTH = 5;

export interface Sources {
  readonly directory: Directory;
  readonly workspace: Workspace;
  readonly clock: Clock;
  readonly listen: Listener;
}

/** Both sides, read completely. */
export interface Reading {
  readonly directory: DirectorySnapshot;
  readonly workspace: WorkspaceSnapshot;
  /** When the users list was read, in epoch milliseconds. */
  readonly usersReadAt: number;
  /** Okta ids of the only groups that may change; `null` for all. */
  readonly targets: ReadonlySet<string> | null;
}

/** Reads both sides. Throws at the first thing that cannot be read: there are no half snapshots. */
export async function readBoth(
  sources: Sources,
  rules: SyncRules,
  names: readonly string[],
): Promise<Reading> {
  const usersReadAt = sources.clock.now();
  const [groups, workspace] = await Promise.all([readGroups(sources), readWorkspace(sources)]);
  const mapped = mapGroups(groups, rules.mapping);
  // Twins matter to planning, not to reading: memory is not needed to see which Okta ids our markers name.
  const ours = ownership(workspace.groups, rules.name, NO_MEMORY);
  const marked = [...ours.managed.flatMap(({ marker }) => marker.oktaIds), ...ours.contested.keys()];

  let targets: ReadonlySet<string> | null = null;
  if (names.length > 0) {
    const found = resolveTargets(names, groups, mapped, ours.managed);
    if (found.unknown.length > 0) throw unknownTargets(found.unknown);
    targets = found.oktaIds;
  }

  const listed = new Set(groups.map(({ id }) => id));
  const unlistedIds = [...new Set(marked)].filter((id) => !listed.has(id));
  const unlisted = new Map<string, OktaGroup | null>();
  await pMap(unlistedIds, async (id) => unlisted.set(id, await sources.directory.group(id)), {
    concurrency: OKTA_WIDTH,
  });

  const wanted = new Set(mapped.wanted.flatMap(({ oktaIds }) => oktaIds));
  const needed = groups.filter(({ id }) => wanted.has(id) && (targets === null || targets.has(id)));
  const memberships = new Map<string, Membership>();
  await pMap(
    needed,
    async (group) => {
      memberships.set(group.id, await readMembership(sources, group));
      sources.listen({ kind: 'read', what: 'okta-members', done: memberships.size, total: needed.length });
    },
    { concurrency: OKTA_WIDTH },
  );
  return { directory: { groups, memberships, unlisted }, workspace, usersReadAt, targets };
}

/**
 * Reads one group's members. Okta's lists bear no total, so a list that was cut short looks like people who left: one that
 * is shorter than Okta's own count is believed only when the group's membership has changed since it was counted.
 */
export async function readMembership({ directory, clock }: Sources, group: OktaGroup): Promise<Membership> {
  const readAt = clock.now();
  const people = await directory.members(group.id);
  if (people === null || group.usersCount === null || people.length >= group.usersCount) {
    return { readAt, people, doubt: null };
  }
  const now = await directory.group(group.id);
  if (now === null) return { readAt, people: null, doubt: null };
  if (now.lastMembershipUpdated !== group.lastMembershipUpdated) return { readAt, people, doubt: null };
  return doubted({ readAt, people, doubt: null }, group.id, group.usersCount, people.length);
}

async function readGroups({ directory, listen }: Sources): Promise<readonly OktaGroup[]> {
  const groups = await directory.groups();
  listen({ kind: 'read', what: 'okta-groups', done: groups.length, total: groups.length });
  return groups;
}

async function readWorkspace({ workspace, listen }: Sources): Promise<WorkspaceSnapshot> {
  const users = await workspace.users();
  listen({ kind: 'read', what: 'secoda-users', done: users.length, total: users.length });
  const groups = await workspace.groups();
  listen({ kind: 'read', what: 'secoda-groups', done: groups.length, total: groups.length });
  return { users, groups };
}

function unknownTargets(unknown: readonly string[]): UsageError {
  return new UsageError(
    unknown.map(
      (name) =>
        `--group ${JSON.stringify(name)}: no Okta group in scope and no managed Secoda group has this name or id`,
    ),
  );
}
