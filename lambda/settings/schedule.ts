import * as z from 'zod';
import { closed, exactlyOneOf, yesOrNo } from './values.ts';
import { cronProblem, nextCronRun } from './cron.ts';

/** When the deployed function runs by itself. `cron`: EventBridge Scheduler's six fields; `every`: an AWS rate. */
export type Schedule = ({ readonly cron: string; readonly timeZone: string } | { readonly every: string }) & {
  /** False: it starts no run until it is switched on again; true unless told. */
  readonly enabled?: boolean;
};

const CRON = "a cron expression such as '0 2 * * ? *'";
const TIME_ZONE = "the name of a time zone, such as 'Europe/London'";
const EVERY = "an interval such as '10 minutes', '1 hour' or '2 days'";

export const schedule = closed({
  /** `minutes hours day-of-month month day-of-week year`, as EventBridge Scheduler reads them: `0 2 * * ? *`. */
  cron: z
    .string({ error: CRON })
    .trim()
    .refine((text) => cronProblem(text) === null, {
      error: ({ input }) => cronProblem(String(input)) ?? CRON,
    })
    .optional(),
  /** The time zone that `cron` is read in; UTC unless told. */
  timeZone: z.string({ error: TIME_ZONE }).refine(isTimeZone, { error: TIME_ZONE }).optional(),
  /** Instead of `cron`: `10 minutes`, `1 hour`, `2 days`. */
  every: z
    .string({ error: EVERY })
    .transform((text, context): string => {
      const interval = readInterval(text);
      if (interval !== null) return interval.every;
      context.issues.push({ code: 'custom', message: EVERY, input: text });
      return z.NEVER;
    })
    .optional(),
  /** Whether the schedule starts runs. */
  enabled: yesOrNo().default(true),
})
  .check(exactlyOneOf(['cron', 'every']))
  .refine(({ every, timeZone }) => every === undefined || timeZone === undefined, {
    error: 'no timeZone beside every: an interval needs none',
  })
  .transform(({ cron, timeZone, every, enabled }): Schedule => {
    const off = enabled ? {} : { enabled };
    return every === undefined
      ? { cron: cron ?? '', timeZone: timeZone ?? 'UTC', ...off }
      : { every, ...off };
  });

/** A name as AWS takes it; `Intl` would take an offset such as `+01:00` as well. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** An interval such as `10 minutes` in the form that AWS rates want (`1 hour`, `2 hours`), or `null` when it is none. */
export function readInterval(text: string): { readonly every: string; readonly ms: number } | null {
  const [, digits = '', unit = ''] = /^\s*(\d+)\s+(minute|hour|day)s?\s*$/i.exec(text) ?? [];
  const count = Number(digits);
  const minutes = UNIT_MINUTES[unit.toLowerCase()];
  if (minutes === undefined || count < 1 || !Number.isSafeInteger(count * minutes * 60_000)) return null;
  return { every: `${count} ${unit.toLowerCase()}${count === 1 ? '' : 's'}`, ms: count * minutes * 60_000 };
}

/**
 * When the next scheduled run is due after `after` (both epoch milliseconds); `null` when there is none. An interval
 * counts from when the schedule was made, which nobody here knows: its next run is due one interval later at the latest.
 * In a night when the clocks change, AWS leaves out a time that does not exist, where this names the first one after it.
 */
export function nextRun(schedule: Schedule, after: number): number | null {
  if (schedule.enabled === false) return null;
  if ('cron' in schedule) return nextCronRun(schedule.cron, schedule.timeZone, after);
  const interval = readInterval(schedule.every);
  return interval === null ? null : after + interval.ms;
}
