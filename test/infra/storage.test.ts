import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { runIdAt } from '../../lambda/archive/run-index.ts';
import { fillCommand } from '../../lambda/settings/secret-content.ts';
import { LEAST, MOST, plain, propertiesOf, resourcesOf, STAYS, templateOf } from './stage.ts';

const template = templateOf(MOST);

describe('the archive', () => {
  const bucket = propertiesOf(template, 'AWS::S3::Bucket', 'ArchiveBucket');

  it('is encrypted, versioned, closed to the public, and stays when the stack goes', () => {
    expect(bucket).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(resourcesOf(template, 'AWS::S3::Bucket').ArchiveBucket).toMatchObject(STAYS);
  });

  it('lets records, snapshots and refused plans expire after the configured days, never memory or lease', () => {
    const rules = propertiesOf(
      templateOf({ ...LEAST, archive: { days: 90, snapshotDays: 14, ledgerDays: 700 } }),
      'AWS::S3::Bucket',
      'ArchiveBucket',
    ).LifecycleConfiguration;
    expect(rules).toEqual({
      Rules: [
        { Id: 'Records', Prefix: '2', ExpirationInDays: 90, Status: 'Enabled' },
        {
          Id: 'Steps',
          Prefix: 'steps/',
          ExpirationInDays: 3,
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'Reads',
          Prefix: 'reads/',
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'History',
          Prefix: 'history/',
          ExpirationInDays: 90,
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'Unmatched',
          Prefix: 'unmatched/',
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'Recent',
          Prefix: 'recent/',
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'Turn',
          Prefix: 'turn.json',
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        {
          Id: 'Snapshots',
          Prefix: 'snapshots/',
          ExpirationInDays: 14,
          NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          Status: 'Enabled',
        },
        { Id: 'Ledger', Prefix: 'ledger/', ExpirationInDays: 700, Status: 'Enabled' },
        { Id: 'RefusedPlans', Prefix: 'refused/', ExpirationInDays: 90, Status: 'Enabled' },
        {
          Id: 'Replaced',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          Status: 'Enabled',
        },
      ],
    });
    expect(runIdAt(Date.UTC(2026, 0, 1), () => 0.5)).toMatch(/^2/);
    expect(
      ['state.json', 'turn.json', 'invited.json'].filter((key) => /^(2|refused\/|steps\/)/.test(key)),
    ).toEqual([]);
  });
});

describe('the queues', () => {
  it('are encrypted, keep dead letters for two weeks, and take no request without TLS', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue');
    expect(Object.keys(queues).sort()).toEqual([
      'EventsDeadLetters',
      'EventsQueue',
      'ScheduleDeadLetters',
      'SyncDeadLetters',
    ]);
    for (const [id, { Properties }] of Object.entries(queues)) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      if (id !== 'EventsQueue') expect(Properties.MessageRetentionPeriod).toBe(14 * 86_400);
      const policy = JSON.stringify(propertiesOf(template, 'AWS::SQS::QueuePolicy', `${id}Policy`));
      expect(policy).toContain(
        '{"Action":"sqs:*","Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"',
      );
    }
  });
});

it('the key of the notices changes every year, and goes a week after its stack', () => {
  const { NoticesKey } = resourcesOf(template, 'AWS::KMS::Key');
  expect(NoticesKey).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { EnableKeyRotation: true, PendingWindowInDays: 7 },
  });
});

describe('the secrets', () => {
  it('are made without any value, and the outputs say how to fill each', () => {
    const secrets = resourcesOf(template, 'AWS::SecretsManager::Secret');
    expect(Object.keys(secrets)).toEqual(['SecretsOkta', 'SecretsSecoda']);
    for (const { Properties } of Object.values(secrets))
      expect(Object.keys(Properties)).toEqual(['Description']);
    const output = (id: string) => plain(template.findOutputs(id)[id]?.Value);
    expect(output('FillOkta')).toBe(fillCommand('okta', 'SecretsOkta').replace('…', '...'));
    expect(output('FillSecoda')).toBe(fillCommand('secoda', 'SecretsSecoda').replace('…', '...'));
  });

  it('can be one of each kind', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbC123';
    const mixed = templateOf({ ...LEAST, secrets: { okta: arn } });
    expect(Object.keys(resourcesOf(mixed, 'AWS::SecretsManager::Secret'))).toEqual(['SecretsSecoda']);
    expect(Object.keys(mixed.findOutputs('*')).filter((id) => id.startsWith('Fill'))).toEqual(['FillSecoda']);
    mixed.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ OKTA_SECRET_ARN: arn }) },
    });
  });
});

describe('an existing topic', () => {
  const topicArn = 'arn:aws:sns:eu-west-1:123456789012:pager';
  const existing = templateOf({ ...LEAST, notify: { topicArn } });

  it('takes the place of one of our own, and of its key', () => {
    existing.resourceCountIs('AWS::SNS::Topic', 0);
    existing.resourceCountIs('AWS::SNS::Subscription', 0);
    existing.resourceCountIs('AWS::KMS::Key', 0);
    for (const alarm of Object.values(resourcesOf(existing, 'AWS::CloudWatch::Alarm')))
      expect(alarm.Properties['AlarmActions']).toEqual([topicArn]);
  });

  it('is no place to subscribe people to from here', () => {
    expect(() => templateOf({ ...LEAST, notify: { topicArn, emails: ['a@b.co'] } })).toThrow(
      /no emails beside topicArn/,
    );
  });
});

describe('the schedule', () => {
  const stateOf = (one: Template): unknown =>
    Object.values(resourcesOf(one, 'AWS::Scheduler::Schedule')).map(({ Properties }) => Properties['State']);

  it('starts runs unless it is switched off', () => {
    expect(stateOf(template)).toEqual(['ENABLED']);
  });

  it('is there and starts nothing while it is switched off, and no alarm minds that', () => {
    const off = templateOf({ ...LEAST, schedule: { cron: '0 2 * * ? *', enabled: false } });
    expect(stateOf(off)).toEqual(['DISABLED']);
    expect(Object.keys(resourcesOf(off, 'AWS::CloudWatch::Alarm'))).not.toContain('SyncNotRunning');
  });
});

it('the outputs print the line by which a terminal uses the records', () => {
  const { UseRecords } = templateOf(LEAST).findOutputs('UseRecords');
  expect(String(plain(UseRecords?.Value))).toMatch(/^export SYNC_RUNS=s3:\/\//);
});
