import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cycleOf } from '../../infra/cycle.ts';
import { ALARMS, METRICS } from '../../lambda/names.ts';
import { addStack, CONTEXT, LEAST, MOST, plain, propertiesOf, resourcesOf, templateOf } from './stage.ts';

const page = readFileSync(new URL('../../docs/alarms.md', import.meta.url), 'utf8');
const template = templateOf(MOST);
const alarm = (name: string, of = template) => propertiesOf(of, 'AWS::CloudWatch::Alarm', name);

const HOUR = 3_600_000;

interface Sum {
  readonly expression: string;
  readonly metrics: readonly string[];
  /** In seconds. */
  readonly period: number | undefined;
}

/** The metrics that an alarm adds up, as “statistic of namespace name, dimensions”, over which time, and in which way. */
function summed(name: string, of = template): Sum {
  const parts = z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z
          .object({
            Metric: z.object({
              Namespace: z.string(),
              MetricName: z.string(),
              Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
            }),
            Period: z.number(),
            Stat: z.string(),
          })
          .optional(),
      }),
    )
    .parse(plain(alarm(name, of).Metrics));
  return {
    expression: parts.map(({ Expression }) => Expression ?? '').join(''),
    metrics: parts.flatMap(({ MetricStat }) => {
      if (MetricStat === undefined) return [];
      const { Metric, Stat } = MetricStat;
      const whose = Metric.Dimensions.map(({ Name, Value }) => `${Name} ${Value}`).join(', ');
      return `${Stat} of ${Metric.Namespace} ${Metric.MetricName}, ${whose}`;
    }),
    period: parts.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period,
  };
}

const ofRuns = (metric: string): string =>
  `Sum of ${METRICS.namespace} ${metric}, ${METRICS.dimension} okta-secoda-sync`;

