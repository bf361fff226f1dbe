import { type Marker, readMarker } from './marker.ts';
import type { Memory } from './memory.ts';
import type { WorkspaceGroup } from './model.ts';
import { byText } from './order.ts';
import { type Warning, warningOf } from './warning.ts';

/** What a run learned of copied markers: a group is a copy by now, or (`null`) what memory takes for one no longer is. */
export interface CopyNote {
  readonly secodaId: string;
  readonly marker: Marker | null;
}

/**
 * Whether memory has seen this marker beside the group it was copied from. It stays a copy as long as it bears the marker,
 * also when that group is gone: what was never ours does not become ours. A group that we wrote is never one.
 */
export function isKnownCopy(group: WorkspaceGroup, marker: Marker, memory: Memory): boolean {
  const copied = memory.copies.get(group.id);
  return copied !== undefined && !memory.groups.has(group.id) && keyOf(copied) === keyOf(marker);
}

/** What is to be told to memory: the copies it does not know, and those of this deployment that are none any more. */
export function copyNotes(
  groups: readonly WorkspaceGroup[],
  copies: ReadonlyMap<string, Marker>,
  name: string,
  memory: Memory,
): CopyNote[] {
  const notes: CopyNote[] = [];
  for (const [secodaId, marker] of copies) {
    const known = memory.copies.get(secodaId);
    if (known === undefined || keyOf(known) !== keyOf(marker)) notes.push({ secodaId, marker });
  }
  const now = new Map(groups.map(({ id, description }) => [id, readMarker(description)]));
  for (const [secodaId, copied] of memory.copies) {
    if (copied.via !== name || copies.has(secodaId)) continue;
    const marker = now.get(secodaId) ?? null;
    if (marker === null || keyOf(marker) !== keyOf(copied)) notes.push({ secodaId, marker: null });
  }
  return notes.sort((a, b) => byText(a.secodaId, b.secodaId));
}

/** `original`: the group whose marker it is; `undefined` when that one is gone. */
export function copyWarning(
  copy: WorkspaceGroup,
  { oktaIds }: Marker,
  original: WorkspaceGroup | undefined,
): Warning {
  if (original === undefined) {
    const message = `it (${copy.id}) bears a copy of the marker of a group that is gone; it is left alone until that line is deleted`;
    return warningOf('copied-marker', { group: copy.name, oktaIds }, message);
  }
  const message = `another Secoda group (${copy.id}, “${copy.name}”) bears a copy of this group's marker; it is left alone`;
  return warningOf('copied-marker', { group: original.name, oktaIds }, message);
}

function keyOf({ oktaIds, via }: Marker): string {
  return `${via}/${oktaIds.join()}`;
}
