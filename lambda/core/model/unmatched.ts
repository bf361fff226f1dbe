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
