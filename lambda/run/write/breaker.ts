import { AccessError, WriteError } from '../../errors.ts';

/** So many server failures in a row on writes mean that Secoda is down: stop instead of working through the list. */
const BREAKER = 10;

/** What a write that failed means for those behind it. */
export interface FailedWrite {
  readonly message: string;
  /** Secoda did not answer, so that nobody knows whether it did it. */
  readonly unknown: boolean;
  /** Server failures in a row, this one included. */
  readonly failures: number;
  /** Why nothing more may be written in this run; `null` to go on. */
  readonly stop: Error | null;
}

/** `failures`: server failures in a row before it. `null`: the error is not about this write alone. */
export function failedWrite(error: unknown, failures: number): FailedWrite | null {
  if (error instanceof AccessError)
    return { message: error.message, unknown: false, failures: 0, stop: error };
  if (!(error instanceof WriteError)) return null;
  const { message, server } = error;
  if (!server) return { message, unknown: false, failures: 0, stop: null };
  const broken = `Secoda failed ${BREAKER} writes in a row, so the run stopped; the last one: ${message}`;
  const stop = failures + 1 >= BREAKER ? new WriteError(broken, true) : null;
  return { message, unknown: true, failures: failures + 1, stop };
}
