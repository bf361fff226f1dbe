/** A whole run in memory: planned, cut into slices, each of them planned anew and written to a Secoda that may fail once. */
import type { Change, Plan } from '../../lambda/core/plan/change.ts';
import { judge, type Verdict } from '../../lambda/core/guard/guard.ts';
import { readMarker } from '../../lambda/core/groups/marker.ts';
import type { GroupMemory } from '../../lambda/core/model/memory.ts';
import { makePlan } from '../../lambda/core/plan/plan.ts';
import { dueNow } from '../../lambda/core/plan/reconcile.ts';
import { verify } from '../../lambda/core/plan/verify.ts';
import { GUARD, handMade, identityOf, inputOf, NOW, planOf, type World } from './world.ts';

/** What becomes of one write, counted from 0. */
export interface Fault {
  readonly at: number;
  /** `refused`: so is every later one about this group. `kill`: it was done, and the run ends before it notes anything. */
  readonly how: 'fails' | 'refused' | 'kill';
}

export interface Played {
  readonly world: World;
  readonly plan: Plan;
  /** Secoda ids of groups that could not be written. */
  readonly failed: ReadonlySet<string>;
  readonly writes: number;
}

/** How a plan is judged. */
export type Judging = (plan: Plan, world: World) => Verdict;

const APPROVED: Judging = (plan) => judge(plan, GUARD, { digest: plan.digest, harm: null });

/** What a run makes of the world; unless `judging` says otherwise, approved whatever it plans. */
export function playRun(
  before: World,
  fault: Fault | null,
  newId: () => string,
  judging: Judging = APPROVED,
): Played {
  const plan = planOf(before);
  const { approved } = judging(plan, before);
  const identity = identityOf(before.people ?? {}, before.users ?? []);
  const groups = new Map((before.groups ?? []).map((group) => [group.id, group]));
  const memory = new Map([
    ...(before.memory?.groups ?? []),
    ...plan.ours.map((each) => [each.secodaId, each] as const),
  ]);
  const copies = new Map(before.memory?.copies);
  const failed = new Set<string>();
  const world = (): World => ({
    ...before,
    groups: [...groups.values()],
    memory: { ...before.memory, groups: memory, copies },
  });
  const note = (found: Plan): void => {
    for (const { secodaId, marker } of found.copies)
      if (marker === null) copies.delete(secodaId);
      else copies.set(secodaId, marker);
  };
  note(plan);
  let writes = 0;
  for (const { changes } of approved?.slices(2) ?? []) {
    const fresh = within(world(), changes, plan);
    const learned = new Map<string, GroupMemory | null>();
    for (const planned of changes) {
      const { change } = dueNow(planned, fresh, groups.values(), 'okta', identity);
      if (change === null) continue;
      const how = fault?.at === writes++ ? fault.how : null;
      const id = change.secodaId ?? newId();
      if (how === 'fails' || how === 'refused' || (fault?.how === 'refused' && failed.has(id))) {
        failed.add(id);
        continue;
      }
      const { content } = change;
      if (content === null) groups.delete(id);
      else groups.set(id, handMade(id, content.name, content.userIds, content.description));
      if (how === 'kill') return { world: world(), plan, failed, writes };
      const shown = groups.get(id);
      learned.set(
        id,
        content === null || shown === undefined ? null : verify(change, content, shown, identity, NOW).memory,
      );
    }
    note(fresh);
    for (const [id, each] of learned)
      if (each === null) memory.delete(id);
      else memory.set(id, each);
  }
  return { world: world(), plan, failed, writes };
}

/** What planning anew says when a slice knows the members of its own Okta groups only. */
export function within(world: World, slice: readonly Change[], approved: Plan): Plan {
  const input = inputOf(world);
  const targets = new Set(slice.flatMap(({ oktaIds }) => oktaIds));
  const own = new Map([...input.directory.memberships].filter(([id]) => targets.has(id)));
  const leftAlone = approved.skipped.flatMap(({ secodaId, oktaIds }) =>
    secodaId === undefined ? oktaIds : [],
  );
  return makePlan({ ...input, targets, leftAlone, directory: { ...input.directory, memberships: own } });
}

/** Who is in which group of ours, by name and Okta groups. */
export function membersIn({ groups = [] }: World): readonly string[] {
  const ours = groups.filter(({ description }) => readMarker(description) !== null);
  return ours
    .map(({ name, description, userIds }) => `${name}: ${description}: ${[...userIds].sort().join()}`)
    .sort();
}