describe('the alarms', () => {
  it('are those that their page has a heading for', () => {
    expect(Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm')).sort()).toEqual([...ALARMS].sort());
    const headings = [...page.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading ?? '');
    expect(headings.filter((heading) => /^(Sync|Events)[A-Z]/.test(heading)).sort()).toEqual(
      [...ALARMS].sort(),
    );
  });

  it.each([...ALARMS])('%s says what to do, tells the topic, and asks for one or more', (name) => {
    const { AlarmDescription, AlarmName, AlarmActions, Threshold } = alarm(name);
    expect(AlarmDescription).toContain(`docs/alarms.md, "${name}"`);
    expect(AlarmDescription).toContain('npm run sync -- ');
    expect(AlarmName).toBe(`okta-secoda-sync-${name}`);
    expect(plain(AlarmActions)).toEqual(['NoticesTopic']);
    expect(Threshold).toBe(1);
    const section = page.split(`\n## ${name}\n`)[1]?.split('\n## ')[0];
    for (const part of ['**What it means.**', '**How to look.**', '**How to fix.**'])
      expect(section ?? '').toContain(part);
  });

  it('SyncCrashing goes off within an hour where Sync is killed again and again, and not for one kill', () => {
    const { metrics, period } = summed('SyncCrashing');
    expect(metrics).toEqual(['Sum of AWS/Lambda Errors, FunctionName SyncFunction']);
    const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = alarm('SyncCrashing');
    // Invocations of 15 minutes each: the third ends after 45.
    expect([period, EvaluationPeriods, DatapointsToAlarm, TreatMissingData]).toEqual([
      300,
      12,
      3,
      'notBreaching',
    ]);
  });

  it('SyncFailing adds up what failed wherever it was noticed, silence being none', () => {
    const { expression, metrics } = summed('SyncFailing');
    expect(expression.split(' + ')).toHaveLength(5);
    expect(metrics).toEqual([
      'Sum of AWS/Lambda DurableExecutionFailed, FunctionName SyncFunction',
      'Sum of AWS/Lambda DurableExecutionTimedOut, FunctionName SyncFunction',
      ofRuns(METRICS.runsFailed),
      'Sum of AWS/Lambda Errors, FunctionName StartFunction',
      'Sum of AWS/SQS NumberOfMessagesSent, QueueName SyncDeadLetters.QueueName',
    ]);
    expect(alarm('SyncFailing').TreatMissingData).toBe('notBreaching');
  });

  it('EventsStuck looks at the dead letters of the schedule and of events', () => {
    expect(summed('EventsStuck').metrics).toEqual([
      'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible, QueueName ScheduleDeadLetters.QueueName',
      'Maximum of AWS/SQS ApproximateNumberOfMessagesVisible, QueueName EventsDeadLetters.QueueName',
    ]);
  });

  it('no alarm judges by data from before the time it looks at, which it would where data is missing', () => {
    for (const name of ALARMS)
      expect(summed(name).expression).toMatch(/^FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*$/);
  });

  it('SyncFailing and EventsStuck also see what SQS tells a quarter of an hour late', () => {
    for (const name of ['SyncFailing', 'EventsStuck']) {
      expect(alarm(name)).toMatchObject({ EvaluationPeriods: 4, DatapointsToAlarm: 1 });
      expect(summed(name).period).toBe(300);
    }
  });

  it('SyncRefused and SyncPartial look at the runs of this deployment', () => {
    expect(alarm('SyncRefused')).toMatchObject({
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(alarm('SyncPartial')).toMatchObject({
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
    });
    for (const [name, metric] of [
      ['SyncRefused', METRICS.runsRefused],
      ['SyncPartial', METRICS.fullRunsPartial],
    ] as const)
      expect(summed(name)).toMatchObject({
        metrics: [ofRuns(metric)],
        period: 86_400,
      });
  });

  it('SyncNotRunning goes off when a nightly run is 26 hours ago, or never was', () => {
    expect(summed('SyncNotRunning')).toMatchObject({
      metrics: [ofRuns(METRICS.fullRunsFinished)],
      period: 3600,
    });
    expect(alarm('SyncNotRunning')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      EvaluationPeriods: 26,
      DatapointsToAlarm: 26,
    });
  });

  it("EventsSilent goes off when no event of Okta's has come through its rule for as long as is said", () => {
    expect(summed('EventsSilent')).toMatchObject({
      metrics: [
        'Sum of AWS/Events MatchedEvents, EventBusName EventsOktaBus, RuleName okta-secoda-sync-okta',
        'Sum of AWS/Events MatchedEvents, RuleName okta-secoda-sync-okta',
      ],
      period: 3600,
    });
    const silence = { ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' };
    expect(alarm('EventsSilent')).toMatchObject({ ...silence, EvaluationPeriods: 24, DatapointsToAlarm: 24 });
    const events = { okta: { eventSource: MOST.events.okta.eventSource, silentHours: 72 } };
    expect(alarm('EventsSilent', templateOf({ ...LEAST, events }))).toMatchObject({ EvaluationPeriods: 72 });
    const alarms = resourcesOf(templateOf({ ...LEAST, events: { hr: true } }), 'AWS::CloudWatch::Alarm');
    expect(Object.keys(alarms)).not.toContain('EventsSilent');
  });

  it('tell of their end where it means that something was mended', () => {
    const telling = ALARMS.filter((name) => alarm(name).OKActions !== undefined);
    expect(telling).toEqual(['SyncNotRunning', 'EventsStuck', 'EventsSilent']);
  });

  it.each([
    [{ every: '10 minutes' }, 3, 3600, 2, 2],
    [{ every: '6 hours' }, 8, 21_600, 2, 2],
    [{ every: '1 day' }, 26, 86_400, 2, 2],
    [{ cron: '0 2 ? * MON-FRI *' }, 74, 86_400, 4, 2],
    [{ every: '6 days' }, 146, 86_400, 7, 2],
    [{ every: '7 days' }, 168, 86_400, 1, 1],
    [{ cron: '0 2 ? * MON *' }, 168, 86_400, 1, 1],
    [{ every: '8 days' }, null, 86_400, 1, 1],
  ])('with %o look back as far as the schedule asks for', (schedule, hours, period, periods, partial) => {
    const other = templateOf({ ...LEAST, schedule });
    const silence = resourcesOf(other, 'AWS::CloudWatch::Alarm').SyncNotRunning?.Properties;
    expect(silence?.EvaluationPeriods ?? null).toBe(hours);
    const twice = { EvaluationPeriods: periods, DatapointsToAlarm: partial };
    expect(alarm('SyncPartial', other)).toMatchObject(twice);
    expect(summed('SyncPartial', other).period).toBe(period);
    expect(period * periods).toBeLessThanOrEqual(7 * 86_400);
  });

  it.each([
    [{ every: '1 day' }, false],
    [{ every: '8 days' }, true],
    [{ every: '1 day', enabled: false }, true],
  ])('with %o say, or not, that none tells of a sync that does not run', (schedule, said) => {
    const outdir = mkdtempSync(join(tmpdir(), 'okta-secoda-synth-'));
    const app = new App({ context: CONTEXT, outdir, builtinCloudFormationValidation: false });
    const told = Annotations.fromStack(addStack(app, 'told', { ...LEAST, schedule }));
    rmSync(app.outdir, { recursive: true });
    const found = told.findInfo('*', Match.anyValue()).map(({ entry }) => entry.data);
    const words = expect.stringContaining('there is no alarm SyncNotRunning') as unknown;
    expect(found).toEqual(said ? [words] : []);
  });

  it('measure a schedule by its longest pause', () => {
    expect(cycleOf({ cron: '0 2 * * ? *', timeZone: 'Europe/London' })).toBe(24 * HOUR);
    expect(cycleOf({ cron: '0 8,18 ? * MON-FRI *', timeZone: 'UTC' })).toBe(62 * HOUR);
    expect(cycleOf({ cron: '* 8-17 ? * MON-FRI *', timeZone: 'UTC' })).toBe(62 * HOUR + 60_000);
    expect(cycleOf({ every: '90 minutes' })).toBe(1.5 * HOUR);
    expect(cycleOf({ cron: '0 2 1 1 ? 2027', timeZone: 'UTC' })).toBeNull();
    expect(cycleOf({ cron: '0 0 5 2 ? 2026,2027,2030', timeZone: 'UTC' })).toBe(365 * 24 * HOUR);
    // A pause that is more than a year away is of no account yet.
    expect(cycleOf({ cron: '0 2 * * ? 2026-2027,2100', timeZone: 'UTC' })).toBe(24 * HOUR);
  });
});

const policyDocument = z.object({
  Statement: z.array(
    z.looseObject({ Principal: z.union([z.literal('*'), z.record(z.string(), z.string())]) }),
  ),
});

describe('the notices', () => {
  it('go to the configured people over an encrypted topic that alarms of this account may use', () => {
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'data-platform@acme.com',
    });
    expect(plain(propertiesOf(template, 'AWS::SNS::Topic', 'NoticesTopic').KmsMasterKeyId)).toBe(
      'NoticesKey.Arn',
    );
    const policies = [
      propertiesOf(template, 'AWS::SNS::TopicPolicy', 'NoticesTopicPolicy').PolicyDocument,
      propertiesOf(template, 'AWS::KMS::Key', 'NoticesKey').KeyPolicy,
    ];
    for (const policy of policies) {
      const { Statement } = policyDocument.parse(plain(policy));
      const alarms = Statement.filter(({ Principal }) => Principal !== '*' && 'Service' in Principal);
      expect(alarms).toEqual([
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } },
        }),
      ]);
    }
  });

  it('and all other texts of the template are plain ASCII, as CloudFormation wants them', () => {
    expect(JSON.stringify(template.toJSON())).toMatch(/^[\x20-\x7e]*$/);
  });
});

