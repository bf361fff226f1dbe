/** One person's access to one group, changed by a run. */
export interface AccessChange {
  /** When its run began (ISO 8601). */
  readonly at: string;
  readonly runId: string;
  readonly change: 'granted' | 'revoked' | 'invited';
  readonly person: { readonly email: string; readonly oktaId: string | null; readonly okta: string | null };
  readonly group: {
    readonly oktaIds: readonly string[];
    readonly secodaId: string | null;
    readonly name: string;
  };
  /** `null` where the record is of a release that kept none. */
  readonly cause: string | null;
  /** `unknown`: Secoda did not answer, or the run was killed; `not-seen`: Secoda did not honour it. */
  readonly outcome: 'applied' | 'not-seen' | 'unknown';
  /** As stated; for an approved change, by whoever asked for the run that was refused. */
  readonly requestedBy: string | null;
  readonly approved: { readonly digest: string; readonly by: string | null; readonly runId: string } | null;
}
