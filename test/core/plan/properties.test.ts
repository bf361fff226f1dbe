import { keyOf } from '../../../lambda/core/model/workspace.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../lambda/core/plan/change.ts';
import { judge } from '../../../lambda/core/guard/guard.ts';
import { markerLine, readMarker } from '../../../lambda/core/groups/marker.ts';
import { sameName } from '../../../lambda/core/model/text.ts';
import { anyStubbornness, anyWorld } from '../arbitrary-world.ts';
import { play } from '../play-plan.ts';
import { at, briefs, planOf, type World } from '../world.ts';

const RUNS = { numRuns: 600 };

/** Whether the first look finds copies that nobody knew of, or several groups of one marker: what is ours then hangs on what is written. */
function hasNewCopies(world: World): boolean {
  const old = knownCopies(world);
  return planOf(world).skipped.some(
    ({ secodaId, reason }) =>
      (secodaId !== undefined && !old.has(secodaId)) || reason.includes('bear the same marker'),
  );
}

/** Groups that were seen as copies before, never written by us, and bear the same marker still. */
function knownCopies({ groups = [], memory }: World): Set<string> {
  const copies = groups.filter(({ id, description }) => {
    const copied = memory?.copies?.get(id);
    return copied && !memory?.groups?.has(id) && description === markerLine(copied);
  });
  return new Set(copies.map(({ id }) => id));
}

function shuffled(world: World): World {
  return {
    ...world,
    okta: (world.okta ?? [])
      .map((side) => ({ ...side, people: side.people ? [...side.people].reverse() : null }))
      .reverse(),
    users: [...(world.users ?? [])].reverse(),
    groups: (world.groups ?? [])
      .map((group) => ({ ...group, userIds: [...group.userIds].reverse() }))
      .reverse(),
  };
}

const limit = fc.record({ max: fc.integer({ min: 0, max: 4 }), percent: fc.integer({ min: 0, max: 60 }) });
const guardRules = fc.record({
  groupDeletions: limit,
  memberRemovals: limit,
  removalsPerGroup: limit,
  emptiedGroups: fc.record({ atLeast: fc.integer({ min: 1, max: 4 }) }),
  additionsPerGroup: limit,
  adoptions: fc.record({ max: fc.integer({ min: 0, max: 2 }) }),
  invitations: fc.record({ max: fc.integer({ min: 0, max: 2 }) }),
  minimumGroups: fc.integer({ min: 0, max: 3 }),
});

/** Whether every Okta record of this Secoda user is switched off, and there is one. */
function isOut(world: World, userId: string): boolean {
  const records = (world.okta ?? [])
    .flatMap(({ people }) => people ?? [])
    .filter((record) => typeof record !== 'string')
    .filter(({ email }) => email?.trim().toLowerCase() === at(userId));
  return records.length > 0 && records.every(({ status }) => status === 'SUSPENDED');
}

/** The harm of a plan, counted from what stands before and after it and not from what the plan says of itself. */
function recount(world: World, plan: Plan) {
  const groups = new Map((world.groups ?? []).map((group) => [group.id, group]));
  let deletions = 0;
  let adoptions = 0;
  const growths: { grown: number; of: number }[] = [];
  const leaving: { person: string; left: number; of: number; empties: boolean }[] = [];
  const standing = new Set<string>();
  for (const { id, description } of groups.values())
    if (readMarker(description)?.via === 'okta') standing.add(id);
  for (const id of knownCopies(world)) standing.delete(id);
  for (const { secodaId, content, known } of plan.changes) {
    const group = groups.get(secodaId ?? '');
    if (group === undefined) continue;
    if (readMarker(group.description) === null) {
      standing.add(group.id);
      if (!known) adoptions++;
    }
    if (content === null) deletions++;
    const left = group.userIds.filter((id) => !(content?.userIds ?? []).includes(id));
    const grown = (content?.userIds ?? []).filter((id) => !group.userIds.includes(id)).length;
    growths.push({ grown, of: group.userIds.length });
    const empties = content !== null && content.userIds.length === 0 && group.userIds.length > 0;
    for (const person of left) leaving.push({ person, left: left.length, of: group.userIds.length, empties });
  }
  const staying = leaving.filter(({ person }) => !isOut(world, person)).length;
  const out = new Set(leaving.filter(({ person }) => isOut(world, person)).map(({ person }) => person)).size;
  const memberships = [...standing].reduce((sum, id) => sum + (groups.get(id)?.userIds.length ?? 0), 0);
  return {
    deletions,
    adoptions,
    growths,
    leaving,
    removals: staying + out,
    managedGroups: standing.size,
    memberships,
  };
}

