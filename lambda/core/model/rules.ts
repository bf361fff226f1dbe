/** The parts of the configuration that the core decides by. The configuration's schema satisfies these shapes. */

export type WhenGone = 'delete' | 'empty' | 'keep';

/** How Okta groups become Secoda names. */
export interface MappingRules {
  /** Globs on the Okta name; a group is in scope when any of `include` and none of `exclude` fits. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** In order, the first whose `match` (a regular expression) fits wins. */
  readonly rename: readonly { readonly match: string; readonly to: string }[];
  /** Okta id or exact Okta name → Secoda name. Only groups mapped here may share a Secoda name. */
  readonly map: ReadonlyMap<string, string>;
  /** Ids, Okta names or Secoda names of groups that are left exactly as they are. */
  readonly frozen: readonly string[];
  /** Bounds what rename rules may take; without it they take as long as they like. */
  readonly inTime?: InTime;
}

/** The result of synchronous work; `null` where it takes too long, and for whatever it is `about` then ever after. */
export type InTime = <T>(about: string, work: () => T) => T | null;

/** Who is wanted, and how people are recognised. */
export interface PeopleRules {
  readonly match: 'email' | 'login';
  /** The Okta statuses whose people are wanted. */
  readonly statuses: readonly string[];
  /** Okta address → Secoda address; exact keys win over patterns with one `*`. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Globs on the Secoda address of people who are never removed. */
  readonly protect: readonly string[];
  /** Secoda addresses of people who may keep their groups, and are put into no other: only a guess says whose they are. */
  readonly gainNothing?: ReadonlySet<string>;
}

/** A limit is the larger of `max` and `percent` of what stands before the plan, rounded down. */
export interface Limit {
  readonly max: number;
  readonly percent: number;
}

/** What one run may do without being asked. */
export interface GuardRules {
  readonly groupDeletions: Limit;
  readonly memberRemovals: Limit;
  readonly removalsPerGroup: Limit;
  readonly emptiedGroups: { readonly atLeast: number };
  readonly additionsPerGroup: Limit;
  readonly adoptions: { readonly max: number };
  readonly invitations: { readonly max: number };
  readonly minimumGroups: number;
  /** What becomes of a plan that breaks a rule on losses or growth: `hold` writes the rest of it. */
  readonly overLimit: 'refuse' | 'hold';
}

/** How people without an account are invited. */
export interface InviteRules {
  readonly role: string;
  /** Ids of teams; guests need one. */
  readonly teams: readonly string[];
  /** As the guard has it: inviting more needs an approval of these very people. */
  readonly max: number;
}

/** The configuration, as far as planning depends on it. */
export interface SyncRules {
  /** Stands in the marker; tells this deployment's groups from those of any other. */
  readonly name: string;
  readonly mapping: MappingRules;
  readonly people: PeopleRules;
  readonly whenGone: WhenGone;
  /** `null`: nobody is invited. */
  readonly invite: InviteRules | null;
}

/** What the configuration and the command say of short cuts. */
export interface ShortCutRules {
  /** Okta groups in scope from which on they are taken. */
  readonly from: number;
  readonly fullReadDays: number;
  /** The address of the org. */
  readonly org: string;
}
