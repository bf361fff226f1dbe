import { nextCronRun } from './cron.ts';
import { readInterval } from './interval.ts';
import type { Schedule } from './schedule.ts';

/**
 * When the next scheduled run is due after `after` (both epoch milliseconds); `null` when there is none. An interval
 * counts from when the schedule was made, which nobody here knows: its next run is due one interval later at the latest.
 * In a night when the clocks change, AWS leaves out a time that does not exist, where this names the first one after it.
 */
export function nextRun(schedule: Schedule, after: number): number | null {
  if ('cron' in schedule) return nextCronRun(schedule.cron, schedule.timeZone, after);
  const interval = readInterval(schedule.every);
  return interval === null ? null : after + interval.ms;
}
