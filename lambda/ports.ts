/** The outside world as the run sees it. Edges implement these; tests and entries choose which. */
import type { Change, Plan } from './core/plan/change.ts';
import type { GuardRefusal } from './core/guard/guard-rules.ts';
import type { ChangeOutcome, Requests } from './core/report/report.ts';
import type { GroupContent, WorkspaceGroup, WorkspaceUser } from './core/model/workspace.ts';
import type { InviteRules } from './core/model/rules.ts';
import type { Changed, OktaGroup, Person } from './core/model/directory.ts';

/** Time, injected. `now` is in epoch milliseconds. `sleep` rejects when `signal` aborts. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Requests made to one side since the start of the run. `throttled`: 429 answers met; `retries`: requests repeated. */
export type Traffic = Readonly<Record<'reads' | 'writes' | 'throttled' | 'retries', number>>;

/** The reading side of Okta's groups. What cannot be read completely throws. */
export interface Directory {
  /** Every group the configured selection lists, each once, with all pages read. */
  groups(): Promise<readonly OktaGroup[]>;
  /** One group by id; `null` when Okta answers 404. */
  group(id: string): Promise<OktaGroup | null>;
  /** Whether the selection holds this group, by a question about it alone; `null` where Okta does not take the question. */
  selects(id: string): Promise<boolean | null>;
  /** Those of these groups that the selection holds, and all that it may hold and that changed since, by Okta's clock; `null` where Okta does not say, or says more than a page. */
  chosen(ids: readonly string[], changedAfter: number): Promise<readonly OktaGroup[] | null>;
  /** Everyone in a group, whatever their status; `null` when the group is gone (404 E0000007). */
  members(groupId: string): Promise<readonly Person[] | null>;
  /** Groups by id, in few requests and with Okta's own count of their people. One that is missing need not be gone: `group` tells. */
  listed(groupIds: readonly string[]): Promise<ReadonlyMap<string, OktaGroup>>;
  /**
   * Everyone who changed after this time (epoch milliseconds by Okta's clock), whatever their status, and `blindTo` some of those
   * known; `null` when they are more than `limit`. Needs the right to list users, which nothing else of a sync does:
   * `AccessError` without it.
   */
  changedSince(time: number, limit: number, known: readonly Person[]): Promise<Changed | null>;
  /** Why the list of users cannot be believed: it leaves out some of these people. `null` where it does not. Needs the same right. */
  blindTo(known: readonly Person[]): Promise<string | null>;
  /** How far Okta's clock is ahead of ours, in milliseconds; `null` before its first answer. */
  skewMs(): number | null;
  traffic(): Traffic;
}

/** Single people of the directory, for whoever starts from a person and not from a group. Needs a right of its own. */
export interface PersonCache {
  /** By Okta id or login; `null` when Okta answers 404. */
  person(idOrLogin: string): Promise<Person | null>;
  /** Everyone whose e-mail address or login this is, deactivated people too, each once; Okta addresses are not unique. */
  byEmail(email: string): Promise<readonly Person[]>;
  /** All Okta groups somebody is in, whole, in scope or not, however large the org; `null` when the person is gone (404). */
  groupsOf(personId: string): Promise<readonly OktaGroup[] | null>;
  traffic(): Traffic;
}

/** The reading side of Secoda. What cannot be read completely throws. */
export interface Workspace {
  users(): Promise<readonly WorkspaceUser[]>;
  groups(): Promise<readonly WorkspaceGroup[]>;
  group(id: string): Promise<WorkspaceGroup | null>;
  traffic(): Traffic;
}

/**
 * The only thing that can change Secoda. A dry run is not given one. Each call makes at most one effective change, asks
 * the `WriteGate` before every attempt, and throws a `RefusedWrite` where Secoda finds fault with what was asked.
 */
export interface WorkspaceWriter {
  /** `known`: ids of all groups that existed before, so that a look after an uncertain POST finds only what is new. */
  create(content: GroupContent, known: ReadonlySet<string>, gate: WriteGate): Promise<Answered>;
  /** Changes these fields alone. `name`: what the group shows now. */
  update(
    group: Pick<WorkspaceGroup, 'id' | 'name'>,
    fields: Partial<GroupContent>,
    gate: WriteGate,
  ): Promise<Answered>;
  /** A group that is already gone counts as deleted. */
  remove(id: string, gate: WriteGate): Promise<void>;
}

/** What became of a write that Secoda accepted. */
export interface Answered {
  /** The group as Secoda showed it afterwards. */
  readonly group: WorkspaceGroup;
  /** Why the answer itself proves nothing, so that `group` is what a look found; `null` where the answer showed it. */
  readonly doubt: string | null;
}

/** All that an onboarding can change of Secoda's groups: to add people to one that is there. */
export interface Adder {
  /**
   * `leftOut`: whom Secoda refuses to have in the list, be they new or there. `read`: the group as it was read right before;
   * unless given, it is read now. Throws `WriteError` when there is no such group.
   */
  add(
    groupId: string,
    userIds: readonly string[],
    leftOut: ReadonlySet<string>,
    gate: WriteGate,
    read?: WorkspaceGroup,
  ): Promise<Answered>;
}

/** Invites people into the workspace, and into groups of it. It can do nothing else. */
export interface Inviter {
  /**
   * `null`: Secoda accepted it, and its answer shows the person. Otherwise why nobody knows whether they were invited. Throws
   * `WriteError`, `AccessError` or `LeaseOver` when they were not.
   */
  invite(person: Invitee, gate: WriteGate): Promise<string | null>;
}

/** Somebody to be invited: `teams` and `groupIds` are ids in Secoda. */
export interface Invitee extends Pick<InviteRules, 'role' | 'teams'> {
  readonly email: string;
  readonly groupIds: readonly string[];
}

