import type { Baseline, Change, Plan } from '../core/plan/change.ts';
import type { GuardRefusal } from '../core/guard/guard-rules.ts';
import type { ApprovedSlice } from '../core/guard/guard.ts';
import type { GroupMemory } from '../core/model/memory.ts';
import type { DirectorySnapshot, Membership, OktaGroup } from '../core/model/directory.ts';
import type { WorkspaceGroup, WorkspaceSnapshot, WorkspaceUser } from '../core/model/workspace.ts';
import type { Onboarding } from '../core/plan/plan-onboarding.ts';
import type { ChangeOutcome } from '../core/report/report.ts';
import type { Due } from '../core/plan/reconcile.ts';
import type { CheckpointRef, CheckpointStore } from '../ports.ts';

/** Both sides as they list their groups, and whose members are to be read. */
export interface Listing {
  readonly groups: readonly OktaGroup[];
  /** When the run began to list them, in epoch milliseconds. */
  readonly listedAt: number;
  readonly unlisted: ReadonlyMap<string, OktaGroup | null>;
  /** Ids that only a marker names and Okta has not been asked for yet. */
  readonly toAsk: readonly string[];
  readonly workspaceGroups: readonly WorkspaceGroup[];
  /** Okta ids of the only groups that may change; `null` for all. */
  readonly targets: ReadonlySet<string> | null;
  /** Okta ids, and Secoda ids, of the only groups that may be deleted as gone; `null` for all (see `resolveTargets`). */
  readonly mayGo: readonly string[] | null;
  /** `null`: the run follows no events. */
  readonly losses: EventLosses | null;
  /** Okta ids of the groups whose members this run needs. */
  readonly needed: readonly string[];
  /** What is to be remembered of the reading rests on it; `null` for nothing. */
  readonly basis: ReadingBasis | null;
}

/** All that a run of events may take away. */
export interface EventLosses {
  /** Secoda ids of the people whom its events name. */
  readonly userIds: readonly string[];
  /** How many deleted people its events name of whom nobody knows which account was theirs. */
  readonly untraced: number;
  /** Ids of the Okta groups that its events say were deleted. */
  readonly deletedIds: readonly string[];
}

/** Secoda's users list, and when it was read (epoch milliseconds). */
export interface UsersList {
  readonly users: readonly WorkspaceUser[];
  readonly readAt: number;
}

export type Members = ReadonlyMap<string, Membership>;

/** A slice with what it was planned from, so that nothing else of the plan is needed to write it. */
export interface SliceTask {
  readonly approved: ApprovedSlice;
  /** Where each of its changes stands in the plan. */
  readonly positions: readonly number[];
  /** Of the slice's Okta groups. */
  readonly memberships: Members;
  /** The Secoda groups that mirror them, as they stood when the plan was made. */
  readonly before: readonly WorkspaceGroup[];
  /** Okta ids that the plan leaves alone. */
  readonly leftAlone: readonly string[];
  /** What the limits are held against, as the plan was judged. */
  readonly baseline: Baseline;
  /** Secoda ids of the only people who may be lost otherwise than planned; `null`: anybody, `nobody`: while losses wait for an approval. */
  readonly mayLeave: readonly string[] | 'nobody' | null;
}

/** Where a slice is kept, whether its first write counts against Secoda's limit (a DELETE does not), and how many changes it has. */
export interface SlicePlace {
  readonly kept: CheckpointRef;
  readonly metered: boolean;
  readonly changes: number;
}

/** What a step of writing did, by the position of each change in the plan. */
export interface Written {
  readonly outcomes: readonly (readonly [position: number, outcome: ChangeOutcome])[];
  readonly shown: readonly WrittenGroup[];
}

/** Where that is kept; where it could not be, the outcomes alone, without what was written. */
export type SliceOutcomes = CheckpointRef | Pick<Written, 'outcomes'>;

/** A change that was written, and the group as Secoda answered it then. */
export interface WrittenGroup {
  /** Of the change, in the plan. */
  readonly position: number;
  /** As written. */
  readonly written: Change;
  readonly group: WorkspaceGroup;
  /** What of it had to wait, and why. */
  readonly due: Pick<Due, 'waiting' | 'reason'>;
  /** What was remembered of the group before this run wrote it; `null` when nothing was. */
  readonly before: GroupMemory | undefined;
  /** What Secoda said against a part of it that was left out; `null` where nothing was. */
  readonly refused: string | null;
}

/** A plan, and every reason why it was refused. */
export interface Judged {
  readonly plan: Plan;
  readonly refusals: readonly GuardRefusal[];
}

/** What a run keeps between its steps, too large for a step's result. */
export interface Checkpoints {
  readonly listing: CheckpointStore<Listing>;
  readonly users: CheckpointStore<UsersList>;
  readonly members: CheckpointStore<Members>;
  readonly plan: CheckpointStore<Judged>;
  readonly slice: CheckpointStore<SliceTask>;
  readonly slices: CheckpointStore<readonly SlicePlace[]>;
  readonly written: CheckpointStore<Written>;
  readonly onboarding: CheckpointStore<Onboarding>;
  /** Whether a step of this name has begun before: it was cut off, and is now repeated. */
  readonly isRetry: (name: string) => Promise<boolean>;
}

export interface ReadingBasis {
  /** When the reading began, in epoch milliseconds by Okta's clock. */
  readonly asOf: number;
  readonly skewMs: number;
}

/** What both sides came to, where it is kept between the steps. */
export interface ReadEnd {
  readonly listing: CheckpointRef;
  readonly users: CheckpointRef;
  readonly members: readonly CheckpointRef[];
}

/** What came of planning: all of it small. */
export interface Decision {
  readonly plan: CheckpointRef;
  /** Where the slices are named; `null` when nothing is to be written. */
  readonly slices: CheckpointRef | null;
  readonly sliceCount: number;
  readonly changes: number;
  /** People to be invited; 0 unless that was approved. */
  readonly invitations: number;
  /** These very people were approved by an operator. */
  readonly seatsApproved: boolean;
  /** Nothing was left out: the run was not told to look at some groups only. */
  readonly whole: boolean;
  /** SHA-256 of the snapshot that was kept; `null` where none was. */
  readonly snapshot: string | null;
}

/** Both sides as far as something is planned from them. */
export interface Reading {
  readonly directory: DirectorySnapshot;
  readonly workspace: WorkspaceSnapshot;
  /** When the users list was read, in epoch milliseconds. */
  readonly usersReadAt: number;
}

/** The two snapshots, of what three steps read. */
export function readingOf(listing: Listing, users: UsersList, memberships: Members): Reading {
  const { groups, listedAt, unlisted } = listing;
  return {
    directory: { groups, listedAt, unlisted, memberships },
    workspace: { users: users.users, groups: listing.workspaceGroups },
    usersReadAt: users.readAt,
  };
}
