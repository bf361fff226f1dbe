/** What an event asks for, checked: by `Start` before it begins a run, and by `Sync` again before it goes. */
export type RunRequest =
  | {
      readonly kind: 'run';
      /** `null`: as configured. */
      readonly dryRun: boolean | null;
      readonly approve: string | null;
      /** Okta ids or names, or Secoda names; none of them may be unknown. Empty for a run over everything. */
      readonly groups: readonly string[];
      readonly full: boolean;
    }
  | { readonly kind: 'onboard'; readonly emails: readonly string[] }
  | { readonly kind: 'follow'; readonly hints: EventTargets };

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

/** What a run is told to look at. */
export interface Scope {
  /** Okta ids or names, or Secoda names; none of them may be unknown. */
  readonly groups: readonly string[];
  /** What events named; `null` for a run that follows none. */
  readonly hints: EventTargets | null;
}
