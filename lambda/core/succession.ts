import type { Change } from './change.ts';
import { isKnownCopy } from './copies.ts';
import { isInScope } from './mapping.ts';
import { readMarker } from './marker.ts';
import type { Memory } from './memory.ts';
import type { DirectorySnapshot, WorkspaceGroup } from './model.ts';
import type { SyncRules } from './rules.ts';

/**
 * The Okta groups behind a Secoda group that is to be deleted, or to lose its people to another one, which are still there and
 * which no other group of ours mirrors yet: their people would lose what that other group, as it stands, does not give them.
 */
export function withoutSuccessor(
  { action, superseded, oktaIds, secodaId }: Change,
  directory: DirectorySnapshot,
  groups: Iterable<WorkspaceGroup>,
  { name, mapping }: SyncRules,
  memory: Memory,
): readonly string[] {
  if (action !== 'delete' && !superseded) return [];
  const ids = new Set(oktaIds);
  const left = new Set(
    directory.groups.filter((group) => ids.has(group.id) && isInScope(group, mapping)).map(({ id }) => id),
  );
  if (left.size === 0) return [];
  for (const group of groups) {
    const marker = readMarker(group.description);
    if (group.id === secodaId || marker?.via !== name || isKnownCopy(group, marker, memory)) continue;
    for (const id of marker.oktaIds) left.delete(id);
  }
  return [...left];
}
