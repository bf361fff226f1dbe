import { UsageError } from '../errors.ts';
import { inviteEverybody } from './invite/invite-everybody.ts';
import type { InviteResult } from './invite/invite-input.ts';
import { meteredSteps } from './metered-steps.ts';
import { decide } from './decide.ts';
import type { Decision, ReadEnd } from './checkpoints.ts';
import { memoryKeeper } from '../archive/memory.ts';
import { errorOf, unforeseen } from './error-record.ts';
import { readBoth } from './read/read-both.ts';
import type { RunEnd, Task, RunContext } from './context.ts';
import { reportRun } from './report.ts';
import { type WriteEnd, writePlan } from './write/write.ts';

/**
 * One pass: read both sides, plan, guard, write, report, in steps each of which can be repeated. Whatever happens, it ends
 * in a report, which is also kept in the record; only a `UsageError` may be thrown, for a run that should not have begun.
 */
export async function runSync(task: Task, context: RunContext): Promise<RunEnd> {
  const { sources, archive, rules, workflow, usage } = context;
  const counted = meteredSteps(workflow, sources);
  const { step } = counted;
  const startedAt = await step('begin', () => Promise.resolve(sources.clock.now()));
  let read: ReadEnd | null = null;
  let decision: Decision | null = null;
  let writing: WriteEnd | null = null;
  let inviting: InviteResult | null = null;
  let failure: Error | null = null;
  try {
    read = await readBoth(task, context, counted);
    const found = read;
    decision = await step('plan', () => decide(task, context, found));
    if (task.mode === 'apply' && decision.slices !== null) {
      const memory = memoryKeeper(archive, rules.name);
      const plan = { ...found, ...decision, slices: decision.slices, startedAt };
      writing = await writePlan({ ...context, ...task, memory }, { step, workflow }, plan);
      failure = writing.stopped;
    }
    if (task.mode === 'apply' && decision.invitations > 0 && failure === null) {
      inviting = await inviteEverybody(task, context, { step, workflow }, { decision, writing });
      failure = inviting.stop === null ? null : errorOf(inviting.stop);
    }
  } catch (error) {
    // Once both sides were read, nothing that goes wrong is a matter of what was asked.
    if (error instanceof UsageError && read === null && usage === 'throw') throw error;
    failure = read === null && error instanceof UsageError ? error : unforeseen(error);
  }
  const before = { startedAt, decision, writing, inviting, failure, requests: counted.requests() };
  const { status, note } = await workflow.step('report', () => reportRun(task, context, before));
  return { status, failure: failure ?? (note === null ? null : errorOf(note)) };
}
