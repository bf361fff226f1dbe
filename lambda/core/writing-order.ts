import type { Change } from './change.ts';
import { byText, nameKey } from './order.ts';

/**
 * The changes in the order they are written: groups that lose people, then additions, creations, groups whose people another one
 * has by now, deletions, so that a stop in the middle leaves the safer half done; and all of it wave by wave, since a name has to
 * be free before it is taken. A deletion comes before other changes only where one of them takes its name.
 */
export function inWritingOrder(changes: readonly Change[]): Change[] {
  const taken = new Set(changes.filter(({ wave }) => wave > 0).map(({ name }) => nameKey(name)));
  const last = changes.reduce((most, { wave }) => Math.max(most, wave), 0);
  return changes
    .map((change) => {
      const waits = change.action === 'delete' ? !taken.has(nameKey(change.name)) : change.superseded;
      return waits ? { ...change, wave: last } : change;
    })
    .sort(compare);
}

function compare(a: Change, b: Change): number {
  return (
    a.wave - b.wave ||
    rank(a) - rank(b) ||
    byText(a.name, b.name) ||
    byText(a.secodaId ?? '', b.secodaId ?? '')
  );
}

function rank({ action, superseded, remove }: Change): number {
  if (action === 'delete') return 4;
  if (superseded) return 3;
  return action === 'create' ? 2 : remove.length > 0 ? 0 : 1;
}
