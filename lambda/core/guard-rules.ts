import type { Change, Plan } from './change.ts';
import { countInvited, type Invitation } from './invitations.ts';
import { lostBy } from './refused-write.ts';
import type { GuardRules, Limit } from './rules.ts';

/** One reason why a plan is refused. `rule` is the key of the configuration it breaks. */
export interface Refusal {
  readonly rule: string;
  readonly message: string;
}

interface GuardRule {
  readonly name: keyof GuardRules;
  /** Every way in which the plan breaks the rule; empty when it keeps it. */
  readonly check: (plan: Plan, rules: GuardRules) => Refusal[];
}

/** All rules, in the order of the configuration: each reason to refuse is found, not only the first. */
export const GUARD_RULES: readonly GuardRule[] = [
  { name: 'groupDeletions', check: groupDeletions },
  { name: 'memberRemovals', check: memberRemovals },
  { name: 'removalsPerGroup', check: removalsPerGroup },
  { name: 'emptiedGroups', check: emptiedGroups },
  { name: 'adoptions', check: adoptions },
  { name: 'invitations', check: ({ invitations }, rules) => tooManyInvitations(invitations, rules) },
  { name: 'minimumGroups', check: minimumGroups },
];

/** What a limit allows of a whole: the larger of its two bounds, the percentage rounded down. */
export function allowed(limit: Limit, whole: number): number {
  return Math.max(limit.max, Math.floor((whole * limit.percent) / 100));
}

/** Removals as the guard counts them: someone who is out in Okta itself counts once, however many groups they leave. */
export function countRemovals(changes: readonly Change[]): number {
  const removals = changes.flatMap(({ remove }) => remove);
  const out = new Set(removals.filter(({ ineligible }) => ineligible).map(({ userId }) => userId));
  return removals.filter(({ ineligible }) => !ineligible).length + out.size;
}

/** What losses are judged by that no plan foresaw. */
export interface LossMeasure {
  /** What stood before the plan in managed and adopted groups. */
  readonly memberships: number;
  /** The removals that count already; `null` where they were approved, so that what is new is judged by itself. */
  readonly removals: number | null;
  /** Secoda ids of the only people whom a run of events may take out; `null` for anybody. */
  readonly mayLeave: readonly string[] | null;
}

/**
 * Every rule on losses that a change would break by what Secoda's refusals take out of it. `lost`: how many members this run lost
 * by that before.
 */
export function lossRefusals(
  change: Change,
  { memberships, removals, mayLeave }: LossMeasure,
  lost: number,
  rules: GuardRules,
): Refusal[] {
  const refused = lostBy(change);
  const changes = [removals === null ? { ...change, remove: refused } : change];
  const count = (removals ?? 0) + lost + refused.length;
  const unnamed = refused.filter(({ userId }) => mayLeave?.includes(userId) === false).length;
  const waits = `take out ${unnamed} whom no event names; that waits for the next full run`;
  return [
    ...(unnamed > 0 ? [{ rule: 'memberRemovals', message: waits }] : []),
    ...tooManyRemovals(count, memberships, rules),
    ...removalsPerGroup({ changes }, rules),
    ...emptiedGroups({ changes }, rules),
  ];
}

function groupDeletions({ changes, baseline }: Plan, { groupDeletions: limit }: GuardRules): Refusal[] {
  const count = changes.filter(({ action }) => action === 'delete').length;
  return exceeds(
    'groupDeletions',
    count,
    limit,
    baseline.managedGroups,
    `delete ${ratio(count, baseline.managedGroups)} managed groups`,
  );
}

function memberRemovals({ changes, baseline }: Plan, rules: GuardRules): Refusal[] {
  return tooManyRemovals(countRemovals(changes), baseline.memberships, rules);
}

function tooManyRemovals(count: number, whole: number, { memberRemovals: limit }: GuardRules): Refusal[] {
  return exceeds('memberRemovals', count, limit, whole, `remove ${ratio(count, whole)} memberships in all`);
}

function removalsPerGroup(
  { changes }: Pick<Plan, 'changes'>,
  { removalsPerGroup: limit }: GuardRules,
): Refusal[] {
  return changes.flatMap(({ name, remove, before }) => {
    const whole = before?.members.length ?? 0;
    return exceeds(
      'removalsPerGroup',
      remove.length,
      limit,
      whole,
      `remove ${ratio(remove.length, whole)} from ${name}`,
    );
  });
}

function emptiedGroups(
  { changes }: Pick<Plan, 'changes'>,
  { emptiedGroups: { atLeast } }: GuardRules,
): Refusal[] {
  return changes.flatMap(({ name, before, content }) => {
    const whole = before?.members.length ?? 0;
    if (content === null || content.userIds.length > 0 || whole < atLeast) return [];
    return [
      {
        rule: 'emptiedGroups',
        message: `empty ${name} of all its ${whole} members; a group of ${atLeast} or more is never emptied`,
      },
    ];
  });
}

function adoptions({ changes }: Plan, { adoptions: { max } }: GuardRules): Refusal[] {
  const count = changes.filter(({ adopted }) => adopted).length;
  if (count <= max) return [];
  return [{ rule: 'adoptions', message: `take over ${count} groups by their names at once; limit ${max}` }];
}

/** Each invitation can cost a seat. Also asked by an onboarding, which has no plan. */
export function tooManyInvitations(
  invitations: readonly Invitation[],
  { invitations: { max } }: Pick<GuardRules, 'invitations'>,
): Refusal[] {
  const count = countInvited(invitations);
  if (count <= max) return [];
  return [{ rule: 'invitations', message: `invite ${count} people at once; limit ${max}` }];
}

function minimumGroups({ baseline }: Plan, { minimumGroups: minimum }: GuardRules): Refusal[] {
  const count = baseline.groupsInScope;
  if (count >= minimum) return [];
  return [
    {
      rule: 'minimumGroups',
      message: `only ${count} Okta groups are in scope; at least ${minimum} are expected`,
    },
  ];
}

function exceeds(rule: string, count: number, limit: Limit, whole: number, what: string): Refusal[] {
  if (count <= allowed(limit, whole)) return [];
  return [{ rule, message: `${what}; limit the larger of ${limit.max} and ${limit.percent}%` }];
}

function ratio(count: number, whole: number): string {
  const percent = whole === 0 ? 100 : Math.round((count / whole) * 100);
  return `${count} of ${whole} (${percent}%)`;
}
