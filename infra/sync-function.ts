import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy } from 'aws-cdk-lib/aws-iam';
import { type Alias, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { APPROVE_ALIAS, ENVIRONMENT } from '../lambda/names.ts';
import { bundled } from './bundle.ts';
import { exceptBelow } from './checks.ts';
import { deadLetterQueue } from './dead-letters.ts';
import type { Notices } from './notices.ts';
import { allow, functionRole } from './role.ts';
import type { Secrets } from './secrets.ts';

export interface SyncFunctionProps {
  readonly config: string;
  readonly bucket: Bucket;
  readonly secrets: Secrets;
  readonly notices: Notices;
  /** Stands in the command that approves a refused plan. */
  readonly startName: string;
}

/** `Sync`, the durable function and only writer. It can only be invoked asynchronously, by its alias `live`, or `approve` for approvals. */
export class SyncFunction extends Construct {
  readonly handler: LambdaFunction;
  readonly live: Alias;
  /** For approvals alone: only `Start` may invoke it. */
  readonly approve: Alias;
  /** Events whose execution failed, or which Lambda could not hand over. */
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    { config, bucket, secrets, notices, startName }: SyncFunctionProps,
  ) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    const { role, logGroup } = functionRole(this, [
      allow(['secretsmanager:GetSecretValue'], secrets.okta, secrets.secoda),
      allow(
        ['s3:AbortMultipartUpload', 's3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
        bucket.arnForObjects('*'),
      ),
      // Without it a missing object looks like a forbidden one.
      allow(['s3:ListBucket'], bucket.bucketArn),
      allow(['sns:Publish'], notices.topic.topicArn),
      // Of the end of each run, for whoever listens.
      allow(
        ['events:PutEvents'],
        Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
      ),
      ...(notices.key === null ? [] : [allow(['kms:Decrypt', 'kms:GenerateDataKey'], notices.key.keyArn)]),
      allow(['sqs:SendMessage'], this.deadLetters.queueArn),
    ]);
    exceptBelow(
      role,
      bucket,
      '/*',
      'Records, memory and lease are what this bucket is for, and it holds nothing else.',
    );
    // No name of its own, since some changes replace a durable function; no reserved concurrency, since the lease orders writers.
    this.handler = new LambdaFunction(this, 'Function', {
      ...bundled('handler.ts', config),
      description: 'Keeps the groups of Secoda equal to groups in Okta',
      role: role.withoutPolicyUpdates(),
      logGroup,
      memorySize: 3008,
      timeout: Duration.minutes(15),
      durableConfig: { executionTimeout: Duration.hours(24), retentionPeriod: Duration.days(14) },
      deadLetterQueue: this.deadLetters,
      // An execution that waits goes on with the version it began with. One that a failed update made goes with it: left behind,
      // it would stand in the way of the same update tried again.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      environment: {
        [ENVIRONMENT.archiveBucket]: bucket.bucketName,
        [ENVIRONMENT.noticeTopicArn]: notices.topic.topicArn,
        [ENVIRONMENT.oktaSecretArn]: secrets.okta,
        [ENVIRONMENT.secodaSecretArn]: secrets.secoda,
        [ENVIRONMENT.startFunctionName]: startName,
        [ENVIRONMENT.stackName]: Stack.of(this).stackName,
      },
    });
    // In the role itself it would be a circle: role, function, role.
    const checkpoints = new Policy(this, 'Checkpoints', {
      statements: [
        allow(
          ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'],
          `${this.handler.functionArn}:*`,
        ),
      ],
      roles: [role],
    });
    exceptBelow(
      checkpoints,
      this.handler,
      ':*',
      'An execution belongs to a version of the function, whose number nobody knows beforehand.',
    );
    // It was durable from its first deployment on: there is nothing to replace.
    Annotations.of(this.handler).acknowledgeInfo('aws-lambda:Function.DurableConfig');
    this.live = this.handler.addAlias('live');
    this.approve = this.handler.addAlias(APPROVE_ALIAS);
    for (const alias of [this.live, this.approve]) alias.node.addDependency(checkpoints);
  }
}
