/** What the guard must say of a run: its limits, reckoned anew from what runs take away, as the workspace itself shows it. */
import type { Report } from '../../lambda/core/report/report.ts';
import type { Passed } from './checks.ts';
import type { End, Expected } from './expectation.ts';
import { markerIds, type Remembered } from './matching.ts';
import { address, peopleOf } from './people.ts';
import type { Configuration } from './pools.ts';

/** Two nights are further apart. */
const WINDOW_MS = 20 * 3_600_000;

/** One thing that a run did and that the guard counts. */
export interface Deed {
  readonly kind: 'removal' | 'deletion' | 'addition' | 'adoption' | 'invitation';
  /** A Secoda id; for an invitation the address. */
  readonly group: string;
  /** Who lost the group, or came into it. */
  readonly user?: string;
  /** Whether Okta itself showed them as out. */
  readonly out?: boolean;
  /** Whether it is not sure that it was done, or that it was the run's doing. */
  readonly maybe: boolean;
}

const keyOf = ({ kind, group, user }: Deed): string => [kind, group, user].join('/');
const distinct = (deeds: readonly Deed[]): Deed[] => [
  ...new Map(deeds.map((deed) => [keyOf(deed), deed])).values(),
];

/** What was done without approval. */
export class Lately {
  #deeds: readonly { readonly at: number; readonly deed: Deed }[] = [];

  /** What counts along. */
  at(now: number): Deed[] {
    return this.#deeds.filter(({ at }) => now - at < WINDOW_MS).map(({ deed }) => deed);
  }

  note(deeds: readonly Deed[], at: number, isApproved: (deed: Deed) => boolean): void {
    const approved = new Set(deeds.filter(isApproved).map(keyOf));
    const noted = deeds.filter((deed) => !isApproved(deed)).map((deed) => ({ at, deed }));
    this.#deeds = [...this.#deeds.filter(({ deed }) => !approved.has(keyOf(deed))), ...noted];
  }
}

/** Pairs of an Okta group and an address that a complete run wanted and its guard let pass: they are no growth any more. */
export type Due = ReadonlySet<string>;

export function dueOf({ matched, people }: Pick<Expected, 'matched' | 'people'>): string[] {
  return matched.wanted.flatMap(({ groups }) =>
    groups.flatMap((group) => [...people.in([group]).wanted].map((each) => `${group.id}/${each}`)),
  );
}

/** A digest is about growth and about people to invite only where too many of them were why the plan was refused. */
export function coversDeed(broken: ReadonlySet<string>, { kind }: Deed): boolean {
  if (kind === 'addition') return broken.has('additionsPerGroup');
  return kind !== 'invitation' || broken.has('invitations');
}

/** @param memories what may have been remembered: taking over what is known is no adoption */
export function deedsOf(
  { before, after, config, mailed }: Passed,
  reports: readonly Report[],
  memories: readonly Remembered[],
  due: Due,
): Deed[] {
  const people = peopleOf(before, config);
  const outside = people.out(before.okta);
  const removal = (group: string, user: string, maybe: boolean): Deed => {
    const out = outside.has(people.addressOf(user) ?? '');
    return { kind: 'removal', group, user, out, maybe };
  };
  const deeds: Deed[] = mailed.now.map((email) => ({ kind: 'invitation', group: email, maybe: false }));
  for (const { id, description, members } of before.groups.values()) {
    const now = after.groups.get(id);
    if (now === undefined) deeds.push({ kind: 'deletion', group: id, maybe: false });
    // Of those who are not active, Secoda may have thrown out some by itself.
    for (const user of members)
      if (now?.members.has(user) !== true) deeds.push(removal(id, user, people.doubts(user).length > 0));
    const ids = markerIds(now?.description ?? '', config.name) ?? [];
    for (const user of now?.members ?? []) {
      const isDue = ids.some((each) => due.has(`${each}/${people.addressOf(user) ?? ''}`));
      const maybe = isDue || people.doubts(user).length > 0;
      if (!members.has(user)) deeds.push({ kind: 'addition', group: id, user, maybe });
    }
    const becameOurs =
      now !== undefined &&
      markerIds(description, config.name) === null &&
      markerIds(now.description, config.name) !== null;
    if (becameOurs)
      deeds.push({ kind: 'adoption', group: id, maybe: memories.some(({ known }) => known.has(id)) });
  }
  // What a run asked for in vain may count as done.
  for (const { action, group, adopted, add, remove } of reports.flatMap(({ changes }) => changes)) {
    const id = group.secodaId;
    if (id === null) continue;
    if (action === 'delete') deeds.push({ kind: 'deletion', group: id, maybe: true });
    if (adopted) deeds.push({ kind: 'adoption', group: id, maybe: true });
    const members = before.groups.get(id)?.members ?? [];
    const accounts = (emails: readonly string[]): string[] =>
      emails.flatMap((email) => people.account(address(email)));
    for (const user of accounts(add)) deeds.push({ kind: 'addition', group: id, user, maybe: true });
    for (const user of action === 'delete' ? members : accounts(remove)) deeds.push(removal(id, user, true));
  }
  return deeds;
}

