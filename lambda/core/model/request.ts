/** What an event asks for, checked: by `Start` before it begins a run, and by `Sync` again before it goes. */
export type RunRequest =
  | {
      readonly kind: 'run';
      /** `null`: as configured. */
      readonly dryRun: boolean | null;
      /** Okta ids or names, or Secoda names; none of them may be unknown. Empty for a run over everything. */
      readonly groups: readonly string[];
      readonly full: boolean;
    }
  | { readonly kind: 'approve'; readonly digest: string }
  | { readonly kind: 'onboard'; readonly emails: readonly string[] }
  | { readonly kind: 'explain'; readonly question: Question }
  | { readonly kind: 'follow'; readonly hints: EventTargets };

/** Whose access is to be explained: of a person, of a group (an Okta id or name, or a Secoda name), or of both together. */
export interface Question {
  readonly person: string | null;
  readonly group: string | null;
}

/** What events named. A hint is never the change itself: what it names is read again, and an unknown one is harmless. */
export interface EventTargets {
  readonly oktaGroupIds: readonly string[];
  /** People: whatever they are in is looked at. */
  readonly oktaUserIds: readonly string[];
  /** Addresses of people, for those whom Okta does not know any more. */
  readonly emails: readonly string[];
  /** People who left one of the groups: nothing else is looked at for them. */
  readonly leaverIds: readonly string[];
  /** Those of the groups that Okta is said to have deleted. */
  readonly deletedGroupIds: readonly string[];
}

/** Where a run comes from, as far as it can be told; `requestedBy` and `reason` are as stated, and not verified. */
export interface Origin {
  readonly trigger: 'terminal' | 'schedule' | 'invoke' | 'event';
  readonly requestedBy: string | null;
  readonly reason: string | null;
  /** Of the invocation that asked for the run: CloudTrail knows by it who that was. */
  readonly awsRequestId: string | null;
  /** The function that was invoked, with its alias. */
  readonly functionArn: string | null;
  /** Of this software. */
  readonly version: string;
  /** SHA-256 of the checked configuration. */
  readonly config: string;
}

/** What a run was asked for, where from, and by whose word: kept in plan and report. */
export interface Requested extends Origin {
  readonly groups: readonly string[];
  readonly full: boolean;
  readonly dryRun: boolean;
  /** The digest that was approved. */
  readonly approve: string | null;
}

/** What a run was asked for, in the order in which it is shown. */
export function requested(
  { trigger, requestedBy, reason, ...origin }: Origin,
  { groups, full, dryRun, approve }: Pick<Requested, 'groups' | 'full' | 'dryRun' | 'approve'>,
): Requested {
  return { trigger, requestedBy, reason, groups, full, dryRun, approve, ...origin };
}

/** What a run is told to look at. */
export interface Scope {
  /** Okta ids or names, or Secoda names; none of them may be unknown. */
  readonly groups: readonly string[];
  /** What events named; `null` for a run that follows none. */
  readonly hints: EventTargets | null;
}
