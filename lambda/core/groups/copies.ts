import type { Skipped } from '../plan/change.ts';
import { type Marker, readMarker } from './marker.ts';
import type { CopyNote, Memory } from '../model/memory.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText } from '../model/text.ts';

/** A Secoda group that bears a copy of one of our markers. */
export interface Copy {
  readonly group: WorkspaceGroup;
  readonly marker: Marker;
  /** The group whose marker it is; `undefined` when that one is gone. */
  readonly original: WorkspaceGroup | undefined;
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
  copies: readonly Copy[],
  name: string,
  memory: Memory,
): CopyNote[] {
  const notes: CopyNote[] = [];
  const found = new Map(copies.map(({ group, marker }) => [group.id, marker]));
  for (const [secodaId, marker] of found) {
    const known = memory.copies.get(secodaId);
    if (known === undefined || keyOf(known) !== keyOf(marker)) notes.push({ secodaId, marker });
  }
  const now = new Map(groups.map(({ id, description }) => [id, readMarker(description)]));
  for (const [secodaId, copied] of memory.copies) {
    if (copied.via !== name || found.has(secodaId)) continue;
    const marker = now.get(secodaId) ?? null;
    if (marker === null || keyOf(marker) !== keyOf(copied)) notes.push({ secodaId, marker: null });
  }
  return notes.sort((a, b) => byText(a.secodaId, b.secodaId));
}

/** The copy among what is left alone; the Okta groups that its marker names need not be. */
export function skippedCopy({ group, marker: { oktaIds }, original }: Copy): Skipped {
  const whose = original === undefined ? 'a group that is gone' : `“${original.name}” (${original.id})`;
  const reason = `the Secoda group ${group.id} has a copy of the marker of ${whose}; it is left alone until that line is deleted`;
  return { group: group.name, oktaIds, secodaId: group.id, reason };
}

function keyOf({ oktaIds, via }: Marker): string {
  return `${via}/${oktaIds.join()}`;
}
