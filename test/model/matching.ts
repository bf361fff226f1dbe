/** Which Secoda group belongs to which Okta groups: names, markers, and what is left alone. */
import { glob } from './people.ts';
import type { Configuration } from './pools.ts';
import type { Seen, SeenGroup, SeenOktaGroup } from './seen.ts';

export interface Wanted {
  readonly name: string;
  /** Sorted. */
  readonly ids: readonly string[];
  readonly groups: readonly SeenOktaGroup[];
  /** Several Okta groups arrive at its name, and nobody united them. */
  readonly riddle: boolean;
}

/** What is remembered between runs, as far as it decides something. */
export interface Remembered {
  /** Groups that are known to be ours, by their Secoda ids, with the Okta ids that they mirrored. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Secoda ids of copies of a marker that were seen beside the real group. */
  readonly copies: ReadonlySet<string>;
  /** Secoda ids of groups with one marker that nobody could tell apart. */
  readonly puzzles: ReadonlySet<string>;
  /** Okta groups that the last complete run missed in the selection. */
  readonly missed: ReadonlySet<string>;
}

export const NOTHING: Remembered = {
  known: new Map(),
  copies: new Set(),
  puzzles: new Set(),
  missed: new Set(),
};

export type Taking =
  | { readonly how: 'managed' | 'restored' | 'adopted' | 'heir'; readonly group: SeenGroup }
  | { readonly how: 'created' }
  | {
      readonly how: 'skipped';
      /** Whether it is a riddle itself, and does not just share an id with one. */
      readonly riddle: boolean;
      readonly group: SeenGroup | null;
      /** Groups of ours one of which may be the one: nobody touches them. */
      readonly spared?: readonly SeenGroup[];
    };

export interface Matched {
  readonly takings: ReadonlyMap<Wanted, Taking>;
  /** Groups of ours that no wanted group takes. */
  readonly rest: ReadonlyMap<SeenGroup, 'gone' | 'superseded' | 'deferred' | 'left'>;
  /** Okta ids that the selection lacks though Okta knows them, in markers of ours. */
  readonly deferred: ReadonlySet<string>;
  readonly copies: ReadonlySet<string>;
  /** Groups with one marker of which nobody knows the real one. */
  readonly undecided: ReadonlySet<SeenGroup>;
  /** Every Okta group that an include or exclude left out is not among the wanted. */
  readonly wanted: readonly Wanted[];
  /** Okta groups whose Secoda groups are left as they are, for whatever reason. */
  readonly left: ReadonlySet<string>;
  /** What every marker of ours names. */
  readonly markers: readonly (readonly string[])[];
}

/** The ids in a marker of this name; null where there is none of it. */
export function markerIds(description: string, name: string): readonly string[] | null {
  const found =
    /^Managed by Okta \(([^)]*)\) via ([a-zA-Z0-9-]+)\. Changes made in Secoda are overwritten\.$/.exec(
      description.split(/\r?\n/, 1)[0]?.trim() ?? '',
    );
  if (found?.[1] === undefined || found[2] !== name) return null;
  return [...new Set(found[1].split(',').map((id) => id.trim()))].sort();
}

