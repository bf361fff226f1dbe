import type { Change } from '../core/change.ts';
import type { ChangeOutcome } from '../core/outcome.ts';
import { buildReport, type Report, type Requests, type Status } from '../core/report.ts';
import { AccessError } from '../errors.ts';
import { recordOf } from '../record.ts';
import type { Task, World } from '../sync.ts';
import type { Decision } from './decide.ts';
import { everyInviteOutcome } from './invite-everybody.ts';
import type { InviteResult } from './invite.ts';
import type { Judged } from './kept.ts';
import { rememberSeen } from './missed.ts';
import { type Note, noteOf, unforeseen } from './note.ts';
import { outcomesOf } from './outcomes.ts';
import type { WriteEnd } from './write.ts';

/** How far the run came before its last step. */
export interface SoFar {
  readonly startedAt: number;
  readonly decision: Decision | null;
  readonly writing: WriteEnd | null;
  readonly inviting: InviteResult | null;
  readonly failure: Error | null;
  readonly requests: Requests;
}

/** Puts the report together, keeps it in the record, and hands it on. Never throws: what goes wrong here is in the report too. */
export async function tell(
  task: Task,
  world: World,
  { startedAt, decision, writing, inviting, requests, ...so }: SoFar,
): Promise<{ readonly status: Status; readonly note: Note | null }> {
  const { sources, archive, rules, drawers } = world;
  let { failure } = so;
  let judged: Judged | null = null;
  let outcomes: ReadonlyMap<Change, ChangeOutcome> = new Map();
  const build = (): Report =>
    buildReport({
      runId: task.runId,
      mode: task.mode,
      plan: judged?.plan ?? null,
      refusals: judged?.refusals ?? [],
      outcomes,
      invited: judged === null || inviting === null ? [] : everyInviteOutcome(judged.plan, inviting),
      requests,
      startedAt,
      endedAt: sources.clock.now(),
      error: failure?.message ?? null,
      denied: failure instanceof AccessError,
    });
  try {
    if (decision !== null) {
      judged = await drawers.plan.get(decision.plan);
      const { plan } = judged;
      if (writing !== null) outcomes = await outcomesOf(plan, writing, drawers, sources.listen);
      if (decision.whole && task.mode === 'apply') {
        await rememberSeen(archive, rules.name, plan, sources.clock.now());
      }
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
  await world.finished(report);
  return { status: report.status, note: failure === null ? null : noteOf(failure) };
}
