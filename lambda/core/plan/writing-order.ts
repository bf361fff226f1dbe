import { type Change, keyOf } from './change.ts';
import { byText, nameKey } from '../model/order.ts';

/**
 * The changes in the order they are written: groups that lose people, then additions, creations, deletions, so that a stop in the
 * middle leaves the safer half done; but first what takes people over from one of them; and all of it wave by wave, since a name
 * has to be free before it is taken. What waits for others, as deletions do, is of the last wave unless its name is taken.
 */
export function inWritingOrder(changes: readonly Change[]): Change[] {
  const taken = new Set(changes.filter(({ wave }) => wave > 0).map(({ name }) => nameKey(name)));
  const last = changes.reduce((most, { wave }) => Math.max(most, wave), 0);
  const takersOf = takers(changes);
  const waved = changes.map((change) => {
    const freed = change.action === 'delete' ? change.name : change.renamedFrom;
    const waits = change.action === 'delete' || takersOf(change).length > 0;
    return waits && (freed === null || !taken.has(nameKey(freed))) ? { ...change, wave: last } : change;
  });
  const byKey = new Map(waved.sort(compare).map((change) => [keyOf(change), change]));
  const places = new Map<string, number>();
  const begun = new Set<string>();
  const place = (change: Change): void => {
    const key = keyOf(change);
    if (begun.has(key)) return;
    begun.add(key);
    for (const taker of takersOf(change)) {
      const before = byKey.get(taker);
      if (before !== undefined && before.wave <= change.wave) place(before);
    }
    places.set(key, places.size);
  };
  for (const change of waved) place(change);
  // Where groups wait for each other, or for a name, not all that takes over can be written before.
  const waitsOn = (change: Change): boolean => {
    const at = places.get(keyOf(change)) ?? 0;
    return takersOf(change).some((taker) => (places.get(taker) ?? 0) > at);
  };
  // A deletion that waits does not free its name the first time.
  const late = Math.min(
    ...waved.filter((change) => change.action === 'delete' && waitsOn(change)).map(({ wave }) => wave),
  );
  return [...places.keys()].flatMap((key) => {
    const change = byKey.get(key);
    return change === undefined ? [] : { ...change, again: waitsOn(change) || change.wave > late };
  });
}

/** Finds the changes, by their keys, that take people over from another one who are not in their groups yet. */
function takers(changes: readonly Change[]): (change: Change) => readonly string[] {
  const joining = new Map(
    changes.map((change) => [keyOf(change), new Set(change.add.map(({ userId }) => userId))]),
  );
  const found = new Map(
    changes.map(({ handovers, ...change }) => {
      const taking = handovers.filter(({ to, userIds }) =>
        userIds.some((id) => joining.get(keyOf(to))?.has(id) === true),
      );
      return [keyOf(change), taking.map(({ to }) => keyOf(to))];
    }),
  );
  return (change) => found.get(keyOf(change)) ?? [];
}

function compare(a: Change, b: Change): number {
  return (
    a.wave - b.wave ||
    rank(a) - rank(b) ||
    byText(a.name, b.name) ||
    byText(a.secodaId ?? '', b.secodaId ?? '')
  );
}

function rank({ action, remove }: Change): number {
  if (action === 'delete') return 3;
  return action === 'create' ? 2 : remove.length > 0 ? 0 : 1;
}
