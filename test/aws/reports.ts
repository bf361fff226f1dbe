import type { Report, ReportedChange } from '../../lambda/core/report/report.ts';
import { REQUESTED } from '../core/requested.ts';

/** Makes reports for the tests of what a run leaves in the log, the metrics and a notice. */
export function report(given: Partial<Report> = {}): Report {
  return {
    runId: '20260102T030405Z-1a2b3c4d',
    mode: 'apply',
    status: 'applied',
    digest: '7f3a9c0b12d4e5f6',
    request: REQUESTED,
    summary: {
      groups: { create: 1, update: 2, delete: 0, unchanged: 8, skipped: 0 },
      members: { add: 3, remove: 1 },
      unmatched: 2,
      invited: 0,
    },
    changes: [],
    skipped: [],
    warnings: [],
    unmatched: [],
    resolved: [],
    invited: [],
    unsettled: [],
    frozen: [],
    refusals: [],
    requests: {
      okta: { reads: 14, throttled: 1, retries: 0 },
      secoda: { reads: 5, writes: 3, throttled: 2, retries: 0 },
    },
    startedAt: new Date(Date.now() - 1234).toISOString(),
    durationMs: 1234,
    ledger: null,
    error: null,
    ...given,
  };
}

export function reportedChange(
  given: Partial<Omit<ReportedChange, 'group'>> & { readonly name?: string } = {},
): ReportedChange {
  const { name = 'Finance', ...rest } = given;
  return {
    action: 'update',
    group: { oktaIds: ['00g1'], secodaId: 'g-1', name },
    adopted: false,
    renamedFrom: null,
    add: [],
    remove: [],
    causes: {},
    reason: 'its members differ',
    outcome: null,
    unsettled: [],
    error: null,
    before: null,
    ...rest,
  };
}
