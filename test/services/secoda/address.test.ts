import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../lambda/services/clock.ts';
import { secodaBaseUrl, SecodaConnection } from '../../../lambda/services/secoda/connection.ts';
import { UsageError } from '../../../lambda/errors.ts';

test.each([
  ['us', 'https://api.secoda.co/'],
  ['eu', 'https://eapi.secoda.co/'],
  ['apac', 'https://aapi.secoda.co/'],
] as const)('the region %s is at %s', (region, url) => {
  expect(secodaBaseUrl({ region }).href).toBe(url);
});

test.each([
  ['https://acme.secoda.co', 'https://acme.secoda.co/'],
  ['https://acme.secoda.co/', 'https://acme.secoda.co/'],
  ['https://secoda.acme.example:8443', 'https://secoda.acme.example:8443/'],
  ['http://127.0.0.1:8092', 'http://127.0.0.1:8092/'],
  ['http://127.8.9.1:8092', 'http://127.8.9.1:8092/'],
  ['http://localhost:8092', 'http://localhost:8092/'],
  ['http://[::1]:8092', 'http://[::1]:8092/'],
])('%s is taken as an address', (url, expected) => {
  expect(secodaBaseUrl({ url }).href).toBe(expected);
});

describe('an address is refused when it', () => {
  test.each([
    ['is plain http', 'http://acme.secoda.co', 'starts with https://'],
    ['is plain http to a name that looks like loopback', 'http://127.0.0.1.evil.example', 'https://'],
    ['is of another scheme', 'ftp://acme.secoda.co', 'starts with https://'],
    ['is no URL', 'acme.secoda.co', 'a URL such as'],
    ['has a path', 'https://acme.secoda.co/api/v1', 'without a path'],
    ['has a query', 'https://acme.secoda.co/?page=1', 'without a query'],
    ['has a password', 'https://ada:hunter2@acme.secoda.co', 'without a user name or password'],
  ])('%s', (_, url, words) => {
    expect(() => secodaBaseUrl({ url })).toThrow(UsageError);
    expect(() => secodaBaseUrl({ url })).toThrow(words);
    expect(() => secodaBaseUrl({ url })).not.toThrow('hunter2');
  });
});

test.each(['', 'line-break\n', 'two words', 'schlüssel'])(
  'a key that cannot be sent is refused without being shown: %j',
  (apiKey) => {
    const connect = () =>
      new SecodaConnection({ baseUrl: 'https://api.secoda.co', apiKey, clock: systemClock, random: () => 0 });
    expect(connect).toThrow(UsageError);
    if (apiKey !== '') expect(connect).not.toThrow(apiKey.trim());
  },
);
