import pMap from 'p-map';
import { createIdentity } from '../../core/people/identity.ts';
import { isInScope, mapGroups } from '../../core/groups/mapping.ts';
import { type Managed, markedBy, markedIds } from '../../core/groups/match.ts';
import { didYouMean, sameName } from '../../core/model/text.ts';
import type { OktaGroup } from '../../core/model/directory.ts';
import type { SyncRules } from '../../core/model/rules.ts';
import { resolveTargets } from '../../core/groups/requested-groups.ts';
import { SourceError, UsageError } from '../../errors.ts';
import type { Scope } from '../../core/model/request.ts';
import { OKTA_WIDTH, READING_MS, type Recall } from './read-members.ts';
import { targetsOf } from './event-targets.ts';
import type { EventLosses, Listing, Reading } from '../checkpoints.ts';
import type { Sources } from '../context.ts';
import type { Plan } from '../../core/plan/change.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { RunEvent, Workspace } from '../../ports.ts';

/** Lists both sides: every group and every Secoda user. What Okta says of ids that only a marker names is yet to be asked. */
export async function listBoth(
  sources: Sources,
  rules: SyncRules,
  { groups: names, hints }: Scope,
  recall: Recall,
) {
  const listedAt = sources.clock.now();
  const [groups, { users, workspaceGroups }] = await Promise.all([
    sources.directory.groups().then((found) => tellRead(sources, 'okta-groups', found)),
    readWorkspace(sources),
  ]);
  const mapped = mapGroups(groups, rules.mapping, markedIds(workspaceGroups, rules.name));
  // Which of two groups with one marker is ours matters to planning alone: whatever bears one is looked at.
  const managed = markedBy(workspaceGroups, rules.name);
  const marked = managed.flatMap(({ marker }) => marker.oktaIds);

  let targets: ReadonlySet<string> | null = null;
  let mayGo: readonly string[] | null = null;
  let losses: EventLosses | null = null;
  if (names.length > 0) {
    const found = resolveTargets(names, groups, mapped, managed);
    if (found.unknown.length > 0) throw unknownTargets(found.unknown, groups, managed);
    targets = found.oktaIds;
    mayGo = [...found.named];
  } else if (hints !== null) {
    const identity = createIdentity(rules.people, users);
    const followed = await targetsOf(hints, { ...sources, mapped, managed, identity, recall });
    const { targets: found, ...others } = followed;
    targets = found === 'everything' ? null : found;
    losses = { ...others, deletedIds: hints.deletedGroupIds };
  }

  const listed = new Set(groups.map(({ id }) => id));
  const toAsk = [...new Set(marked)].filter((id) => !listed.has(id));
  const wanted = new Set(mapped.wanted.flatMap(({ oktaIds }) => oktaIds));
  const needed = groups
    .map(({ id }) => id)
    .filter((id) => wanted.has(id) && (targets === null || targets.has(id)));
  const counted = await withCounts(sources, groups, new Set(needed));
  return {
    listing: {
      ...{ groups: counted, listedAt, unlisted: new Map(), toAsk, workspaceGroups },
      ...{ targets, mayGo, losses, needed, basis: null },
    },
    users: { users, readAt: listedAt },
  };
}

/**
 * Asks Okta for the ids that its list did not name, for as long as a step may take. Throws `SourceError` when one of them is in
 * the selection anyway: a list without it was cut short, in the same way each time perhaps, and others are missing as well.
 */
export async function askUnlisted({ directory, clock }: Sources, { mapping }: SyncRules, listing: Listing) {
  const until = clock.now() + READING_MS;
  const unlisted = new Map(listing.unlisted);
  await pMap(
    listing.toAsk,
    async (id) => {
      if (clock.now() >= until) return;
      const group = await directory.group(id);
      const matters = group !== null && isInScope(group, mapping);
      if (matters && (await directory.selects(id)) === true) throw leftOut(id);
      unlisted.set(id, group);
    },
    { concurrency: OKTA_WIDTH },
  );
  return { ...listing, unlisted, toAsk: listing.toAsk.filter((id) => !unlisted.has(id)) };
}

/** Tells of a list that was read whole, and returns it. */
export function tellRead<T>(
  { listen }: Sources,
  what: Extract<RunEvent, { readonly kind: 'read' }>['what'],
  list: readonly T[],
): readonly T[] {
  listen({ kind: 'read', what, done: list.length, total: list.length });
  return list;
}

/** An app's list of groups has no counts, without which nobody would notice that members are missing, or somebody deleted. */
async function withCounts({ directory }: Sources, groups: readonly OktaGroup[], needed: ReadonlySet<string>) {
  const without = groups.filter(({ id, usersCount }) => usersCount === null && needed.has(id));
  try {
    const counted = await directory.listed(without.map(({ id }) => id));
    return groups.map((group) => ({
      ...group,
      usersCount: group.usersCount ?? counted.get(group.id)?.usersCount ?? null,
    }));
  } catch (error) {
    if (error instanceof SourceError) return groups;
    throw error;
  }
}

async function readWorkspace(sources: Sources) {
  const users = tellRead(sources, 'secoda-users', await sources.workspace.users());
  const workspaceGroups = tellRead(sources, 'secoda-groups', await sources.workspace.groups());
  return { users, workspaceGroups };
}

function leftOut(id: string): SourceError {
  return new SourceError(
    `Okta's list of groups does not name ${id}, which is in okta.groups when asked about alone: the list was cut short, or has changed since; run again, and if it stays, look for a proxy that changes the answers or their Link headers`,
  );
}

function unknownTargets(
  unknown: readonly string[],
  groups: readonly OktaGroup[],
  managed: readonly Managed[],
): UsageError {
  const names = [...groups, ...managed.map(({ group }) => group)].map(({ name }) => name);
  return new UsageError(
    unknown.map((target) => {
      const flag = `--group ${JSON.stringify(target)}`;
      if (groups.some(({ id, name }) => id === target || sameName(name, target)))
        return `${flag}: groups.include and groups.exclude leave this Okta group out`;
      return `${flag}: no Okta group in scope and no managed Secoda group has this name or id${didYouMean(target, names)}`;
    }),
  );
}

const WIDTH = 5;

/**
 * Throws `SourceError` when Secoda's list leaves out a group that Secoda shows when asked for it by its id: a plan that rests on
 * such a list makes a second one. Asked for are the remembered groups in whose place others would be made or taken over.
 */
export async function checkListed(
  { changes }: Plan,
  { workspace: { groups }, usersReadAt: readAt }: Reading,
  memory: Memory,
  workspace: Pick<Workspace, 'group'>,
): Promise<void> {
  const replaced = new Set(
    changes.filter(({ action, adopted }) => action === 'create' || adopted).flatMap(({ oktaIds }) => oktaIds),
  );
  if (replaced.size === 0) return;
  const listed = new Set(groups.map(({ id }) => id));
  // What another run wrote after the list was read cannot be in it.
  const missing = [...memory.groups.values()].filter(
    ({ secodaId, oktaIds, triedAt }) =>
      !listed.has(secodaId) && triedAt < readAt && oktaIds.some((id) => replaced.has(id)),
  );
  await pMap(
    missing,
    async ({ secodaId }) => {
      if ((await workspace.group(secodaId)) === null) return;
      throw new SourceError(
        `GET /api/v1/auth/group does not list ${secodaId}, which Secoda shows when asked for it alone: may the API key see all groups?`,
      );
    },
    { concurrency: WIDTH },
  );
}