const anyMarker = (description: string): boolean => /^\s*Managed by Okta \(/.test(description);
const same = (some: readonly string[], others: readonly string[]): boolean => some.join() === others.join();
export const shared = (some: readonly string[], others: readonly string[]): number =>
  some.filter((id) => others.includes(id)).length;
/** These ids, and all that stand in a set with one of them, however far that goes. */
export function spreadOver(ids: Iterable<string>, sets: readonly (readonly string[])[]): Set<string> {
  const reached = new Set(ids);
  for (let size = -1; size !== reached.size;) {
    size = reached.size;
    for (const set of sets) if (set.some((id) => reached.has(id))) for (const id of set) reached.add(id);
  }
  return reached;
}
export const plain = (name: string): string => name.normalize('NFC').trim();

/** Whether include and exclude let a group in, whatever the selection says. */
function scopeOf({ groups: rules }: Configuration): (name: string) => boolean {
  const includes = rules.include.map(glob);
  const excludes = rules.exclude.map(glob);
  return (name) =>
    includes.some((each) => each.test(name.normalize('NFC'))) &&
    !excludes.some((each) => each.test(name.normalize('NFC')));
}

export function wantedGroups(seen: Seen, config: Configuration): Wanted[] {
  const { groups: rules } = config;
  const inScope = scopeOf(config);
  const map = new Map(Object.entries(rules.map).map(([key, to]) => [key.normalize('NFC'), to]));
  const byName = new Map<string, { group: SeenOktaGroup; by: string | null }[]>();
  for (const group of seen.okta) {
    const name = group.name.normalize('NFC');
    if (!group.selected || !inScope(name)) continue;
    const key = [group.id, name].find((each) => map.has(each)) ?? null;
    const rule = rules.rename.find(({ match }) => new RegExp(match, 'u').test(name));
    const renamed = rule === undefined ? name : name.replace(new RegExp(rule.match, 'u'), rule.to);
    const wanted = plain(key === null ? renamed : (map.get(key) ?? ''));
    byName.set(wanted, [...(byName.get(wanted) ?? []), { group, by: key }]);
  }
  const marked = new Set(
    [...seen.groups.values()].flatMap(({ description }) => markerIds(description, config.name) ?? []),
  );
  return [...byName].flatMap(([name, entries]) => {
    const wanted = (some: typeof entries, riddle: boolean): Wanted => ({
      name,
      ids: some.map(({ group }) => group.id).sort(),
      groups: some.map(({ group }) => group),
      riddle,
    });
    const isRiddle = (some: typeof entries) => some.length > 1 && !together(some.map(({ by }) => by));
    if (!isRiddle(entries)) return [wanted(entries, false)];
    // A group of an app's that happens to have the name of one that a marker tells.
    const known = entries.filter(({ group }) => marked.has(group.id) || !group.app);
    const clear = known.some(({ group }) => marked.has(group.id)) && !isRiddle(known);
    if (!clear) return [wanted(entries, true)];
    return [
      wanted(known, false),
      wanted(
        entries.filter((each) => !known.includes(each)),
        true,
      ),
    ];
  });
}

/** Whether each is mapped by a key of its own: two groups of one name are told apart by their ids alone. */
function together(keys: readonly (string | null)[]): boolean {
  return !keys.includes(null) && new Set(keys).size === keys.length;
}

/** A group of ours with what its marker names. */
interface Marked {
  readonly group: SeenGroup;
  readonly ids: readonly string[];
}

/** What is not said, so that either answer will do. */
export interface Reading {
  /** Ids of Okta groups whose Secoda groups nobody inherits by their name, as they are left alone. */
  readonly heirless?: ReadonlySet<string>;
  /** Whether a group is left for later whose name another one of ours bears, though that one may be about to lose it. */
  readonly waits?: boolean;
}

export function match(
  seen: Seen,
  config: Configuration,
  memory: Remembered,
  { heirless = new Set(), waits: waitsForName = false }: Reading = {},
): Matched {
  const wanted = wantedGroups(seen, config);
  const ours = [...seen.groups.values()].flatMap((group) => {
    const ids = markerIds(group.description, config.name);
    return ids === null ? [] : [{ group, ids }];
  });
  const { copies, undecided } = twins(ours, memory);
  const candidates = ours.filter((each) => !copies.has(each.group.id) && !undecided.includes(each));
  const taken = pairs(wanted, candidates);
  const deferred = unlisted(seen, config, ours);
  const waits = (id: string): boolean => deferred.has(id) && !memory.missed.has(id);

  const left = new Set([...[...deferred].filter(waits), ...undecided.flatMap(({ ids }) => ids)]);
  for (const { ids, riddle } of wanted) if (riddle) for (const id of ids) left.add(id);
  const barred = new Set([...left, ...heirless]);
  const heirs = candidates.filter(
    (each) => ![...taken.values()].includes(each) && !each.ids.some((id) => barred.has(id)),
  );
  const takings = new Map<Wanted, Taking>();
  for (const each of wanted) {
    const group = taken.get(each)?.group ?? null;
    const puzzling = undecided.some(({ ids }) => shared(ids, each.ids) > 0);
    if (each.riddle || (group === null && puzzling))
      takings.set(each, { how: 'skipped', riddle: true, group });
    else if (group !== null) takings.set(each, { how: 'managed', group });
    else {
      const taking = byName(each, seen, copies, heirs, memory);
      const isHeld = ours.some((other) => plain(other.group.name) === each.name);
      const later = waitsForName && taking.how === 'created' && isHeld;
      takings.set(each, later ? { how: 'skipped', riddle: true, group: null } : taking);
    }
  }
  spread(takings, left, config.name);

  const used = new Set(
    [...takings.values()].map((taking) => (taking.how === 'created' ? null : taking.group)),
  );
  const spared = [...takings.values()].flatMap((taking) =>
    taking.how === 'skipped' ? (taking.spared ?? []) : [],
  );
  const scope = new Set(wanted.flatMap(({ ids }) => ids));
  const rest = new Map<SeenGroup, 'gone' | 'superseded' | 'deferred' | 'left'>();
  for (const each of ours) {
    const { group, ids } = each;
    if (used.has(group)) continue;
    if (copies.has(group.id) || undecided.includes(each) || spared.includes(group)) rest.set(group, 'left');
    else if (ids.some(waits)) rest.set(group, 'deferred');
    else if (ids.some((id) => left.has(id))) rest.set(group, 'left');
    else rest.set(group, ids.some((id) => scope.has(id)) ? 'superseded' : 'gone');
  }
  return {
    takings,
    rest,
    deferred,
    copies,
    undecided: new Set(undecided.map(({ group }) => group)),
    wanted,
    left,
    markers: ours.map(({ ids }) => ids),
  };
}

/** Of groups with one marker, the one that is known is ours; where none is, nobody guesses. */
function twins(ours: readonly Marked[], memory: Remembered): { copies: Set<string>; undecided: Marked[] } {
  const copies = new Set(ours.flatMap(({ group }) => (memory.copies.has(group.id) ? [group.id] : [])));
  const undecided: Marked[] = [];
  const real = ours.filter(({ group }) => !copies.has(group.id));
  for (const one of real) {
    const alike = real.filter(({ ids }) => same(ids, one.ids));
    const known = alike.filter(({ group }) => memory.known.has(group.id));
    if (alike.length > 1 && known.length !== 1) undecided.push(one);
    else if (alike.length > 1 && known[0] !== one) copies.add(one.group.id);
  }
  return { copies, undecided };
}

/** The same ids first; then, of those that overlap, the name, the larger overlap, the lower id. */
function pairs(wanted: readonly Wanted[], candidates: readonly Marked[]): Map<Wanted, Marked> {
  const taken = new Map<Wanted, Marked>();
  const possible = wanted.flatMap((each) =>
    candidates.map((entry) => ({
      each,
      entry,
      exact: Number(same(entry.ids, each.ids)),
      named: Number(plain(entry.group.name) === each.name),
      overlap: shared(entry.ids, each.ids),
    })),
  );
  possible.sort(
    (a, b) =>
      b.exact - a.exact ||
      b.named - a.named ||
      b.overlap - a.overlap ||
      (a.entry.group.id < b.entry.group.id ? -1 : a.entry.group.id > b.entry.group.id ? 1 : 0) ||
      (a.each.name < b.each.name ? -1 : 1),
  );
  for (const { each, entry, overlap } of possible) {
    if (overlap > 0 && !taken.has(each) && ![...taken.values()].includes(entry)) taken.set(each, entry);
  }
  return taken;
}

/** Okta ids in markers of ours that Okta knows and our own rules let in, and the selection does not list. */
function unlisted(seen: Seen, config: Configuration, ours: readonly Marked[]): Set<string> {
  const inScope = scopeOf(config);
  const named = new Set(ours.flatMap(({ ids }) => ids));
  return new Set(
    seen.okta
      .filter(({ id, name, selected }) => named.has(id) && !selected && inScope(name))
      .map(({ id }) => id),
  );
}

/** A group without a marker that bears the name, or one of ours that is about to go; of several, none. */
function byName(
  { name, ids }: Wanted,
  { groups }: Seen,
  copies: ReadonlySet<string>,
  heirs: readonly Marked[],
  memory: Remembered,
): Taking {
  const bearing = [...groups.values()].filter((group) => plain(group.name) === name);
  const handMade = bearing.filter(({ description }) => !anyMarker(description));
  const [mine, ...more] = handMade.filter(({ id }) => shared(memory.known.get(id) ?? [], ids) > 0);
  if (mine !== undefined && more.length === 0) return { how: 'restored', group: mine };
  const [first, ...others] = [
    ...handMade.map((group) => ({ how: 'adopted', group }) as const),
    ...heirs.flatMap(({ group }) => (bearing.includes(group) ? [{ how: 'heir', group } as const] : [])),
    ...bearing.flatMap((group) => (copies.has(group.id) ? [{ how: 'copy', group } as const] : [])),
  ];
  if (first === undefined) return { how: 'created' };
  if (others.length === 0 && first.how !== 'copy') return first;
  const spared = heirs.map(({ group }) => group).filter((group) => bearing.includes(group));
  return { how: 'skipped', riddle: true, group: null, spared };
}

/** Whatever is left alone leaves alone what shares an id with it, until nothing changes any more. */
function spread(takings: Map<Wanted, Taking>, left: Set<string>, via: string): void {
  for (const [{ ids }, { how }] of takings) if (how === 'skipped') for (const id of ids) left.add(id);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const [each, taking] of takings) {
      if (taking.how === 'skipped') continue;
      const group = taking.how === 'created' ? null : taking.group;
      const marked = group === null ? [] : (markerIds(group.description, via) ?? []);
      if (![...each.ids, ...marked].some((id) => left.has(id))) continue;
      takings.set(each, { how: 'skipped', riddle: false, group });
      for (const id of each.ids) left.add(id);
    }
  }
}