describe('whatever both sides hold', () => {
  it('a second plan right after the first one changes nothing, however stubborn Secoda is', () => {
    fc.assert(
      fc.property(anyWorld, anyStubbornness, (world, stubborn) => {
        fc.pre(!hasNewCopies(world));
        const after = play(world, planOf(world), stubborn);
        expect(briefs(planOf(after))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('groups of others are never changed, and a group without our marker only by adoption', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const change of planOf(world).changes) {
          const group = world.groups?.find(({ id }) => id === change.secodaId);
          if (group === undefined) continue;
          const marker = readMarker(group.description);
          if (marker === null)
            expect(change.action === 'update' && (change.adopted || change.known)).toBe(true);
          else expect(marker.via).toBe('okta');
        }
      }),
      RUNS,
    );
  });

  it('a group remembered as a copy is not changed, this time or the next', () => {
    fc.assert(
      fc.property(anyWorld, anyStubbornness, (world, stubborn) => {
        const copies = knownCopies(world);
        const plan = planOf(world);
        const next = planOf({ ...play(world, plan, stubborn), okta: [], unlisted: new Map() });
        for (const { secodaId } of [...plan.changes, ...next.changes])
          expect(copies.has(secodaId ?? '')).toBe(false);
      }),
      RUNS,
    );
  });

  it('each Secoda group and each Okta group has at most one change that is not a farewell', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { changes } = planOf(world);
        const ids = changes.flatMap(({ secodaId }) => secodaId ?? []);
        expect(new Set(ids).size).toBe(ids.length);
        const created = changes.filter(({ action }) => action === 'create').flatMap(({ oktaIds }) => oktaIds);
        expect(new Set(created).size).toBe(created.length);
      }),
      RUNS,
    );
  });

  it('deletions come last, but for one whose name another change takes', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { changes } = planOf(world);
        for (const [index, { action, name }] of changes.entries()) {
          if (action !== 'delete') continue;
          const later = changes.slice(index + 1).filter((change) => change.action !== 'delete');
          const takes = later.some((change) => sameName(change.name, name));
          expect(later.length === 0 || takes).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('a group is written after those that take people over from it, or is written again after them', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const { changes } = planOf({ ...world, whenGone: 'empty' });
        for (const [index, { handovers, again }] of changes.entries()) {
          const people = new Set(handovers.flatMap(({ userIds }) => userIds));
          const takers = new Set(handovers.map(({ to }) => keyOf(to)));
          const later = changes.slice(index + 1).filter((change) => takers.has(keyOf(change)));
          expect(again || !later.some(({ add }) => add.some(({ userId }) => people.has(userId)))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('an approved plan is within every limit', () => {
    fc.assert(
      fc.property(anyWorld, guardRules, (world, rules) => {
        const plan = planOf(world);
        const { approved } = judge(plan, { ...rules, overLimit: 'refuse' }, null);
        fc.pre(approved !== null);
        const { deletions, adoptions, growths, leaving, removals, managedGroups, memberships } = recount(
          world,
          plan,
        );
        const within = (count: number, { max, percent }: { max: number; percent: number }, whole: number) =>
          count <= max || count * 100 <= percent * whole;
        expect(within(deletions, rules.groupDeletions, managedGroups)).toBe(true);
        for (const { grown, of } of growths) expect(within(grown, rules.additionsPerGroup, of)).toBe(true);
        expect(adoptions).toBeLessThanOrEqual(rules.adoptions.max);
        expect(within(removals, rules.memberRemovals, memberships)).toBe(true);
        for (const { left, of, empties } of leaving) {
          expect(within(left, rules.removalsPerGroup, of)).toBe(true);
          if (empties) expect(of).toBeLessThan(rules.emptiedGroups.atLeast);
        }
      }),
      RUNS,
    );
  });

  it('protected, hidden and ambiguous members stay', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const twins = world.users?.some(({ id }) => id === 't1') === true;
        const guarded = world.people?.protect?.length === 1;
        for (const { action, remove } of planOf(world).changes) {
          const gone = remove.map(({ userId }) => userId);
          if (guarded) expect(gone).not.toContain('u4');
          if (action === 'update') expect(gone).not.toContain('robot');
          if (action === 'update' && twins) expect(gone).not.toContain('u5');
        }
      }),
      RUNS,
    );
  });

  it('the same world gives the same plan, in whatever order it was read', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const plan = planOf(world);
        expect(planOf(world)).toEqual(plan);
        const other = planOf(shuffled(world));
        expect(other.digest).toBe(plan.digest);
        expect(briefs(other)).toEqual(briefs(plan));
        const { skipped, warnings, unmatched, unsettled } = plan;
        expect(other).toMatchObject({ skipped, warnings, unmatched, unsettled });
      }),
      RUNS,
    );
  });

  it('an Okta group more, of a name that nobody bears, only adds and leaves the digest as it is', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const plan = planOf(world);
        const okta = [...(world.okta ?? []), { id: 'g99', name: 'Unheard of', people: ['new@acme.com'] }];
        const more = planOf({ ...world, okta });
        expect(more.digest).toBe(plan.digest);
        expect(more.changes.length).toBe(plan.changes.length + 1);
      }),
      RUNS,
    );
  });
});
