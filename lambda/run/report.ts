import type { Change } from '../core/plan/change.ts';
import {
  buildReport,
  type ChangeOutcome,
  type Report,
  type Requests,
  type Status,
} from '../core/report/report.ts';
import { AccessError } from '../errors.ts';
import { worklistOf } from '../archive/unmatched.ts';
import type { Worklist } from '../core/report/worklist.ts';
import { recordOf } from '../archive/record.ts';
import { requestedOf, type RunContext, type Task } from './context.ts';
import type { Decision, Judged } from './checkpoints.ts';
import { everyInviteOutcome } from './invite/invite-everybody.ts';
import type { InviteResult } from './invite/invite-input.ts';
import { rememberSeen } from '../archive/memory.ts';
import { type ErrorRecord, errorRecordOf, unforeseen } from './error-record.ts';
import { outcomesOf } from './write/outcomes.ts';
import type { WriteEnd } from './write/write.ts';

/** How far the run came before its last step. */
interface SoFar {
  readonly startedAt: number;
  readonly decision: Decision | null;
  readonly writing: WriteEnd | null;
  readonly inviting: InviteResult | null;
  readonly failure: Error | null;
  readonly requests: Requests;
}

/** Puts the report together, keeps it in the record, and hands it on. Never throws: what goes wrong here is in the report too. */
export async function reportRun(
  task: Task,
  context: RunContext,
  { startedAt, decision, writing, inviting, requests, ...so }: SoFar,
): Promise<{ readonly status: Status; readonly note: ErrorRecord | null }> {
  const { sources, archive, rules, checkpoints } = context;
  let { failure } = so;
  let judged: Judged | null = null;
  let outcomes: ReadonlyMap<Change, ChangeOutcome> = new Map();
  let worklist: Worklist | null = null;
  const build = (): Report =>
    buildReport({
      runId: task.runId,
      mode: task.mode,
      request: requestedOf(task, context),
      plan: judged?.plan ?? null,
      refusals: judged?.refusals ?? [],
      outcomes,
      worklist,
      invited: judged === null || inviting === null ? [] : everyInviteOutcome(judged.plan, inviting),
      requests,
      startedAt,
      endedAt: sources.clock.now(),
      error: failure?.message ?? null,
      denied: failure instanceof AccessError,
    });
  try {
    if (decision !== null) {
      judged = await checkpoints.plan.get(decision.plan);
      const { plan } = judged;
      if (writing !== null) outcomes = await outcomesOf(plan, writing, checkpoints, sources.listen);
      const complete = decision.whole && task.mode === 'apply' && failure === null;
      if (complete) {
        const leftOut =
          plan.unmatched.length + plan.unsettled.length > 0 ||
          [...outcomes.values()].some(({ unsettled }) => unsettled.length > 0);
        const passed = judged.refusals.length === 0;
        const leaving = passed ? (leftOut ? task.runId : null) : undefined;
        await rememberSeen(archive, rules.name, plan, sources.clock.now(), leaving);
      }
      const run = { runId: task.runId, startedAt, whole: decision.whole, complete };
      worklist = await worklistOf(archive, rules.name, plan.unmatched, run);
    }
  } catch (error) {
    failure ??= unforeseen(error);
  }
  let report = build();
  try {
    await recordOf(archive, task.runId).report(report);
  } catch (error) {
    failure ??= unforeseen(error);
    report = build();
  }
  await context.finished(report);
  return { status: report.status, note: failure === null ? null : errorRecordOf(failure) };
}
