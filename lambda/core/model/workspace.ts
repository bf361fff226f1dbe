/** An account in Secoda. */
export interface WorkspaceUser {
  readonly id: string;
  readonly email: string | null;
  /** `false`: invited and not signed in yet, or switched off. `null`: the API did not say. */
  readonly active: boolean | null;
  /** Not active because an admin switched it off. */
  readonly disabled?: true;
  /** Seen in an integration and no member of the workspace: nobody's account. */
  readonly service?: true;
}

/** A Secoda group as the list shows it. */
export interface WorkspaceGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Ids of all members; some may be absent from the users list (service accounts). */
  readonly userIds: readonly string[];
  readonly updatedAt: string | null;
}

/** A Secoda group, there or to be made, as plans and reports name it. */
export interface GroupRef {
  /** Of the Okta groups behind it, ascending: together they name the wanted group. */
  readonly oktaIds: readonly string[];
  /** `null` until it is created. */
  readonly secodaId: string | null;
  readonly name: string;
}

/** Tells the groups of one plan apart. */
export function keyOf({ secodaId, oktaIds }: Pick<GroupRef, 'secodaId' | 'oktaIds'>): string {
  return secodaId ?? oktaIds.join();
}

/** The whole Secoda side as one run sees it. */
export interface WorkspaceSnapshot {
  readonly users: readonly WorkspaceUser[];
  readonly groups: readonly WorkspaceGroup[];
}

/** What a Secoda group is to hold: the body of a POST or PATCH. `userIds` always replaces the whole list. */
export interface GroupContent {
  readonly name: string;
  readonly description: string;
  readonly userIds: readonly string[];
}

/** A person on the Secoda side, as far as a plan has to name them. `email` is `null` for someone hidden or unmatched. */
export interface Member {
  readonly userId: string;
  readonly email: string | null;
  /** Why they come or go; absent where it is that they are in the Okta group, or where nobody has asked. */
  readonly why?: Cause;
}

/** Why somebody is added or removed: a closed list, for programs to go by. */
export type CauseWord =
  | 'group-gone'
  | 'group-excluded'
  | `status:${string}`
  | 'mapping-changed'
  | 'before-adoption'
  | 'added-by-hand'
  | 'not-in-group'
  | 'refused-by-secoda'
  | 'account-appeared'
  | 'restored'
  | 'in-group';

/** Why, and who that is in Okta: id and address, `null` where that is not known. */
export interface Cause {
  readonly cause: CauseWord;
  readonly oktaId: string | null;
  readonly okta: string | null;
}

/** Somebody who leaves a group. */
export interface Removal extends Member {
  /** Okta itself shows this person as no longer eligible: counted once by the guard, however many groups they leave. */
  readonly ineligible: boolean;
}

export type UnmatchedReason = 'no-account' | 'ambiguous' | 'no-email';

/** Somebody in mapped Okta groups who cannot be put into the Secoda groups. */
export interface Unmatched {
  readonly email: string;
  readonly groups: readonly string[];
  readonly reason: UnmatchedReason;
}

/** Somebody whom Secoda did not take into these groups, or did not let go. */
export interface Unsettled {
  readonly email: string;
  readonly groups: readonly string[];
}
