import { type Copy, copyNotes, isKnownCopy } from './copies.ts';
import type { CopyNote, Memory } from '../model/memory.ts';
import type { Wanted } from './mapping.ts';
import { type Marker, readMarker } from './marker.ts';
import type { GroupRef, WorkspaceGroup } from '../model/workspace.ts';
import { byText, nameKey, sameName } from '../model/text.ts';

/** A Secoda group that bears our marker. */
export interface Managed {
  readonly group: WorkspaceGroup;
  readonly marker: Marker;
}

/** Every group that bears our marker, copies of it too: for whoever has to look at all that could be ours. */
export function markedBy(groups: readonly WorkspaceGroup[], name: string): readonly Managed[] {
  return groups.flatMap((group) => {
    const marker = readMarker(group.description);
    return marker?.via === name ? [{ group, marker }] : [];
  });
}

/** Whether a Secoda group is the one that is named: by its id, or, where it was yet to be made, by its marker. */
export function isNamedBy(
  { id, description }: WorkspaceGroup,
  { secodaId, oktaIds }: Pick<GroupRef, 'secodaId' | 'oktaIds'>,
  via: string,
): boolean {
  if (secodaId !== null) return id === secodaId;
  const marker = readMarker(description);
  return marker?.via === via && marker.oktaIds.join() === oktaIds.join();
}

/** The Okta ids in our markers. */
export function markedIds(groups: readonly WorkspaceGroup[], name: string): ReadonlySet<string> {
  return new Set(markedBy(groups, name).flatMap(({ marker }) => marker.oktaIds));
}

/** Every Secoda group sorted by whose it is. */
export interface Ownership {
  readonly managed: readonly Managed[];
  /** Groups that bear no marker at all: made by hand. */
  readonly unmarked: readonly WorkspaceGroup[];
  /** Okta ids that several managed groups claim alike and memory does not decide, with the reason. */
  readonly contested: ReadonlyMap<string, string>;
  /** Groups that bear a copy of one of our markers: left alone. */
  readonly copies: readonly Copy[];
  /** What memory does not know of copies yet. */
  readonly copyNotes: readonly CopyNote[];
}

/**
 * Which Secoda groups are ours: those whose marker names this deployment, of identical ones only the one that memory knows,
 * and none that was made beside one of ours by copying its marker. Whatever is a copy stays one from then on.
 */
export function ownership(
  groups: readonly WorkspaceGroup[],
  name: string,
  memory: Memory,
  wanted: readonly Wanted[],
): Ownership {
  const managed: Managed[] = [];
  const contested = new Map<string, string>();
  const originalOf = originals(groups, name, memory, wanted);
  const marked = markedBy(groups, name);
  const copied = marked.filter(({ group, marker }) => isKnownCopy(group, marker, memory));
  const others = marked.filter((each) => !copied.includes(each));
  for (const twins of Map.groupBy(others, ({ marker }) => marker.oktaIds.join()).values()) {
    const known = twins.length === 1 ? twins : knownBy(memory, twins);
    const [first] = known.length === 1 ? known : [];
    if (first === undefined) {
      const ids = twins.map(({ group }) => group.id).sort(byText);
      const reason = `${twins.length} Secoda groups have the same marker and none is remembered as ours: ${ids.join(', ')}; delete the marker line of the wrong one`;
      for (const id of twins.flatMap(({ marker }) => marker.oktaIds)) contested.set(id, reason);
      continue;
    }
    const ours = originalOf(first) === undefined;
    if (ours) managed.push(first);
    copied.push(...twins.filter((each) => !ours || each !== first));
  }
  managed.sort((a, b) => byText(a.group.id, b.group.id));
  const mirrors = new Map(
    managed.flatMap(({ group, marker }) => marker.oktaIds.map((id) => [id, group] as const)),
  );
  const copies = copied.map((copy): Copy => {
    const shared = copy.marker.oktaIds.find((id) => mirrors.has(id)) ?? '';
    return { ...copy, original: originalOf(copy) ?? mirrors.get(shared) };
  });
  const unmarked = groups.filter(({ description }) => readMarker(description) === null);
  return { managed, unmarked, contested, copies, copyNotes: copyNotes(groups, copies, name, memory) };
}

