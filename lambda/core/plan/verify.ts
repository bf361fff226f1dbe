import type { Change } from './change.ts';
import type { GroupContent, Removal, WorkspaceGroup } from '../model/workspace.ts';
import { fingerprintOf, rowOf } from '../groups/settled-content.ts';
import type { Identity } from '../people/identity.ts';
import { readMarker } from '../groups/marker.ts';
import type { GroupMemory } from '../model/memory.ts';
import { byText, sameName } from '../model/text.ts';
import { lostBy } from './refused-write.ts';

/** How far Secoda honoured what was asked. */
export type Verified = ReturnType<typeof verify>;

/**
 * Compares what was asked with what Secoda shows. `refused`: what it said against a part, which was then left out. `unsettled`: ids
 * of people who were asked for and are not shown, or shown and not asked for, ascending; `shortfall`: what else Secoda did not
 * keep, in plain words, `null` when it kept what matters.
 */
export function verify(
  change: Change,
  asked: GroupContent,
  shown: WorkspaceGroup,
  identity: Identity,
  now: number,
  refused: string | null = null,
) {
  const found = remembered(change.oktaIds, asked, shown, identity, now, lostBy(change));
  const shortfall = refused ?? shortfallOf(asked, shown);
  const unsettled = found.unsettled.map(({ userId }) => userId);
  return { unsettled, shortfall, memory: { ...found, shortfall } };
}

/** Whether a write took effect whose answer showed nothing: some of it stands, and whoever was to leave is out. `before`: `null` if made. */
export function tookEffect(
  { content, add, remove }: Change,
  before: WorkspaceGroup | null,
  shown: WorkspaceGroup,
): boolean {
  const present = new Set(shown.userIds);
  if (remove.some(({ userId }) => present.has(userId))) return false;
  const differs = (field: 'name' | 'description') =>
    content?.[field] !== before?.[field] && shown[field] !== before?.[field];
  return (
    before === null ||
    remove.length > 0 ||
    add.some(({ userId }) => present.has(userId)) ||
    differs('name') ||
    differs('description')
  );
}

/** What is to be remembered of a group that shows this after it was asked for that. */
export function remembered(
  oktaIds: readonly string[],
  asked: GroupContent,
  shown: WorkspaceGroup,
  identity: Identity,
  now: number,
  lost: readonly Removal[] = [],
): GroupMemory {
  const wanted = new Set(asked.userIds);
  const present = new Set(shown.userIds);
  const unsettled = [
    ...new Set(lost.map(({ userId }) => userId)).union(wanted.difference(present)),
    ...present.difference(wanted),
  ].sort(byText);
  return {
    secodaId: shown.id,
    via: readMarker(asked.description)?.via,
    oktaIds,
    asked: fingerprintOf(asked),
    answered: fingerprintOf(shown),
    unsettled: unsettled.map((userId) => ({ userId, row: rowOf(identity.user(userId)) })),
    shortfall: shortfallOf(asked, shown),
    triedAt: now,
  };
}

function shortfallOf(asked: GroupContent, shown: WorkspaceGroup): string | null {
  if (!sameName(asked.name, shown.name))
    return `Secoda calls the group “${shown.name}” instead of “${asked.name}”`;
  const lost = readMarker(asked.description) !== null && readMarker(shown.description) === null;
  return lost ? 'Secoda did not keep the marker line of the description' : null;
}
