import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface NoticesProps {
  readonly emails: readonly string[];
  /** One that is there, instead of one of the stack's own. Its owner lets CloudWatch publish to it. */
  readonly topicArn?: string | undefined;
}

/** The topic that alarms and refused plans are told to, and the people who hear of them. */
export class Notices extends Construct {
  readonly topic: ITopic;
  /** Encrypts the stack's own topic; `null` where there is none. */
  readonly key: Key | null;

  constructor(scope: Construct, id: string, { emails, topicArn }: NoticesProps) {
    super(scope, id);
    if (topicArn !== undefined) {
      this.topic = Topic.fromTopicArn(this, 'Topic', topicArn);
      this.key = null;
      return;
    }
    const alarms = {
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    };
    // CloudWatch may not use the key that AWS keeps for SNS: its notices would be dropped without a word.
    const key = new Key(this, 'Key', {
      description: 'Notices of the sync from Okta into Secoda',
      enableKeyRotation: true,
      pendingWindow: Duration.days(7),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new PolicyStatement({ ...alarms, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'] }),
    );
    const topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        ...alarms,
        sid: 'Alarms',
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
    for (const email of new Set(emails)) topic.addSubscription(new EmailSubscription(email));
    [this.topic, this.key] = [topic, key];
  }
}
