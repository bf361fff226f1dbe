/** A person on the Secoda side, as far as a plan has to name them. `email` is `null` for someone hidden or unmatched. */
export interface Member {
  readonly userId: string;
  readonly email: string | null;
}

/** Somebody who leaves a group. */
export interface Removal extends Member {
  /** Okta itself shows this person as no longer eligible: counted once by the guard, however many groups they leave. */
  readonly ineligible: boolean;
  /** Why, where it is not for what Okta says. */
  readonly cause?: 'refused-by-secoda';
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