const drawn = z.looseObject({
  start: z.string(),
  widgets: z.array(
    z.object({
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
      properties: z.looseObject({
        title: z.string(),
        stacked: z.boolean().optional(),
        setPeriodToTimeRange: z.boolean().optional(),
        metrics: z.array(z.array(z.unknown())).optional(),
        yAxis: z.unknown().optional(),
      }),
    }),
  ),
});
const line = z.looseObject({
  stat: z.string(),
  period: z.number(),
  label: z.string(),
  color: z.string().optional(),
});

describe('the dashboard', () => {
  const body = String(plain(propertiesOf(template, 'AWS::CloudWatch::Dashboard', 'Dashboard').DashboardBody));
  const { start, widgets } = drawn.parse(JSON.parse(body));
  const [alarms, ...others] = widgets.map(({ x, y, width, height, properties }) => ({
    place: `${properties.title}: ${width}x${height} at ${x},${y}${properties.stacked ? ', stacked' : ''}`,
    metrics: (properties.metrics ?? []).map((each) => {
      const { stat, period, label, color } = line.parse(each.at(-1));
      return [each[1], label, ...(color === undefined ? [] : [color]), `${stat} of ${period} s`].join(', ');
    }),
    properties,
  }));

  it('draws every metric that runs send, but for those of the alarms, and shows every alarm', () => {
    const { namespace, dimension, fullRunsFinished, fullRunsPartial, ...sent } = METRICS;
    expect([namespace, dimension].every((name) => body.includes(`"${name}"`))).toBe(true);
    expect(Object.values(sent).filter((name) => !body.includes(`"${name}"`))).toEqual([]);
    for (const name of [fullRunsFinished, fullRunsPartial]) expect(body).not.toContain(name);
    expect(alarms?.properties['alarms']).toEqual(ALARMS.map((name) => `${name}.Arn`));
  });

  it('shows two weeks, alarms above all else, in graphs of hours and numbers of the last day', () => {
    expect(start).toBe('-P14D');
    expect(alarms?.place).toBe('Alarms: 24x2 at 0,0');
    expect(others.map(({ place, metrics }) => [place, ...metrics])).toEqual([
      [
        'Runs by outcome: 12x6 at 0,2, stacked',
        'RunsInSync, In sync, #2ca02c, Sum of 3600 s',
        'RunsApplied, Applied, #1f77b4, Sum of 3600 s',
        'RunsPlanned, Planned, #7f7f7f, Sum of 3600 s',
        'RunsPartial, Partial, #ff9900, Sum of 3600 s',
        'RunsRefused, Refused, #9467bd, Sum of 3600 s',
        'RunsFailed, Failed, #d62728, Sum of 3600 s',
      ],
      [
        'Most in a run, last day: 12x6 at 12,2',
        'PeopleUnmatched, People without an account, Maximum of 86400 s',
        'PeopleUnsettled, People unsettled, Maximum of 86400 s',
        'MembersAdded, Memberships added, Maximum of 86400 s',
        'MembersRemoved, Memberships removed, Maximum of 86400 s',
      ],
      [
        'Changes of groups: 12x6 at 0,8, stacked',
        'GroupsCreated, Created, #2ca02c, Sum of 3600 s',
        'GroupsUpdated, Updated, #1f77b4, Sum of 3600 s',
        'GroupsDeleted, Deleted, #d62728, Sum of 3600 s',
      ],
      [
        'Changes of memberships: 12x6 at 12,8, stacked',
        'MembersAdded, Added, #2ca02c, Sum of 3600 s',
        'MembersRemoved, Removed, #d62728, Sum of 3600 s',
        'PeopleInvited, Invited, #1f77b4, Sum of 3600 s',
      ],
      [
        'Okta: calls and throttles: 8x6 at 0,14',
        'OktaReads, Reads, #1f77b4, Sum of 3600 s',
        'OktaThrottled, Throttled, #d62728, Sum of 3600 s',
      ],
      [
        'Secoda: calls and throttles: 8x6 at 8,14',
        'SecodaReads, Reads, #1f77b4, Sum of 3600 s',
        'SecodaWrites, Writes, #2ca02c, Sum of 3600 s',
        'SecodaThrottled, Throttled, #d62728, Sum of 3600 s',
      ],
      [
        'Duration of a run, waits included (ms): 8x6 at 16,14',
        'RunDuration, Longest, Maximum of 3600 s',
        'RunDuration, Typical, p50 of 3600 s',
      ],
    ]);
  });

  it('draws graphs from zero, without units, and numbers of a day whatever time is looked at', () => {
    const numbers = others.filter(({ properties }) => properties.yAxis === undefined);
    expect(numbers.map(({ properties }) => [properties.title, properties.setPeriodToTimeRange])).toEqual([
      ['Most in a run, last day', false],
    ]);
    for (const { properties } of others)
      if (properties.yAxis !== undefined)
        expect(properties.yAxis).toEqual({ left: { min: 0, showUnits: false } });
  });
});
