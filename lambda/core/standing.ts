import { type Absence, absenceOf, spread } from './absence.ts';
import type { Skipped } from './change.ts';
import { type Mapped, mapGroups, type Wanted } from './mapping.ts';
import { type Managed, matchManaged, ownership, type Ownership } from './match.ts';
import type { Memory } from './memory.ts';
import type { DirectorySnapshot, WorkspaceGroup } from './model.ts';
import type { SyncRules } from './rules.ts';

/** Where both sides stand before anything is planned: who mirrors whom, what is gone, and what must be left alone. */
export interface Standing {
  readonly mapped: Mapped;
  readonly own: Ownership;
  /** Wanted groups that may be acted on. */
  readonly wanted: readonly Wanted[];
  readonly matches: ReadonlyMap<Wanted, Managed>;
  /** Managed groups that no wanted group took and whose Okta groups are gone for good. */
  readonly gone: readonly Managed[];
  /** What must be left alone, one entry an Okta group. */
  readonly skipped: readonly Skipped[];
  /** Okta ids that Okta knows, our rules let in, and the selection did not list. */
  readonly missed: readonly string[];
  readonly absence: (oktaId: string) => Absence;
}

export interface StandingInput {
  readonly rules: SyncRules;
  readonly directory: DirectorySnapshot;
  readonly groups: readonly WorkspaceGroup[];
  readonly memory: Memory;
  readonly nextRunAt: number | null;
  /** Whether this run may act on what rests on this Okta id. */
  readonly isTarget: (oktaId: string) => boolean;
}

/** Where every group stands before anything is planned. */
export function standing(input: StandingInput): Standing {
  const { rules, directory, groups, memory, isTarget } = input;
  const mapped = mapGroups(directory.groups, rules.mapping);
  const own = ownership(groups, rules.name, memory, mapped.wanted);
  const absence = absenceOf(directory, mapped, rules.mapping, memory);
  const marked = own.managed.flatMap(({ marker }) => marker.oktaIds);
  const seeds = new Map(own.contested);
  for (const { oktaIds, reason } of mapped.skipped) for (const id of oktaIds) seeds.set(id, reason);
  for (const id of marked) {
    const found = absence(id);
    if (found === 'missed') seeds.set(id, deferral(input, id));
    else if (found === 'unasked') seeds.set(id, 'nobody asked Okta whether it still exists');
  }
  for (const id of mapped.wanted.flatMap(({ oktaIds }) => oktaIds)) {
    if (!isTarget(id)) continue;
    const membership = directory.memberships.get(id);
    if (membership === undefined) seeds.set(id, 'its members were not read');
    else if (membership.doubt !== null) seeds.set(id, membership.doubt);
    else if (membership.people === null)
      seeds.set(id, 'it vanished from Okta while it was read; it is left alone in this run');
  }

  const blocked = spread(seeds, mapped.wanted, own.managed);
  const isFree = ({ oktaIds }: { readonly oktaIds: readonly string[] }) =>
    !oktaIds.some((id) => blocked.has(id));
  const wanted = mapped.wanted.filter(isFree);
  const managed = own.managed.filter(({ marker }) => isFree(marker));
  const matches = matchManaged(wanted, managed);
  const taken = new Set(matches.values());
  const gone = managed.filter((ours) => !taken.has(ours));
  return {
    mapped,
    own,
    wanted,
    matches,
    gone,
    skipped: skippedOf(blocked, seeds, mapped, own, isTarget),
    missed: [...new Set(marked)]
      .filter((id) => absence(id) === 'missed' || absence(id) === 'unlisted')
      .sort(),
    absence,
  };
}

/** Names every blocked Okta group once: by its wanted name, or by the managed group whose marker names it. */
function skippedOf(
  blocked: ReadonlyMap<string, string>,
  seeds: ReadonlyMap<string, string>,
  mapped: Mapped,
  own: Ownership,
  isTarget: (oktaId: string) => boolean,
): Skipped[] {
  const names = new Map<string, string>();
  for (const { group, marker } of own.managed) {
    for (const id of marker.oktaIds) if (seeds.has(id)) names.set(id, group.name);
  }
  for (const { group, oktaIds } of mapped.skipped) for (const id of oktaIds) names.set(id, group);
  for (const { name, oktaIds } of mapped.wanted) for (const id of oktaIds) names.set(id, name);
  const skipped: Skipped[] = [];
  for (const [id, reason] of [...blocked].sort()) {
    const group = names.get(id) ?? (own.contested.has(id) ? id : undefined);
    if (group !== undefined && isTarget(id)) skipped.push({ group, oktaIds: [id], reason });
  }
  return skipped;
}

function deferral({ rules, nextRunAt, directory }: StandingInput, id: string): string {
  const due = nextRunAt === null ? '' : `, due ${new Date(nextRunAt).toISOString()}`;
  const fate = { delete: 'deleted', empty: 'emptied', keep: 'kept' }[rules.whenGone];
  const name = directory.unlisted.get(id)?.name ?? '';
  return `Okta still knows “${name}” (${id}), but the selection no longer lists it; it counts as gone and is ${fate} when the next complete run agrees${due}`;
}
