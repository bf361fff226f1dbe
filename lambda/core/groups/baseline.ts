import { type Absence, absenceOf, frozenIds, idSets, spread, withReason } from './absence.ts';
import type { PlanInput, Skipped } from '../plan/change.ts';
import { isDeleted } from '../plan/changes.ts';
import {
  findGroups,
  type Located,
  type Managed,
  markedBy,
  markedIds,
  matchManaged,
  ownership,
  type Ownership,
  type Undecided,
} from './match.ts';
import { type Doubted, doubtedGroups, doubtsIn } from './doubted.ts';
import type { Identity } from '../people/identity.ts';
import { mapGroups, type Mapped, type Wanted } from './mapping.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { decideNames, type NameDecisions } from './name-decisions.ts';
import { nameKey } from '../model/text.ts';

/** Where both sides stand before anything is planned: who mirrors whom, what is gone, and what must be left alone. */
export interface GroupBaseline extends Settled {
  readonly mapped: Mapped;
  readonly own: Ownership;
  /** What must be left alone, one entry an Okta group. */
  readonly skipped: readonly Skipped[];
  /** Managed groups of ours that rest on an Okta group that is frozen. */
  readonly frozen: readonly Managed[];
  /** Okta ids that Okta knows, our rules let in, and the selection did not list. */
  readonly missed: readonly string[];
  readonly absence: (oktaId: string) => Absence;
  /** What rests on a list of members that is shorter than Okta's own count: nothing of it is in the rest. */
  readonly doubted: readonly Doubted[];
}

/** What may be acted on, once it is known what must be left alone. */
interface Settled {
  readonly matches: ReadonlyMap<Wanted, Managed>;
  /** What each wanted group that may be acted on has to do with Secoda. */
  readonly found: ReadonlyMap<Wanted, Located>;
  readonly undecided: readonly Undecided[];
  /** Managed groups that nothing takes and whose Okta groups are gone for good. */
  readonly gone: readonly Managed[];
  readonly names: NameDecisions;
}

interface BaselineInput extends Pick<
  PlanInput,
  'rules' | 'directory' | 'memory' | 'nextRunAt' | 'mayGo' | 'named' | 'leftAlone'
> {
  readonly groups: readonly WorkspaceGroup[];
  readonly identity: Identity;
  /** Whether this run may act on what rests on this Okta id. */
  readonly isTarget: (oktaId: string) => boolean;
}

/** What is known of both sides, before it is known what must be left alone. */
interface Known extends BaselineInput, Pick<GroupBaseline, 'mapped' | 'own' | 'absence'> {}

/** Where every group stands before anything is planned. */
export function baselineOf(input: BaselineInput): GroupBaseline {
  const { rules, directory, groups, memory, isTarget } = input;
  const mapped = mapGroups(directory.groups, rules.mapping, markedIds(groups, rules.name));
  const own = ownership(groups, rules.name, memory, mapped.wanted);
  // A run over named groups or of events is no complete run that could agree with one before.
  const seen = input.mayGo || input.named ? new Map<string, number>() : memory.unlistedSince;
  const absence = absenceOf(directory, mapped, rules.mapping, { unlistedSince: seen });
  const marked = own.managed.flatMap(({ marker }) => marker.oktaIds);
  const frozen = frozenIds(rules.mapping.frozen, directory, mapped, own);
  const known = { ...input, mapped, own, absence };
  const seeds = seedsOf(known);
  for (const id of frozen) seeds.set(id, 'it is frozen (groups.frozen)');
  const doubts = doubtsIn(directory);
  /** Names that cannot be decided are reasons like any other. They spread, and what is left alone then frees no name. */
  const named = new Map<string, string>();
  for (;;) {
    const blocked = spread([...seeds.keys(), ...named.keys()], idSets(mapped.wanted, own.managed));
    const doubted = doubtedGroups(doubts, blocked, mapped.wanted, own.managed, memory);
    const settled = settle(known, blocked, doubted);
    const before = named.size;
    for (const [id, reason] of conflicts(settled, own, rules.name)) named.set(id, reason);
    if (named.size > before) continue;
    return {
      ...settled,
      // What others may change in this run frees no name in it.
      names: namesAmong(input, settled.found, settled.gone, isTarget),
      mapped,
      own,
      skipped: skippedOf(known, blocked, seeds, named).map((each) =>
        withReason(each, blocked, frozen, absence),
      ),
      frozen: own.managed.filter(({ marker }) =>
        marker.oktaIds.some((id) => frozen.has(blocked.get(id) ?? '')),
      ),
      missed: [...new Set(marked)]
        .filter((id) => absence(id) === 'missed' || absence(id) === 'unlisted')
        .sort(),
      absence,
      doubted,
    };
  }
}

/** The Okta ids that are left alone whatever their names come to, with the reason. */
function seedsOf(known: Known): Map<string, string> {
  const { directory, isTarget, leftAlone = [], mapped, own, absence } = known;
  const seeds = new Map(leftAlone.map((id) => [id, 'the plan leaves it alone']));
  for (const [id, reason] of own.contested) seeds.set(id, reason);
  for (const { oktaIds, reason } of mapped.skipped) for (const id of oktaIds) seeds.set(id, reason);
  for (const id of own.managed.flatMap(({ marker }) => marker.oktaIds)) {
    const found = absence(id);
    if (found === 'missed') seeds.set(id, deferral(known, id));
    else if (found === 'unasked') seeds.set(id, 'nobody asked Okta whether it still exists');
  }
  for (const id of mapped.wanted.flatMap(({ oktaIds }) => oktaIds)) {
    if (!isTarget(id)) continue;
    const membership = directory.memberships.get(id);
    if (membership === undefined) seeds.set(id, 'its members were not read');
    else if (membership.people === null)
      seeds.set(id, 'it vanished from Okta while it was read; it is left alone in this run');
  }
  return seeds;
}

