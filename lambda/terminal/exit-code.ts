import type { Status } from '../core/report/report.ts';
import { AccessError, SourceError, UsageError } from '../errors.ts';

const BY_STATUS: Readonly<Record<Status, number>> = {
  'in-sync': 0,
  planned: 0,
  applied: 0,
  failed: 1,
  refused: 3,
  partial: 4,
};

/** Of `plan --expect-no-changes` where there are some. */
export const UNEXPECTED_CHANGES = 7;

/** The exit codes are a promise: scripts and schedulers branch on them. */
export function exitCode(status: Status | null, failure: Error | null): number {
  if (failure instanceof UsageError) return 2;
  if (failure instanceof AccessError) return 6;
  if (status === null || status === 'failed') return failure instanceof SourceError ? 5 : 1;
  return BY_STATUS[status];
}
