import type { DirectorySnapshot } from '../model/directory.ts';
import type { CopyNote, GroupMemory, Memory } from '../model/memory.ts';
import type { SyncRules } from '../model/rules.ts';
import type { Awaited, Invitation, InvitedBefore } from '../people/invitations.ts';
import {
  type GroupContent,
  type GroupRef,
  keyOf,
  type Member,
  type Removal,
  type Unmatched,
  type Unsettled,
  type WorkspaceSnapshot,
} from '../model/workspace.ts';
import type { Warning } from '../model/warning.ts';
import { fingerprint, byText } from '../model/text.ts';
import type { Scope } from '../model/request.ts';

/** The group before the change, complete enough to restore it by hand. */
export interface BeforeImage {
  readonly name: string;
  readonly description: string;
  readonly members: readonly Member[];
}

/** People who leave a group because another one takes over an Okta group of theirs: they stay until that one shows them. */
export interface Handover {
  readonly to: GroupRef;
  /** The Okta groups that are handed over, ascending. */
  readonly oktaIds: readonly string[];
  readonly userIds: readonly string[];
}

/** One entry of a plan: everything that happens to one Secoda group, in one write if it can be. */
export interface Change extends GroupRef {
  readonly action: 'create' | 'update' | 'delete';
  /** The name the group bears after the change (before it, for a deletion). */
  readonly name: string;
  /** A hand-made group that is taken over by its name. */
  readonly adopted: boolean;
  /** It is adopted, or gets its marker back, and memory knew it as ours already: the guard counts no adoption. */
  readonly known: boolean;
  readonly renamedFrom: string | null;
  readonly add: readonly Member[];
  readonly remove: readonly Removal[];
  /** In plain words, for people. */
  readonly reason: string;
  readonly before: BeforeImage | null;
  /** What the group is to hold; `null` for a deletion. */
  readonly content: GroupContent | null;
  /** The group loses its people although Okta groups behind it are there, because another Secoda group mirrors those. */
  readonly superseded: boolean;
  readonly handovers: readonly Handover[];
  /** Changes of a later wave take names that an earlier one frees, so they are never written at the same stretch. */
  readonly wave: number;
  /** It is written once more after all others: some of its people wait for a group that is written after it. */
  readonly again: boolean;
  /** The guard holds this: it is not written without an approval. What else is to happen to the group is a change of its own. */
  readonly held?: true;
  /** Ids of people who are not added with the rest of the change, as the guard holds them; only where it holds a part. */
  readonly withheld?: readonly string[];
  /** In a run that approves what was held: ids of people approved apart from the rest, and the group's own for its deletion. */
  readonly approved?: readonly string[];
}

/** How many groups are made, changed and deleted. One of which a part is held counts once, as that part has it. */
export function countGroups(changes: readonly Change[]): Readonly<Record<Change['action'], number>> {
  const held = new Set(changes.filter((change) => change.held).map(keyOf));
  const each = changes.filter((change) => change.held === true || !held.has(keyOf(change)));
  const count = (action: Change['action']) => each.filter((change) => change.action === action).length;
  return { create: count('create'), update: count('update'), delete: count('delete') };
}

/** Okta groups that the plan leaves alone, by the name they have or would have in Secoda, and why. */
export interface Skipped {
  readonly group: string;
  readonly oktaIds: readonly string[];
  /** The only group that is left alone, where another one mirrors these Okta groups. */
  readonly secodaId?: string;
  readonly reason: string;
  /** Told of as such, and no fault of the run: frozen by the configuration, or to be decided by the next complete run. */
  readonly because?: 'frozen' | 'deferred';
}

/** A group that the configuration freezes, or that shares Okta groups with one. */
export interface Frozen {
  readonly group: string;
  readonly oktaIds: readonly string[];
  /** Members who would lose access if it were not. */
  readonly wouldRemove: readonly string[];
}

/** What stood before the plan in managed and adopted groups, and how many Okta groups are in scope: the guard's measure. */
export interface Baseline {
  readonly groupsInScope: number;
  readonly managedGroups: number;
  readonly memberships: number;
  /** By group name, whom the last complete run wanted there, its guard let pass, and nobody could write: they are no growth. */
  readonly due?: readonly (readonly [group: string, emails: readonly string[]])[];
}

/** Where no group is the measure. */
export const NO_BASELINE: Baseline = { groupsInScope: 0, managedGroups: 0, memberships: 0 };

/** All that a run of events may take away: the rest waits for a run over everything. */
export interface NamedLosses {
  /** Secoda ids of the people whom its events name. */
  readonly userIds: ReadonlySet<string>;
  /** Ids of the Okta groups that its events say were deleted. */
  readonly deletedIds: ReadonlySet<string>;
}

export interface PlanInput {
  readonly rules: SyncRules;
  readonly directory: DirectorySnapshot;
  readonly workspace: WorkspaceSnapshot;
  readonly memory: Memory;
  /** Okta ids of the only groups that may change; `null` for all. */
  readonly targets: ReadonlySet<string> | null;
  /** Okta ids, and Secoda ids, of the only groups that may go; `null`, and unless given, for all (see `resolveTargets`). */
  readonly mayGo?: ReadonlySet<string> | null;
  /** Okta ids that the approved plan leaves alone, for a slice of it: what it reads does not tell. */
  readonly leftAlone?: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** When the next scheduled run is due, for the date of a deferred deletion; `null` when nobody knows. */
  readonly nextRunAt: number | null;
  readonly invited?: InvitedBefore;
  /** Addresses that were invited lately, which counts along. */
  readonly recentlyInvited?: ReadonlySet<string>;
  /** `null`, and unless given: the run may take away whatever is to be taken away. */
  readonly named?: NamedLosses | null;
}

