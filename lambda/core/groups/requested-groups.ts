import { idSets, spread } from './absence.ts';
import type { Mapped } from './mapping.ts';
import type { Managed } from './match.ts';
import type { OktaGroup } from '../model/directory.ts';
import { nameKey } from '../model/text.ts';

/**
 * Finds what is named: an Okta id or name, or a Secoda name, stands for a whole wanted group, or for a managed one that is left.
 * `oktaIds`: all that these groups rest on; `named`: Okta ids of wanted groups that were named, Secoda ids of managed ones: these
 * alone may be deleted, not what is judged along; `unknown`: what names nothing known.
 */
export function resolveTargets(
  targets: readonly string[],
  groups: readonly OktaGroup[],
  mapped: Mapped,
  managed: readonly Managed[],
) {
  const sets = setsOf(mapped, managed);
  const named = new Set<string>();
  const inScope = groups.filter(({ id }) => mapped.inScope.has(id));
  const byName = Map.groupBy(inScope, ({ name }) => nameKey(name));
  const oktaIds = new Set<string>();
  const unknown: string[] = [];
  for (const target of targets) {
    const ids = new Set([target, ...(byName.get(nameKey(target)) ?? []).map(({ id }) => id)]);
    const found = sets.filter(
      (set) => nameKey(set.name) === nameKey(target) || set.oktaIds.some((id) => ids.has(id)),
    );
    if (found.length === 0) unknown.push(target);
    for (const id of ids) named.add(id);
    for (const set of found) {
      for (const id of set.oktaIds) oktaIds.add(id);
      for (const id of set.secodaId === undefined ? set.oktaIds : [set.secodaId]) named.add(id);
    }
  }
  return { oktaIds: decidedTogether(oktaIds, mapped, managed), named, unknown };
}

/** These Okta ids and all that share a wanted or managed group with them: they are read and judged together. */
export function decidedTogether(ids: Iterable<string>, mapped: Mapped, managed: readonly Managed[]) {
  return new Set(spread(ids, idSets([...mapped.wanted, ...mapped.skipped], managed)).keys());
}

interface NamedSet {
  readonly name: string;
  readonly oktaIds: readonly string[];
  /** Of a managed group. */
  readonly secodaId?: string;
}

function setsOf(mapped: Mapped, managed: readonly Managed[]): readonly NamedSet[] {
  return [
    ...mapped.wanted,
    ...mapped.skipped.map(({ group, oktaIds }) => ({ name: group, oktaIds })),
    ...managed.map(({ group: { id, name }, marker: { oktaIds } }) => ({ name, oktaIds, secodaId: id })),
  ];
}
