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
