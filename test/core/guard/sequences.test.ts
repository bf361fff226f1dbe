import type { PlanInput } from '../../../lambda/core/plan/change.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, judgeInPart, type Verdict } from '../../../lambda/core/guard/guard.ts';
import { type Parts, partsOf, settledBy } from '../../../lambda/core/guard/hold.ts';
import { effectsOf, measure, type RecentEntry, recentOf } from '../../../lambda/core/guard/recent.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { judgeOnboarding } from '../../../lambda/core/guard/judge-plan.ts';
import { onboardingOf } from '../onboarding.ts';
import { play } from '../play-plan.ts';
import { at, inputOf, managed, NOW, users, type World } from '../world.ts';

const OKTA_IDS = ['g1', 'g2', 'g3', 'g4'];
const USER_IDS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'];

/** What happens in Okta, and which run follows it. */
interface Step {
  readonly group: string;
  /** Who is in that group from now on; `null`: it is deleted for good. */
  readonly people: readonly string[] | null;
  readonly run: 'full' | 'targeted' | 'event' | 'onboarding';
  /** Whom the events name, or who is onboarded. */
  readonly named: readonly string[];
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  group: fc.constantFrom(...OKTA_IDS),
  people: fc.option(fc.subarray(USER_IDS), { freq: 8 }),
  run: fc.constantFrom('full', 'targeted', 'event', 'onboarding'),
  named: fc.subarray(USER_IDS),
});

/** Of numbers alone, so that they can be counted again. */
const limit = fc.integer({ min: 0, max: 4 }).map((max) => ({ max, percent: 0 }));
const anyRules: fc.Arbitrary<GuardRules> = fc.record({
  groupDeletions: limit,
  memberRemovals: limit,
  removalsPerGroup: limit,
  emptiedGroups: fc.record({ atLeast: fc.integer({ min: 1, max: 4 }) }),
  additionsPerGroup: limit,
  adoptions: fc.constant({ max: 0 }),
  invitations: fc.constant({ max: 0 }),
  minimumGroups: fc.constant(0),
  overLimit: fc.constantFrom('refuse', 'hold'),
});

const anyDay = fc.record({
  start: fc.tuple(...OKTA_IDS.map(() => fc.subarray(USER_IDS))),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 6 }),
  rules: anyRules,
});

function morning(start: readonly (readonly string[])[]): World {
  return {
    okta: OKTA_IDS.map((id, n) => ({ id, name: `Group ${id}`, people: (start[n] ?? []).map(at) })),
    unlisted: new Map(),
    users: users(...USER_IDS),
    groups: OKTA_IDS.map((id, n) => managed(`s${id}`, `Group ${id}`, [id], start[n] ?? [])),
  };
}

function after(world: World, { group, people }: Step): World {
  const { okta = [], unlisted = new Map<string, null>() } = world;
  if (!okta.some(({ id }) => id === group)) return world;
  if (people === null)
    return {
      ...world,
      okta: okta.filter(({ id }) => id !== group),
      unlisted: new Map([...unlisted, [group, null]]),
    };
  return {
    ...world,
    okta: okta.map((each) => (each.id === group ? { ...each, people: people.map(at) } : each)),
  };
}

function inputFor(world: World, { group, run, named }: Step): PlanInput {
  const input = inputOf(run === 'full' ? world : { ...world, targets: [group] });
  return run === 'event'
    ? { ...input, named: { userIds: new Set(named), deletedIds: new Set([group]) } }
    : input;
}

interface Ran {
  readonly world: World;
  readonly verdict: Verdict;
  readonly entry: RecentEntry;
}

function run(
  world: World,
  input: PlanInput,
  rules: GuardRules,
  entries: readonly RecentEntry[],
  parts: Parts | null,
): Ran {
  const plan = makePlan(input);
  const recent = recentOf({ entries, unknown: null }, NOW);
  const baseline = measure(plan.baseline, recent, world.groups ?? []);
  const verdict =
    rules.overLimit === 'hold'
      ? judgeInPart(plan, rules, parts, settledBy(input), recent, baseline)
      : judge(plan, rules, null, recent, baseline);
  const changes = verdict.approved?.plan.changes ?? [];
  const entry = { at: NOW, runId: 'run', approved: parts !== null, ...effectsOf(changes) };
  return { world: play(world, { ...plan, changes }), verdict, entry };
}

