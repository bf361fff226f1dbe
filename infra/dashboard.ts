import { Duration, type Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IWidget,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type RunMetric, runMetric } from './alarm-metrics.ts';

const WHOLE = 24;

/** What an operator looks at in the morning: is it well, what did it do, whom did it miss, how hard did it lean on the APIs. */
export function addDashboard(stack: Stack, alarms: readonly Alarm[]): Dashboard {
  const metric = (name: RunMetric, label: string, color: string) =>
    runMetric(stack, name, Duration.hours(1)).with({ label, color });
  const newest = (name: RunMetric, label: string) =>
    runMetric(stack, name, Duration.days(1), Stats.MAXIMUM).with({ label });
  const graph = (title: string, lines: Lines, { width = WHOLE / 2, stacked = false } = {}): IWidget =>
    new GraphWidget({
      title,
      width,
      height: 6,
      stacked,
      left: lines.map(([name, label, color]) => metric(name, label, color)),
      leftYAxis: { min: 0, showUnits: false },
    });

  const dashboard = new Dashboard(stack, 'Dashboard', {
    // The dashboards of all regions of an account share their names.
    dashboardName: `${stack.stackName}-${stack.region}`,
    defaultInterval: Duration.days(14),
  });
  dashboard.addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', width: WHOLE, height: 2, alarms: [...alarms] }),
  );
  dashboard.addWidgets(
    graph('Runs by outcome', OUTCOMES, { stacked: true }),
    new SingleValueWidget({
      title: 'Most in a run, last day',
      width: WHOLE / 2,
      height: 6,
      setPeriodToTimeRange: false,
      metrics: [
        newest('peopleUnmatched', 'People without an account'),
        newest('peopleUnsettled', 'People unsettled'),
        newest('membersAdded', 'Memberships added'),
        newest('membersRemoved', 'Memberships removed'),
      ],
    }),
  );
  dashboard.addWidgets(
    graph('Changes of groups', GROUPS, { stacked: true }),
    graph('Changes of memberships', MEMBERS, { stacked: true }),
  );
  dashboard.addWidgets(
    graph('Okta: calls and throttles', OKTA, { width: WHOLE / 3 }),
    graph('Secoda: calls and throttles', SECODA, { width: WHOLE / 3 }),
    new GraphWidget({
      title: 'Duration of a run, waits included (ms)',
      width: WHOLE / 3,
      height: 6,
      left: [
        runMetric(stack, 'duration', Duration.hours(1), Stats.MAXIMUM).with({ label: 'Longest' }),
        runMetric(stack, 'duration', Duration.hours(1), Stats.p(50)).with({ label: 'Typical' }),
      ],
      leftYAxis: { min: 0, showUnits: false },
    }),
  );
  return dashboard;
}

type Lines = readonly (readonly [RunMetric, string, string])[];

const GREEN = '#2ca02c';
const BLUE = '#1f77b4';
const GREY = '#7f7f7f';
const AMBER = '#ff9900';
const PURPLE = '#9467bd';
const RED = '#d62728';

const OUTCOMES: Lines = [
  ['runsInSync', 'In sync', GREEN],
  ['runsApplied', 'Applied', BLUE],
  ['runsPlanned', 'Planned', GREY],
  ['runsPartial', 'Partial', AMBER],
  ['runsRefused', 'Refused', PURPLE],
  ['runsFailed', 'Failed', RED],
];
const GROUPS: Lines = [
  ['groupsCreated', 'Created', GREEN],
  ['groupsUpdated', 'Updated', BLUE],
  ['groupsDeleted', 'Deleted', RED],
];
const MEMBERS: Lines = [
  ['membersAdded', 'Added', GREEN],
  ['membersRemoved', 'Removed', RED],
  ['peopleInvited', 'Invited', BLUE],
];
const OKTA: Lines = [
  ['oktaReads', 'Reads', BLUE],
  ['oktaThrottled', 'Throttled', RED],
];
const SECODA: Lines = [
  ['secodaReads', 'Reads', BLUE],
  ['secodaWrites', 'Writes', GREEN],
  ['secodaThrottled', 'Throttled', RED],
];
