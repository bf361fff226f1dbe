/** One line of what `doctor` found. */
export interface Finding {
  /** What was looked at, for example `Okta: members of a group`. */
  readonly check: string;
  /** `null`: could not be told, because something it depends on failed or there was nothing to look at. */
  readonly ok: boolean | null;
  /** What was seen. */
  readonly detail: string;
  /** What to do about it; `null` when there is nothing to do. */
  readonly cure: string | null;
}
