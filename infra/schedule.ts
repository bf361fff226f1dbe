import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Schedule as When } from '../lambda/settings.ts';
import { cycleOf } from './cycle.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { allow } from './role.ts';

export interface NightlyScheduleProps {
  readonly schedule: When;
  readonly sync: Alias;
}

/** Starts a run by itself: straight to the durable function, since nobody waits for an answer. */
export class NightlySchedule extends Construct {
  /** Runs that could not be started within an hour. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { schedule, sync }: NightlyScheduleProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        Rights: new PolicyDocument({
          statements: [
            allow(['lambda:InvokeFunction'], sync.functionArn),
            allow(['sqs:SendMessage'], this.deadLetters.queueArn),
          ],
        }),
      },
    });
    new Schedule(this, 'Schedule', {
      // A name that can be said in a command: people pause it now and then.
      scheduleName: Stack.of(this).stackName,
      description: 'Runs the sync from Okta into Secoda',
      schedule: expressionOf(schedule),
      enabled: schedule.enabled !== false,
      timeWindow: windowOf(schedule),
      // The ready-made target would give its role a right on the function's versions as well.
      target: {
        bind: () => ({
          arn: sync.functionArn,
          role,
          input: ScheduleTargetInput.fromObject({}),
          deadLetterConfig: { arn: this.deadLetters.queueArn },
          retryPolicy: {
            maximumRetryAttempts: 3,
            maximumEventAgeInSeconds: Duration.hours(1).toSeconds(),
          },
        }),
      },
    });
  }
}

function expressionOf(schedule: When): ScheduleExpression {
  return 'cron' in schedule
    ? ScheduleExpression.expression(`cron(${schedule.cron})`, TimeZone.of(schedule.timeZone))
    : ScheduleExpression.expression(`rate(${schedule.every})`);
}

/** Up to 15 minutes later, as the services like it at the full hour; a run every few minutes has no time for that. */
function windowOf(schedule: When): TimeWindow {
  return (cycleOf(schedule) ?? 0) < Duration.hours(2).toMilliseconds()
    ? TimeWindow.off()
    : TimeWindow.flexible(Duration.minutes(15));
}