/** Whoever is named joins the groups they are in in Okta, unless the guard refuses all of it. */
function onboarded(
  world: World,
  { named }: Step,
  guard: GuardRules,
  entries: readonly RecentEntry[],
): Pick<Ran, 'world' | 'entry'> {
  const onboarding = onboardingOf(world, named.map(at));
  const recent = recentOf({ entries, unknown: null }, NOW);
  const { refusals } = judgeOnboarding(onboarding, { guard, recent, approval: null });
  const joins = refusals.length > 0 ? [] : onboarding.joins;
  const joining = new Map(joins.map(({ secodaId, add }) => [secodaId, add.map(({ user: { id } }) => id)]));
  const groups = world.groups?.map((group) => ({
    ...group,
    userIds: [...group.userIds, ...(joining.get(group.id) ?? [])],
  }));
  const entry = { at: NOW, runId: 'run', approved: false, ...effectsOf(joins) };
  return { world: { ...world, ...(groups && { groups }) }, entry };
}

const heldBy = (verdict: Verdict) => partsOf(verdict.approved === null ? [] : (verdict.held ?? []));
const membersOf = ({ groups = [] }: World) =>
  groups.map(({ id, userIds }) => [id, [...userIds].sort()]).sort();

/** Plays a day of runs, and looks at each. */
function eachDay(
  look: (before: World, step: Step, ran: Ran, all: readonly RecentEntry[], rules: GuardRules) => void,
) {
  fc.assert(
    fc.property(anyDay, ({ start, steps, rules }) => {
      let world = morning(start);
      const entries: RecentEntry[] = [];
      for (const step of steps) {
        const before = after(world, step);
        if (step.run === 'onboarding') {
          const { world: then, entry } = onboarded(before, step, rules, entries);
          entries.push(entry);
          withinLimits(then, entries, rules);
          world = then;
          continue;
        }
        const ran = run(before, inputFor(before, step), rules, entries, null);
        entries.push(ran.entry);
        look(before, step, ran, entries, rules);
        ({ world } = ran);
      }
    }),
    { numRuns: 200 },
  );
}

const most = (sizes: Iterable<number>) => Math.max(0, ...sizes);
/** By group, whoever came into it, or left it, in any of these runs. */
function together(
  pairs: readonly (readonly [string, readonly string[]])[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = Map.groupBy(pairs, ([id]) => id);
  return new Map([...groups].map(([id, each]) => [id, new Set(each.flatMap(([, ids]) => ids))]));
}

/** Nothing was lost or given beyond a limit, however it was shared out. */
function withinLimits(world: World, entries: readonly RecentEntry[], rules: GuardRules): void {
  const removed = together(entries.flatMap((entry) => entry.removed));
  const granted = together(entries.flatMap((entry) => entry.granted));
  const sizes = [...removed.values()].map(({ size }) => size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(rules.memberRemovals.max);
  expect(most(sizes)).toBeLessThanOrEqual(rules.removalsPerGroup.max);
  expect(most([...granted.values()].map(({ size }) => size))).toBeLessThanOrEqual(
    rules.additionsPerGroup.max,
  );
  const deleted = new Set(entries.flatMap((entry) => entry.deleted));
  expect(deleted.size).toBeLessThanOrEqual(rules.groupDeletions.max);
  for (const { id, userIds } of world.groups ?? [])
    if (userIds.length === 0) expect(removed.get(id)?.size ?? 0).toBeLessThan(rules.emptiedGroups.atLeast);
}

describe('in a day of runs over everything, of a few groups, of events and of onboardings', () => {
  it('nothing beyond a limit is lost or granted without approval, however it is shared out', () => {
    eachDay((_, _step, { world }, entries, rules) => {
      withinLimits(world, entries, rules);
    });
  });

  it('whoever is due access gets it while losses wait, but into a group that grows too much', () => {
    eachDay(({ okta = [] }, { run: kind }, { world, verdict }, _entries, { overLimit }) => {
      if (kind !== 'full' || overLimit === 'refuse') return;
      const { added } = heldBy(verdict);
      if (added.size > 0) expect(verdict.refusals.map(({ rule }) => rule)).toContain('additionsPerGroup');
      for (const { id, people } of okta) {
        const members = world.groups?.find((group) => group.id === `s${id}`)?.userIds ?? [];
        const out = USER_IDS.filter((user) => people?.includes(at(user)) && !members.includes(user));
        expect(out.filter((user) => !added.has(`s${id}/${user}`))).toEqual([]);
      }
    });
  });

  it('an approval of what is held ends where a run without limits would have', () => {
    const free = { max: 999, percent: 0 };
    eachDay((before, step, { world, verdict }, entries, rules) => {
      if (rules.overLimit === 'refuse') return;
      const input = inputFor(world, step);
      const approved = run(world, input, rules, entries, heldBy(verdict));
      expect([...heldBy(approved.verdict).removed, ...heldBy(approved.verdict).added]).toEqual([]);
      const limitless = {
        ...rules,
        groupDeletions: free,
        memberRemovals: free,
        removalsPerGroup: free,
        additionsPerGroup: free,
        emptiedGroups: { atLeast: 999 },
      };
      const other = run(before, inputFor(before, step), limitless, [], null);
      expect(membersOf(approved.world)).toEqual(membersOf(other.world));
    });
  });
});
