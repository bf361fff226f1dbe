import { describe, expect, test } from 'vitest';
import { askedWaitMs, rateLimitOf, servedAt } from '../../../lambda/services/http/backoff.ts';

const now = Date.UTC(2026, 0, 1);
const seconds = now / 1000;
const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

function bucket(limit: string, remaining: string, reset: string): Record<string, string> {
  return { 'x-rate-limit-limit': limit, 'x-rate-limit-remaining': remaining, 'x-rate-limit-reset': reset };
}

describe('a 429 asks to wait', () => {
  test.each<[string, Record<string, string>, number | null]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['parts of a second', { 'retry-after': '2.5' }, 2_500],
    ['seconds, doubled by a gateway', { 'retry-after': '30, 30' }, 30_000],
    ['at least a second where it says now', { 'retry-after': '0' }, 1_000],
    ['until a date', { 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT', date }, 90_000],
    [
      'until a date, doubled',
      { 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT, Thu, 01 Jan 2026 00:01:30 GMT' },
      90_000,
    ],
    ['at least a second where the date is past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 1_000],
    [
      "until a date by the answer's own clock",
      { 'retry-after': 'Wed, 31 Dec 2025 00:00:20 GMT', date: 'Wed, 31 Dec 2025 00:00:00 GMT' },
      20_000,
    ],
    ['an hour', { 'retry-after': '3600' }, 3_600_000],
    ['until its bucket is full', bucket('600', '0', String(seconds + 20)), 21_000],
    [
      'until its bucket is full, doubled',
      bucket('600, 600', '0, 0', `${seconds + 20}, ${seconds + 20}`),
      21_000,
    ],
    ['at least a second where the reset is past', bucket('600', '0', String(seconds - 3600)), 1_000],
    ['no more than a minute for a reset that is far off', bucket('600', '0', String(now)), 61_000],
    ['the longer of two', { ...bucket('600', '0', String(seconds + 20)), 'retry-after': '40' }, 40_000],
    [
      'what Retry-After says where a limit of 0 makes the reset a guess',
      { ...bucket('0', '0', String(seconds + 50)), 'retry-after': '2' },
      2_000,
    ],
    ['nothing that is known, for too many at once', bucket('0, 0', '0, 0', String(seconds + 50)), null],
    ['nothing that is known, without a header', {}, null],
    ['nothing that is known, in words', { 'retry-after': 'soon' }, null],
    ['nothing that is known, below zero', { 'retry-after': '-5' }, null],
    ['nothing that is known, when empty', { 'retry-after': '' }, null],
    [
      'nothing that is known, where a part of it is no number',
      bucket('600', '0', `${seconds + 20}, x`),
      null,
    ],
  ])('%s', (_, headers, ms) => {
    expect(askedWaitMs(new Headers(headers), now)).toBe(ms);
  });
});

test('of a bucket that is told twice, the worse is believed', () => {
  const headers = new Headers(bucket('600, 500', '12, 10', `${seconds + 5}, ${seconds + 9}`));
  expect(rateLimitOf(headers, now)).toEqual({
    limit: 500,
    remaining: 10,
    reset: seconds + 9,
    resetInMs: 10_000,
  });
});

test('the time of an answer is read from a header that is doubled, too', () => {
  expect(servedAt(new Headers({ date: `${date}, ${date}` }))).toBe(now);
  expect(servedAt(new Headers())).toBeNull();
});
