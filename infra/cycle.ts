import type { Schedule } from '../lambda/settings.ts';
import { nextCronRun, readInterval } from '../lambda/settings/schedule.ts';

/** A fixed day, so that the same configuration gives the same template on every day. */
const FROM = Date.UTC(2026, 0, 1);

/** Enough for a year of nights, and for a weekend after a week of runs every minute of the working day. */
const MOST_RUNS = 5_000;
const LOOK_MS = 400 * 24 * 3_600_000;

/**
 * The longest time between two runs that follow each other, in milliseconds; `null` for a schedule that fires once, or is switched off. Hours that
 * the clocks skip or repeat are not counted.
 */
export function cycleOf(schedule: Schedule): number | null {
  if (schedule.enabled === false) return null;
  if (!('cron' in schedule)) return readInterval(schedule.every)?.ms ?? null;
  const pauses: number[] = [];
  let last = nextCronRun(schedule.cron, 'UTC', FROM);
  for (let runs = 0; runs < MOST_RUNS && last !== null && last < FROM + LOOK_MS; runs++) {
    const next = nextCronRun(schedule.cron, 'UTC', last);
    if (next !== null) pauses.push(next - last);
    last = next;
  }
  return pauses.length === 0 ? null : Math.max(...pauses);
}
