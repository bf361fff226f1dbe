import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Report, ReportedChange, Status } from '../core/report/report.ts';
import { METRICS } from '../names.ts';

const RUNS: Readonly<Record<Status, string>> = {
  'in-sync': METRICS.runsInSync,
  planned: METRICS.runsPlanned,
  applied: METRICS.runsApplied,
  partial: METRICS.runsPartial,
  // A night of which a part waits stays in the alarm of those that were refused.
  held: METRICS.runsRefused,
  refused: METRICS.runsRefused,
  // Nobody interrupts a run in AWS.
  interrupted: METRICS.runsPartial,
  failed: METRICS.runsFailed,
};

/**
 * Prints the metrics of a finished run, one line in CloudWatch's embedded format, stamped with the run's end. `stack` is the
 * one dimension; `full`: the run was over everything. A step that is repeated after a kill prints the line again, with the
 * same stamp: sums may then count a run twice, so alarms should ask for “one or more”, never for a number.
 */
export function emitMetrics(report: Report, { stack, full }: { stack: string; full: boolean }): void {
  const metrics = new Metrics({ namespace: METRICS.namespace });
  // Without this there would be a second dimension, `service`, which no alarm asks for.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ [METRICS.dimension]: stack });
  metrics.setTimestamp(Date.parse(report.startedAt) + report.durationMs);
  for (const [name, value] of Object.entries({ ...countsOf(report), ...(full ? nights(report) : {}) })) {
    metrics.addMetric(name, MetricUnit.Count, value);
  }
  metrics.addMetric(METRICS.duration, MetricUnit.Milliseconds, report.durationMs);
  metrics.addMetadata('runId', report.runId);
  metrics.publishStoredMetrics();
}

/** The nightly run is the safety net of all others: they must not hide that it does not run, nor seem to be it. */
function nights({ status, changes }: Report): Readonly<Record<string, number>> {
  const undone = changes.some(({ outcome }) => outcome === 'failed' || outcome === 'not-attempted');
  return {
    [METRICS.fullRunsFinished]: 1,
    // That a part waits must not hide, week after week, that another fails.
    ...(status === 'partial' || (status === 'held' && undone) ? { [METRICS.fullRunsPartial]: 1 } : {}),
  };
}

function countsOf(report: Report): Readonly<Record<string, number>> {
  const { status, changes, summary, invited, unsettled, requests } = report;
  const written = changes.filter(({ outcome }) => outcome === 'applied' || outcome === 'unsettled');
  // A group that Secoda still lists was not deleted; one it made or changed is there, whatever it did not honour of it.
  const groups = (action: ReportedChange['action']) =>
    written.filter((each) => each.action === action && (action !== 'delete' || each.outcome === 'applied'))
      .length;
  const { okta, secoda } = requests;
  return {
    [RUNS[status]]: 1,
    [METRICS.groupsCreated]: groups('create'),
    [METRICS.groupsUpdated]: groups('update'),
    [METRICS.groupsDeleted]: groups('delete'),
    [METRICS.membersAdded]: honoured(written, 'add'),
    [METRICS.membersRemoved]: honoured(written, 'remove'),
    [METRICS.peopleUnmatched]: summary.unmatched,
    [METRICS.peopleUnsettled]: unsettled.length,
    // A plan, and a run that was refused, count in their summary whom they would invite.
    [METRICS.peopleInvited]: invited.filter(({ outcome }) => outcome === 'applied').length,
    [METRICS.oktaReads]: okta.reads,
    [METRICS.oktaThrottled]: okta.throttled,
    [METRICS.secodaReads]: secoda.reads,
    [METRICS.secodaWrites]: secoda.writes,
    [METRICS.secodaThrottled]: secoda.throttled,
  };
}

/** Memberships that Secoda was seen to take or let go; those it did not honour are not counted. */
function honoured(written: readonly ReportedChange[], side: 'add' | 'remove'): number {
  return written.reduce((sum, change) => {
    const unsettled = new Set(change.unsettled);
    return sum + change[side].filter((email) => !unsettled.has(email)).length;
  }, 0);
}
