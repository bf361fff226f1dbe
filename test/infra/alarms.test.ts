import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cycleOf } from '../../infra/cycle.ts';
import { ALARMS, METRICS } from '../../lambda/settings.ts';
import { LEAST, MOST, plain, propertiesOf, resourcesOf, templateOf } from './stage.ts';

const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const template = templateOf(MOST);
const alarm = (name: string, of = template) => propertiesOf(of, 'AWS::CloudWatch::Alarm', name);

const HOUR = 3_600_000;

/** The metrics that an alarm adds up, as “namespace name of whom”, and in which way. */
function summed(name: string): { readonly expression: string; readonly metrics: readonly string[] } {
  const parts = z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z
          .object({
            Metric: z.object({
              Namespace: z.string(),
              MetricName: z.string(),
              Dimensions: z.array(z.object({ Value: z.string() })),
            }),
          })
          .optional(),
      }),
    )
    .parse(plain(alarm(name).Metrics));
  return {
    expression: parts.map(({ Expression }) => Expression ?? '').join(''),
    metrics: parts.flatMap(({ MetricStat }) =>
      MetricStat === undefined
        ? []
        : `${MetricStat.Metric.Namespace} ${MetricStat.Metric.MetricName} of ${MetricStat.Metric.Dimensions[0]?.Value ?? ''}`,
    ),
  };
}

describe('the alarms', () => {
  it('are those that the runbook has a heading for', () => {
    expect(Object.keys(resourcesOf(template, 'AWS::CloudWatch::Alarm')).sort()).toEqual([...ALARMS].sort());
    const headings = [...runbook.matchAll(/^## (\w+)$/gm)].map(([, heading]) => heading ?? '');
    expect(headings.filter((heading) => /^(Sync|Events)[A-Z]/.test(heading)).sort()).toEqual(
      [...ALARMS].sort(),
    );
  });

  it.each([...ALARMS])('%s says what to do, tells the topic, and asks for one or more', (name) => {
    const { AlarmDescription, AlarmName, AlarmActions, Threshold } = alarm(name);
    expect(AlarmDescription).toContain(`docs/runbook.md, "${name}"`);
    expect(AlarmName).toBe(`okta-secoda-sync-${name}`);
    expect(plain(AlarmActions)).toEqual(['NoticesTopic']);
    expect(Threshold).toBe(1);
    const section = runbook.split(`\n## ${name}\n`)[1]?.split('\n## ')[0];
    for (const part of ['**What it means.**', '**How to look.**', '**How to mend.**'])
      expect(section ?? '').toContain(part);
  });

  it('SyncFailing adds up what failed wherever it was noticed, silence being none', () => {
    const { expression, metrics } = summed('SyncFailing');
    expect(expression.split(' + ')).toHaveLength(5);
    expect(expression.split(' + ').every((part) => /^FILL\(\w+, 0\)$/.test(part))).toBe(true);
    expect(metrics).toEqual([
      'AWS/Lambda DurableExecutionFailed of SyncFunction',
      'AWS/Lambda DurableExecutionTimedOut of SyncFunction',
      `${METRICS.namespace} ${METRICS.runsFailed} of okta-secoda-sync`,
      'AWS/Lambda Errors of StartFunction',
      'AWS/SQS NumberOfMessagesSent of SyncDeadLetters.QueueName',
    ]);
    expect(alarm('SyncFailing').TreatMissingData).toBe('notBreaching');
  });

  it('EventsStuck looks at the dead letters of the schedule and of events', () => {
    expect(summed('EventsStuck').metrics).toEqual([
      'AWS/SQS ApproximateNumberOfMessagesVisible of ScheduleDeadLetters.QueueName',
      'AWS/SQS ApproximateNumberOfMessagesVisible of EventsDeadLetters.QueueName',
    ]);
  });

  it('SyncRefused and SyncPartial look at the runs of this deployment', () => {
    const Dimensions = [{ Name: METRICS.dimension, Value: 'okta-secoda-sync' }];
    const shared = {
      Namespace: METRICS.namespace,
      Dimensions,
      Statistic: 'Sum',
      TreatMissingData: 'notBreaching',
    };
    expect(alarm('SyncRefused')).toMatchObject({
      ...shared,
      MetricName: METRICS.runsRefused,
      DatapointsToAlarm: 1,
    });
    expect(alarm('SyncPartial')).toMatchObject({
      ...shared,
      MetricName: METRICS.runsPartial,
      Period: 86_400,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
    });
  });

  it('SyncNotRunning goes off when a nightly run is 26 hours ago, or never was', () => {
    expect(alarm('SyncNotRunning')).toMatchObject({
      MetricName: METRICS.runsFinished,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      Period: 3600,
      EvaluationPeriods: 26,
      DatapointsToAlarm: 26,
    });
  });

  it('tell of their end where it means that something was mended', () => {
    const telling = ALARMS.filter((name) => alarm(name).OKActions !== undefined);
    expect(telling).toEqual(['SyncNotRunning', 'EventsStuck']);
  });

  it.each([
    [{ every: '10 minutes' }, 3, 3600, 2],
    [{ every: '6 hours' }, 8, 21_600, 2],
    [{ cron: '0 2 ? * MON-FRI *' }, 74, 86_400, 4],
    [{ every: '6 days' }, 146, 86_400, 7],
    [{ cron: '0 2 ? * MON *' }, 168, 86_400, 1],
    [{ every: '8 days' }, null, 86_400, 1],
  ])('with %o look back as far as the schedule asks for', (schedule, hours, period, periods) => {
    const other = templateOf({ ...LEAST, schedule });
    const silence = resourcesOf(other, 'AWS::CloudWatch::Alarm').SyncNotRunning?.Properties;
    expect(silence?.EvaluationPeriods ?? null).toBe(hours);
    expect(alarm('SyncPartial', other)).toMatchObject({ Period: period, EvaluationPeriods: periods });
    expect(period * periods).toBeLessThanOrEqual(7 * 86_400);
  });

  it('measure a schedule by its longest pause', () => {
    expect(cycleOf({ cron: '0 2 * * ? *', timeZone: 'Europe/London' })).toBe(24 * HOUR);
    expect(cycleOf({ cron: '0 8,18 ? * MON-FRI *', timeZone: 'UTC' })).toBe(62 * HOUR);
    expect(cycleOf({ cron: '* 8-17 ? * MON-FRI *', timeZone: 'UTC' })).toBe(62 * HOUR + 60_000);
    expect(cycleOf({ every: '90 minutes' })).toBe(1.5 * HOUR);
    expect(cycleOf({ cron: '0 2 1 1 ? 2027', timeZone: 'UTC' })).toBeNull();
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

describe('the dashboard', () => {
  it('draws every metric that runs send and shows every alarm', () => {
    const body = String(
      plain(propertiesOf(template, 'AWS::CloudWatch::Dashboard', 'Dashboard').DashboardBody),
    );
    const { namespace, dimension, runsFinished, ...drawn } = METRICS;
    expect([namespace, dimension].every((name) => body.includes(`"${name}"`))).toBe(true);
    expect(Object.values(drawn).filter((name) => !body.includes(`"${name}"`))).toEqual([]);
    expect(body).not.toContain(runsFinished);
    expect(ALARMS.filter((name) => !body.includes(`${name}.Arn`))).toEqual([]);
  });
});