interface Limit {
  readonly max: number;
  readonly percent: number;
}

const limit = ({ max, percent }: Limit, of: number): number =>
  Math.max(max, Math.floor((percent * of) / 100));

const rules = ({ guard }: Configuration) => ({
  groupDeletions: { max: 3, percent: 10, ...guard.groupDeletions },
  memberRemovals: { max: 20, percent: 10, ...guard.memberRemovals },
  removalsPerGroup: { max: 5, percent: 50, ...guard.removalsPerGroup },
  emptiedGroups: { atLeast: 3, ...guard.emptiedGroups },
  additionsPerGroup: { max: 50, percent: 100, ...guard.additionsPerGroup },
  adoptions: { max: 3, ...guard.adoptions },
  invitations: { max: 25, ...guard.invitations },
});

/** Rules that a run's plan breaks if one counts all that may count, and that may be a reason to refuse it. */
export function mayBreak(
  { ends, matched }: Pick<Expected, 'ends' | 'matched'>,
  config: Configuration,
  memory: Remembered,
  lately: readonly Deed[],
  invited: ReadonlySet<string>,
): Set<string> {
  const limits = rules(config);
  const standing = ends.flatMap(({ group, ...end }) => (group === null ? [] : [{ ...end, group }]));
  const lost = (end: Pick<End, 'deleted' | 'must'>, members: ReadonlySet<string>): string[] =>
    [...members].filter((user) => end.deleted || !end.must.has(user));
  const plan: Deed[] = [
    ...[...invited].map((email) => ({ kind: 'invitation', group: email, maybe: true }) as const),
    ...standing.flatMap(({ group, how, ...end }): Deed[] => [
      ...lost(end, group.members).map(
        (user) => ({ kind: 'removal', group: group.id, user, maybe: true }) as const,
      ),
      ...[...(end.deleted ? [] : end.may)].flatMap((user) =>
        group.members.has(user) ? [] : [{ kind: 'addition', group: group.id, user, maybe: true } as const],
      ),
      ...(end.deleted ? [{ kind: 'deletion', group: group.id, maybe: true } as const] : []),
      ...((how === 'adopted' || how === 'heir') && !memory.known.has(group.id)
        ? [{ kind: 'adoption', group: group.id, maybe: true } as const]
        : []),
    ]),
  ];
  const count = (kind: Deed['kind'], group?: string): number => {
    const isOne = (deed: Deed): boolean =>
      deed.kind === kind && (group === undefined || deed.group === group);
    const planned = plan.filter(isOne);
    return planned.length === 0 ? 0 : distinct([...lately.filter(isOne), ...planned]).length;
  };
  const own = standing.reduce((sum, { group }) => sum + group.members.size, 0);
  const empties = standing.some(({ group, deleted, must }) => {
    const whole = distinct([
      ...lately.filter((deed) => deed.kind === 'removal' && deed.group === group.id),
      ...[...group.members].map((user) => ({ kind: 'removal', group: group.id, user, maybe: true }) as const),
    ]).length;
    return !deleted && must.size === 0 && group.members.size > 0 && whole >= limits.emptiedGroups.atLeast;
  });
  const broken = {
    groupDeletions: count('deletion') > limit(limits.groupDeletions, standing.length),
    memberRemovals: count('removal') > limit(limits.memberRemovals, own),
    removalsPerGroup: standing.some(
      ({ group }) => count('removal', group.id) > limit(limits.removalsPerGroup, group.members.size),
    ),
    emptiedGroups: empties,
    additionsPerGroup: standing.some(({ group }) => {
      const isNew = ({ kind, user }: Deed): boolean => kind === 'addition' && group.members.has(user ?? '');
      const whole =
        group.members.size - distinct(lately.filter((deed) => deed.group === group.id && isNew(deed))).length;
      return count('addition', group.id) > limit(limits.additionsPerGroup, whole);
    }),
    adoptions: count('adoption') > limits.adoptions.max,
    invitations: count('invitation') > limits.invitations.max,
    minimumGroups: matched.wanted.length === 0,
  };
  return new Set(Object.entries(broken).flatMap(([rule, isBroken]) => (isBroken ? [rule] : [])));
}

