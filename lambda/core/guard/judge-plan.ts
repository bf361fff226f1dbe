import type { GuardRules } from '../model/rules.ts';
import { warningOf } from '../model/warning.ts';
import {
  type Baseline,
  type Change,
  digestOf,
  type HeldRecord,
  type Plan,
  type Refused,
} from '../plan/change.ts';
import type { Onboarding } from '../plan/plan-onboarding.ts';
import { nothingToDo } from '../plan/plan.ts';
import { onboardingPlan } from '../report/onboard-report.ts';
import { byText } from '../model/text.ts';
import { type GuardRefusal, tooMuchGiven, unknownRefusals } from './guard-rules.ts';
import { judge, judgeInPart, namingRules, rulesIn, type Verdict } from './guard.ts';
import { digestOfHeld, type Parts, partsOf } from './hold.ts';
import type { Recent } from './recent.ts';

const APPROVABLE_DAYS = 7;

/** An operator's word that a run goes by, with what is kept of the plan that it is about. */
export interface OperatorWord {
  readonly digest: string;
  readonly refused: Refused | null;
}

interface Bounds {
  readonly guard: GuardRules;
  readonly recent: Recent;
  readonly baseline: Baseline;
  readonly approval: OperatorWord | null;
  readonly settled: (change: Change) => boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Judgement {
  readonly plan: Plan;
  readonly verdict: Verdict;
  /** What waits; `null` where nothing does. */
  readonly held: Parts | null;
}

/**
 * The verdict on a plan, which by then has the digest that stands for it. An approval with nothing left to approve is no mistake:
 * both sides agree already, so it stands for whatever is planned. Pure.
 */
export function judgePlan(made: Plan, bounds: Bounds): Judgement {
  const { guard, recent, baseline, approval: word, now } = bounds;
  const approve = word?.digest ?? null;
  const before = word?.refused ?? null;
  const late = before?.held && now - before.held.at >= APPROVABLE_DAYS * 24 * 3_600_000;
  if (before?.held && !late) {
    const { removed, added, deleted } = before.held;
    const parts = { removed: new Set(removed), added: new Set(added), deleted: new Set(deleted) };
    return judgePart(made, parts, bounds);
  }
  if (approve === null && guard.overLimit === 'hold') return judgePart(made, null, bounds);
  const found = judge(made, guard, null, recent, baseline);
  const broken = rulesIn(found.refusals);
  const named = (rules: readonly string[]) => namingRules(made, rules, { baseline, recent }, guard);
  if (approve === null) return { plan: named(broken), verdict: found, held: null };
  if (before?.held && !nothingToDo(made)) {
    const message = `what ${approve} stands for was held last on ${dayOf(before.held.at)}, more than ${APPROVABLE_DAYS} days ago: that is too long for an approval; plan again, and approve the digest of what is held by now`;
    const refusals = [{ rule: 'approve', message, count: null, limit: null }];
    return { plan: named(broken), verdict: { approved: null, refusals }, held: null };
  }
  // What counted along by then may not do so any more: then fewer rules are broken than were approved.
  const passes = before !== null && broken.every((rule) => before.rules.includes(rule));
  const plan = named(passes ? before.rules : broken);
  const digest = nothingToDo(plan) ? plan.digest : approve;
  const approval = { digest, harm: before?.harm ?? null };
  return { plan, verdict: judge(plan, guard, approval, recent, baseline), held: null };
}

/** The verdict on a plan of which a part may be held: its changes then are those that pass, and behind them those held. */
function judgePart(made: Plan, parts: Parts | null, bounds: Bounds): Judgement {
  const { guard, recent, baseline, settled } = bounds;
  const verdict = judgeInPart(made, guard, parts, settled, recent, baseline);
  const { approved, refusals } = verdict;
  if (approved === null) {
    const plan = namingRules(made, rulesIn(refusals), { baseline, recent }, guard);
    return { plan, verdict, held: null };
  }
  const { held = [] } = verdict;
  const changes = [...approved.plan.changes, ...held];
  if (held.length === 0) return { plan: { ...made, changes }, verdict, held: null };
  const digest = digestOfHeld(held);
  return { plan: { ...made, digest, changes }, verdict, held: partsOf(held) };
}

/** What is to be kept of what waits. `before`: what was kept of it by an earlier run. */
export function heldRecord(
  { removed, added, deleted }: Parts,
  before: HeldRecord | null,
  now: number,
): HeldRecord {
  const since = before?.since ?? now;
  return { since, at: now, removed: [...removed], added: [...added], deleted: [...deleted] };
}

/** The same loss held night after night is one story. */
export function waitingSince(since: number, now: number): Plan['warnings'] {
  if (since === now) return [];
  const message = `what is held has been waiting for an approval since ${dayOf(since)}`;
  return [warningOf('held', { group: null, oktaIds: [] }, message, { since: new Date(since).toISOString() })];
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** The verdict on an onboarding. */
export interface JudgedOnboarding {
  /** What stands for it where it is refused: it names everybody whom it would invite, or add, where they are too many. */
  readonly digest: string;
  readonly refusals: readonly GuardRefusal[];
  /** The rules that an operator's word lets it pass. */
  readonly passed: readonly string[];
}

/** Judges an onboarding, of which the guard limits what it gives: it is refused whole, whatever waits elsewhere. Pure. */
export function judgeOnboarding(
  onboarding: Onboarding,
  { guard, recent, approval }: Pick<Bounds, 'guard' | 'recent' | 'approval'>,
): JudgedOnboarding {
  const plan = onboardingPlan(onboarding);
  const baseline = { ...plan.baseline, due: onboarding.due ?? [] };
  const invited = plan.invitations.flatMap(({ emails }) => emails).sort(byText);
  const judged = { changes: plan.changes, invited, recent, baseline };
  const tooMuch = tooMuchGiven(judged, guard);
  const named = (rules: readonly string[]) => {
    const seats = digestOf([], rules.includes('invitations') ? invited : []);
    return namingRules({ ...plan, digest: seats }, rules, judged, guard).digest;
  };
  const unknown = unknownRefusals(judged);
  const broken = rulesIn(tooMuch);
  const before = approval?.refused ?? null;
  const passes = before !== null && broken.every((rule) => before.rules.includes(rule));
  const digest = named(passes ? before.rules : broken);
  if (approval === null) return { digest, refusals: [...unknown, ...tooMuch], passed: [] };
  if (digest === approval.digest || nothingToDo(plan))
    return { digest, refusals: unknown, passed: before?.rules ?? [] };
  const message = `the onboarding made now has the digest ${digest}, not ${approval.digest}, which was approved: other people would be invited or added`;
  const refusal = { rule: 'approve', message, count: null, limit: null };
  return { digest: named(broken), refusals: [...unknown, refusal, ...tooMuch], passed: [] };
}
