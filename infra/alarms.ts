import { Annotations, type Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { ALARMS } from '../lambda/names.ts';
import type { Settings } from '../lambda/settings.ts';
import { ALARM_TEXTS } from './alarm-texts.ts';
import { crashes, failures, lettersIn, matchedBy, type RunMetric, runsEnded } from './alarm-metrics.ts';
import {
  AGAIN_AND_AGAIN,
  type Evaluation,
  notRunningAfter,
  once,
  partialTwice,
  silentFor,
} from './alarm-times.ts';
import { cycleOf } from './cycle.ts';
import type { OktaRule } from './events.ts';
import type { StartFunction } from './start-function.ts';
import type { SyncFunction } from './sync-function.ts';

export interface AlarmsProps {
  readonly settings: Settings;
  readonly sync: SyncFunction;
  readonly start: StartFunction;
  /** Of the schedule and, if any are on, of events. */
  readonly deadLetters: readonly Queue[];
  readonly topic: ITopic;
  /** The rule that Okta's events come through; `null` where they are not listened to. */
  readonly oktaRule: OktaRule | null;
}

type AlarmName = (typeof ALARMS)[number];

/** Alarms whose end is news: something was mended. The others end because time went by, which would only sound like it. */
const MENDED: ReadonlySet<AlarmName> = new Set(['SyncNotRunning', 'EventsStuck', 'EventsSilent']);

/** Alarms about what does not happen. */
const SILENCES: ReadonlySet<AlarmName> = new Set(['SyncNotRunning', 'EventsSilent']);

/** The alarms that docs/alarms.md has a heading for. Each asks for “one or more”, since a repeated step counts a run twice. */
export function addAlarms(
  stack: Stack,
  { settings, sync, start, deadLetters, topic, oktaRule }: AlarmsProps,
): readonly Alarm[] {
  const cycle = cycleOf(settings.schedule);
  const alarm = (
    name: AlarmName,
    metric: (evaluation: Evaluation) => IMetric,
    evaluation: Evaluation,
  ): Alarm => {
    const missing = SILENCES.has(name);
    const { evaluationPeriods, datapointsToAlarm } = evaluation;
    const made = new Alarm(stack, name, {
      alarmName: `${stack.stackName}-${name}`,
      alarmDescription: ALARM_TEXTS[name],
      metric: metric(evaluation),
      evaluationPeriods,
      datapointsToAlarm,
      threshold: 1,
      comparisonOperator: missing
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: missing ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    made.addAlarmAction(new SnsAction(topic));
    if (MENDED.has(name)) made.addOkAction(new SnsAction(topic));
    return made;
  };
  const runs =
    (name: RunMetric) =>
    ({ period }: Evaluation) =>
      runsEnded(stack, name, period);
  const silence = notRunningAfter(cycle);
  if (silence === null) {
    Annotations.of(stack).addInfoV2(
      'okta-secoda-sync:NoSyncNotRunning',
      'The schedule is switched off, or leaves more than a week between two runs, which is longer than CloudWatch looks back: there is no alarm SyncNotRunning',
    );
  }
  return [
    alarm('SyncFailing', ({ period }) => failures({ stack, sync, start, period }), once(null)),
    alarm('SyncCrashing', ({ period }) => crashes(sync, period), AGAIN_AND_AGAIN),
    alarm('SyncRefused', runs('runsRefused'), once(cycle)),
    alarm('SyncPartial', runs('fullRunsPartial'), partialTwice(cycle)),
    ...(silence === null ? [] : [alarm('SyncNotRunning', runs('fullRunsFinished'), silence)]),
    alarm('EventsStuck', ({ period }) => lettersIn(deadLetters, period), once(null)),
    ...(oktaRule === null
      ? []
      : [
          alarm(
            'EventsSilent',
            ({ period }) => matchedBy(oktaRule.busName, oktaRule.name, period),
            silentFor(oktaRule.silentHours),
          ),
        ]),
  ];
}