/** Stands before every single write request: whether it may go out now, and when it last did. */
export interface WriteGate {
  /** Resolves when a write may be sent. `metered`: it counts against the 30 a minute (POST, PUT, PATCH; not DELETE). */
  enter(metered: boolean): Promise<void>;
  /** To be called when the answer (or its absence) is known. */
  leave(metered: boolean): void;
  /** Secoda said 429: nobody writes before `until` (epoch milliseconds). */
  throttled(until: number): void;
}

/** The right to write, held for one slice. `leave`s that were not yet saved are saved on release. */
export interface Lease extends WriteGate {
  /** To be called when the slice's reads are done, which may take longer than a lease lasts. Throws `LeaseOver`. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Only the holder of the lease writes, so that runs over one archive share one budget and never undo each other. */
export interface Leases {
  /** Milliseconds until a metered write could go out; waiting happens before the lease is taken, not while it is held. */
  due(): Promise<number>;
  /** Waits until the lease is ours, and for the first slot unless nothing metered is to be written (a DELETE is not). */
  take(metered?: boolean): Promise<Lease>;
}

/** Starts `Sync` in the cloud. */
export interface Launcher {
  /** `name`: the execution's name, which is the run's id. The same name and event twice start one execution. */
  launch(
    name: string,
    event: unknown,
  ): Promise<{
    /** `null` when the answer does not name it. */
    readonly executionArn: string | null;
    /** False when an execution of this name was there already, begun with another event: nothing was started. */
    readonly started: boolean;
  }>;
}

/** A text with the tag that a conditional write needs. */
export interface Stored {
  readonly text: string;
  readonly tag: string;
}

/** Where records, memory and lease live: a folder or an S3 prefix. Keys are relative paths with `/`. */
export interface Archive {
  /** For people: `runs/` or `s3://bucket/prefix/`, ending in a slash. */
  readonly address: string;
  read(key: string): Promise<Stored | null>;
  /** Replaces the text at once or not at all; never half. Pieces are never joined into one string. */
  write(key: string, text: string | Iterable<string>): Promise<void>;
  /** Writes only if the stored tag still is `expected` (`null`: only if nothing is there). `null` when somebody was faster. */
  swap(key: string, text: string, expected: string | null): Promise<string | null>;
  /** Replaces, at once or not at all, what is for its owner alone: a file gets mode 0600. */
  writeBytes(key: string, bytes: Uint8Array): Promise<void>;
  readBytes(key: string): Promise<Uint8Array | null>;
  /** The SHA-256 of what is stored, in hexadecimal, never held whole; `null` where nothing is. */
  hash(key: string): Promise<string | null>;
  /** The folders at the top whose names sort behind `after`, ascending: records of runs are found so, by their times. */
  folders(after: string): Promise<readonly string[]>;
  /** Files and folders right in a folder whose names sort behind `after`, ascending; none where there is no such folder. */
  names(folder: string, after: string): Promise<readonly string[]>;
}

/** An archive that gives back what was once put, whatever was put there since. */
export interface VersionedArchive extends Archive {
  /** Like `write`; the version names exactly this text. */
  put(key: string, text: string | Iterable<string>): Promise<string>;
  /** `null` when there is no such version under the key. */
  get(key: string, version: string): Promise<string | null>;
}

/** A run's way: in the terminal a step is a call; in the durable function its result is kept, so that after a kill it goes on behind it. */
export interface Workflow {
  /** Runs at least once; the result is small and survives JSON. Never holds a credential. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Lets this many milliseconds pass. Costs nothing in the durable function. */
  wait(name: string, ms: number): Promise<void>;
  /** Ends an invocation, where there are any: each has 15 minutes at most. `afterMs`: only once its steps have worked for so long. */
  rest(name: string, afterMs?: number): Promise<void>;
  /** What all steps asked of both sides, where not all of them were in this process. */
  readonly requests?: () => Requests;
}

/** Where something kept between two steps is found again. `version` keeps a repeated step from mixing generations. */
export interface CheckpointRef {
  readonly key: string;
  readonly version: string | null;
}

/** Keeps one kind of thing between steps: in memory for the terminal, in the archive for the durable function. */
export interface CheckpointStore<T> {
  put(key: string, content: T): Promise<CheckpointRef>;
  get(kept: CheckpointRef): Promise<T>;
}

/** What a run tells while it goes on. Nothing depends on anybody listening. */
export type RunEvent =
  | {
      readonly kind: 'read';
      readonly what: 'okta-groups' | 'okta-members' | 'secoda-users' | 'secoda-groups';
      readonly done: number;
      readonly total: number | null;
    }
  /** How many groups' members are not read again, and why not more; `null` when there is nothing to say. */
  | { readonly kind: 'short-cuts'; readonly taken: number; readonly of: number; readonly note: string | null }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly refusals: readonly GuardRefusal[] }
  | { readonly kind: 'waiting'; readonly ms: number; readonly reason: WaitReason }
  | {
      readonly kind: 'outcome';
      readonly change: Change;
      readonly outcome: ChangeOutcome;
      readonly done: number;
      readonly total: number;
    }
  /** So many of the people who are to be invited have been, or could not be. */
  | { readonly kind: 'invited'; readonly done: number; readonly total: number };
/** Nothing of our own is waited for longer, in milliseconds: a service asks for it, and that is worth a line that stays. */
export const LONG_WAIT_MS = 300_000;

/** What a run waits for: its own limits, another run, or a service that is throttled or does not answer as it should. */
export type WaitReason = 'budget' | 'lease' | 'okta-pace' | `${'okta' | 'secoda'}-${'throttled' | 'failure'}`;

export type Listener = (event: RunEvent) => void;
