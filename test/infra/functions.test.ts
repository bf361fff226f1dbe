import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ENVIRONMENT } from '../../lambda/names.ts';
import { LEAST, MOST, plain, propertiesOf, resourcesOf, STAYS, templateOf } from './stage.ts';

const template = templateOf(MOST);
const sync = propertiesOf(template, 'AWS::Lambda::Function', 'SyncFunction');
const start = propertiesOf(template, 'AWS::Lambda::Function', 'StartFunction');

describe('the functions', () => {
  it('are two, on Node 24 and arm64', () => {
    expect(Object.keys(resourcesOf(template, 'AWS::Lambda::Function'))).toEqual([
      'SyncFunction',
      'StartFunction',
    ]);
    for (const each of [sync, start]) {
      expect(each).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
      expect(each.ReservedConcurrentExecutions).toBeUndefined();
    }
  });

  it('Sync is durable for a day, and has no name that would keep it from being replaced', () => {
    expect(sync).toMatchObject({
      DurableConfig: { ExecutionTimeout: 86_400, RetentionPeriodInDays: 14 },
      Timeout: 900,
      MemorySize: 3008,
    });
    expect(sync.FunctionName).toBeUndefined();
    expect(plain(sync.DeadLetterConfig)).toEqual({ TargetArn: 'SyncDeadLetters.Arn' });
  });

  it('Start is plain, has a name for people, and answers within a minute', () => {
    expect(start.DurableConfig).toBeUndefined();
    expect(start).toMatchObject({
      FunctionName: 'okta-secoda-sync-start',
      Timeout: 60,
      MemorySize: 512,
    });
  });

  it('know their surroundings by the names that both sides share', () => {
    expect(plain(sync.Environment)).toEqual({
      Variables: {
        [ENVIRONMENT.archiveBucket]: 'ArchiveBucket',
        [ENVIRONMENT.noticeTopicArn]: 'NoticesTopic',
        [ENVIRONMENT.oktaSecretArn]: 'SecretsOkta',
        [ENVIRONMENT.secodaSecretArn]: 'SecretsSecoda',
        [ENVIRONMENT.startFunctionName]: 'okta-secoda-sync-start',
        [ENVIRONMENT.stackName]: 'okta-secoda-sync',
      },
    });
    expect(plain(start.Environment)).toEqual({
      Variables: {
        [ENVIRONMENT.archiveBucket]: 'ArchiveBucket',
        [ENVIRONMENT.syncFunctionArn]: 'SyncFunctionAliaslive',
        [ENVIRONMENT.syncApproveArn]: 'SyncFunctionAliasapprove',
        [ENVIRONMENT.stackName]: 'okta-secoda-sync',
      },
    });
  });

  it('keep old versions of what runs for hours, and its aliases wait for the right to write checkpoints', () => {
    const versions = resourcesOf(template, 'AWS::Lambda::Version');
    expect(Object.keys(versions)).toEqual(['SyncFunctionCurrentVersion', 'StartFunctionCurrentVersion']);
    expect(versions.SyncFunctionCurrentVersion).toMatchObject(STAYS);
    expect(versions.StartFunctionCurrentVersion).not.toHaveProperty('DeletionPolicy');
    const { SyncFunctionAliaslive: live, SyncFunctionAliasapprove: approve } = resourcesOf(
      template,
      'AWS::Lambda::Alias',
    );
    for (const alias of [live, approve])
      expect(alias?.DependsOn).toEqual([expect.stringMatching(/^SyncCheckpoints/)]);
  });

  it('have an alias each that approvals come through, which is another name for the version that runs', () => {
    const aliases = Object.entries(resourcesOf(template, 'AWS::Lambda::Alias'));
    expect(Object.fromEntries(aliases.map(([id, { Properties }]) => [id, plain(Properties)]))).toEqual({
      SyncFunctionAliaslive: {
        FunctionName: 'SyncFunction',
        FunctionVersion: 'SyncFunctionCurrentVersion.Version',
        Name: 'live',
      },
      SyncFunctionAliasapprove: {
        FunctionName: 'SyncFunction',
        FunctionVersion: 'SyncFunctionCurrentVersion.Version',
        Name: 'approve',
      },
      StartFunctionAliasapprove: {
        FunctionName: 'StartFunction',
        FunctionVersion: 'StartFunctionCurrentVersion.Version',
        Name: 'approve',
      },
    });
  });

  it('write into logs of their own that end after three months', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
    template.resourceCountIs('AWS::Logs::LogGroup', 2);
  });
});

