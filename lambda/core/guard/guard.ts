import { type Baseline, type Change, type Harm, harmDifference, harmOf, type Plan } from '../plan/change.ts';
import {
  brokenBy,
  grownTooMuch,
  GUARD_RULES,
  type GuardRefusal,
  type GuardRule,
  type Judgeable,
  unknownRefusals,
} from './guard-rules.ts';
import { byWhom, NO_PARTS, type Parts, partsOf, whoIsOut, without, withWord } from './hold.ts';
import { fingerprint, byText } from '../model/text.ts';
import { NOTHING_RECENT, type Recent } from './recent.ts';
import type { GuardRules } from '../model/rules.ts';

/**
 * A plan that the guard let pass: the only thing apply accepts. The class stays in this module, so nothing else can make
 * one; its private field keeps a look-alike from passing for it.
 */
class Approved {
  readonly #plan: Plan;
  readonly #byOperator: boolean;
  constructor(plan: Plan, byOperator: boolean) {
    this.#plan = plan;
    this.#byOperator = byOperator;
  }
  get plan(): Plan {
    return this.#plan;
  }
  /** In slices of at most `most`, those written again at the end. None is of two waves: a later one needs names that an earlier frees. */
  slices(most: number): readonly Slice[] {
    const { changes } = this.#plan;
    const again = changes.filter((change) => change.again).map((change) => ({ ...change, again: false }));
    const slices = [...slicesOf(changes, most), ...slicesOf(again, most)];
    return slices.map((slice) => new Slice(slice, this.#byOperator));
  }
}

function slicesOf(changes: readonly Change[], most: number): Change[][] {
  const slices: Change[][] = [];
  for (const change of changes) {
    const last = slices.at(-1);
    if (last === undefined || last.length >= most || last[0]?.wave !== change.wave) slices.push([change]);
    else last.push(change);
  }
  return slices;
}

/** A part of an approved plan: the only thing that is ever written. */
class Slice {
  readonly #changes: readonly Change[];
  readonly #byOperator: boolean;
  constructor(changes: readonly Change[], byOperator: boolean) {
    this.#changes = changes;
    this.#byOperator = byOperator;
  }
  get changes(): readonly Change[] {
    return this.#changes;
  }
  /** Approved by its digest, so that no limit holds for it; else by the rules. */
  get byOperator(): boolean {
    return this.#byOperator;
  }
}

/** What the guard let pass. Its class stays in this file, so that nothing else can make one. */
export type ApprovedPlan = Approved;
export type ApprovedSlice = Slice;

/** A slice on its way through the archive. The seal keeps anything else from being taken for one. */
export interface SealedSlice {
  readonly changes: readonly Change[];
  readonly byOperator: boolean;
  readonly seal: string;
}

/** A part of an approved plan, as it may be kept between two steps and given to `unsealed`. */
export function sealed(slice: ApprovedSlice): SealedSlice {
  const { changes, byOperator } = slice;
  return { changes, byOperator, seal: sealOf(slice) };
}

/** Throws when the guard never let these changes pass, or somebody altered them since. */
export function unsealed({ changes, byOperator, seal }: SealedSlice): ApprovedSlice {
  const slice = new Slice(changes, byOperator);
  if (seal !== sealOf(slice)) throw new Error('a part of the plan is not as it was approved');
  return slice;
}

function sealOf({ changes, byOperator }: ApprovedSlice): string {
  const by = byOperator ? 'an operator' : 'the guard';
  return fingerprint(`approved by ${by}: ${JSON.stringify(changes)}`);
}

/**
 * The plan with a digest that names these rules as well, since an approval lets a plan pass by no others: with
 * `additionsPerGroup` who would come into groups that grow too much, with `minimumGroups` the Okta groups in scope.
 */
export function namingRules(
  plan: Plan,
  broken: readonly string[],
  judged: Pick<Judgeable, 'baseline' | 'recent'>,
  rules: GuardRules,
): Plan {
  if (broken.length === 0) return plan;
  const added = grownTooMuch(plan.changes, judged, rules)
    .map(({ secodaId, add }) => [secodaId ?? '', ...add.map(({ userId }) => userId).sort()])
    .sort(([a = ''], [b = '']) => byText(a, b));
  const scope = broken.includes('minimumGroups') ? plan.inScope : [];
  const names = [...new Set(broken)].sort();
  return {
    ...plan,
    digest: fingerprint(JSON.stringify([plan.digest, names, added, scope])).slice(0, 16),
  };
}

/**
 * Whether an approval is to be offered: not while nobody knows what counts along, where none lets the plan pass; nor with no group
 * in scope at all, which is a mistake in the configuration and would take everything away. `refusals`: as a record of whatever
 * release has them.
 */
export function canBeApproved(
  refusals: readonly { readonly rule: string; readonly count?: unknown }[],
): boolean {
  return refusals.every(({ rule, count }) => rule !== 'recent' && !(rule === 'minimumGroups' && count === 0));
}

/** The names of the rules that these refusals are about, and that the word of an operator can replace. */
export function rulesIn(refusals: readonly GuardRefusal[]): readonly string[] {
  const known = new Set<string>(GUARD_RULES.map(({ name }) => name));
  return [...new Set(refusals.map(({ rule }) => rule))].filter((rule) => known.has(rule));
}

/** Approved, with what is held and why if anything is, or refused whole. */
export type Verdict =
  | {
      readonly approved: ApprovedPlan;
      readonly refusals: readonly GuardRefusal[];
      readonly held?: readonly Change[];
    }
  | { readonly approved: null; readonly refusals: readonly GuardRefusal[] };

/** An operator's word for exactly one plan. `harm`: what that plan would have done, when its record is at hand. */
interface Approval {
  readonly digest: string;
  readonly harm: readonly Harm[] | null;
}

/** Approved as it stands, or refused whole with every reason. An approval replaces the limits, for its own digest only. */
export function judge(
  plan: Plan,
  rules: GuardRules,
  approval: Approval | null,
  recent: Recent = NOTHING_RECENT,
  baseline: Baseline = plan.baseline,
): Verdict {
  const { changes } = plan;
  const judged = { changes, invited: plan.invitations.flatMap(({ emails }) => emails), baseline, recent };
  const refusals = [
    ...unknownRefusals(judged),
    ...(approval === null ? brokenBy(judged, rules) : checkApproval(plan, approval)),
  ];
  return refusals.length === 0
    ? { approved: new Approved(plan, approval !== null), refusals: [] }
    : { approved: null, refusals };
}

/** Judges a part of a plan just before it is written, by what counts along by then. `byOperator`: approved over whatever limit. */
export function judgeAgain(judged: Judgeable, rules: GuardRules, byOperator: boolean): GuardRefusal[] {
  const refusals = byOperator ? [] : brokenBy(judged, rules);
  // Nothing done meanwhile takes an Okta group out of scope.
  return [...unknownRefusals(judged), ...refusals.filter(({ rule }) => rule !== 'minimumGroups')];
}

function checkApproval(plan: Plan, { digest, harm }: Approval): GuardRefusal[] {
  if (plan.digest === digest) return [];
  const difference =
    harm === null
      ? 'no record of the approved plan is at hand'
      : harmDifference(harm, harmOf(plan.changes)) || 'other people would be invited or added';
  const message = `the plan made now has the digest ${plan.digest}, not ${digest}, which was approved: ${difference}`;
  return [{ rule: 'approve', message, count: null, limit: null }];
}

/**
 * Judges a plan of which a part may be held: what breaks a rule on losses or growth waits, and the rest passes. `approved`: what
 * an operator let pass, over whatever limit; the rest is judged by itself. Where another rule is broken, it is refused whole.
 */
export function judgeInPart(
  plan: Plan,
  rules: GuardRules,
  approved: Parts | null,
  settled: (change: Change) => boolean,
  recent: Recent = NOTHING_RECENT,
  baseline: Baseline = plan.baseline,
): Verdict {
  const invited = plan.invitations.flatMap(({ emails }) => emails);
  const judgedOf = (changes: readonly Change[]) => changes.map((change) => byWhom(change, false).judged);
  const refusalsOf = (changes: readonly Change[]) =>
    brokenBy({ changes: judgedOf(changes), invited, baseline, recent }, rules);
  const changes = approved === null ? plan.changes : withWord(plan.changes, approved);
  const refusals = refusalsOf(changes);
  const unknown = unknownRefusals({ changes, invited, recent });
  const names = new Set(refusals.map(({ rule }) => rule));
  const isBroken = (held: GuardRule['holds']) =>
    GUARD_RULES.some(({ name, holds }) => holds === held && names.has(name));
  if (unknown.length === 0 && !isBroken(null) && (refusals.length === 0 || rules.overLimit === 'hold')) {
    const judged = judgedOf(changes);
    const { removed, deleted } = partsOf(judged);
    const { added } = partsOf(grownTooMuch(judged, { baseline, recent }, rules));
    const { removed: out } = partsOf(judged.map(whoIsOut));
    // Who is out in Okta leaves all the same, if these alone break no rule.
    const losses = [
      { removed: removed.difference(out), deleted },
      { removed, deleted },
    ];
    const found = [...refusals];
    for (const loss of isBroken('losses') ? losses : [NO_PARTS, ...losses]) {
      const { passing, held } = without(changes, { ...loss, added }, settled);
      const still = refusalsOf(passing);
      if (still.length === 0)
        return { approved: new Approved({ ...plan, changes: passing }, false), refusals: found, held };
      // A group whose new people wait may have nobody left.
      if (loss === NO_PARTS) found.push(...still);
    }
  }
  return { approved: null, refusals: [...unknown, ...refusals] };
}
