import type { Baseline, Change } from '../plan/change.ts';
import { COUNTING_MS, effectsOf, isNothing, lostFrom, type Recent, unforeseen } from './recent.ts';
import type { GuardRules, Limit } from '../model/rules.ts';

/** One reason why a plan is refused. `rule` is the key of the configuration it breaks, or else `approve` or `recent`. */
export interface GuardRefusal {
  readonly rule: string;
  readonly message: string;
  /** What is held against the limit, with what counts along; `null` where nothing is counted. */
  readonly count: number | null;
  /** What the limit came to. */
  readonly limit: number | null;
}

/** What a rule counted. */
interface Measured extends GuardRefusal {
  readonly count: number;
  readonly limit: number;
}

/** What is judged: a plan, or a part of one. */
export interface Judgeable {
  readonly changes: readonly Change[];
  /** Addresses of people who are to be invited. */
  readonly invited: readonly string[];
  /** What the limits are held against (see `measure`). */
  readonly baseline: Baseline;
  readonly recent: Recent;
}

export interface GuardRule {
  readonly name: Exclude<keyof GuardRules, 'overLimit'>;
  /** What is held where it is broken and the configuration says so; `null`: the plan is refused whole. */
  readonly holds: 'losses' | 'growth' | null;
  /** All that it counts, whether within its limit or not. */
  readonly measure: (judged: Judgeable, rules: GuardRules) => Measured[];
}

/** All rules, the one that explains the others first. */
export const GUARD_RULES: readonly GuardRule[] = [
  { name: 'minimumGroups', holds: null, measure: minimumGroups },
  { name: 'groupDeletions', holds: 'losses', measure: groupDeletions },
  { name: 'memberRemovals', holds: 'losses', measure: memberRemovals },
  { name: 'removalsPerGroup', holds: 'losses', measure: removalsPerGroup },
  { name: 'emptiedGroups', holds: 'losses', measure: emptiedGroups },
  { name: 'additionsPerGroup', holds: 'growth', measure: additionsPerGroup },
  { name: 'adoptions', holds: null, measure: adoptions },
  { name: 'invitations', holds: null, measure: invitations },
];

/** Every way in which a rule is broken: each reason to refuse, not only the first. */
export function brokenBy(judged: Judgeable, rules: GuardRules): readonly GuardRefusal[] {
  return GUARD_RULES.flatMap(({ measure }) => measure(judged, rules)).filter(isBroken);
}

/** Whether this is beyond its limit. */
export function isBroken({ rule, count, limit }: Measured): boolean {
  return rule === 'minimumGroups' ? count < limit : count > limit;
}

/** What a limit allows of a whole: the larger of its two bounds, the percentage rounded down. */
export function allowed(limit: Limit, whole: number): number {
  return Math.max(limit.max, Math.floor((whole * limit.percent) / 100));
}

/** Removals as the guard counts them, recent ones along: a pair of group and person once, and whoever is out in Okta once in all. */
export function countRemovals(
  changes: readonly Change[],
  recent: Recent['removed'] = new Map<string, ReadonlyMap<string, boolean>>(),
): number {
  const counted = new Set<string>();
  const planned = new Set<string>();
  const out = new Set<string>();
  for (const { secodaId, remove } of changes) {
    for (const { userId, ineligible } of remove) {
      const pair = `${secodaId ?? ''}/${userId}`;
      planned.add(pair);
      if (ineligible) out.add(userId);
      counted.add(ineligible ? userId : pair);
    }
  }
  for (const [groupId, users] of recent) {
    for (const [userId, wasOut] of users) {
      const pair = `${groupId}/${userId}`;
      if (!planned.has(pair)) counted.add(wasOut || out.has(userId) ? userId : pair);
    }
  }
  return counted.size;
}

/** Nobody knows what counts along, so nothing is lost or granted: no approval of a plan changes that. */
export function unknownRefusals({ changes, invited, recent }: Omit<Judgeable, 'baseline'>): GuardRefusal[] {
  if (recent.unknown === null || isNothing(effectsOf(changes, invited))) return [];
  const message = `what was removed, granted, adopted and invited in the last ${HOURS} hours is not known, so none of that is done now: ${recent.unknown}`;
  return [{ rule: 'recent', message, count: null, limit: null }];
}

function groupDeletions({ changes, baseline, recent }: Judgeable, rules: GuardRules): Measured[] {
  const ids = changes.flatMap(({ action, secodaId }) => (action === 'delete' ? (secodaId ?? []) : []));
  const whole = baseline.managedGroups;
  const what = `delete ${ids.length} of ${whole} managed groups (${percentOf(ids.length, whole)})`;
  const count = { now: ids.length, all: recent.deleted.union(new Set(ids)).size, done: 'deleted' };
  return against('groupDeletions', what, count, whole, rules.groupDeletions);
}

function memberRemovals({ changes, baseline, recent }: Judgeable, rules: GuardRules): Measured[] {
  const now = countRemovals(changes);
  const whole = baseline.memberships;
  const listed = changes.reduce((sum, { remove }) => sum + remove.length, 0);
  const once = listed === now ? '' : `. The plan removes ${listed}: somebody who is out in Okta counts once`;
  const what = `remove ${now} of ${whole} memberships (${percentOf(now, whole)})`;
  const count = { now, all: countRemovals(changes, recent.removed), done: 'removed' };
  return against('memberRemovals', what, count, whole, rules.memberRemovals).map((each) => ({
    ...each,
    message: `${each.message}${once}`,
  }));
}