/** Matches whatever shares no Okta id with what must be left alone, and decides its names. */
function settle(known: Known, blocked: ReadonlyMap<string, string>, doubted: readonly Doubted[]): Settled {
  const { mapped, own, memory, mayGo = null } = known;
  const unsure = new Set(doubted.flatMap(({ sources }) => sources));
  const isFree = ({ oktaIds }: Pick<Wanted, 'oktaIds'>) =>
    !oktaIds.some((id) => blocked.has(id) || unsure.has(id));
  const wanted = mapped.wanted.filter(isFree);
  const managed = own.managed.filter(({ marker }) => isFree(marker));
  const matches = matchManaged(wanted, managed);
  const taken = new Set<WorkspaceGroup>([...matches.values()].map(({ group }) => group));
  const left = managed.filter(({ group }) => !taken.has(group));
  const { found, undecided } = findGroups(wanted, matches, left, own, memory);
  for (const match of found.values()) if (match.kind === 'inherited') taken.add(match.group);
  // One of these may be the heir of a group that is gone, once its list is whole.
  const waiting = new Set(
    doubted.flatMap(({ wanted, group }) => (group === null ? (wanted?.name ?? []) : [])),
  );
  const isNamed = ({ group, marker }: Managed) =>
    mayGo === null || mayGo.has(group.id) || marker.oktaIds.some((id) => mayGo.has(id));
  const gone = left.filter(
    (each) => !taken.has(each.group) && !waiting.has(nameKey(each.group.name)) && isNamed(each),
  );
  const names = namesAmong(known, found, gone, () => true);
  return { matches, found, undecided, gone, names };
}

/** Decides the names of what may change. */
function namesAmong(
  { rules, groups, identity }: BaselineInput,
  found: ReadonlyMap<Wanted, Located>,
  gone: readonly Managed[],
  mayChange: (oktaId: string) => boolean,
): NameDecisions {
  const renames = [...found].flatMap(([{ name: to, oktaIds }, match]) =>
    oktaIds.some(mayChange) && match.group !== null && nameKey(match.group.name) !== to
      ? [{ group: match.group, to }]
      : [],
  );
  const deleted = gone.filter(
    ({ group, marker }) => marker.oktaIds.some(mayChange) && isDeleted(group, rules.whenGone, identity),
  );
  return decideNames(groups, renames, new Set(deleted.map(({ group }) => group.id)));
}

/** The Okta ids of wanted groups that can neither take a Secoda group nor be created, because of their names, with the reason. */
function* conflicts(
  { found, undecided, names }: Settled,
  own: Ownership,
  via: string,
): Generator<readonly [oktaId: string, reason: string]> {
  for (const { wanted, reason, left } of undecided)
    for (const id of [...wanted.oktaIds, ...left.flatMap(({ marker }) => marker.oktaIds)]) yield [id, reason];
  for (const [{ name, oktaIds }, { kind }] of found) {
    const reason = kind === 'none' ? whyHeld(name, names, own, via) : null;
    if (reason !== null) for (const id of oktaIds) yield [id, reason];
  }
}

/** Why no group can be created under this name: one that bears our marker holds it. `null` where none does. */
export function whyHeld(name: string, names: NameDecisions, { copies }: Ownership, via: string) {
  const holder = markedBy(names.holdersOf(name), via)[0]?.group.id;
  if (holder === undefined) return null;
  return copies.some(({ group }) => group.id === holder)
    ? `its name is held by ${holder}, which has a copied marker; rename that group, or delete its marker line to have it adopted`
    : `its name is held by ${holder}, which still mirrors other Okta groups`;
}

/** Names every blocked Okta group once: by its wanted name, or by the managed group whose marker names it. */
function skippedOf(
  { mapped, own, isTarget }: Known,
  blocked: ReadonlyMap<string, string>,
  seeds: ReadonlyMap<string, string>,
  named: ReadonlyMap<string, string>,
): Skipped[] {
  const names = new Map<string, string>();
  for (const { group, oktaIds } of mapped.skipped) for (const id of oktaIds) names.set(id, group);
  for (const { name, oktaIds } of mapped.wanted) for (const id of oktaIds) names.set(id, name);
  for (const { group, marker } of own.managed) {
    const told = marker.oktaIds.filter((id) => names.has(id) || seeds.has(id));
    for (const id of told.length > 0 ? told : marker.oktaIds) if (!names.has(id)) names.set(id, group.name);
  }
  const reasonOf = (id: string, seed: string) => {
    const conflict = seeds.has(seed) ? undefined : named.get(seed);
    if (conflict === undefined || named.has(id)) return conflict ?? seeds.get(seed) ?? '';
    return `it shares Okta groups with “${names.get(seed) ?? seed}”, which is left alone: ${conflict}`;
  };
  const skipped: Skipped[] = [];
  for (const [id, seed] of [...blocked].sort()) {
    const group = names.get(id) ?? (own.contested.has(id) ? id : undefined);
    if (group !== undefined && isTarget(id))
      skipped.push({ group, oktaIds: [id], reason: reasonOf(id, seed) });
  }
  return skipped;
}

function deferral({ rules, nextRunAt, directory }: BaselineInput, id: string): string {
  const due = nextRunAt === null ? '' : `, due ${new Date(nextRunAt).toISOString()}`;
  const fate = { delete: 'deleted', empty: 'emptied', keep: 'kept' }[rules.whenGone];
  const name = directory.unlisted.get(id)?.name ?? '';
  return `Okta still knows “${name}” (${id}), but the selection no longer lists it; it counts as gone and is ${fate} when the next complete run agrees${due}`;
}
