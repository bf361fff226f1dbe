import { Cron } from 'croner';

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

/**
 * What is wrong with a cron expression in the form of EventBridge Scheduler (`minutes hours day-of-month month
 * day-of-week year`, 1 = SUN, exactly one `?`); `null` if nothing is.
 */
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
  if (
    [fields[2], fields[4]].some(
      (field = '') => /[#LW]/i.test(field.replace(NAMES, '')) && field.includes(','),
    )
  ) {
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
    paused: true,
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
