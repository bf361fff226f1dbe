import { EventBus, type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../lambda/settings.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { MOST_RECEIVES, VISIBILITY } from './event-limits.ts';

/** Okta's event types that can change who is in a group or what it is called. */
export const OKTA_EVENT_TYPES = [
  'group.user_membership.add',
  'group.user_membership.remove',
  'group.lifecycle.create',
  'group.lifecycle.delete',
  'group.profile.update',
  'user.lifecycle.activate',
  'user.lifecycle.deactivate',
  'user.lifecycle.suspend',
  'user.lifecycle.unsuspend',
  'user.lifecycle.delete.completed',
  'user.account.update_profile',
] as const;

export interface EventQueueProps {
  readonly events: Settings['events'];
}

/** Gathers the events of Okta and of HR for `Start`. Nothing here can be reached from outside the account. */
export class EventQueue extends Construct {
  readonly queue: Queue;
  /** Events that could not be delivered, understood, or started. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { events: { okta, hr } }: EventQueueProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MOST_RECEIVES },
    });
    if (okta !== null) {
      const bus = new EventBus(this, 'OktaBus', { eventSourceName: okta.eventSource });
      this.rule('Okta', {
        description: "Okta's events about people and groups",
        eventBus: bus,
        eventPattern: OKTA,
      });
    }
    if (hr) {
      this.rule('Hr', { description: 'Hires that HR tells of', eventPattern: { source: ['hr.onboarding'] } });
    }
  }

  private rule(
    id: string,
    props: { description: string; eventBus?: EventBus; eventPattern: EventPattern },
  ): void {
    new Rule(this, id, props).addTarget(new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters }));
  }
}

const OKTA: EventPattern = {
  source: Match.prefix('aws.partner/okta.com'),
  detail: { eventType: [...OKTA_EVENT_TYPES], outcome: { result: ['SUCCESS'] } },
};
