import { isInScope, type Mapped, type Wanted } from './mapping.ts';
import type { Managed } from './match.ts';
import type { Memory } from '../model/memory.ts';
import type { DirectorySnapshot, OktaGroup } from '../model/directory.ts';
import type { MappingRules } from '../model/rules.ts';

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
  memory: Memory,
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

/** The Okta ids not to be acted on, each with the seed that it was reached from: whatever shares an id with one is left, too. */
export function spread(
  seeds: Iterable<string>,
  wanted: readonly Wanted[],
  managed: readonly Managed[],
): ReadonlyMap<string, string> {
  const blocked = new Map([...seeds].map((id) => [id, id]));
  if (blocked.size === 0) return blocked;
  const sets = [...wanted.map(({ oktaIds }) => oktaIds), ...managed.map(({ marker }) => marker.oktaIds)];
  for (let before = -1; before !== blocked.size;) {
    before = blocked.size;
    for (const ids of sets) {
      const seed = ids.map((id) => blocked.get(id)).find((each) => each !== undefined);
      if (seed === undefined) continue;
      for (const id of ids) if (!blocked.has(id)) blocked.set(id, seed);
    }
  }
  return blocked;
}
