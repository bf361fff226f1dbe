import { describe, expect, it } from 'vitest';
import { cronProblem, inTime, nextRun, readInterval, schedule } from '../../lambda/settings/schedule.ts';

/** A Monday. */
const AFTER = '2026-11-23T00:00:00Z';

function next(cron: string, timeZone = 'UTC', after = AFTER): string | null {
  const at = nextRun({ cron, timeZone }, Date.parse(after));
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
}

describe('the next run of', () => {
  it.each([
    ['0 2 * * ? *', '2026-11-23T02:00:00Z'],
    ['30 22 ? * MON-FRI *', '2026-11-23T22:30:00Z'],
    ['0 2 ? * 1 *', '2026-11-29T02:00:00Z'],
    ['0 2 ? * 7 *', '2026-11-28T02:00:00Z'],
    ['0 2 ? * SUN *', '2026-11-29T02:00:00Z'],
    ['0 2 ? * L *', '2026-11-28T02:00:00Z'],
    ['0 2 ? * 6L *', '2026-11-27T02:00:00Z'],
    ['0 2 ? * 3#2 *', '2026-12-08T02:00:00Z'],
    ['0 2 L * ? *', '2026-11-30T02:00:00Z'],
    ['0 2 15W * ? *', '2026-12-15T02:00:00Z'],
    ['0/15 9-17 * * ? *', '2026-11-23T09:00:00Z'],
    ['5 4 1,15 JAN-MAR ? 2027-2030', '2027-01-01T04:05:00Z'],
    ['0 2 1 1 ? 1970-2199', '2027-01-01T02:00:00Z'],
    ['0 2 1 1 ? 2199', '2199-01-01T02:00:00Z'],
  ])('%s is %s', (cron, expected) => {
    expect(cronProblem(cron)).toBeNull();
    expect(next(cron)).toBe(expected);
  });

  it('a cron in a time zone follows its clock through summer and winter', () => {
    expect(next('0 2 * * ? *', 'Europe/London', '2026-07-01T00:00:00Z')).toBe('2026-07-01T01:00:00Z');
    expect(next('0 2 * * ? *', 'Europe/London', '2026-12-01T00:00:00Z')).toBe('2026-12-01T02:00:00Z');
  });

  it('a cron is after the given time, never at it', () => {
    expect(next('0 2 * * ? *', 'UTC', '2026-11-23T02:00:00Z')).toBe('2026-11-24T02:00:00Z');
  });

  it('a cron whose years are over is none', () => {
    expect(cronProblem('0 2 * * ? 2020')).toBeNull();
    expect(next('0 2 * * ? 2020')).toBeNull();
  });

  it('an interval is one interval later', () => {
    expect(nextRun({ every: '10 minutes' }, 1_000)).toBe(601_000);
  });

  it('there is none while the schedule is switched off', () => {
    expect(nextRun({ every: '10 minutes', enabled: false }, 1_000)).toBeNull();
    expect(nextRun({ every: '10 minutes', enabled: true }, 1_000)).toBe(601_000);
  });
});

describe('a cron expression is refused', () => {
  it.each([
    ['0 2 ? * 1#1,2#2 *', 'only for a single day'],
    ['0 2 ? * MON,6L *', 'only for a single day'],
    ['0 2 L,15 * ? *', 'only for a single day'],
    ['0 2 1W,15W * ? *', 'only for a single day'],
    ['0 2 * * *', 'six fields'],
    ['cron(0 2 * * ? *)', 'valid minutes field'],
    ['@daily', 'six fields'],
    ['0 2 * * * *', 'with ? for'],
    ['0 2 ? * ? *', 'with ? for'],
    ['60 2 * * ? *', 'fires at some time'],
    ['0 24 * * ? *', 'fires at some time'],
    ['0 2 ? * 0 *', 'valid day of week field'],
    ['0 2 ? * 8 *', 'valid day of week field'],
    ['0 2 31 2 ? *', 'fires at some time'],
    ['0 2 * * ? 1969', 'years from 1970 to 2199'],
    ['0 2 * * ? 2026-2200', 'years from 1970 to 2199'],
    ['? 2 * * ? *', 'valid minutes field'],
    ['0 2 ? * MON+1 *', 'valid day of week field'],
    ['', 'six fields'],
  ])('%s', (cron, expected) => {
    expect(cronProblem(cron)).toContain(expected);
  });
});

it.each([
  ['1 minute', '1 minute', 60_000],
  ['1 minutes', '1 minute', 60_000],
  [' 10  MINUTES ', '10 minutes', 600_000],
  ['2 hour', '2 hours', 7_200_000],
  ['1 day', '1 day', 86_400_000],
])('the interval %j is %s', (text, every, ms) => {
  expect(readInterval(text)).toEqual({ every, ms });
});

it.each(['0 minutes', '-1 hours', '1.5 hours', '10', 'hour', '10 seconds', '99999999999999999 days', ''])(
  'the interval %j is none',
  (text) => expect(readInterval(text)).toBeNull(),
);

describe('the schedule', () => {
  it('is in UTC unless told', () => {
    expect(schedule.parse({ cron: ' 0 2 * * ? * ' })).toEqual({ cron: '0 2 * * ? *', timeZone: 'UTC' });
    expect(schedule.parse({ cron: '0 2 * * ? *', timeZone: 'Asia/Kolkata' })).toEqual({
      cron: '0 2 * * ? *',
      timeZone: 'Asia/Kolkata',
    });
  });

  it.each([
    { cron: '0 2 * * ? *', every: '1 hour' },
    { timeZone: 'UTC' },
    { every: '1 hour', timeZone: 'UTC' },
    { cron: '0 2 * * ? *', timeZone: 'Mars/Olympus' },
    { cron: '0 2 * * ? *', timeZone: '+01:00' },
    { cron: '0 2 * * ? *', timeZone: '' },
  ])('is not %j', (input) => {
    expect(schedule.safeParse(input).success).toBe(false);
  });
});

describe('work that may take a second', () => {
  it('gives its result or its error', () => {
    const failing = (): never => {
      throw new RangeError('not today');
    };
    expect(inTime('what succeeds', () => ['result'])).toEqual(['result']);
    expect(() => inTime('what fails', failing)).toThrow('not today');
    expect(inTime('what fails', () => 'it works again')).toBe('it works again');
  });

  it('gives nothing where it takes longer, and is not tried again', () => {
    const endless = (): void => {
      for (;;);
    };
    expect(inTime('what never ends', endless)).toBeNull();
    expect(inTime('what never ends', () => 'what it would give')).toBeNull();
  });
});
