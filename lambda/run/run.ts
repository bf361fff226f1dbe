import { UsageError } from '../errors.ts';
import { inviteEverybody } from './invite/invite-everybody.ts';
import type { InviteResult } from './invite/invite.ts';
import { requestsOf } from './workflow.ts';
import { decide } from './decide.ts';
import type { Decision, ReadEnd } from './checkpoints.ts';
import { errorOf, unforeseen } from './error-record.ts';
import { readBoth } from './read/read-both.ts';
import type { ApplyTask, Ending, RunContext, RunEnd, Task } from './context.ts';
import { reportRun } from './make-report.ts';
import { leaseByLease, mayGoOn } from './write/lease-by-lease.ts';
import { slicesOf } from './write/slice-step.ts';
import { lookOnceMore, type WriteEnd } from './write/write.ts';

/**
 * One pass: read both sides, plan and judge, write under the lease, look once more, invite, report, in steps each of which can be
 * repeated. Whatever happens, it ends in a report, which is also kept in the record; only a `UsageError` may be thrown, for a run
 * that should not have begun.
 */
export async function runSync(task: Task, context: RunContext & Ending): Promise<RunEnd> {
  const startedAt = await context.workflow.step('begin', () => Promise.resolve(context.sources.clock.now()));
  let read: ReadEnd | null = null;
  let decision: Decision | null = null;
  let writing: WriteEnd | null = null;
  let inviting: InviteResult | null = null;
  let failure: Error | null = null;
  let confirmed = true;
  try {
    const both = (read = await readBoth(task, context));
    decision = await context.workflow.step('plan', () => decide(task, context, both));
    if (task.mode === 'apply' && (decision.slices !== null || decision.invitations > 0))
      confirmed = await mayWrite(task, context);
    if (task.mode === 'apply' && decision.slices !== null && confirmed) {
      const plan = { ...both, ...decision, slices: decision.slices, startedAt };
      const written = await leaseByLease(context, task, slicesOf(task, context, plan));
      writing = await lookOnceMore(context, both.users, written);
      failure = writing.stopped;
    }
    if (task.mode === 'apply' && decision.invitations > 0 && confirmed && mayGoOn(failure)) {
      const planned = decision.plan;
      const plan = async () => (await context.checkpoints.plan.get(planned)).plan;
      const how = { approved: decision.seatsApproved, anew: null, startedAt };
      inviting = await inviteEverybody(task, context, plan, writing, how);
      failure ??= inviting.stop;
    }
  } catch (error) {
    // Once both sides were read, nothing that goes wrong is a matter of what was asked.
    if (error instanceof UsageError && read === null && context.usage === 'throw') throw error;
    failure = read === null && error instanceof UsageError ? error : unforeseen(error);
  }
  const soFar = { startedAt, decision, writing, inviting, failure, requests: requestsOf(context) };
  const { runId, groups, hints, full } = task;
  const ended: Task = confirmed ? task : { runId, groups, hints, full, mode: 'plan' };
  const { status, note } = await context.workflow.step('report', () => reportRun(ended, context, soFar));
  return { status, failure: failure ?? (note && errorOf(note)) };
}

/** Asks, where somebody is to be asked. Where they interrupt the run instead, what follows finds that out, and tells of each change that it was not attempted. */
async function mayWrite({ confirm }: ApplyTask, { interrupted }: RunContext): Promise<boolean> {
  try {
    return (await confirm?.()) ?? true;
  } catch (error) {
    if (interrupted.aborted) return true;
    throw error;
  }
}
