import type { Change } from '../core/plan/change.ts';
import {
  buildReport,
  type ChangeOutcome,
  type Report,
  type Requests,
  type Status,
} from '../core/report/report.ts';
import { Interrupted } from '../errors.ts';
import { worklistOf } from '../archive/unmatched.ts';
import type { Worklist } from '../core/report/worklist.ts';
import { closeKilled } from '../archive/killed.ts';
import { type Ledger, ledgerOf } from '../archive/ledger.ts';
import { snapshotHash } from '../archive/snapshot.ts';
import type { LedgerHead, OnWhoseWord } from '../core/report/ledger-entry.ts';
import { closeLeftOpen, onWhoseWord } from './write/ledger-entries.ts';
import { recordOf } from '../archive/record.ts';
import { type Ending, requestedOf, type RunContext, type Task } from './context.ts';
import type { Decision, Judged } from './checkpoints.ts';
import { everyInviteOutcome } from './invite/invite-everybody.ts';
import type { InviteResult } from './invite/invite.ts';
import { rememberSeen } from '../archive/state-file.ts';
import { type ErrorRecord, errorRecordOf, unforeseen } from './error-record.ts';
import { outcomesOf, type WriteEnd } from './write/write.ts';

/** How far the run came before its last step. */
export interface SoFar {
  readonly startedAt: number;
  readonly decision: Decision | null;
  readonly writing: WriteEnd | null;
  readonly inviting: InviteResult | null;
  readonly failure: Error | null;
  readonly requests: Requests;
}

/** How a run ended, as its last step can return it. */
export interface Reported {
  readonly status: Status;
  readonly note: ErrorRecord | null;
}

/** The one end of every run, which never throws: gathers what became of it, keeps the report, and hands it on. */
export async function endRun<R extends Report>(
  runId: string,
  context: RunContext & Ending<R>,
  before: Error | null,
  parts: {
    readonly gather: () => Promise<void>;
    readonly build: (failure: Error | null) => R;
    /** SHA-256 of the snapshot that the run kept. */
    readonly snapshot?: string | null | undefined;
  },
): Promise<Reported> {
  const { archive, rules, finished } = context;
  let failure = before;
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failure ??= unforeseen(error);
    }
  };
  await attempt(parts.gather);
  const ledger = ledgerOf(archive, rules.name);
  let last: LedgerHead | null = null;
  // Of a large plan it is long: it is made anew only where something went wrong since.
  let built: { readonly failure: Error | null; readonly report: R } | null = null;
  const build = (): R => {
    if (built?.failure !== failure) built = { failure, report: parts.build(failure) };
    return { ...built.report, ledger: last && { number: last.number, hash: last.hash } };
  };
  await attempt(async () => {
    last = await ledger.last();
  });
  await attempt(() => recordOf(archive, runId).report(build()));
  const kept = build();
  if (isForLedger(kept))
    await attempt(async () => {
      last = await enterEnd(context, ledger, runId, kept, parts.snapshot ?? null);
    });
  const report = build();
  await finished(report);
  return { status: report.status, note: failure && errorRecordOf(failure) };
}

/** Enters how a run ended into the ledger, with the hashes of its plan and report as they are kept. */
async function enterEnd(
  { archive, sources }: RunContext,
  ledger: Ledger,
  runId: string,
  { status, request }: { readonly status: string; readonly request: OnWhoseWord },
  snapshot: string | null,
): Promise<LedgerHead | null> {
  const hashOf = (name: string) => archive.hash(`${runId}/${name}`);
  const hashes = { plan: await hashOf('plan.json'), report: await hashOf('report.json'), snapshot };
  const end = { kind: 'end', status, request: onWhoseWord(request), ...hashes } as const;
  return ledger.append({ runId, now: sources.clock.now() }, () => end);
}

/** Whether a run changed something, or was to and might not, or was approved. */
function isForLedger({ mode, status, changes, invited, request }: Report): boolean {
  if (mode === 'plan') return false;
  const tried = [...changes, ...invited].some(
    ({ outcome }) => outcome !== null && outcome !== 'not-attempted',
  );
  return tried || status === 'refused' || request.approve !== null;
}

/** Leaves a report of runs that were killed. */
async function closeOthers(context: RunContext, own: string): Promise<void> {
  const { archive, rules, sources, mayBeAlive } = context;
  const ledger = ledgerOf(archive, rules.name);
  const asking = { name: rules.name, own };
  for (const run of await closeKilled(archive, asking, sources.clock.now(), mayBeAlive))
    await enterEnd(context, ledger, run.runId, run, await snapshotHash(archive, run.runId));
}

/** Reports a run over groups. */
export function reportRun(
  task: Task,
  context: RunContext & Ending,
  { startedAt, decision, writing, inviting, requests, failure: before }: SoFar,
): Promise<Reported> {
  const { sources, archive, rules, checkpoints } = context;
  let judged: Judged | null = null;
  let outcomes: ReadonlyMap<Change, ChangeOutcome> = new Map();
  let worklist: Worklist | null = null;
  return endRun(task.runId, context, before, {
    snapshot: decision?.snapshot,
    async gather() {
      if (task.mode === 'apply' && writing === null && !(before instanceof Interrupted))
        await closeLeftOpen(context, task);
      if (decision === null) return;
      judged = await checkpoints.plan.get(decision.plan);
      const { plan } = judged;
      if (writing !== null) outcomes = await outcomesOf(plan, writing, checkpoints, sources.listen);
      const complete = decision.whole && task.mode === 'apply' && before === null;
      if (complete) {
        const leftOut =
          plan.unmatched.length + plan.unsettled.length > 0 ||
          [...outcomes.values()].some(
            ({ outcome, unsettled }) => outcome !== 'applied' || unsettled.length > 0,
          );
        const passed = judged.refusals.length === 0 || plan.changes.some(({ held }) => held);
        const leaving = passed ? (leftOut ? task.runId : null) : undefined;
        await rememberSeen(archive, rules.name, plan, sources.clock.now(), leaving);
      }
      const run = { runId: task.runId, startedAt, whole: decision.whole, complete };
      worklist = await worklistOf(archive, rules.name, plan.unmatched, run);
      // Last: what became of this run is told even where nothing can be said of others.
      if (task.mode === 'apply' && decision.whole) await closeOthers(context, task.runId);
    },
    build: (failure) =>
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
        failure,
      }),
  });
}
