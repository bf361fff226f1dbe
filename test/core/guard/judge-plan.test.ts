import { describe, expect, it } from 'vitest';
import {
  heldRecord,
  judgeOnboarding,
  judgePlan,
  type OperatorWord,
  waitingSince,
} from '../../../lambda/core/guard/judge-plan.ts';
import { partsOf, settledBy } from '../../../lambda/core/guard/hold.ts';
import { NOTHING_RECENT } from '../../../lambda/core/guard/recent.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import { harmOf, type Refused } from '../../../lambda/core/plan/change.ts';
import { onboardingOf } from '../onboarding.ts';
import { at, GUARD, inputOf, managed, NOW, planOf, users, type World } from '../world.ts';

const DAY_MS = 24 * 3_600_000;
const six = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'];
/** One managed group of six, of whom so many leave. */
const world = (leaving: number): World => ({
  okta: [{ id: 'g1', name: 'Data', people: six.slice(leaving).map(at) }],
  users: users(...six),
  groups: [managed('s1', 'Data', ['g1'], six)],
});
const STRICT: Partial<GuardRules> = { memberRemovals: { max: 1, percent: 0 } };
const EVERYTHING: Refused = {
  harm: [],
  rules: [],
  scope: { groups: [], hints: null },
  held: null,
  onboard: null,
};

function judged(leaving: number, word: OperatorWord | null, rules: Partial<GuardRules> = STRICT) {
  const made = planOf(world(leaving));
  const bounds = { recent: NOTHING_RECENT, baseline: made.baseline, now: NOW };
  const settled = settledBy(inputOf(world(leaving)));
  return judgePlan(made, { ...bounds, guard: { ...GUARD, ...rules }, approval: word, settled });
}
const word = (digest: string, given: Partial<Refused> | null): OperatorWord => ({
  digest,
  refused: given === null ? null : { ...EVERYTHING, ...given },
});
const rulesOf = ({ verdict }: ReturnType<typeof judged>) => verdict.refusals.map(({ rule }) => rule);
const refused = judged(2, null);
const RULES = { rules: ['memberRemovals'], harm: harmOf(planOf(world(2)).changes) };

describe('a plan over a limit', () => {
  it('is refused, and its digest names the rules', () => {
    expect(rulesOf(refused)).toEqual(['memberRemovals']);
    expect(refused.held).toBeNull();
    const plain = planOf(world(2)).digest;
    expect(refused.plan.digest).not.toBe(plain);
    expect(judged(1, null).plan.digest).toBe(planOf(world(1)).digest);
  });

  it('passes by its digest, and by no other, and not where it breaks more than was approved', () => {
    const { digest } = refused.plan;
    expect(rulesOf(judged(2, word(digest, RULES)))).toEqual([]);
    expect(rulesOf(judged(2, word('0'.repeat(16), RULES)))).toEqual(['approve']);
    expect(rulesOf(judged(3, word(digest, RULES)))).toEqual(['approve']);
    expect(judged(3, word(digest, RULES)).verdict.refusals[0]?.message).toContain(
      'now update s1, 3 of 6 members leave',
    );
    const more = { ...STRICT, removalsPerGroup: { max: 1, percent: 0 } };
    expect(rulesOf(judged(2, word(digest, RULES), more))).toEqual(['approve']);
    expect(judged(2, word('0'.repeat(16), null)).verdict.refusals[0]?.message).toContain('no record');
  });

  it('stands for what was approved where it breaks fewer rules by now', () => {
    const { digest } = refused.plan;
    expect(rulesOf(judged(2, word(digest, RULES), {}))).toEqual([]);
  });

  it('with nothing left to do passes for any word', () => {
    expect(rulesOf(judged(0, word('0'.repeat(16), RULES)))).toEqual([]);
    expect(rulesOf(judged(0, word('0'.repeat(16), null)))).toEqual([]);
  });
});

