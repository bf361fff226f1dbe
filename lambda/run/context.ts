import type {
  Adder,
  Archive,
  Clock,
  Directory,
  Inviter,
  Leases,
  Listener,
  PersonCache,
  Workflow,
  Workspace,
  WorkspaceWriter,
} from '../ports.ts';
import type { Report, Status } from '../core/report/report.ts';
import type { GuardRules, ShortCutRules, SyncRules } from '../core/model/rules.ts';
import type { Holder } from '../archive/lease/lease-file.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Settings } from '../settings.ts';
import { type Origin, requested, type Requested, type Scope } from '../core/model/request.ts';

export interface Sources {
  readonly directory: Directory;
  readonly workspace: Workspace;
  /** Single people of the directory, for runs that follow events. */
  readonly people: PersonCache;
  readonly clock: Clock;
  readonly listen: Listener;
}

/** Everything a run stands on. */
export interface RunContext {
  readonly sources: Sources;
  /** Aborted by whoever interrupts the run: its reads and pauses end at once, and no further write is sent. */
  readonly interrupted: AbortSignal;
  readonly archive: Archive;
  readonly workflow: Workflow;
  readonly checkpoints: Checkpoints;
  readonly rules: SyncRules;
  readonly guard: GuardRules;
  readonly shortCuts: ShortCutRules;
  /** Which full runs keep their whole input, and the checked configuration, as JSON. */
  readonly snapshots: { readonly keep: Settings['archive']['snapshots']; readonly config: string };
  readonly origin: Origin;
  /** When the schedule starts the next run, in epoch milliseconds; `null` when there is no telling. */
  readonly nextRunAt: number | null;
  /** Who is at work on a run, so that others notice when it is over. */
  readonly holder: (runId: string) => Holder;
  /** Only of processes of this host it can be known that they are gone. */
  readonly mayBeAlive: (holder: Holder) => boolean;
}

/** What becomes of a run's end. */
export interface Ending<R extends Report = Report> {
  /** Gets the whole report in the run's last step, which may be repeated after a kill. */
  readonly finished: (report: R) => Promise<void>;
  /** What becomes of a mistake in what was asked: thrown, where somebody sits in front of it, or told in a report. */
  readonly usage: 'throw' | 'report';
}

/** What is asked of a run. Only an apply brings a writer: a dry run could not write if it wanted to. */
export type Task = Scope & {
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
        readonly leases: Leases;
        /** Asked before the first write. A run that is not confirmed writes nothing, and ends as a plan does. */
        readonly confirm?: () => Promise<boolean>;
      }
  );

/** A run as it repeats the one that was refused, with its own targets; what was named anew comes first, but not before events. */
export function repeating<T extends Scope>(asked: T, refused: { readonly scope: Scope } | null): T {
  const { groups, hints } = refused?.scope ?? asked;
  return asked.groups.length === 0 || hints !== null ? { ...asked, groups, hints } : asked;
}

/** What was asked of a run, for its record. */
export function requestedOf(task: Task, { origin }: Pick<RunContext, 'origin'>): Requested {
  const dryRun = task.mode === 'plan';
  return requested(origin, { ...task, dryRun, approve: task.mode === 'plan' ? null : task.approve });
}

/** How a run ended. */
export interface RunEnd {
  readonly status: Status;
  /** What ended the run, if anything did; the report says it in words. */
  readonly failure: Error | null;
}

/** What whoever writes brings along: its id, and the right to write. */
export interface WritingTask {
  readonly runId: string;
  readonly leases: Leases;
  /** The digest that was approved, if any was. */
  readonly approve?: string | null;
}

/** Whoever may invite, too. */
export interface InvitingTask extends WritingTask {
  readonly inviter: Inviter;
}

export type ApplyTask = Extract<Task, { readonly mode: 'apply' }>;

/** Who is to be onboarded. Its only way to change a group is to add people to it; a plan is given nothing to write with at all. */
export type OnboardTask = {
  readonly runId: string;
  readonly emails: readonly string[];
  /** An operator has those invited anew who have no account, whatever became of an earlier invitation. */
  readonly inviteAgain?: boolean;
  /** The digest of a refused onboarding of the same people that this one is. */
  readonly approve?: string | null;
} & (
  | { readonly mode: 'plan' }
  | {
      readonly mode: 'onboard';
      readonly adder: Adder;
      /** Used only where the configuration invites people. */
      readonly inviter: Inviter;
      readonly leases: Leases;
    }
);

export type AddingTask = Extract<OnboardTask, { readonly mode: 'onboard' }>;