/** The sorted, deterministic list of changes that makes the workspace match the directory. */
export interface Plan {
  /** Names the harm in this plan: the same harm has the same digest whenever it is planned. */
  readonly digest: string;
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly skipped: readonly Skipped[];
  readonly frozen: readonly Frozen[];
  readonly warnings: readonly Warning[];
  readonly unmatched: readonly Unmatched[];
  /** Who is invited into the workspace, in as few calls as possible; after all changes. */
  readonly invitations: readonly Invitation[];
  /** People whom an earlier run invited and who have not signed in yet. */
  readonly awaited: readonly Awaited[];
  /** People whom Secoda did not honour in an earlier run and who are not asked for again in this one. */
  readonly unsettled: readonly Unsettled[];
  readonly baseline: Baseline;
  /** Ids of the Okta groups in scope, ascending. */
  readonly inScope: readonly string[];
  /** Okta ids that the selection did not list although Okta knows them: the next complete run decides. */
  readonly missed: readonly string[];
  /** Okta ids of groups whose list of members is shorter than Okta's own count. */
  readonly doubted: readonly string[];
  /** Ids of Secoda groups that somebody changed since they were written, with nothing else wanted of them than before. */
  readonly fighting: readonly string[];
  /** What is to be remembered of copied markers, before anything is written. */
  readonly copies: readonly CopyNote[];
  /** What is to be remembered, before anything is written, of groups of ours of which memory does not know it. */
  readonly ours: readonly GroupMemory[];
}

/** The harmful part of one change, by ids: what an approval is given for. */
export interface Harm extends Pick<Change, 'action' | 'oktaIds' | 'adopted'> {
  readonly secodaId: string;
  /** The new name, when the change renames. */
  readonly renamedTo: string | null;
  readonly membersBefore: readonly string[];
  readonly remove: readonly string[];
}

/** Deletions, removals, adoptions and renames; additions and creations harm nobody and are not part of it. */
export function harmOf(changes: readonly Change[]): readonly Harm[] {
  const harms: Harm[] = [];
  for (const change of changes) {
    const { action, secodaId, oktaIds, adopted, renamedFrom, remove, before } = change;
    if (secodaId === null || before === null) continue;
    if (action !== 'delete' && remove.length === 0 && !adopted && renamedFrom === null) continue;
    const renamedTo = renamedFrom === null ? null : change.name;
    const membersBefore = ids(before.members);
    harms.push({ action, secodaId, oktaIds, adopted, renamedTo, membersBefore, remove: ids(remove) });
  }
  return harms.sort((a, b) => byText(a.secodaId, b.secodaId));
}

/** What is kept of a plan that was refused, by its digest: what its approval repeats, and may let pass. */
export interface Refused {
  readonly harm: readonly Harm[];
  /** The rules that it broke. */
  readonly rules: readonly string[];
  /** What the run was told to look at. */
  readonly scope: Scope;
  /** What of it was held; `null` where all of it was refused. */
  readonly held: HeldRecord | null;
  /** Who was to be onboarded; `null` for a run over groups. */
  readonly onboard: { readonly emails: readonly string[]; readonly inviteAgain: boolean } | null;
}

export interface HeldRecord {
  /** When a run held it first, and last, in epoch milliseconds. */
  readonly since: number;
  readonly at: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly deleted: readonly string[];
}

/** The digest that names this harm, whenever and in whatever order it is planned. `seats`: whose invitations need an approval. */
export function digestOf(harms: readonly Harm[], seats: readonly string[] = []): string {
  // Of each harm apart: in a large workspace they would make a very long text together.
  const parts = harms.map((harm) => fingerprint(JSON.stringify(harm)));
  if (seats.length > 0) parts.push(fingerprint(JSON.stringify(seats)));
  return fingerprint(parts.join()).slice(0, 16);
}

/** So many groups are named in a sentence: the plan has them all. */
const GROUPS_NAMED = 5;

/** How the harm planned now differs from the harm that was approved, in one line that names the first groups; empty where it does not. */
export function harmDifference(approved: readonly Harm[], planned: readonly Harm[]): string {
  const before = new Map(approved.map((harm) => [harm.secodaId, harm]));
  const lines: string[] = [];
  for (const harm of planned) {
    const known = before.get(harm.secodaId);
    before.delete(harm.secodaId);
    if (known === undefined) lines.push(`new: ${wordsFor(harm)}`);
    else if (JSON.stringify(known) !== JSON.stringify(harm)) {
      lines.push(`changed: ${wordsFor(known)}, now ${wordsFor(harm)}`);
    }
  }
  for (const harm of before.values()) lines.push(`no longer planned: ${wordsFor(harm)}`);
  const more = lines.length - GROUPS_NAMED;
  return [...lines.slice(0, GROUPS_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function wordsFor({ action, secodaId, remove, membersBefore, adopted, renamedTo }: Harm): string {
  const parts = [`${action} ${secodaId}`, `${remove.length} of ${membersBefore.length} members leave`];
  if (adopted) parts.push('adopted');
  if (renamedTo !== null) parts.push('renamed');
  return parts.join(', ');
}

export function ids(members: readonly Member[]): string[] {
  return members.map(({ userId }) => userId).sort(byText);
}
