import * as z from 'zod';
import { closed, exactlyOneOf, isObject, yesOrNo } from './values.ts';
import { type Context, createContext, Script } from 'node:vm';
import type { InTime } from '../core/model/rules.ts';
import { Cron } from 'croner';

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
    .superRefine((text, context) => {
      const problem = cronProblem(text);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
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

const UNIT_MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

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

/** What takes longer is given up: an honest rename rule takes some microseconds. */
const LIMIT_MS = 1_000;

const script = new Script('work()');

/** Made once, since that takes longer than the work. */
let context: Context | null = null;

const global: { work: () => void } = { work: () => undefined };

/** What took too long, for the life of the process: it costs its second once. */
const given = new Set<string>();

/** Lets synchronous work take a second. Nothing but `node:vm` can end a regular expression in the midst of a match. */
export const inTime: InTime = (about, work) => {
  if (given.has(about)) return null;
  const results: ReturnType<typeof work>[] = [];
  try {
    context ??= createContext(global);
    global.work = () => void results.push(work());
    script.runInContext(context, { timeout: LIMIT_MS });
  } catch (error) {
    // Its class is that of the other context.
    if (!isObject(error) || error['code'] !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    given.add(about);
    return null;
  }
  return results[0] ?? null;
};

/** The fields of an AWS cron expression, in order, and what each may hold; croner checks the rest, but takes 8 for a Sunday. */
const FIELDS = [
  { name: 'minutes', allowed: /^[\d*,/-]+$/ },
  { name: 'hours', allowed: /^[\d*,/-]+$/ },
  { name: 'day of month', allowed: /^[\d*,/?LW-]+$/i },
  { name: 'month', allowed: /^[\dA-Z*,/-]+$/i },
  { name: 'day of week', allowed: /^[1-7A-Z*,/?#-]+$/i },
  { name: 'year', allowed: /^[\d*,/-]+$/ },
] as const;

/** Their letters mean a day. */
const NAMES = /SUN|MON|TUE|WED|THU|FRI|SAT/gi;

/** Years that EventBridge Scheduler takes. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** What is wrong with a cron expression of EventBridge Scheduler (1 = SUN, exactly one `?`); `null` if nothing is. */
export function cronProblem(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return `a cron expression of six fields (minutes hours day-of-month month day-of-week year), such as '0 2 * * ? *'`;
  }
  const odd = FIELDS.find(({ allowed }, index) => !allowed.test(fields[index] ?? ''));
  if (odd !== undefined) return `a cron expression with a valid ${odd.name} field`;
  if ((fields[2] === '?') === (fields[4] === '?')) {
    return "a cron expression with ? for the day of month or for the day of week, as in '0 2 ? * MON *'";
  }
  const several = [fields[2], fields[4]].filter((field) => field?.includes(','));
  if (several.some((field = '') => /[#LW]/i.test(field.replace(NAMES, '')))) {
    return 'a cron expression with #, L and W only for a single day, as AWS takes them, such as 2#1 for the first Monday';
  }
  const years = (fields[5] ?? '').split(/[,-]/).map((part) => part.split('/')[0] ?? '');
  if (years.some((year) => year !== '*' && (Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR))) {
    return `a cron expression with years from ${FIRST_YEAR} to ${LAST_YEAR}`;
  }
  return firesAtAll(expression) ? null : 'a cron expression that croner can read and that fires at some time';
}

/** The first time after `after` (epoch milliseconds) at which the expression fires; `null` when it never does again. */
export function nextCronRun(expression: string, timeZone: string, after: number): number | null {
  const [minutes, hours, dayOfMonth = '*', month, dayOfWeek = '*', year] = expression.trim().split(/\s+/);
  const day = dayOfMonth === '?' ? '*' : dayOfMonth;
  // A lone L is the last day of the week, which croner knows as 7 only.
  const weekday = dayOfWeek === '?' ? '*' : dayOfWeek.toUpperCase() === 'L' ? '7' : dayOfWeek;
  const cron = new Cron(`0 ${minutes} ${hours} ${day} ${month} ${weekday} ${year}`, {
    mode: '7-part',
    alternativeWeekdays: true,
    sloppyRanges: true,
    timezone: timeZone,
  });
  return cron.nextRun(new Date(after))?.getTime() ?? null;
}

function firesAtAll(expression: string): boolean {
  try {
    return nextCronRun(expression, 'UTC', 0) !== null;
  } catch {
    return false;
  }
}
