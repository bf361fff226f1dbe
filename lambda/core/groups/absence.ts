import { isInScope, type Mapped, type Wanted } from './mapping.ts';
import type { Managed, Ownership } from './match.ts';
import type { Memory } from '../model/memory.ts';
import type { DirectorySnapshot, OktaGroup } from '../model/directory.ts';
import type { MappingRules } from '../model/rules.ts';
import { nameKey } from '../model/text.ts';
import type { Skipped } from '../plan/change.ts';

/** Why an Okta group no longer stands behind a managed group, as sure as the run can be. */
export type Absence =
  /** Okta answers 404 for its id. */
  | 'deleted'
  /** Our own include/exclude leaves it out. */
  | 'excluded'
  /** Okta knows it, two complete runs in a row did not list it. */
  | 'unlisted'
  /** Okta knows it, this run is the first that does not list it: wait. */
  | 'missed'
  /** It is listed and mapped: the wanted group it belongs to took another Secoda group. */
  | 'present'
  /** Nobody asked: nothing is known. */
  | 'unasked';

/** Tells for any Okta id whether it is gone. Being unlisted must be seen twice; a 404 or our own rules are enough alone. */
export function absenceOf(
  directory: DirectorySnapshot,
  mapped: Mapped,
  rules: MappingRules,
  memory: Pick<Memory, 'unlistedSince'>,
): (oktaId: string) => Absence {
  const listed = new Set(directory.groups.map(({ id }) => id));
  return (id) => {
    if (listed.has(id)) return mapped.inScope.has(id) ? 'present' : 'excluded';
    const answer: OktaGroup | null | undefined = directory.unlisted.get(id);
    if (answer === undefined) return 'unasked';
    if (answer === null) return 'deleted';
    if (!isInScope(answer, rules)) return 'excluded';
    // A run that was under way already when another noted the absence has not looked a second time.
    return (memory.unlistedSince.get(id) ?? Infinity) < directory.listedAt ? 'unlisted' : 'missed';
  };
}

/** All that shares an id with one of these, by however many of the sets, each with the one that it was reached from. */
export function spread(seeds: Iterable<string>, sets: readonly (readonly string[])[]) {
  const reached = new Map([...seeds].map((id) => [id, id]));
  if (reached.size === 0) return reached;
  let before: number;
  do {
    before = reached.size;
    for (const ids of sets) {
      const seed = ids.map((id) => reached.get(id)).find((each) => each !== undefined);
      if (seed === undefined) continue;
      for (const id of ids) if (!reached.has(id)) reached.set(id, seed);
    }
  } while (before !== reached.size);
  return reached;
}

/** The Okta ids that go together, since one group, wanted or managed, rests on them. */
export function idSets(wanted: readonly Pick<Wanted, 'oktaIds'>[], managed: readonly Managed[]) {
  return [...wanted.map(({ oktaIds }) => oktaIds), ...managed.map(({ marker }) => marker.oktaIds)];
}

/** The Okta ids that are frozen: by themselves, or by the name that their group has in Okta, or has or would have in Secoda. */
export function frozenIds(
  frozen: readonly string[],
  { groups, unlisted }: DirectorySnapshot,
  { wanted }: Mapped,
  { managed }: Ownership,
): ReadonlySet<string> {
  const names = new Set(frozen.map(nameKey));
  const known = [...groups, ...unlisted.values()].flatMap((group) => group ?? []);
  return new Set([
    ...names,
    ...known.filter(({ name }) => names.has(nameKey(name))).map(({ id }) => id),
    ...wanted.filter(({ name }) => names.has(name)).flatMap(({ oktaIds }) => oktaIds),
    ...managed
      .filter(({ group }) => names.has(nameKey(group.name)) || names.has(group.id))
      .flatMap(({ marker }) => marker.oktaIds),
  ]);
}

/** Marks what is left alone for a reason that makes the run no less complete. */
export function withReason(
  skipped: Skipped,
  blocked: ReadonlyMap<string, string>,
  frozen: ReadonlySet<string>,
  absence: (oktaId: string) => Absence,
): Skipped {
  const seeds = skipped.oktaIds.map((id) => blocked.get(id) ?? id);
  if (seeds.some((id) => frozen.has(id))) return { ...skipped, because: 'frozen' };
  return seeds.every((id) => absence(id) === 'missed') ? { ...skipped, because: 'deferred' } : skipped;
}
