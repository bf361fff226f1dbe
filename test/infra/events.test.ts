import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ASSIGNMENT_EVENT_TYPES, OKTA_EVENT_TYPES } from '../../infra/events.ts';
import { eventTargetsOf } from '../../lambda/aws/events/targets.ts';
import { EVENT_SOURCE, LEAST, plain, propertiesOf, resourcesOf, templateOf } from './stage.ts';

const okta = { okta: { eventSource: EVENT_SOURCE } };
const without = templateOf(LEAST);
const both = templateOf({ ...LEAST, events: { ...okta, hr: true } });
const onlyOkta = templateOf({ ...LEAST, events: okta });
const onlyHr = templateOf({ ...LEAST, events: { hr: true } });

const rulesOf = (template: typeof both) => Object.keys(resourcesOf(template, 'AWS::Events::Rule'));

describe('events', () => {
  it('add nothing to the stack unless they are asked for', () => {
    for (const type of ['AWS::Events::Rule', 'AWS::Events::EventBus', 'AWS::Lambda::EventSourceMapping']) {
      without.resourceCountIs(type, 0);
    }
    expect(Object.keys(resourcesOf(without, 'AWS::SQS::Queue'))).toEqual([
      'SyncDeadLetters',
      'ScheduleDeadLetters',
    ]);
  });

  it('can be those of Okta, of HR, or both', () => {
    expect(rulesOf(onlyOkta)).toEqual(['EventsOkta']);
    expect(rulesOf(onlyHr)).toEqual(['EventsHr']);
    expect(rulesOf(both)).toEqual(['EventsOkta', 'EventsHr']);
    onlyHr.resourceCountIs('AWS::Events::EventBus', 0);
  });

  it('of Okta come over the bus of its event source: only what succeeded and concerns people and groups', () => {
    expect(propertiesOf(both, 'AWS::Events::EventBus', 'EventsOktaBus')).toMatchObject({
      Name: EVENT_SOURCE,
      EventSourceName: EVENT_SOURCE,
    });
    const { EventBusName, EventPattern } = propertiesOf(both, 'AWS::Events::Rule', 'EventsOkta');
    expect(plain(EventBusName)).toBe('EventsOktaBus');
    expect(EventPattern).toEqual({
      source: [{ prefix: 'aws.partner/okta.com' }],
      detail: { eventType: [...OKTA_EVENT_TYPES], outcome: { result: ['SUCCESS'] } },
    });
  });

  it('are of these types: whoever leaves, comes or changes is heard of', () => {
    // Written out, so that a type that is lost is noticed.
    expect([...OKTA_EVENT_TYPES].sort()).toEqual([
      'group.lifecycle.create',
      'group.lifecycle.delete',
      'group.profile.update',
      'group.user_membership.add',
      'group.user_membership.remove',
      'user.account.update_profile',
      'user.lifecycle.activate',
      'user.lifecycle.deactivate',
      'user.lifecycle.delete.completed',
      'user.lifecycle.suspend',
      'user.lifecycle.unsuspend',
    ]);
    expect([...ASSIGNMENT_EVENT_TYPES].sort()).toEqual([
      'group.application_assignment.add',
      'group.application_assignment.remove',
    ]);
  });

  it("of an app's groups tell also what is assigned to it", () => {
    const app = { ...LEAST.okta, groups: { app: '0oaSecoda' } };
    const { EventPattern } = propertiesOf(
      templateOf({ ...LEAST, okta: app, events: okta }),
      'AWS::Events::Rule',
      'EventsOkta',
    );
    expect(EventPattern).toMatchObject({
      detail: { eventType: [...OKTA_EVENT_TYPES, ...ASSIGNMENT_EVENT_TYPES] },
    });
  });

  it.each([...OKTA_EVENT_TYPES, ...ASSIGNMENT_EVENT_TYPES])(
    '%s is one that Start understands',
    (eventType) => {
      const target = ['User', 'UserGroup'].map((type) => ({ id: '00x1', type }));
      const found = eventTargetsOf({ eventType, outcome: { result: 'SUCCESS' }, target });
      expect([...(found?.hints.oktaGroupIds ?? []), ...(found?.hints.oktaUserIds ?? [])]).toEqual(['00x1']);
    },
  );

  it("of HR come over the account's own bus", () => {
    expect(propertiesOf(both, 'AWS::Events::Rule', 'EventsHr')).toMatchObject({
      EventPattern: { source: ['hr.onboarding'] },
    });
    expect(propertiesOf(both, 'AWS::Events::Rule', 'EventsHr').EventBusName).toBeUndefined();
  });

  it('arrive in the queue as they are', () => {
    for (const rule of Object.values(resourcesOf(both, 'AWS::Events::Rule'))) {
      const [target] = z.tuple([z.record(z.string(), z.unknown())]).parse(plain(rule.Properties.Targets));
      expect(target).toEqual({
        Id: 'Target0',
        Arn: 'EventsQueue.Arn',
        DeadLetterConfig: { Arn: 'EventsDeadLetters.Arn' },
      });
    }
  });

  it('are hidden while Start has them, and become dead letters after five times', () => {
    expect(plain(propertiesOf(both, 'AWS::SQS::Queue', 'EventsQueue'))).toMatchObject({
      VisibilityTimeout: 380,
      RedrivePolicy: { deadLetterTargetArn: 'EventsDeadLetters.Arn', maxReceiveCount: 5 },
    });
  });

  it('are gathered for 20 seconds and handed to Start, never to the durable function', () => {
    const mappings = Object.values(resourcesOf(both, 'AWS::Lambda::EventSourceMapping'));
    expect(mappings.map(({ Properties }) => plain(Properties))).toEqual([
      {
        EventSourceArn: 'EventsQueue.Arn',
        FunctionName: 'StartFunction',
        BatchSize: 1000,
        MaximumBatchingWindowInSeconds: 20,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    ]);
    const durable = Object.entries(resourcesOf(both, 'AWS::Lambda::Function')).filter(
      ([, { Properties }]) => Properties.DurableConfig !== undefined,
    );
    expect(durable.map(([id]) => id)).toEqual(['SyncFunction']);
  });
});
