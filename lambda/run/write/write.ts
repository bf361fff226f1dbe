import type { Change, Plan } from '../../core/plan/change.ts';
import type { Member } from '../../core/model/workspace.ts';
import { byMember } from '../../core/people/members.ts';
import { type ChangeOutcome, notAttempted } from '../../core/report/report.ts';
import type { CheckpointRef, Listener } from '../../ports.ts';
import type { Checkpoints, SliceOutcomes } from '../checkpoints.ts';
import type { RunContext } from '../context.ts';
import { unforeseen } from '../error-record.ts';
import type { LeasesEnd } from './lease-by-lease.ts';
import { lookAtAll } from './look-again.ts';
import type { SliceKept } from './slice-step.ts';

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
