import { EventBus, type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib';
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

/** Those that change which groups are assigned to an app: of interest where its groups are synced. */
export const ASSIGNMENT_EVENT_TYPES = [
  'group.application_assignment.add',
  'group.application_assignment.remove',
] as const;

/** Where events of Okta are seen to come, or not. */
export interface OktaRule {
  readonly busName: string;
  readonly name: string;
  readonly silentHours: number;
}

export interface EventQueueProps {
  readonly events: Settings['events'];
  readonly selection: Settings['okta']['selection'];
}

/** Gathers the events of Okta and of HR for `Start`. Nothing here can be reached from outside the account. */
export class EventQueue extends Construct {
  readonly queue: Queue;
  /** Events that could not be delivered, understood, or started. */
  readonly deadLetters: Queue;
  /** `null`: they are not listened to. */
  readonly oktaRule: OktaRule | null = null;

  constructor(scope: Construct, id: string, { events: { okta, hr }, selection }: EventQueueProps) {
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
      // Named here, since CloudWatch wants the name alone, and a reference to the rule is `bus|name`.
      const ruleName = `${Stack.of(this).stackName}-okta`;
      this.oktaRule = { busName: bus.eventBusName, name: ruleName, silentHours: okta.silentHours };
      this.rule('Okta', {
        ruleName,
        description: "Okta's events about people and groups",
        eventBus: bus,
        eventPattern: patternOf('app' in selection),
      });
    }
    if (hr) {
      this.rule('Hr', { description: 'Hires that HR tells of', eventPattern: { source: ['hr.onboarding'] } });
    }
  }

  private rule(
    id: string,
    props: { ruleName?: string; description: string; eventBus?: EventBus; eventPattern: EventPattern },
  ): void {
    new Rule(this, id, props).addTarget(new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters }));
  }
}

function patternOf(ofAnApp: boolean): EventPattern {
  const eventType = [...OKTA_EVENT_TYPES, ...(ofAnApp ? ASSIGNMENT_EVENT_TYPES : [])];
  return {
    source: Match.prefix('aws.partner/okta.com'),
    detail: { eventType, outcome: { result: ['SUCCESS'] } },
  };
}