function removalsPerGroup({ changes, recent }: Judgeable, rules: GuardRules): Measured[] {
  return changes.flatMap((change) => {
    const now = change.remove.length;
    const { whole, all } = lossesOf(change, recent);
    const what = `remove ${now} of ${whole} members of ${change.name} (${percentOf(now, whole)})`;
    return against('removalsPerGroup', what, { now, all, done: 'removed' }, whole, rules.removalsPerGroup);
  });
}

function emptiedGroups(
  { changes, recent }: Judgeable,
  { emptiedGroups: { atLeast } }: GuardRules,
): Measured[] {
  return changes.flatMap((change) => {
    const { name, before, content, remove } = change;
    const { whole, all } = lossesOf(change, recent);
    if (content === null || content.userIds.length > 0 || before === null) return [];
    if (remove.length === 0) return [];
    const what = `empty ${name} of all its ${before.members.length} members`;
    const along = alongWith({ now: remove.length, all, done: 'removed' });
    const message = `${what}${along}; a group of ${atLeast} or more is never emptied`;
    return [{ rule: 'emptiedGroups', message, count: whole, limit: atLeast - 1 }];
  });
}

/** Growth of any group that stands already: a map that is wrong puts a company into it. */
function additionsPerGroup({ changes, baseline, recent }: Judgeable, rules: GuardRules): Measured[] {
  return changes.flatMap((change) => {
    const { secodaId, name, before, add } = change;
    if (secodaId === null || before === null) return [];
    const ids = new Set(unforeseen(change, baseline.due).map(({ userId }) => userId));
    const lately = recent.granted.get(secodaId) ?? new Set<string>();
    const whole = before.members.filter(({ userId }) => !lately.has(userId)).length;
    const late = add.length - ids.size;
    const what = `add ${numbered(ids.size, 'person', 'people')} to ${name} (${numbered(before.members.length, 'member', 'members')}${late === 0 ? '' : `; ${late} more were due before`})`;
    const count = { now: ids.size, all: lately.union(ids).size, done: 'added' };
    return against('additionsPerGroup', what, count, whole, rules.additionsPerGroup);
  });
}

/** The changes that break the rule on growth. */
export function grownTooMuch(
  changes: readonly Change[],
  judged: Pick<Judgeable, 'baseline' | 'recent'>,
  rules: GuardRules,
): readonly Change[] {
  return changes.filter((change) =>
    additionsPerGroup({ ...judged, invited: [], changes: [change] }, rules).some(isBroken),
  );
}

/** What a group had, and what it loses, with what it lost lately. */
function lossesOf({ secodaId, before, remove }: Change, { removed }: Recent): { whole: number; all: number } {
  const lately = removed.get(secodaId ?? '') ?? new Map<string, boolean>();
  const members = (before?.members ?? []).map(({ userId }) => userId);
  const ids = new Set([...lately.keys(), ...remove.map(({ userId }) => userId)]);
  return { whole: members.length + lostFrom(lately, members), all: ids.size };
}

function adoptions({ changes, recent }: Judgeable, { adoptions: { max } }: GuardRules): Measured[] {
  const { adopted } = effectsOf(changes);
  const count = { now: adopted.length, all: recent.adopted.union(new Set(adopted)).size, done: 'adopted' };
  const what = `adopt ${numbered(adopted.length, 'hand-made group', 'hand-made groups')}`;
  return against('adoptions', what, count, 0, { max });
}

/** The rules on growth that an onboarding breaks: it can do nothing that others are about. */
export function tooMuchGiven(judged: Judgeable, rules: GuardRules): GuardRefusal[] {
  return [...additionsPerGroup(judged, rules), ...invitations(judged, rules)].filter(isBroken);
}

/** Each invitation can cost a seat. */
function invitations(
  { invited, recent }: Pick<Judgeable, 'invited' | 'recent'>,
  { invitations: { max } }: Pick<GuardRules, 'invitations'>,
): Measured[] {
  const count = { now: invited.length, all: recent.invited.union(new Set(invited)).size, done: 'invited' };
  return against('invitations', `invite ${numbered(invited.length, 'person', 'people')}`, count, 0, { max });
}

function minimumGroups({ baseline }: Judgeable, { minimumGroups: minimum }: GuardRules): Measured[] {
  const count = baseline.groupsInScope;
  const message =
    count === 0
      ? 'no Okta group is in scope: check okta.groups, groups.include and groups.exclude'
      : `only ${numbered(count, 'Okta group is', 'Okta groups are')} in scope; at least ${minimum} are expected`;
  return [{ rule: 'minimumGroups', message, count, limit: minimum }];
}

/** `now`: what is to be done; `all`: with what counts along; `done`: how that is called. */
interface Count {
  readonly now: number;
  readonly all: number;
  readonly done: string;
}

function against(
  rule: string,
  what: string,
  { now, all, done }: Count,
  whole: number,
  bounds: Limit | { readonly max: number },
): Measured[] {
  const limit = 'percent' in bounds ? allowed(bounds, whole) : bounds.max;
  // What was done is done: only what adds to it is refused.
  if (now === 0) return [];
  const how = 'percent' in bounds ? ` (the larger of ${bounds.max} and ${bounds.percent} %)` : '';
  const message = `${what}${alongWith({ now, all, done })}; the limit is ${limit}${how}`;
  return [{ rule, message, count: all, limit }];
}

const HOURS = COUNTING_MS / 3_600_000;

function alongWith({ now, all, done }: Count): string {
  return all === now ? '' : `, which makes ${all} with ${all - now} ${done} in the last ${HOURS} hours`;
}

function numbered(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

function percentOf(count: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.round((count / whole) * 100)} %`;
}
