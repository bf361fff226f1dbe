import type { OktaGroup } from '../model/directory.ts';
import type { Memory } from '../model/memory.ts';
import type { SyncRules } from '../model/rules.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import type { Origin } from '../model/request.ts';
import type { Plan } from '../plan/change.ts';
import { spread } from './absence.ts';
import { mapGroups } from './mapping.ts';
import { markedBy } from './match.ts';
import { SETTLED_MS } from './why-read.ts';

/** What a complete run leaves behind for onboardings that do not list all groups again. */
export interface CompleteRun {
  /** The version and the configuration that it ran with. */
  readonly basis: string;
  /** Whatever changed in Okta's groups later than this it may not have seen: epoch milliseconds by Okta's clock. */
  readonly seenUntil: number;
  /** Ids of the Okta groups that it left alone. */
  readonly leftAlone: readonly string[];
  /** Rules of the configuration that matched nothing, in words. */
  readonly idle: readonly string[];
}

/** What a run decides by, beside both sides: its configuration and its version. */
export function basisOf({ version, config }: Pick<Origin, 'version' | 'config'>): string {
  return `${version} ${config}`;
}

/** What a complete run leaves behind; `null` where Okta did not tell its time. */
export function completeRun(origin: Origin, { groups, listedAt, basis }: Listed, plan: Plan) {
  if (basis === null) return null;
  return {
    basis: basisOf(origin),
    seenUntil: seenUntil(groups, listedAt + basis.skewMs),
    leftAlone: leftAloneBy(plan),
    idle: plan.warnings.flatMap(({ kind, message }) => (kind === 'matches-nothing' ? message : [])),
  };
}

interface Listed {
  readonly groups: readonly OktaGroup[];
  /** When the list was begun, in epoch milliseconds. */
  readonly listedAt: number;
  /** How far Okta's clock was ahead of ours. */
  readonly basis: { readonly skewMs: number } | null;
}

/** The Okta ids that a plan leaves alone. A copy of a marker says nothing of the groups that it names. */
export function leftAloneBy({ skipped, frozen }: Plan): string[] {
  const others = skipped.filter(({ secodaId }) => secodaId === undefined);
  return [...others, ...frozen].flatMap(({ oktaIds }) => oktaIds);
}

/**
 * Up to when a list of groups shows every change: to its newest change before it was begun (`listedAt`, by Okta's clock), or to
 * ten minutes before, since a change may show late.
 */
function seenUntil(groups: readonly OktaGroup[], listedAt: number): number {
  let newest = listedAt - SETTLED_MS;
  for (const group of groups) {
    const changedAt = changeOf(group);
    if (changedAt > newest && changedAt < listedAt) newest = changedAt;
  }
  return newest;
}

/** Unknown is later than anything. */
function changeOf({ lastUpdated }: OktaGroup): number {
  const time = Date.parse(lastUpdated ?? '');
  return Number.isNaN(time) ? Infinity : time;
}

/** Everything, on either side, that can be reached from these Okta ids by what memory says that a group mirrors. */
export function mirrorsOf(ids: Iterable<string>, { groups }: Memory) {
  const known = [...groups.values()];
  const reached = spread(
    ids,
    known.map(({ oktaIds }) => oktaIds),
  );
  const mirrors = known.filter(({ oktaIds }) => oktaIds.some((id) => reached.has(id)));
  return { oktaIds: new Set(reached.keys()), secodaIds: mirrors.map(({ secodaId }) => secodaId) };
}

interface Nearby {
  readonly rules: SyncRules;
  readonly memory: Memory;
  readonly complete: CompleteRun;
  /** Okta ids of the groups that somebody is in and the selection holds. */
  readonly joined: ReadonlySet<string>;
  /** Those, the ones that are mirrored with them, and all that changed since the last complete run. */
  readonly groups: readonly OktaGroup[];
  /** All that memory knows of them and that is there, as Secoda shows it alone. */
  readonly secodaGroups: readonly WorkspaceGroup[];
}

/**
 * Whether these few groups tell all that the lists of both sides would tell of them: each is mirrored by one Secoda group, whose
 * marker names just the ids that memory knows and that are mapped to it now, nothing of them has changed since the last complete
 * run, which left none of them alone, and nothing that changed since arrives at their names.
 */
export function isWholeTruth(nearby: Nearby): boolean {
  const { rules, memory, complete, joined, groups, secodaGroups } = nearby;
  const ours = markedBy(secodaGroups, rules.name);
  const marked = new Set(ours.flatMap(({ marker }) => marker.oktaIds));
  const { wanted } = mapGroups(groups, rules.mapping, marked);
  const sets = new Set(wanted.map(({ oktaIds }) => oktaIds.join()));
  const leftAlone = new Set(complete.leftAlone);
  const settled = new Set(groups.filter((each) => changeOf(each) <= complete.seenUntil).map(({ id }) => id));
  return (
    ours.length === secodaGroups.length &&
    ours.reduce((sum, { marker }) => sum + marker.oktaIds.length, 0) === marked.size &&
    joined.isSubsetOf(marked) &&
    marked.isSubsetOf(settled) &&
    marked.isDisjointFrom(leftAlone) &&
    ours.every(({ group, marker }) => {
      const ids = marker.oktaIds.join();
      return sets.has(ids) && ids === memory.groups.get(group.id)?.oktaIds.join();
    })
  );
}
