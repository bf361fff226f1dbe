/** The outside world as the run sees it. Edges implement these; tests and entries choose which. */
import type { Change, Plan } from './core/change.ts';
import type { Refusal } from './core/guard-rules.ts';
import type { ChangeOutcome } from './core/outcome.ts';
import type { GroupContent, OktaGroup, Person, WorkspaceGroup, WorkspaceUser } from './core/model.ts';

/** Time, injected. `now` is in epoch milliseconds. `sleep` rejects when `signal` aborts. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Requests made to one side since the start of the run. `throttled`: 429 answers met; `retries`: requests repeated. */
export interface Traffic {
  readonly reads: number;
  readonly writes: number;
  readonly throttled: number;
  readonly retries: number;
}

export interface Directory {
  /** Every group the configured selection lists, each once, with all pages read. */
  groups(): Promise<readonly OktaGroup[]>;
  /** One group by id; `null` when Okta answers 404. */
  group(id: string): Promise<OktaGroup | null>;
  /** Everyone in a group, whatever their status; `null` when the group is gone (404 E0000007). */
  members(groupId: string): Promise<readonly Person[] | null>;
  /** How many people Okta itself counts in a group; `null` when it does not say. */
  count(groupId: string): Promise<number | null>;
  traffic(): Traffic;
}

export interface Workspace {
  users(): Promise<readonly WorkspaceUser[]>;
  groups(): Promise<readonly WorkspaceGroup[]>;
  group(id: string): Promise<WorkspaceGroup | null>;
  traffic(): Traffic;
}

/**
 * The only thing that can change Secoda. A dry run is not given one. Each call makes at most one effective change, asks
 * the `WriteGate` before every attempt, and returns the group as Secoda showed it afterwards.
 */
export interface WorkspaceWriter {
  /** `known`: ids of all groups that existed before, so that a look after an uncertain POST finds only what is new. */
  create(content: GroupContent, known: ReadonlySet<string>, gate: WriteGate): Promise<WorkspaceGroup>;
  update(id: string, content: GroupContent, gate: WriteGate): Promise<WorkspaceGroup>;
  /** A group that is already gone counts as deleted. */
  remove(id: string, gate: WriteGate): Promise<void>;
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
export interface Turn extends WriteGate {
  /** To be called when the slice's reads are done, which may take longer than a turn lasts. Throws `TurnOver`. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Only the holder of the turn writes, so that runs over one archive share one budget and never undo each other. */
export interface Turns {
  /** Milliseconds until a metered write could go out; waiting happens before the turn is taken, not while it is held. */
  due(): Promise<number>;
  /** Waits until the turn is ours, and for the first slot unless nothing metered is to be written (a DELETE is not). */
  take(metered?: boolean): Promise<Turn>;
}

/** A text with the tag that a conditional write needs. */
export interface Stored {
  readonly text: string;
  readonly tag: string;
}

/** Where records, memory and turn live: a folder or an S3 prefix. Keys are relative paths with `/`. */
export interface Archive {
  /** For people: `runs/` or `s3://bucket/prefix/`, ending in a slash. */
  readonly address: string;
  read(key: string): Promise<Stored | null>;
  /** Replaces the text at once or not at all; never half. */
  write(key: string, text: string): Promise<void>;
  /** Writes only if the stored tag still is `expected` (`null`: only if nothing is there). `null` when somebody was faster. */
  swap(key: string, text: string, expected: string | null): Promise<string | null>;
}

/** What a run tells while it goes on. Nothing depends on anybody listening. */
export type RunEvent =
  | {
      readonly kind: 'read';
      readonly what: 'okta-groups' | 'okta-members' | 'secoda-users' | 'secoda-groups';
      readonly done: number;
      readonly total: number | null;
    }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'waiting'; readonly ms: number; readonly reason: 'budget' | 'turn' }
  | {
      readonly kind: 'outcome';
      readonly change: Change;
      readonly outcome: ChangeOutcome;
      readonly done: number;
      readonly total: number;
    };

export type Listener = (event: RunEvent) => void;
