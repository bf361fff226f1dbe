/**
 * The nouns of a sync. The *directory* is the Okta side, the *workspace* the Secoda side; both are read completely or
 * do not exist. Everything here is plain data, so that it can be archived, compared and made up in tests.
 */

/** Okta's life-cycle statuses as documented. */
export const STATUSES = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const;

/** Someone in an Okta group, reduced to what identity needs. */
export interface Person {
  readonly id: string;
  /** Okta's life-cycle status, for example `ACTIVE`; statuses unknown to us are kept as they came. */
  readonly status: string;
  readonly email: string | null;
  readonly login: string | null;
}

/** An Okta group as the group list shows it. Times are Okta's own ISO strings, compared for equality only. */
export interface OktaGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly lastUpdated: string | null;
  readonly lastMembershipUpdated: string | null;
  /** How many people Okta counts in it; `null` where the list does not say (an app's groups, a single group). */
  readonly usersCount: number | null;
  /** Brought in by an app (`APP_GROUP`), which names it: nobody in Okta decides what it is called. */
  readonly isAppGroup?: true;
}

/** The people of one Okta group, and when they were read (epoch milliseconds of our clock). */
export interface Membership {
  readonly readAt: number;
  /** `null`: the group vanished between the list and its members (Okta answered 404). */
  readonly people: readonly Person[] | null;
  /** What is the matter with this list, in plain words: Okta counts more people than it holds. `null` for one that is whole. */
  readonly doubt: string | null;
}

/** The whole Okta side as one run sees it. */
export interface DirectorySnapshot {
  /** Every group that the configured selection lists, in scope or not. */
  readonly groups: readonly OktaGroup[];
  /** When the run began to list them, in epoch milliseconds of our clock. */
  readonly listedAt: number;
  /** By Okta group id, for every group whose members this run needs. */
  readonly memberships: ReadonlyMap<string, Membership>;
  /** What Okta answered for ids that only a marker names: the group as it stands, or `null` when it is gone for good (404). */
  readonly unlisted: ReadonlyMap<string, OktaGroup | null>;
  /** What Okta answered for addresses, where only that tells whether somebody may leave a doubted group. */
  readonly asked?: AskedFor;
}

export interface AskedFor {
  /** Everyone who bears an address that was asked for, by what it is in Secoda. */
  readonly bearers: ReadonlyMap<string, readonly Person[]>;
  /** Why not all of them could be asked for, in plain words; `null` where they were. */
  readonly why: string | null;
}

/** Who changed in Okta. */
export interface Changed {
  /** They, and maybe some who did not. */
  readonly people: readonly Person[];
  /** Why it cannot be believed that they are all; `null` where it can. */
  readonly blind: string | null;
}
