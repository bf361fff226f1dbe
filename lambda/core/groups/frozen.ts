import type { DirectorySnapshot } from '../model/directory.ts';
import { byText, nameKey } from '../model/text.ts';
import type { SyncRules } from '../model/rules.ts';
import type { Identity } from '../people/identity.ts';
import { planMembers } from '../people/members.ts';
import { peopleOf } from '../people/people-report.ts';
import type { Frozen, Skipped } from '../plan/change.ts';
import type { Absence } from './absence.ts';
import type { Mapped } from './mapping.ts';
import type { Managed, Ownership } from './match.ts';

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

/** Groups that are frozen, and who would lose access in them, as far as that was read. */
export function frozenGroups(
  {
    frozen,
    skipped,
    absence,
  }: {
    readonly frozen: readonly Managed[];
    readonly skipped: readonly Skipped[];
    readonly absence: (oktaId: string) => Absence;
  },
  {
    directory,
    rules,
    targets,
  }: {
    readonly directory: DirectorySnapshot;
    readonly rules: SyncRules;
    readonly targets: ReadonlySet<string> | null;
  },
  identity: Identity,
  isOut: (address: string) => boolean,
): readonly Frozen[] {
  const ours = frozen.filter(({ marker }) => marker.oktaIds.some((id) => targets?.has(id) ?? true));
  const named = new Set(ours.flatMap(({ marker }) => marker.oktaIds));
  const others = skipped.filter(
    ({ because, oktaIds }) => because === 'frozen' && !oktaIds.some((id) => named.has(id)),
  );
  return [
    ...ours.map(({ group, marker: { oktaIds } }) => {
      const kept = oktaIds.some((id) => absence(id) === 'present') || rules.whenGone !== 'keep';
      const read = oktaIds.filter((id) => absence(id) === 'present');
      const whole = read.every((id) => Boolean(directory.memberships.get(id)?.people));
      const { remove } = planMembers(peopleOf(read, directory), group.userIds, identity, isOut);
      const wouldRemove = kept && whole ? remove.map(({ email, userId }) => email ?? userId) : [];
      return { group: group.name, oktaIds, wouldRemove };
    }),
    ...others.map(({ group, oktaIds }) => ({ group, oktaIds, wouldRemove: [] })),
  ].sort((a, b) => byText(a.group, b.group));
}
