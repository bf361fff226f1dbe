import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText, composed, nameKey } from '../model/text.ts';
import { type Warning, warningOf } from '../model/warning.ts';
import type { Wanted } from './mapping.ts';

/** A managed group that its Okta group's name asks to rename. */
interface Rename {
  readonly group: WorkspaceGroup;
  readonly to: string;
}

export type NameDecisions = ReturnType<typeof decideNames>;

/** Decides which renames may happen: a name that another group holds is taken only if this plan frees it. */
export function decideNames(
  groups: readonly WorkspaceGroup[],
  renames: readonly Rename[],
  deleted: ReadonlySet<string>,
) {
  const holders = Map.groupBy(groups, ({ name }) => nameKey(name));
  const waves = new Map<string, number>();
  const bearing = (name: string) => holders.get(nameKey(name)) ?? [];
  const freed = ({ id }: WorkspaceGroup) => deleted.has(id) || waves.has(id);
  /** The wave in which every holder of this name has let go of it. */
  const waveOf = (name: string) =>
    Math.max(
      0,
      ...bearing(name)
        .filter(freed)
        .map(({ id }) => (waves.get(id) ?? 0) + 1),
    );

  let waiting = renames;
  let before: number;
  do {
    before = waiting.length;
    const still: Rename[] = [];
    for (const rename of waiting) {
      const { group, to } = rename;
      if (bearing(to).every(freed)) waves.set(group.id, waveOf(to));
      else still.push(rename);
    }
    waiting = still;
  } while (before !== waiting.length);
  return {
    /** Renames that may happen, with the wave they belong to: a name freed in one wave is taken in the next. */
    waves,
    waveOf,
    /** Who holds a name even after the plan. */
    holdersOf: (name: string) => bearing(name).filter((group) => !freed(group)),
  };
}

/** Wanted names that people can hardly tell from each other, or from those of `others` in Secoda: two groups where one was meant. */
export function lookAlikes(wanted: readonly Wanted[], others: readonly WorkspaceGroup[]): readonly Warning[] {
  const names = Map.groupBy(new Set([...wanted, ...others].map(({ name }) => nameKey(name))), folded);
  return wanted.flatMap(({ name, oktaIds }) => {
    const alike = (names.get(folded(name)) ?? []).filter((each) => each !== name).sort(byText);
    if (alike.length === 0) return [];
    const quoted = alike.map((each) => JSON.stringify(each)).join(', ');
    const message = `${quoted} differs from this name in case, blanks or invisible characters alone; they are two groups`;
    return [warningOf('look-alike', { group: name, oktaIds }, message)];
  });
}

function folded(name: string): string {
  return composed(name)
    .toLowerCase()
    .replaceAll(/[\s\p{C}\p{Z}\p{DI}]+/gu, '');
}
