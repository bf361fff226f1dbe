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
  /** Access was denied (401 or 403). */
  readonly denied?: boolean;
}

/** What was looked at is well. */
export function fine(check: string, detail: string): Finding {
  return { check, ok: true, detail, fix: null };
}

/** What was looked at is not well. */
export function bad(check: string, detail: string, fix: string | null, denied = false): Finding {
  return { check, ok: false, detail, fix, ...(denied ? { denied } : {}) };
}

/** Retry times, records, and proofs to Okta carry a time: where clocks differ by more, in milliseconds, they mislead. */
const MOST_SKEW_MS = 60_000;

/** Whether the clock of a service, so many milliseconds ahead of ours, says what ours says. */
export function clockFinding(service: 'Okta' | 'Secoda', skewMs: number): Finding {
  const check = `${service}: clock`;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const detail = `${service}'s clock is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return fine(check, detail);
  return bad(check, detail, "Set this machine's clock (NTP).");
}

/** What could not be looked at, or is only a remark. */
export function untold(check: string, detail = 'skipped: an earlier check failed'): Finding {
  return { check, ok: null, detail, fix: null };
}

/** What nobody knows of the live services, with the check that tells, if one safely can. docs/emulators.md is ready for either. */
export const UNKNOWNS: readonly (readonly [question: string, check: string | null])[] = [
  ['Does a PATCH of users replace the list?', 'Secoda: members of a group'],
  ['Does a PATCH keep the fields that it leaves out?', 'Secoda: fields left out of a PATCH'],
  ['Does updated_at move with the members?', 'Secoda: updated_at'],
  ['How long may a description be?', 'Secoda: length of a description'],
  ['How does a marker line come back?', 'Secoda: lines of a description'],
  ['Do paths end in a slash?', 'Secoda: paths'],
  ['Which fields of a user say who is active?', 'Secoda: users'],
  ['Is page_size honoured?', 'Secoda: pages'],
  ['Which form does an invitation have?', null],
  ['Does the users list show people who were invited?', null],
  ['Which members does Secoda refuse or drop?', null],
  ['Are writes of groups throttled?', null],
  ["Do Okta's headers show the limit of the org or of the token?", null],
];

/** Ids, addresses, hosts and quoted texts are nobody else's business. */
const PRIVATE =
  /[0-9a-f]{8}-[0-9a-f-]{27}|\b00[a-zA-Z0-9]{18}\b|[^\s"“”(]+@[^\s"“”),;]+|https?:\/\/[^\s/]+|“[^”]*”/g;

/** What a probe told of the questions above, fit to be sent to whoever keeps this software: no names, ids or addresses. */
export function answersText(findings: readonly Finding[], version: string): string[] {
  const lines = UNKNOWNS.flatMap(([question, check]) => {
    const found = findings.find((each) => each.check === check);
    const sign = found?.ok === true ? '✓' : found?.ok === false ? '✗' : '–';
    return [
      question,
      `  ${found === undefined ? 'not tried' : `${sign} ${found.detail.replaceAll(PRIVATE, '…')}`}`,
    ];
  });
  const head = `--- What these services do (okta-secoda-sync ${version}). It names nobody: please send it back. ---`;
  return [head, ...lines, '---'];
}