describe('a plan of which a part is held', () => {
  const HOLD: Partial<GuardRules> = { ...STRICT, overLimit: 'hold' };
  const held = judged(2, null, HOLD);
  const kept = held.held;
  if (kept === null) throw new Error('nothing is held');
  const wordOfHeld = (days: number, more = 0) =>
    word(held.plan.digest, { held: heldRecord(kept, null, NOW - days * DAY_MS - more) });

  it('has a digest of that part, which passes for it until seven days after it was held last', () => {
    expect(rulesOf(held)).toEqual(['memberRemovals']);
    expect(held.plan.changes.map((each) => each.held)).toEqual([true]);
    expect([...kept.removed]).toEqual(['s1/u0', 's1/u1']);
    for (const given of [wordOfHeld(0), wordOfHeld(7, -1)]) {
      const { plan, verdict, held: left } = judged(2, given, HOLD);
      expect([verdict.approved === null, left]).toEqual([false, null]);
      expect(partsOf(plan.changes).removed).toEqual(kept.removed);
    }
    const late = judged(2, wordOfHeld(7), HOLD);
    expect(rulesOf(late)).toEqual(['approve']);
    expect(late.verdict.refusals[0]?.message).toContain(
      `was held last on ${new Date(NOW - 7 * DAY_MS).toISOString().slice(0, 10)}, more than 7 days ago`,
    );
    expect(rulesOf(judged(0, wordOfHeld(7), HOLD))).toEqual([]);
  });

  it('is approved with that alone: what came since waits, or is refused, by itself', () => {
    const { held: left } = judged(4, wordOfHeld(1), HOLD);
    expect([...(left?.removed ?? [])]).toEqual(['s1/u2', 's1/u3']);
    const whole = judged(4, wordOfHeld(1));
    expect(whole.verdict.approved).toBeNull();
    expect(whole.held).toBeNull();
    expect(judged(1, null, HOLD)).toMatchObject({ held: null, verdict: { refusals: [] } });
  });

  it('keeps since when it waits, and says so from the second night on', () => {
    const record = heldRecord(kept, null, 5);
    expect(record).toEqual({ since: 5, at: 5, removed: ['s1/u0', 's1/u1'], added: [], deleted: [] });
    expect(heldRecord(kept, record, 9)).toMatchObject({ since: 5, at: 9 });
    expect(waitingSince(5, 5)).toEqual([]);
    expect(waitingSince(NOW, NOW + 1)).toMatchObject([
      {
        kind: 'held',
        since: new Date(NOW).toISOString(),
        message: expect.stringContaining('since 2026-01-05') as unknown,
      },
    ]);
  });
});

describe('an onboarding over a limit', () => {
  const given = (count: number) => {
    const okta = [{ id: 'g1', name: 'Data', people: six.map(at) }];
    const groups = [managed('s1', 'Data', ['g1'], ['u5'])];
    return onboardingOf({ okta, users: users(...six), groups }, six.slice(0, count).map(at));
  };
  const onboarded = (count: number, approval: OperatorWord | null, max = 1) =>
    judgeOnboarding(given(count), {
      guard: { ...GUARD, additionsPerGroup: { max, percent: 0 } },
      ...{ recent: NOTHING_RECENT, approval },
    });
  const over = onboarded(2, null);
  const rules = ['additionsPerGroup'];
  const told = ({ refusals, passed }: typeof over) => [refusals.map(({ rule }) => rule), passed];

  it('is refused with a digest that names whom it would add, and is none without any', () => {
    expect(told(over)).toEqual([rules, []]);
    expect(told(onboarded(1, null))).toEqual([[], []]);
    expect(onboarded(3, null).digest).not.toBe(over.digest);
    expect(onboarded(1, null).digest).toBe(onboarded(1, null, 9).digest);
  });

  it('passes by that digest, with the rules it was refused by, and by no other', () => {
    expect(told(onboarded(2, word(over.digest, { rules })))).toEqual([[], rules]);
    expect(told(onboarded(2, word(over.digest, null)))).toEqual([[], []]);
    expect(told(onboarded(3, word(over.digest, { rules })))).toEqual([['approve', ...rules], []]);
    expect(told(onboarded(2, word('0'.repeat(16), { rules })))).toEqual([['approve', ...rules], []]);
    expect(onboarded(3, word(over.digest, { rules })).digest).toBe(onboarded(3, null).digest);
  });

  it('that finds nothing left to do passes for any word', () => {
    const done = judgeOnboarding(onboardingOf({ users: users(...six) }, []), {
      ...{ guard: GUARD, recent: NOTHING_RECENT, approval: word('0'.repeat(16), { rules }) },
    });
    expect(told(done)).toEqual([[], rules]);
  });

  it('is refused whatever was approved where nobody knows what was done lately', () => {
    const recent = { ...NOTHING_RECENT, unknown: 'lost' };
    const bounds = { guard: { ...GUARD, additionsPerGroup: { max: 1, percent: 0 } }, recent };
    const unknown = judgeOnboarding(given(2), { ...bounds, approval: word(over.digest, { rules }) });
    expect(told(unknown)).toEqual([['recent'], rules]);
    expect(told(judgeOnboarding(given(2), { ...bounds, approval: null }))[0]).toEqual(['recent', ...rules]);
  });
});
