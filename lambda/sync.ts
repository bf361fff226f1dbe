import type { Plan } from './core/change.ts';
import { harmOf } from './core/digest.ts';
import { judge, type Verdict } from './core/guard.ts';
import type { Fingerprint } from './core/model.ts';
import { makePlan } from './core/plan.ts';
import { buildReport, type Report, type ReportInput } from './core/report.ts';
import type { GuardRules, SyncRules } from './core/rules.ts';
import { AccessError, UsageError } from './errors.ts';
import { mergeMemory } from './memory-file.ts';
import type { Archive, Turns, WorkspaceWriter } from './ports.ts';
import { keepRefused, recordOf, refusedHarm } from './record.ts';
import { applyPlan } from './run/apply.ts';
import { memoryOf, rememberMissed } from './run/missed.ts';
import { readBoth, type Sources } from './run/read.ts';

/** Everything a run stands on. */
export interface World {
  readonly sources: Sources;
  readonly archive: Archive;
  readonly rules: SyncRules;
  readonly guard: GuardRules;
  readonly fingerprint: Fingerprint;
  /** When the schedule starts the next run, in epoch milliseconds; `null` when there is no telling. */
  readonly nextRunAt: number | null;
}

/** What is asked of a run. Only an apply brings a writer: a dry run could not write if it wanted to. */
export type Task = { readonly runId: string; readonly groups: readonly string[] } & (
  | { readonly mode: 'plan' }
  | {
      readonly mode: 'apply';
      readonly approve: string | null;
      readonly writer: WorkspaceWriter;
      readonly turns: Turns;
    }
);

export interface RunResult {
  readonly report: Report;
  /** What ended the run, if anything did; the report says it in words. */
  readonly failure: Error | null;
}

/**
 * One pass: read both sides, plan, guard, apply, report. Whatever happens, it ends in a report, which is also kept in the
 * record; only a `UsageError` is thrown, for a run that should not have begun.
 */
export async function runSync(task: Task, world: World): Promise<RunResult> {
  const { sources, archive } = world;
  const record = recordOf(archive, task.runId);
  const so = { startedAt: sources.clock.now(), plan: null, refusals: [], outcomes: new Map() } as const;
  let known: Pick<ReportInput, 'startedAt' | 'plan' | 'refusals' | 'outcomes'> = so;
  let failure: Error | null = null;
  try {
    const { name } = world.rules;
    const memory = await memoryOf(archive, name);
    const reading = await readBoth(sources, world.rules, task.groups);
    const plan = makePlan({ ...world, ...reading, memory, now: sources.clock.now() });
    const { approved, refusals } = await decide(plan, task, world);
    known = { ...known, plan, refusals };
    sources.listen({ kind: 'planned', plan, refusals });
    await record.plan({ runId: task.runId, mode: task.mode, harm: harmOf(plan.changes), ...plan, refusals });
    if (refusals.length > 0) await keepRefused(archive, plan.digest, harmOf(plan.changes));
    if (task.mode === 'apply') {
      if (approved !== null && plan.changes.length > 0) {
        const keeper = {
          read: () => memoryOf(archive, name),
          merge: (learned: Parameters<typeof mergeMemory>[1]) => mergeMemory(archive, learned),
        };
        const { outcomes, stopped } = await applyPlan({
          ...world,
          ...task,
          memory: keeper,
          reading,
          approved,
        });
        known = { ...known, outcomes };
        failure = stopped;
      }
      if (reading.targets === null) await rememberMissed(archive, name, plan.missed, sources.clock.now());
    }
  } catch (error) {
    if (error instanceof UsageError && known.plan === null) throw error;
    failure = unforeseen(error);
  }
  const build = (): Report =>
    buildReport({
      ...known,
      ...task,
      requests: traffic(sources),
      endedAt: sources.clock.now(),
      error: failure?.message ?? null,
      denied: failure instanceof AccessError,
    });
  const report = build();
  try {
    await record.report(report);
    return { report, failure };
  } catch (error) {
    failure ??= unforeseen(error);
    return { report: build(), failure };
  }
}

/** Once both sides were read, an archive that cannot be used is no longer a matter of usage. */
function unforeseen(error: unknown): Error {
  if (error instanceof UsageError) return new Error(error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

/** An approval with nothing left to approve is no mistake: both sides agree already, so it stands for whatever is planned. */
async function decide(plan: Plan, task: Task, { guard, archive }: World): Promise<Verdict> {
  if (task.mode !== 'apply' || task.approve === null) return judge(plan, guard, null);
  if (plan.changes.length === 0) return judge(plan, guard, { digest: plan.digest, harm: null });
  return judge(plan, guard, { digest: task.approve, harm: await refusedHarm(archive, task.approve) });
}

function traffic({ directory, workspace }: Sources): ReportInput['requests'] {
  const { reads, throttled, retries } = directory.traffic();
  return { okta: { reads, throttled, retries }, secoda: workspace.traffic() };
}
