import type { Change } from '../plan/change.ts';

/** `unsettled`: accepted by Secoda, and not honoured in full. */
export type Outcome = 'applied' | 'failed' | 'unsettled' | 'not-attempted';

/** What became of one change of an approved plan. */
export interface ChangeOutcome {
  readonly outcome: Outcome;
  /** The change as it was really written, on fresh reads; `null` when nothing was sent. */
  readonly written: Change | null;
  /** People (e-mail, or id where there is none) whom Secoda did not honour. */
  readonly unsettled: readonly string[];
  /** Whether anything of that is new since the last run: only then does it count against the run. */
  readonly news: boolean;
  readonly error: string | null;
}

/** The outcome of a change that was not sent; `error` says why. */
export function notAttempted(error: string): ChangeOutcome {
  return { outcome: 'not-attempted', written: null, unsettled: [], news: false, error };
}
