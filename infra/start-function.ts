import { Duration, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { APPROVE_ALIAS, ENVIRONMENT } from '../lambda/names.ts';
import { bundled } from './bundle.ts';
import { exceptBelow } from './checks.ts';
import { BATCH, START_TIMEOUT } from './event-limits.ts';
import { allow, functionRole } from './role.ts';
import type { SyncFunction } from './sync-function.ts';

export interface StartFunctionProps {
  readonly config: string;
  readonly bucket: Bucket;
  readonly name: string;
  readonly sync: SyncFunction;
  /** Events to take; `null` when no source of events is on. */
  readonly queue: Queue | null;
}

/** `Start`, the front door for people and queues. */
export class StartFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, { config, bucket, name, sync, queue }: StartFunctionProps) {
    super(scope, id);
    const consume = [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ];
    const { role, logGroup } = functionRole(this, [
      allow(['lambda:InvokeFunction'], sync.live.functionArn, sync.approve.functionArn),
      allow(['s3:GetObject'], bucket.arnForObjects('2*/report.json')),
      // Without it a report that is not there yet looks like a forbidden one. A condition on the prefix would take that away.
      allow(['s3:ListBucket'], bucket.bucketArn),
      ...(queue === null ? [] : [allow(consume, queue.queueArn)]),
    ]);
    exceptBelow(role, bucket, '/2*/report.json', 'The name of a run is made up when it starts.');
    this.handler = new LambdaFunction(this, 'Function', {
      ...bundled('start.ts', config),
      functionName: name,
      description: 'Starts a sync from Okta into Secoda and answers how it went',
      role: role.withoutPolicyUpdates(),
      logGroup,
      memorySize: 512,
      timeout: START_TIMEOUT,
      environment: {
        [ENVIRONMENT.archiveBucket]: bucket.bucketName,
        [ENVIRONMENT.syncFunctionArn]: sync.live.functionArn,
        [ENVIRONMENT.syncApproveArn]: sync.approve.functionArn,
        [ENVIRONMENT.stackName]: Stack.of(this).stackName,
      },
    });
    // Its ARN is another one than the function's, so that a policy can name either: who may start, and who may approve.
    this.handler.addAlias(APPROVE_ALIAS);
    if (queue !== null) {
      this.handler.addEventSourceMapping('Events', {
        eventSourceArn: queue.queueArn,
        batchSize: BATCH.size,
        maxBatchingWindow: Duration.seconds(BATCH.windowSeconds),
        reportBatchItemFailures: true,
      });
    }
  }
}
