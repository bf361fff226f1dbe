import { expect, it } from 'vitest';
import { MOST, plain, resourcesOf, templateOf } from './stage.ts';

const most = templateOf(MOST);
const Version = '2012-10-17';
const OWN = { StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' } };
const CLOUDWATCH = { Service: 'cloudwatch.amazonaws.com' };
const PLAIN = { Bool: { 'aws:SecureTransport': 'false' } };
const noPlain = (Resource: string | readonly string[], Action: string) =>
  ({ Action, Condition: PLAIN, Effect: 'Deny', Principal: { AWS: '*' }, Resource }) as const;
const assumedBy = (Service: string, more: object = {}) => ({
  Statement: [{ Action: 'sts:AssumeRole', ...more, Effect: 'Allow', Principal: { Service } }],
  Version,
});
const fromRule = (rule: string, Action: string | readonly string[], Resource: string, more: object = {}) => ({
  Action,
  Condition: { ArnEquals: { 'aws:SourceArn': `${rule}.Arn` } },
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Resource,
  ...more,
});
const ARCHIVE = ['ArchiveBucket.Arn', 'ArchiveBucket.Arn/*'];
const LEDGER = 'ArchiveBucket.Arn/ledger/*';
const SENDING = ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'];
const SID = { Sid: expect.stringMatching(/^AllowEventRule/) as unknown };

it.each([
  [
    'AWS::KMS::Key',
    'KeyPolicy',
    {
      NoticesKey: {
        Statement: [
          {
            Action: 'kms:*',
            Effect: 'Allow',
            Principal: { AWS: 'arn:AWS::Partition:iam::AWS::AccountId:root' },
            Resource: '*',
          },
          {
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Condition: OWN,
            Effect: 'Allow',
            Principal: CLOUDWATCH,
            Resource: '*',
          },
        ],
        Version,
      },
    },
  ],
  [
    'AWS::SNS::TopicPolicy',
    'PolicyDocument',
    {
      NoticesTopicPolicy: {
        Statement: [
          {
            Action: 'sns:Publish',
            Condition: PLAIN,
            Effect: 'Deny',
            Principal: '*',
            Resource: 'NoticesTopic',
            Sid: 'AllowPublishThroughSSLOnly',
          },
          {
            Action: 'sns:Publish',
            Condition: OWN,
            Effect: 'Allow',
            Principal: CLOUDWATCH,
            Resource: 'NoticesTopic',
            Sid: 'Alarms',
          },
        ],
        Version,
      },
    },
  ],
  [
    'AWS::S3::BucketPolicy',
    'PolicyDocument',
    {
      ArchiveBucketPolicy: {
        Statement: [
          noPlain(ARCHIVE, 's3:*'),
          { ...noPlain(ARCHIVE, 's3:*'), Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
          {
            ...noPlain(LEDGER, 's3:PutObject'),
            Condition: { Null: { 's3:if-none-match': 'true' } },
            Sid: 'LedgerOnlyAppended',
          },
          {
            Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Resource: LEDGER,
            Sid: 'LedgerNotDeleted',
          },
        ],
        Version,
      },
    },
  ],
  [
    'AWS::IAM::Role',
    'AssumeRolePolicyDocument',
    {
      SyncRole: assumedBy('lambda.amazonaws.com'),
      StartRole: assumedBy('lambda.amazonaws.com'),
      ScheduleRole: assumedBy('scheduler.amazonaws.com', { Condition: OWN }),
    },
  ],
  [
    'AWS::SQS::QueuePolicy',
    'PolicyDocument',
    {
      EventsQueuePolicy: {
        Statement: [
          noPlain('EventsQueue.Arn', 'sqs:*'),
          fromRule('EventsOkta', SENDING, 'EventsQueue.Arn'),
          fromRule('EventsHr', SENDING, 'EventsQueue.Arn'),
        ],
        Version,
      },
      EventsDeadLettersPolicy: {
        Statement: [
          noPlain('EventsDeadLetters.Arn', 'sqs:*'),
          fromRule('EventsOkta', 'sqs:SendMessage', 'EventsDeadLetters.Arn', SID),
          fromRule('EventsHr', 'sqs:SendMessage', 'EventsDeadLetters.Arn', SID),
        ],
        Version,
      },
      SyncDeadLettersPolicy: { Statement: [noPlain('SyncDeadLetters.Arn', 'sqs:*')], Version },
      ScheduleDeadLettersPolicy: { Statement: [noPlain('ScheduleDeadLetters.Arn', 'sqs:*')], Version },
    },
  ],
])('the policies of %s are these, word for word, and no others', (type, field, expected) => {
  const all = Object.entries(resourcesOf(most, type));
  expect(Object.fromEntries(all.map(([id, { Properties }]) => [id, plain(Properties[field])]))).toEqual(
    expected,
  );
});
