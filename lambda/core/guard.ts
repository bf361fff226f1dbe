import type { Change, Plan } from './change.ts';
import { type Harm, harmDifference, harmOf } from './digest.ts';
import { GUARD_RULES, type Refusal } from './guard-rules.ts';
import type { Fingerprint } from './model.ts';
import type { GuardRules } from './rules.ts';

/**
 * A plan that the guard let pass: the only thing apply accepts. The class stays in this module, so nothing else can make
 * one; its private field keeps a look-alike from passing for it.
 */
class Approved {
  readonly #plan: Plan;
  constructor(plan: Plan) {
    this.#plan = plan;
  }
  get plan(): Plan {
    return this.#plan;
  }
  /**
   * The changes in slices of at most `most`, and at the end once more those that are written again. Changes of different waves
   * are never in one slice: the later ones need names that the earlier ones free.
   */
  slices(most: number): readonly Slice[] {
    const { changes } = this.#plan;
    const again = changes.filter((change) => change.again).map((change) => ({ ...change, again: false }));
    return [...slicesOf(changes, most), ...slicesOf(again, most)].map((slice) => new Slice(slice));
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
  constructor(changes: readonly Change[]) {
    this.#changes = changes;
  }
  get changes(): readonly Change[] {
    return this.#changes;
  }
}

/** What the guard let pass. Its class stays in this file, so that nothing else can make one. */
export type ApprovedPlan = Approved;
export type ApprovedSlice = Slice;

/** A slice on its way through the archive. The seal keeps anything else from being taken for one. */
export interface SealedSlice {
  readonly changes: readonly Change[];
  readonly seal: string;
}

/** A part of an approved plan, as it may be kept between two steps and given to `unsealed`. */
export function sealed({ changes }: ApprovedSlice, fingerprint: Fingerprint): SealedSlice {
  return { changes, seal: sealOf(changes, fingerprint) };
}

/** Throws when the guard never let these changes pass, or somebody altered them since. */
export function unsealed({ changes, seal }: SealedSlice, fingerprint: Fingerprint): ApprovedSlice {
  if (seal !== sealOf(changes, fingerprint)) throw new Error('a part of the plan is not as it was approved');
  return new Slice(changes);
}

function sealOf(changes: readonly Change[], fingerprint: Fingerprint): string {
  return fingerprint(`approved by the guard: ${JSON.stringify(changes)}`);
}

/** Approved or refused whole. */
export type Verdict =
  | { readonly approved: ApprovedPlan; readonly refusals: readonly [] }
  | { readonly approved: null; readonly refusals: readonly Refusal[] };

/** An operator's word for exactly one plan. `harm`: what that plan would have done, when its record is at hand. */
export interface Approval {
  readonly digest: string;
  readonly harm: readonly Harm[] | null;
}

/** Judges a plan: approved as it stands, or refused whole with every reason. An approval replaces the limits, for its own digest only. */
export function judge(plan: Plan, rules: GuardRules, approval: Approval | null): Verdict {
  const refusals =
    approval === null
      ? GUARD_RULES.flatMap(({ check }) => check(plan, rules))
      : checkApproval(plan, approval);
  return refusals.length === 0
    ? { approved: new Approved(plan), refusals: [] }
    : { approved: null, refusals };
}

function checkApproval(plan: Plan, { digest, harm }: Approval): Refusal[] {
  if (plan.digest === digest) return [];
  const lines = harm === null ? [] : harmDifference(harm, harmOf(plan.changes));
  const difference =
    harm === null
      ? 'no record of the approved plan is at hand'
      : lines.join('; ') || 'other people would be invited';
  const message = `the plan made now has the digest ${plan.digest}, not ${digest}, which was approved: ${difference}`;
  return [{ rule: 'approve', message }];
}
