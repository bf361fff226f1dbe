import pMap from 'p-map';
import { lastComplete } from '../../archive/short-way.ts';
import { isInScope } from '../../core/groups/mapping.ts';
import { basisOf, isWholeTruth, mirrorsOf } from '../../core/groups/short-way.ts';
import type { OktaGroup } from '../../core/model/directory.ts';
import type { Memory } from '../../core/model/memory.ts';
import { type Warning, warningOf } from '../../core/model/warning.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { SourceError } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import { OKTA_WIDTH } from '../read/read-members.ts';

/** What an onboarding has to know of both sides' groups. */
export interface GroupLists {
  readonly groups: readonly OktaGroup[];
  readonly secodaGroups: readonly WorkspaceGroup[];
  /** Of rules that match nothing, as the last complete run found them; `null` where the lists are whole and tell. */
  readonly idle: readonly Warning[] | null;
}

/**
 * The groups that some people are in, without a list of all groups of either side: what memory names is asked for by its id and
 * looked at, never believed. `null` where that does not tell all that the lists would. `theirs`: all Okta groups they are in.
 */
export async function groupsNearby(
  { archive, rules, sources, origin }: RunContext,
  memory: Memory,
  theirs: readonly OktaGroup[],
): Promise<GroupLists | null> {
  const complete = await lastComplete(archive, rules.name);
  if (complete?.basis !== basisOf(origin)) return null;
  const idle = complete.idle.map((message) =>
    warningOf('matches-nothing', { group: null, oktaIds: [] }, message),
  );
  const inScope = theirs.filter((group) => isInScope(group, rules.mapping)).map(({ id }) => id);
  if (inScope.length === 0) return { groups: [], secodaGroups: [], idle };
  const mirrors = mirrorsOf(inScope, memory);
  const [groups, found] = await Promise.all([
    sources.directory.chosen([...mirrors.oktaIds], complete.seenUntil),
    pMap(mirrors.secodaIds, (id) => secodaGroup(sources, id), { concurrency: OKTA_WIDTH }),
  ]);
  if (groups === null) return null;
  const secodaGroups = found.flatMap((group) => group ?? []);
  const chosen = new Set(groups.map(({ id }) => id));
  const joined = new Set(inScope.filter((id) => chosen.has(id)));
  if (!isWholeTruth({ rules, memory, complete, joined, groups, secodaGroups })) return null;
  return { groups: groups.filter(({ id }) => mirrors.oktaIds.has(id)), secodaGroups, idle };
}

/** `null` also for an id that Secoda does not take for one. */
async function secodaGroup({ workspace }: RunContext['sources'], id: string): Promise<WorkspaceGroup | null> {
  return workspace.group(id).catch((error: unknown) => {
    if (error instanceof SourceError && error.cause === undefined) return null;
    throw error;
  });
}
