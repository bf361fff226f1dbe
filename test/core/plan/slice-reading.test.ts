import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../../lambda/core/plan/change.ts';
import { judge } from '../../../lambda/core/guard/guard.ts';
import { readMarker } from '../../../lambda/core/groups/marker.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { reconcile } from '../../../lambda/core/plan/reconcile.ts';
import { anyWorld } from '../arbitrary-world.ts';
import { play } from '../play-plan.ts';
import { within } from '../play-run.ts';
import { GUARD, inputOf, planOf, remembered, type World } from '../world.ts';

/** Slices of two at most, so that there are many, as a run makes them of an approved plan. */
function slicesOf(plan: Plan): readonly (readonly Change[])[] {
  const { approved } = judge(plan, GUARD, { digest: plan.digest, harm: null });
  return approved?.slices(2).map(({ changes }) => changes) ?? [];
}

/** What planning anew says when a slice knows the members of its own Okta groups only. */
function planWithin(world: World, slice: readonly Change[], whole: boolean): Plan {
  const input = inputOf(world);
  const targets = new Set(slice.flatMap(({ oktaIds }) => oktaIds));
  const { memberships } = input.directory;
  const own = new Map([...memberships].filter(([id]) => whole || targets.has(id)));
  return makePlan({ ...input, targets, directory: { ...input.directory, memberships: own } });
}

/** What is written of a change: who of those that leave is switched off matters to the guard alone, which has judged. */
function written(change: Change, fresh: Plan) {
  const now = reconcile(change, fresh);
  if (now.change === null) return now.reason;
  const { action, secodaId, content, add, remove } = now.change;
  return { action, secodaId, content, add, remove: remove.map(({ userId }) => userId) };
}

/** The same world as a run leaves it behind, which remembers every group of ours. */
function wellRemembered(world: World): World {
  const ours = (world.groups ?? []).flatMap(({ id, description }): [string, string[]][] => {
    const marker = readMarker(description);
    return marker?.via === 'okta' ? [[id, [...marker.oktaIds]]] : [];
  });
  return { ...world, memory: { ...world.memory, ...remembered(...ours), copies: new Map() } };
}

describe('a slice', () => {
  it('writes the same from the members of its own groups as from those of all', () => {
    let compared = 0;
    fc.assert(
      fc.property(anyWorld, (world) => {
        let current = world;
        for (const slice of slicesOf(planOf(world))) {
          const fresh = planWithin(current, slice, false);
          const whole = planWithin(current, slice, true);
          const changes: Change[] = [];
          for (const change of slice) {
            expect(written(change, fresh)).toEqual(written(change, whole));
            const now = reconcile(change, fresh).change;
            if (now !== null) changes.push(now);
            compared++;
          }
          current = play(current, { ...fresh, changes });
        }
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('writes nothing of a group whose Okta groups came together meanwhile, since it has not read them all', () => {
    fc.assert(
      fc.property(anyWorld, anyWorld, (world, { okta }) => {
        const later: World = { ...world, ...(okta === undefined ? {} : { okta }) };
        for (const slice of slicesOf(planOf(world))) {
          const fresh = planWithin(later, slice, false);
          const whole = planWithin(later, slice, true);
          for (const change of slice) {
            if (reconcile(change, fresh).change === null) continue;
            expect(written(change, fresh)).toEqual(written(change, whole));
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes every change of a plan as it was planned, when nothing else happens meanwhile', () => {
    fc.assert(
      fc.property(anyWorld.map(wellRemembered), (world) => {
        const plan = planOf(world);
        let current = world;
        for (const slice of slicesOf(plan)) {
          const fresh = within(current, slice, plan);
          const changes = slice.flatMap((change) => {
            const { action, content } = reconcile(change, fresh).change ?? {};
            expect({ action, content }).toEqual({ action: change.action, content: change.content });
            return reconcile(change, fresh).change ?? [];
          });
          current = play(current, { ...fresh, changes });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
