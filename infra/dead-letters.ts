import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { except } from './checks.ts';

/** A queue for what could not be delivered. An alarm looks at it, and people have as long as SQS keeps anything: 14 days. */
export function deadLetterQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  except(queue, 'AwsSolutions-SQS3', 'This is a dead-letter queue itself.');
  return queue;
}
