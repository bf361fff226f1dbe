/** A Secoda in memory that plans are applied to, one that honours only so much of what it is asked. */
import type { Change, Plan } from '../../lambda/core/plan/change.ts';
import type { GroupMemory } from '../../lambda/core/model/memory.ts';
import type { WorkspaceGroup } from '../../lambda/core/model/workspace.ts';
import { sameName } from '../../lambda/core/model/text.ts';
import { verify } from '../../lambda/core/plan/verify.ts';
import { handMade, identityOf, NOW, type World } from './world.ts';

export interface Stubbornness {
  readonly drops: readonly string[];
  readonly keeps: readonly string[];
}

const OBEDIENT: Stubbornness = { drops: [], keeps: [] };

/** The world after all changes were written in the order of the plan, with what verifying them left in memory. */
export function play(world: World, plan: Plan, stubborn: Stubbornness = OBEDIENT): World {
  const groups = new Map((world.groups ?? []).map((group) => [group.id, group]));
  const memory = new Map<string, GroupMemory>(world.memory?.groups);
  const identity = identityOf(world.people ?? {}, world.users ?? []);
  for (const [index, change] of plan.changes.entries()) {
    const id = change.secodaId ?? `new${index}`;
    if (change.content === null) {
      groups.delete(id);
      memory.delete(id);
      continue;
    }
    refuseTakenName(change, groups);
    const before = groups.get(id)?.userIds ?? [];
    const kept = before.filter((member) => stubborn.keeps.includes(member));
    const taken = change.content.userIds.filter(
      (member) => before.includes(member) || !stubborn.drops.includes(member),
    );
    const shown = handMade(
      id,
      change.content.name,
      [...new Set([...kept, ...taken])],
      change.content.description,
    );
    groups.set(id, shown);
    memory.set(id, verify({ ...change, secodaId: id }, change.content, shown, identity, NOW).memory);
  }
  const copies = new Map(world.memory?.copies);
  for (const { secodaId, marker } of plan.copies) {
    if (marker === null) copies.delete(secodaId);
    else copies.set(secodaId, marker);
  }
  return { ...world, groups: [...groups.values()], memory: { ...world.memory, groups: memory, copies } };
}

/** Written in order, no rename may ever meet a group that still bears the name. */
function refuseTakenName(change: Change, groups: ReadonlyMap<string, WorkspaceGroup>): void {
  if (change.renamedFrom === null) return;
  for (const { id, name } of groups.values()) {
    if (id !== change.secodaId && sameName(name, change.name)) {
      throw new Error(`${change.secodaId ?? ''} takes the name ${name} while ${id} still bears it`);
    }
  }
}