/** Those of the groups with one marker that memory knows: as what the marker says, where it knows any so. */
function knownBy({ groups }: Memory, twins: readonly Managed[]): readonly Managed[] {
  const known = twins.filter(({ group }) => groups.has(group.id));
  const exact = known.filter(({ group, marker }) => {
    return groups.get(group.id)?.oktaIds.join() === marker.oktaIds.join();
  });
  return exact.length > 0 ? exact : known;
}

/**
 * Finds the group that a marked group nobody remembers was copied from: one that memory knows, and that is to go on mirroring
 * one of the same Okta groups just as we left it. One whose own marker changes, or did since, is being mapped anew: what shares
 * an Okta group with it can be of our making.
 */
function originals(
  groups: readonly WorkspaceGroup[],
  name: string,
  memory: Memory,
  wanted: readonly Wanted[],
): (ours: Managed) => WorkspaceGroup | undefined {
  const sets = new Set(wanted.map(({ oktaIds }) => oktaIds.join()));
  const wantedOf = new Map(wanted.flatMap((each) => each.oktaIds.map((id) => [id, each] as const)));
  const byOktaId = new Map<string, WorkspaceGroup>();
  for (const group of [...groups].sort((a, b) => byText(a.id, b.id))) {
    const { oktaIds } = memory.groups.get(group.id) ?? { oktaIds: [] };
    const marker = readMarker(group.description);
    // Several deployments may share a memory; nothing of ours is a copy of what another one mirrors.
    if (marker !== null && (marker.via !== name || marker.oktaIds.join() !== oktaIds.join())) continue;
    const mirrored = oktaIds.flatMap((id) => wantedOf.get(id) ?? []);
    const lasts =
      marker === null
        ? mirrored.some((each) => sameName(each.name, group.name))
        : sets.has(oktaIds.join()) || mirrored.length === 0;
    if (lasts) for (const id of oktaIds) byOktaId.set(id, group);
  }
  return ({ group, marker }) => {
    if (memory.groups.has(group.id)) return undefined;
    const id = marker.oktaIds.find((each) => byOktaId.has(each));
    return id === undefined ? undefined : byOktaId.get(id);
  };
}

/**
 * Gives each wanted group its managed group: the one with the same ids; else, of those whose ids overlap, the one that
 * bears the name, then the largest overlap, then the lowest Secoda id. No managed group is given twice.
 */
export function matchManaged(wanted: readonly Wanted[], managed: readonly Managed[]): Map<Wanted, Managed> {
  const matches = new Map<Wanted, Managed>();
  const byIds = new Map(managed.map((ours) => [ours.marker.oktaIds.join(), ours]));
  for (const group of wanted) {
    const same = byIds.get(group.oktaIds.join());
    if (same === undefined) continue;
    matches.set(group, same);
  }

  const claims = new Map<string, Managed[]>();
  for (const ours of managed) {
    for (const id of ours.marker.oktaIds) claims.set(id, [...(claims.get(id) ?? []), ours]);
  }
  const pairs: { group: Wanted; ours: Managed; named: number; overlap: number }[] = [];
  for (const group of wanted) {
    if (matches.has(group)) continue;
    const candidates = new Set(group.oktaIds.flatMap((id) => claims.get(id) ?? []));
    for (const ours of candidates) {
      const overlap = ours.marker.oktaIds.filter((id) => group.oktaIds.includes(id)).length;
      pairs.push({ group, ours, named: nameKey(ours.group.name) === group.name ? 1 : 0, overlap });
    }
  }
  pairs.sort(
    (a, b) =>
      b.named - a.named ||
      b.overlap - a.overlap ||
      byText(a.ours.group.id, b.ours.group.id) ||
      byText(a.group.name, b.group.name),
  );
  const taken = new Set<Managed>();
  for (const { group, ours } of pairs) {
    if (matches.has(group) || taken.has(ours)) continue;
    matches.set(group, ours);
    taken.add(ours);
  }
  return matches;
}

/** What a wanted group has to do with Secoda: the group it takes, or that it takes none. */
export type Located =
  | { readonly kind: 'managed'; readonly group: WorkspaceGroup }
  /** A group of its name without a marker. `known`: memory knows it as ours, so that its marker was lost. */
  | { readonly kind: 'unmarked'; readonly group: WorkspaceGroup; readonly known: boolean }
  /** A group of its name that is gone for good and is taken over. */
  | { readonly kind: 'inherited'; readonly group: WorkspaceGroup }
  | { readonly kind: 'none'; readonly group: null };

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
      found.set(each, { kind: 'none', group: null });
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
