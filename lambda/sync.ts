import type { Fingerprint } from './core/model.ts';
import type { Report, Status } from './core/report.ts';
import type { GuardRules, SyncRules } from './core/rules.ts';
import { UsageError } from './errors.ts';
import type { Archive, Inviter, Journey, Turns, WorkspaceWriter } from './ports.ts';
import { inviteEverybody } from './run/invite-everybody.ts';
import type { InviteResult } from './run/invite.ts';
import type { ShortCutRules } from './run/short-cuts.ts';
import { countedSteps } from './run/counted.ts';
import { type Decision, decide, type ReadEnd } from './run/decide.ts';
import type { Drawers } from './run/kept.ts';
import type { About } from './run/list.ts';
import { memoryKeeper } from './run/missed.ts';
import { errorOf, unforeseen } from './run/note.ts';
import { readBoth } from './run/read-both.ts';
import type { Sources } from './run/read.ts';
import { tell } from './run/tell.ts';
import { type WriteEnd, writePlan } from './run/write.ts';

/** Everything a run stands on. */
export interface World {
  readonly sources: Sources;
  readonly archive: Archive;
  readonly journey: Journey;
  readonly drawers: Drawers;
  readonly rules: SyncRules;
  readonly guard: GuardRules;
  readonly shortCuts: ShortCutRules;
  readonly fingerprint: Fingerprint;
  /** When the schedule starts the next run, in epoch milliseconds; `null` when there is no telling. */
  readonly nextRunAt: number | null;
  /** Gets the whole report in the run's last step, which may be repeated after a kill. */
  readonly finished: (report: Report) => Promise<void>;
  /** What becomes of a mistake in what was asked: thrown, where somebody sits in front of it, or told in a report. */
  readonly usage: 'throw' | 'report';
}

/** What is asked of a run. Only an apply brings a writer: a dry run could not write if it wanted to. */
export type Task = About & {
  readonly runId: string;
  /** No short cuts: everything is read. */
  readonly full: boolean;
} & (
    | { readonly mode: 'plan' }
    | {
        readonly mode: 'apply';
        readonly approve: string | null;
        readonly writer: WorkspaceWriter;
        readonly inviter: Inviter;
        readonly turns: Turns;
      }
  );

/** How a run ended. */
export interface RunEnd {
  readonly status: Status;
  /** What ended the run, if anything did; the report says it in words. */
  readonly failure: Error | null;
}

/**
 * One pass: read both sides, plan, guard, write, report, in steps each of which can be repeated. Whatever happens, it ends
 * in a report, which is also kept in the record; only a `UsageError` may be thrown, for a run that should not have begun.
 */
export async function runSync(task: Task, world: World): Promise<RunEnd> {
  const { sources, archive, rules, journey, usage } = world;
  const counted = countedSteps(journey, sources);
  const { step } = counted;
  const startedAt = await step('begin', () => Promise.resolve(sources.clock.now()));
  let read: ReadEnd | null = null;
  let decision: Decision | null = null;
  let writing: WriteEnd | null = null;
  let inviting: InviteResult | null = null;
  let failure: Error | null = null;
  try {
    read = await readBoth(task, world, counted);
    const found = read;
    decision = await step('plan', () => decide(task, world, found));
    if (task.mode === 'apply' && decision.slices !== null) {
      const memory = memoryKeeper(archive, rules.name);
      const plan = { ...found, ...decision, slices: decision.slices, startedAt };
      writing = await writePlan({ ...world, ...task, memory }, { step, journey }, plan);
      failure = writing.stopped;
    }
    if (task.mode === 'apply' && decision.invitations > 0 && failure === null) {
      inviting = await inviteEverybody(task, world, { step, journey }, { decision, writing });
      failure = inviting.stop === null ? null : errorOf(inviting.stop);
    }
  } catch (error) {
    // Once both sides were read, nothing that goes wrong is a matter of what was asked.
    if (error instanceof UsageError && read === null && usage === 'throw') throw error;
    failure = read === null && error instanceof UsageError ? error : unforeseen(error);
  }
  const before = { startedAt, decision, writing, inviting, failure, requests: counted.requests() };
  const { status, note } = await journey.step('report', () => tell(task, world, before));
  return { status, failure: failure ?? (note === null ? null : errorOf(note)) };
}
