import type { Plan } from './change.ts';
import { type Harm, harmDifference, harmOf } from './digest.ts';
import { GUARD_RULES, type Refusal } from './guard-rules.ts';
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
}

export type ApprovedPlan = Approved;

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
  const difference = harm === null ? 'no record of the approved plan is at hand' : lines.join('; ');
  const message = `the plan made now has the digest ${plan.digest}, not ${digest}, which was approved: ${difference}`;
  return [{ rule: 'approve', message }];
}
