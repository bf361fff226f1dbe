import { fingerprintOf } from '../../core/groups/settled-content.ts';
import type { GroupMemory } from '../../core/model/memory.ts';
import type { Member, WorkspaceGroup } from '../../core/model/workspace.ts';
import { createIdentity, type Identity } from '../../core/people/identity.ts';
import { byMember } from '../../core/people/members.ts';
import type { Change, Plan } from '../../core/plan/change.ts';
import { verify } from '../../core/plan/verify.ts';
import { type ChangeOutcome, notAttempted } from '../../core/report/report.ts';
import { mergeMemory } from '../../archive/state-file.ts';
import type { CheckpointRef, Listener } from '../../ports.ts';
import type { Checkpoints, SliceOutcomes, Written, WrittenGroup } from '../checkpoints.ts';
import type { RunContext } from '../context.ts';
import { unforeseen } from '../error-record.ts';
import type { LeasesEnd } from './lease-by-lease.ts';
import { held, outcomeOf } from './slice.ts';
import type { SliceKept } from './slice-step.ts';

type Outcome = Written['outcomes'][number];

/** What came of writing a plan, or the joins of an onboarding. */
export type WriteEnd = LeasesEnd<SliceOutcomes>;

/** Looks once more at all that was written. Never throws. `users`: the list that was read before the first slice. */
export async function lookOnceMore(
  context: RunContext,
  users: CheckpointRef,
  { kept, ...end }: LeasesEnd<SliceKept>,
): Promise<WriteEnd> {
  const written = kept.map((each) => each.written);
  const toSee = kept.flatMap((each) => (each.toSee > 0 && 'key' in each.written ? each.written : []));
  if (toSee.length === 0 || end.stopped !== null) return { ...end, kept: written };
  const latest = kept.at(-1)?.users ?? users;
  try {
    const look = await context.workflow.step('look-again', () => lookAtAll(context, latest, toSee));
    return { ...end, kept: [...written, look] };
  } catch (error) {
    const stopped = unforeseen(error);
    return { kept: written, stopped, why: stopped.message };
  }
}

/**
 * Lists Secoda's groups once more, compares all that was written with it, as the next run will see it, and remembers what differs. A
 * group whose last write was looked at is let be: what was written before it shows no more.
 */
async function lookAtAll(
  context: RunContext,
  users: CheckpointRef,
  written: readonly CheckpointRef[],
): Promise<CheckpointRef> {
  const { sources, checkpoints, archive, rules } = context;
  const list = await checkpoints.users.get(users);
  const identity = createIdentity(rules.people, list.users);
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const outcomes: Outcome[] = [];
  const seen = new Set<string>();
  for (const kept of written.toReversed()) {
    const { outcomes: told, shown } = await checkpoints.written.get(kept);
    const looks = shown
      .filter(({ group }) => !seen.has(group.id))
      .flatMap((each) => lookAgain(each, groups.get(each.group.id), identity, context) ?? []);
    for (const { group } of shown) seen.add(group.id);
    await mergeMemory(archive, { remember: looks.flatMap(({ remember }) => remember ?? []), forget: [] });
    outcomes.push(
      ...looks.map(({ corrected }) => corrected),
      ...told.flatMap((each) => stillThere(each, groups)),
    );
  }
  return checkpoints.written.put('look-again', { outcomes, shown: [] });
}

function stillThere([position, told]: Outcome, groups: ReadonlyMap<string, WorkspaceGroup>): Outcome[] {
  const { outcome, written } = told;
  if (outcome !== 'applied' || written?.action !== 'delete' || !groups.has(written.secodaId ?? '')) return [];
  const error = 'Secoda accepted the deletion, but lists the group afterwards';
  const unsettled = written.remove.map(({ email, userId }) => email ?? userId);
  return [[position, { ...told, outcome: 'unsettled', unsettled, news: true, error }]];
}

/**
 * Compares one group with what it showed when it was written; `null` where nothing is to be said. One that shows something else than it
 * answered, without having been edited since, was not honoured: that is what must be remembered, or the next run would write it again.
 * One that somebody edited meanwhile is left to the next run.
 */
function lookAgain(
  { position, written, group, before, refused, due }: WrittenGroup,
  seen: WorkspaceGroup | undefined,
  identity: Identity,
  { sources }: RunContext,
): { readonly corrected: Outcome; readonly remember?: GroupMemory } | null {
  if (seen === undefined) {
    const error = 'Secoda accepted the write, but does not list the group afterwards';
    return { corrected: [position, { outcome: 'unsettled', written, unsettled: [], news: true, error }] };
  }
  if (fingerprintOf(seen) === fingerprintOf(group)) return null;
  // Without a time of change there is no telling an edit from a habit of Secoda's: leave it to the next run.
  if (seen.updatedAt === null || seen.updatedAt !== group.updatedAt) return null;
  const now = sources.clock.now();
  const verified = verify(written, written.content ?? group, seen, identity, now, refused);
  const outcome = outcomeOf(written, verified, before, identity);
  return { corrected: [position, held(outcome, due)], remember: verified.memory };
}

/** What became of each change; those that no step tells of were not attempted, which `listen` hears. */
export async function outcomesOf(
  plan: Pick<Plan, 'changes'>,
  { kept, why }: Pick<WriteEnd, 'kept' | 'why'>,
  checkpoints: Checkpoints,
  listen: Listener = () => undefined,
): Promise<ReadonlyMap<Change, ChangeOutcome>> {
  const outcomes = new Map<Change, ChangeOutcome>();
  for (const told of kept) {
    const each = 'outcomes' in told ? told : await checkpoints.written.get(told);
    for (const [position, outcome] of each.outcomes) {
      const change = plan.changes[position];
      if (change !== undefined) outcomes.set(change, together(outcomes.get(change), outcome));
    }
  }
  const total = plan.changes.length;
  for (const change of plan.changes) {
    if (outcomes.has(change) || change.held) continue;
    const outcome = notAttempted(why);
    outcomes.set(change, outcome);
    listen({ kind: 'outcome', change, outcome, done: outcomes.size, total });
  }
  return outcomes;
}

/** Of a change that was written in two parts, both: nobody has to add them up. */
function together(first: ChangeOutcome | undefined, then: ChangeOutcome): ChangeOutcome {
  if (first === undefined || first.outcome === 'not-attempted') return then;
  if (then.outcome === 'not-attempted') return first;
  if (first.written === null || then.written === null) return then;
  const { add, remove, renamedFrom, before } = first.written;
  const written = {
    ...then.written,
    add: eachOnce([...add, ...then.written.add]),
    remove: eachOnce([...remove, ...then.written.remove]),
    renamedFrom: renamedFrom ?? then.written.renamedFrom,
    before,
  };
  return { ...then, written };
}

function eachOnce<T extends Member>(members: readonly T[]): readonly T[] {
  return [...new Map(members.map((member) => [member.userId, member])).values()].sort(byMember);
}
