import type { DirectorySnapshot } from '../model/directory.ts';
import { nameKey } from '../model/text.ts';
import type { Skipped } from '../plan/change.ts';
import type { Absence } from './absence.ts';
import type { Mapped } from './mapping.ts';
import type { Ownership } from './match.ts';

/** The Okta ids that are frozen: by themselves, or by the name that their group has in Okta, or has or would have in Secoda. */
export function frozenIds(
  frozen: readonly string[],
  { groups, unlisted }: DirectorySnapshot,
  { wanted }: Mapped,
  { managed }: Ownership,
): ReadonlySet<string> {
  if (frozen.length === 0) return new Set();
  const names = new Set(frozen.map(nameKey));
  const known = [...groups, ...unlisted.values()].flatMap((group) => group ?? []);
  return new Set([
    ...names,
    ...known.filter(({ name }) => names.has(nameKey(name))).map(({ id }) => id),
    ...wanted.filter(({ name }) => names.has(name)).flatMap(({ oktaIds }) => oktaIds),
    ...managed
      .filter(({ group }) => names.has(nameKey(group.name)) || names.has(group.id))
      .flatMap(({ marker }) => marker.oktaIds),
  ]);
}

/** Marks what is left alone for a reason that makes the run no less complete. */
export function withReason(
  skipped: Skipped,
  blocked: ReadonlyMap<string, string>,
  frozen: ReadonlySet<string>,
  absence: (oktaId: string) => Absence,
): Skipped {
  const seeds = skipped.oktaIds.map((id) => blocked.get(id) ?? id);
  if (seeds.some((id) => frozen.has(id))) return { ...skipped, because: 'frozen' };
  return seeds.every((id) => absence(id) === 'missed') ? { ...skipped, because: 'deferred' } : skipped;
}
