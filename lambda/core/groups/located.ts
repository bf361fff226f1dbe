import type { Wanted } from './mapping.ts';
import type { Managed, Ownership } from './match.ts';
import type { Memory } from '../model/memory.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText, nameKey } from '../model/order.ts';

/** What a wanted group has to do with Secoda: the group it takes, or that it takes none. */
export type Located =
  | { readonly kind: 'managed'; readonly group: WorkspaceGroup }
  /** A group of its name without a marker. `known`: memory knows it as ours, so that its marker was lost. */
  | { readonly kind: 'unmarked'; readonly group: WorkspaceGroup; readonly known: boolean }
  /** A group of its name that is gone for good and is taken over. */
  | { readonly kind: 'inherited'; readonly group: WorkspaceGroup }
  | { readonly kind: 'none' };

/** Several Secoda groups could be the one that is wanted. */
export interface Undecided {
  readonly wanted: Wanted;
  readonly reason: string;
  /** Those of them that are gone for good: they stay as they are. */
  readonly left: readonly Managed[];
}

/** Finds each wanted group's Secoda group: by marker, by name without marker, or as heir of one that is gone for good. */
export function findGroups(
  wanted: readonly Wanted[],
  matches: ReadonlyMap<Wanted, Managed>,
  gone: readonly Managed[],
  own: Ownership,
  memory: Memory,
): { readonly found: ReadonlyMap<Wanted, Located>; readonly undecided: readonly Undecided[] } {
  const unmarked = Map.groupBy(own.unmarked, ({ name }) => nameKey(name));
  const leaving = Map.groupBy(gone, ({ group }) => nameKey(group.name));
  const copies = Map.groupBy(own.copies, ({ group }) => nameKey(group.name));
  const found = new Map<Wanted, Located>();
  const undecided: Undecided[] = [];
  for (const each of wanted) {
    const ours = matches.get(each);
    const handMade = unmarked.get(each.name) ?? [];
    const known = handMade.filter(({ id }) =>
      memory.groups.get(id)?.oktaIds.some((oktaId) => each.oktaIds.includes(oktaId)),
    );
    const [lost, another] = known;
    const left = leaving.get(each.name) ?? [];
    // What looks like a copy may be one of ours whose Okta groups another has taken over since: it counts as a candidate.
    const marked = [...left, ...(copies.get(each.name) ?? [])].map(({ group }) => group);
    const [candidate, rival] = [...marked, ...handMade];
    if (ours !== undefined) found.set(each, { kind: 'managed', group: ours.group });
    else if (lost !== undefined && another === undefined)
      found.set(each, { kind: 'unmarked', group: lost, known: true });
    else if (candidate === undefined || left.length + handMade.length === 0)
      found.set(each, { kind: 'none' });
    else if (rival !== undefined) undecided.push({ wanted: each, reason: whichOf(marked, handMade), left });
    else if (left.length > 0) found.set(each, { kind: 'inherited', group: candidate });
    else found.set(each, { kind: 'unmarked', group: candidate, known: false });
  }
  return { found, undecided };
}

function whichOf(marked: readonly WorkspaceGroup[], handMade: readonly WorkspaceGroup[]): string {
  const ids = [...marked, ...handMade].map(({ id }) => id).sort(byText);
  const which =
    marked.length > 0
      ? 'several Secoda groups have its name'
      : `${ids.length} hand-made Secoda groups have this name`;
  return `${which} (${ids.join(', ')}); rename or delete all but one`;
}