/**
 * What nobody approved stays within the limits, however many runs it was done in and whatever went wrong in them. Each
 * limit is reckoned from all that it could be a part of.
 */
export function guarded(
  { before, after, config }: Passed,
  reports: readonly Report[],
  deeds: readonly Deed[],
  lately: readonly Deed[],
): string[] {
  const limits = rules(config);
  const isSure = ({ maybe }: Deed): boolean => !maybe;
  const now = deeds.filter(isSure);
  const all = distinct([...lately.filter(isSure), ...now]);
  const of = (some: readonly Deed[], kind: Deed['kind']): Deed[] => some.filter((deed) => deed.kind === kind);
  const problems: string[] = [];
  const check = (rule: string, done: readonly Deed[], count: number, most: number): void => {
    if (done.length > 0 && count > most)
      problems.push(`${rule}: ${count} by now without approval, and the limit is ${most}`);
  };

  const removals = of(all, 'removal');
  const memberships = [...before.groups.values()].reduce((sum, { members }) => sum + members.size, 0);
  const out = new Set(removals.flatMap((deed) => (deed.out === true ? [deed.user] : [])));
  const others = removals.filter(({ user }) => !out.has(user));
  const most = limit(limits.memberRemovals, memberships + removals.length);
  check('memberRemovals', of(now, 'removal'), out.size + others.length, most);
  const deletions = of(all, 'deletion').length;
  const groups = before.groups.size + deletions;
  check('groupDeletions', of(now, 'deletion'), deletions, limit(limits.groupDeletions, groups));
  check('adoptions', of(now, 'adoption'), of(all, 'adoption').length, limits.adoptions.max);
  check('invitations', of(now, 'invitation'), of(all, 'invitation').length, limits.invitations.max);

  for (const { id, name, members } of before.groups.values()) {
    const left = after.groups.get(id)?.members;
    const losing = of(now, 'removal').filter(({ group }) => group === id);
    const lost = removals.filter(({ group }) => group === id).length;
    const per = limit(limits.removalsPerGroup, members.size + lost);
    check(`removalsPerGroup of ${name}`, losing, lost, per);
    const coming = of(now, 'addition').filter(({ group }) => group === id);
    const came = of(all, 'addition').filter(({ group }) => group === id).length;
    check(`additionsPerGroup of ${name}`, coming, came, limit(limits.additionsPerGroup, members.size + lost));
    // Where somebody is added whom Secoda does not take, it was not the plan that emptied the group.
    const adds = reports.some(({ changes }) =>
      changes.some(({ group, add }) => group.secodaId === id && add.length > 0),
    );
    if (left?.size === 0 && !adds && [...members].every((user) => losing.some((deed) => deed.user === user)))
      check(`emptiedGroups of ${name}`, losing, lost, limits.emptiedGroups.atLeast - 1);
  }
  return problems;
}

/** What is wrong with a run that the guard refused, or of which it held a part: whoever is due access and not held has it. */
export function limited(
  { after, config }: Passed,
  ends: readonly End[],
  { status, refusals, changes }: Report,
  rules: ReadonlySet<string>,
): string[] {
  // A group whose new people wait may have nobody left.
  const reasons = rules.has('additionsPerGroup') ? new Set([...rules, 'emptiedGroups']) : rules;
  const wrong = refusals.filter(({ rule }) => rule !== 'approve' && !reasons.has(rule));
  const problems = wrong.map(({ message }) => `refused for no reason: ${message}`);
  if (status !== 'held') return problems;
  if (config.guard.overLimit !== 'hold') problems.push('held, although nothing says so');
  const people = peopleOf(after, config);
  for (const { group, open, lesser, deleted, must } of ends) {
    if (group === null || deleted || open || lesser) continue;
    const mine = changes.filter((change) => change.group.secodaId === group.id);
    // What a run of some groups or people has nothing to do with is none of its changes.
    if (!mine.some(({ outcome }) => outcome === 'applied')) continue;
    const held = mine.flatMap(({ outcome, add }) => (outcome === 'held' ? add.map(address) : []));
    const out = [...must].filter((userId) => after.groups.get(group.id)?.members.has(userId) === false);
    const lost = out.filter((userId) => !held.includes(people.addressOf(userId) ?? ''));
    if (lost.length > 0) problems.push(`${group.name} lacks ${lost.join()}, whom nothing holds`);
  }
  return problems;
}
