import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText, composed, nameKey } from '../model/order.ts';
import { type Warning, warningOf } from '../model/warning.ts';
import type { Wanted } from './mapping.ts';

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
    .replaceAll(/[\s\p{C}\p{Z}]+/gu, '');
}