describe('the schedule', () => {
  const scheduled = (config: unknown) =>
    propertiesOf(templateOf(config), 'AWS::Scheduler::Schedule', 'Schedule');

  it('goes straight to the alias with an empty event, three retries in an hour, and a dead-letter queue', () => {
    expect(plain(scheduled(LEAST).Target)).toEqual({
      Arn: 'SyncFunctionAliaslive',
      RoleArn: 'ScheduleRole.Arn',
      Input: '{}',
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: 'ScheduleDeadLetters.Arn' },
    });
  });

  it('follows a cron expression in its time zone, up to a quarter of an hour later', () => {
    expect(
      scheduled({ ...LEAST, schedule: { cron: '30 1 ? * MON-FRI *', timeZone: 'Europe/London' } }),
    ).toMatchObject({
      ScheduleExpression: 'cron(30 1 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/London',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
  });

  it.each([
    ['10 minutes', { Mode: 'OFF' }],
    ['119 minutes', { Mode: 'OFF' }],
    ['2 hours', { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 }],
  ])('runs every %s on time where that is less than two hours', (every, FlexibleTimeWindow) => {
    const ScheduleExpression = `rate(${every})`;
    expect(scheduled({ ...LEAST, schedule: { every } })).toMatchObject({
      ScheduleExpression,
      FlexibleTimeWindow,
    });
  });
});

describe('a second deployment', () => {
  it('stands beside the first: no name occurs in both', () => {
    const named = (name: string) => {
      const other = templateOf(MOST, name);
      const names = [
        'AWS::Lambda::Function',
        'AWS::CloudWatch::Alarm',
        'AWS::CloudWatch::Dashboard',
        'AWS::Scheduler::Schedule',
      ].flatMap((type) =>
        Object.values(resourcesOf(other, type)).flatMap(({ Properties }) => [
          Properties.FunctionName,
          Properties.AlarmName,
          plain(Properties.DashboardName),
          Properties.Name,
        ]),
      );
      return names.filter((each) => each !== undefined);
    };
    const first = named('okta-secoda-sync');
    const second = named('second');
    expect(first).toHaveLength(10);
    expect(second).toHaveLength(10);
    expect(second.filter((name) => first.includes(name))).toEqual([]);
    templateOf(MOST, 'second').hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'second-start',
      Environment: { Variables: Match.objectLike({ STACK_NAME: 'second' }) },
    });
  });

  it('stands in a second region under the same name: what all regions share is named with its region', () => {
    const names = [
      ['AWS::CloudWatch::Dashboard', 'DashboardName'],
      ['AWS::IAM::Role', 'RoleName'],
      ['AWS::S3::Bucket', 'BucketName'],
    ].flatMap(([type = '', key = '']) =>
      Object.values(resourcesOf(template, type)).map(({ Properties }) => plain(Properties[key])),
    );
    expect(names.filter((name) => name !== undefined)).toEqual(['okta-secoda-sync-AWS::Region']);
    expect(plain(template.findOutputs('DashboardLink').DashboardLink?.Value)).toMatch(
      /dashboard\/Dashboard$/,
    );
  });
});

describe('a deployment that fails', () => {
  it('leaves nothing behind that would stand in the way of the next one', () => {
    const all = z.record(z.string(), z.unknown()).parse(template.toJSON().Resources);
    const kept = Object.values(all).filter((each) => /Retain/.test(JSON.stringify(each)));
    expect(kept).toHaveLength(2);
    for (const each of kept) expect(each).toMatchObject(STAYS);
  });
});
