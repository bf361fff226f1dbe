import { Duration } from 'aws-cdk-lib';

/** How long an alarm looks back. CloudWatch allows seven days in all, and one day for periods below an hour. */
export interface Evaluation {
  readonly period: Duration;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hours that a run may be late before somebody is told: it waits, reads and writes. */
const SLACK_HOURS = 2;
const MOST_DAYS = 7;

/**
 * One is enough. With `cycle` (milliseconds between two runs) the alarm lasts until the next run had its chance; else twenty
 * minutes: of a queue that was idle, SQS may tell a quarter of an hour late, and what fails every ten minutes is one alarm.
 */
export function once(cycle: number | null): Evaluation {
  return cycle === null
    ? { period: Duration.minutes(5), evaluationPeriods: 4, datapointsToAlarm: 1 }
    : { period: between(cycle), evaluationPeriods: 1, datapointsToAlarm: 1 };
}

/** Something that now and then does no harm, and again and again within an hour does. */
export const AGAIN_AND_AGAIN: Evaluation = {
  period: Duration.minutes(5),
  evaluationPeriods: 12,
  datapointsToAlarm: 3,
};

/**
 * Two runs in a row. Where runs are more than a day apart, two days with one in the days of a cycle; where these are more
 * than CloudWatch looks back, the first one.
 */
export function partialTwice(cycle: number | null): Evaluation {
  if (cycle === null) return once(DAY);
  const periods = Math.ceil(cycle / DAY) + 1;
  if (periods > MOST_DAYS) return once(DAY);
  return { period: between(cycle), evaluationPeriods: periods, datapointsToAlarm: 2 };
}

/** No run for a cycle and two hours, or as far as CloudWatch looks back; `null` for a cycle that is longer than that. */
export function notRunningAfter(cycle: number | null): Evaluation | null {
  if (cycle === null) return null;
  const most = MOST_DAYS * 24;
  if (cycle > most * HOUR) return null;
  const hours = Math.min(most, Math.ceil(cycle / HOUR) + SLACK_HOURS);
  return silentFor(hours);
}

/** Nothing for so many hours, which may be seven days at most. */
export function silentFor(hours: number): Evaluation {
  return { period: Duration.hours(1), evaluationPeriods: hours, datapointsToAlarm: hours };
}

/** A cycle as a period: whole minutes, an hour at least and a day at most. */
function between(cycle: number): Duration {
  return Duration.minutes(Math.ceil(Math.min(DAY, Math.max(HOUR, cycle)) / 60_000));
}
