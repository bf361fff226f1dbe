/** One line of what `doctor` found. */
export interface Finding {
  /** What was looked at, for example `Okta: members of a group`. */
  readonly check: string;
  /** `null`: could not be told, because something it depends on failed or there was nothing to look at. */
  readonly ok: boolean | null;
  /** What was seen. */
  readonly detail: string;
  /** What to do about it; `null` when there is nothing to do. */
  readonly fix: string | null;
}

/** What was looked at is well. */
export function fine(check: string, detail: string): Finding {
  return { check, ok: true, detail, fix: null };
}

/** What was looked at is not well. */
export function bad(check: string, detail: string, fix: string): Finding {
  return { check, ok: false, detail, fix };
}

/** What could not be looked at, or is only a remark. */
export function untold(check: string, detail = 'skipped: an earlier check failed'): Finding {
  return { check, ok: null, detail, fix: null };
}
