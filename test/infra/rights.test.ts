import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LEAST, MOST, plain, propertiesOf, resourcesOf, templateOf } from './stage.ts';

const most = templateOf(MOST);
const least = templateOf(LEAST);

const statement = z.strictObject({
  Effect: z.literal('Allow'),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.union([z.string(), z.array(z.string())]),
});
const policy = statement.extend({ Effect: z.enum(['Allow', 'Deny']) });
const documents = z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) }));

/** Every right of a role, as lines “action → resource”, from its own policies and from those attached to it. */
function rightsOf(template: typeof most, role: string): string[] {
  const { Policies, ManagedPolicyArns } = resourcesOf(template, 'AWS::IAM::Role')[role]?.Properties ?? {};
  expect(ManagedPolicyArns).toBeUndefined();
  const attached = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(({ Properties }) =>
    JSON.stringify(plain(Properties.Roles)).includes(`"${role}"`),
  );
  const all = documents.parse(
    plain([...z.array(z.unknown()).parse(Policies), ...attached.map((each) => each.Properties)]),
  );
  return all
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} → ${resource}`)),
    )
    .sort();
}

describe('the rights', () => {
  it('of Sync are these and no others', () => {
    expect(rightsOf(most, 'SyncRole')).toEqual([
      'events:PutEvents → arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default',
      'kms:Decrypt → NoticesKey.Arn',
      'kms:GenerateDataKey → NoticesKey.Arn',
      'lambda:CheckpointDurableExecution → SyncFunction.Arn:*',
      'lambda:GetDurableExecutionState → SyncFunction.Arn:*',
      'logs:CreateLogStream → SyncLog.Arn',
      'logs:PutLogEvents → SyncLog.Arn',
      's3:AbortMultipartUpload → ArchiveBucket.Arn/*',
      's3:GetObject → ArchiveBucket.Arn/*',
      's3:GetObjectVersion → ArchiveBucket.Arn/*',
      's3:ListBucket → ArchiveBucket.Arn',
      's3:PutObject → ArchiveBucket.Arn/*',
      'secretsmanager:GetSecretValue → SecretsOkta',
      'secretsmanager:GetSecretValue → SecretsSecoda',
      'sns:Publish → NoticesTopic',
      'sqs:SendMessage → SyncDeadLetters.Arn',
    ]);
  });

  const start = [
    'lambda:InvokeFunction → SyncFunctionAliasapprove',
    'lambda:InvokeFunction → SyncFunctionAliaslive',
    'logs:CreateLogStream → StartLog.Arn',
    'logs:PutLogEvents → StartLog.Arn',
    's3:GetObject → ArchiveBucket.Arn/2*/report.json',
    's3:ListBucket → ArchiveBucket.Arn',
  ];

  it('of Start without events are these and no others', () => {
    expect(rightsOf(least, 'StartRole')).toEqual(start);
  });

  it('of Start with events are its queue as well', () => {
    expect(rightsOf(most, 'StartRole')).toEqual([
      ...start,
      'sqs:ChangeMessageVisibility → EventsQueue.Arn',
      'sqs:DeleteMessage → EventsQueue.Arn',
      'sqs:GetQueueAttributes → EventsQueue.Arn',
      'sqs:ReceiveMessage → EventsQueue.Arn',
    ]);
  });

  it('of the schedule are these and no others', () => {
    expect(rightsOf(most, 'ScheduleRole')).toEqual([
      'lambda:InvokeFunction → SyncFunctionAliaslive',
      'sqs:SendMessage → ScheduleDeadLetters.Arn',
    ]);
  });

  it('belong to three roles, each for one service', () => {
    const roles = resourcesOf(most, 'AWS::IAM::Role');
    const trusted = Object.entries(roles).map(([id, { Properties }]) => [
      id,
      z
        .object({ Statement: z.tuple([z.object({ Principal: z.object({ Service: z.string() }) })]) })
        .parse(Properties.AssumeRolePolicyDocument).Statement[0].Principal.Service,
    ]);
    expect(Object.fromEntries(trusted)).toEqual({
      SyncRole: 'lambda.amazonaws.com',
      StartRole: 'lambda.amazonaws.com',
      ScheduleRole: 'scheduler.amazonaws.com',
    });
    expect(Object.keys(resourcesOf(most, 'AWS::IAM::Policy'))).toEqual(['SyncCheckpoints']);
  });

  it('let nobody outside invoke a function', () => {
    most.resourceCountIs('AWS::Lambda::Permission', 0);
    most.resourceCountIs('AWS::Lambda::Url', 0);
  });

  it('to existing secrets are rights to just these', () => {
    const arn = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbC123`;
    const template = templateOf({ ...LEAST, secrets: { okta: arn('okta'), secoda: arn('secoda') } });
    const secrets = rightsOf(template, 'SyncRole').filter((right) => right.startsWith('secretsmanager:'));
    expect(secrets).toEqual([
      `secretsmanager:GetSecretValue → ${arn('okta')}`,
      `secretsmanager:GetSecretValue → ${arn('secoda')}`,
    ]);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  });
});

describe.each(['docs/operations.md', 'docs/runbook.md'])('the policies that %s shows', (page) => {
  const shown = [...readFileSync(page, 'utf8').matchAll(/```json\n(\{\n {2}"Effect"[\s\S]+?)```/g)].map(
    ([, json = '']) => policy.parse(JSON.parse(json)),
  );
  const arn = (name: string) => `arn:aws:lambda:REGION:ACCOUNT:function:${name}`;
  const { FunctionName } = propertiesOf(most, 'AWS::Lambda::Function', 'StartFunction');
  const startArn = arn(String(FunctionName));
  const covers = (pattern: string, name: string) =>
    pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)));

  it('let operators start, let approvers approve, and keep both from anything else', () => {
    expect(shown.map(({ Effect, Resource }) => [Effect, Resource])).toEqual([
      ['Allow', startArn],
      ['Allow', `${startArn}:approve`],
      ['Deny', [`${startArn}:approve`, expect.any(String)]],
    ]);
  });

  it('deny Sync whatever name CloudFormation gives it, and its aliases', () => {
    const [id = ''] = Object.keys(
      most.findResources('AWS::Lambda::Function', { Properties: { DurableConfig: Match.anyValue() } }),
    );
    const [, , denied] = shown;
    const all = [denied?.Resource ?? []].flat();
    for (const name of [`okta-secoda-sync-${id}-1A2b3C`, `okta-secoda-sync-${id}-1A2b3C:approve`])
      expect(all.some((pattern) => covers(pattern, arn(name)))).toBe(true);
    expect(all.some((pattern) => covers(pattern, startArn))).toBe(false);
  });
});
