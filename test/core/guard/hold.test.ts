import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../lambda/core/plan/change.ts';
import { brokenBy } from '../../../lambda/core/guard/guard-rules.ts';
import { judgeInPart, type Verdict } from '../../../lambda/core/guard/guard.ts';
import { partsOf, settledBy } from '../../../lambda/core/guard/hold.ts';
import { NOTHING_RECENT } from '../../../lambda/core/guard/recent.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import { anyWorld } from '../arbitrary-world.ts';
import { type Judging, playRun } from '../play-run.ts';
import { inputOf, planOf } from '../world.ts';

const RUNS = { numRuns: 300 };

const limit = fc.record({ max: fc.integer({ min: 0, max: 3 }), percent: fc.integer({ min: 0, max: 40 }) });
/** Limits that hold. Those that refuse whole are another matter. */
const anyRules: fc.Arbitrary<GuardRules> = fc.record({
  groupDeletions: limit,
  memberRemovals: limit,
  removalsPerGroup: limit,
  emptiedGroups: fc.record({ atLeast: fc.integer({ min: 1, max: 4 }) }),
  additionsPerGroup: limit,
  adoptions: fc.constant({ max: 99 }),
  invitations: fc.constant({ max: 99 }),
  minimumGroups: fc.constant(0),
  overLimit: fc.constant('hold'),
});

let ids = 0;
const newId = () => `new${ids++}`;

const judging =
  (rules: GuardRules): Judging =>
  (plan, world) =>
    judgeInPart(plan, rules, null, settledBy(inputOf(world)));

const heldBy = (verdict: Verdict) => (verdict.approved === null ? [] : (verdict.held ?? []));
const passing = ({ approved }: Verdict) => approved?.plan.changes ?? [];

function broken({ baseline }: Plan, verdict: Verdict, rules: GuardRules) {
  const judged = { changes: passing(verdict), invited: [], baseline, recent: NOTHING_RECENT };
  return brokenBy(judged, rules);
}

describe('whatever is held', () => {
  it('breaks no limit with what passes, and lets everybody in but where a group grows too much', () => {
    fc.assert(
      fc.property(anyWorld, anyRules, (world, rules) => {
        const plan = planOf(world);
        const verdict = judging(rules)(plan, world);
        expect(verdict.approved).not.toBeNull();
        expect(broken(plan, verdict, rules)).toEqual([]);
        const heldParts = partsOf(heldBy(verdict));
        const all = partsOf(plan.changes);
        const { added, removed } = partsOf(passing(verdict));
        expect(added.union(heldParts.added)).toEqual(all.added);
        expect(removed.union(heldParts.removed)).toEqual(all.removed);
        const named = new Set(verdict.refusals.map(({ rule }) => rule));
        if (!named.has('additionsPerGroup')) expect(heldParts.added.size).toBe(0);
        if (named.size === 0) expect(passing(verdict)).toEqual(plan.changes);
      }),
      RUNS,
    );
  });

  it('is written by no night, and the rest is done within some of them', () => {
    fc.assert(
      fc.property(anyWorld, anyRules, (world, rules) => {
        // More may go by the next night, when those who are out have left, or where a limit is a part of what stands.
        let night = playRun(world, null, newId, judging(rules));
        for (let n = 0; n < 6 && night.writes > 0; n++)
          night = playRun(night.world, null, newId, judging(rules));
        expect(night.writes).toBe(0);
      }),
      RUNS,
    );
  });
});
