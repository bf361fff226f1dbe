import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitsAny, fitsGlob, normaliseAddress } from '../../../lambda/core/people/address.ts';

it.each([
  ['ADA@acme.com', 'ada@acme.com'],
  [' ada@acme.com\t', 'ada@acme.com'],
  ['\ufeff\u200bada@acme.com\u00a0', 'ada@acme.com'],
  ['a\u200bda@acme.com', 'a\u200bda@acme.com'],
  ['Zoe\u0308@acme.com', 'zo\u00eb@acme.com'],
  ['ada@M\u00dcNCHEN.de', 'ada@xn--mnchen-3ya.de'],
  ['ada@xn--mnchen-3ya.de', 'ada@xn--mnchen-3ya.de'],
  ['zo\u00eb@at@m\u00fcnchen.de', 'zo\u00eb@at@xn--mnchen-3ya.de'],
  ['@m\u00fcnchen.de', '@xn--mnchen-3ya.de'],
  ['zo\u00eb', 'zo\u00eb'],
  ['ada@m\u00fcnchen.de/x', 'ada@m\u00fcnchen.de/x'],
  ['ada@m\u00fc nchen', 'ada@m\u00fc nchen'],
  ['\u3164ada@acme.com\ufe0f\u034f', 'ada@acme.com'],
  [' \u200b\u3164 ', null],
  ['', null],
  [null, null],
])('the address %j is compared as %j', (address, expected) => {
  expect(normaliseAddress(address)).toBe(expected);
});

it('a pattern fits as a regular expression would', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
  fc.assert(
    fc.property(glob, text, (pattern, name) => {
      const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(fitsGlob(pattern, name)).toBe(same.test(name));
    }),
    { numRuns: 1_000 },
  );
});

it.each([
  ['Zo?', 'Zoe\u0308', true],
  ['?', '👩🏽', true],
  ['??', '👩🏽', false],
  ['?a', '🇬🇧a', true],
  ['*🇧', '🇬🇧', true],
  ['a?', 'a', false],
  ['Zo\u00eb*', 'Zoe\u0308 team', true],
])('a letter is one with its accents and parts: %s, %s: %s', (glob, text, expected) => {
  expect(fitsGlob(glob, text)).toBe(expected);
});

it('one of several patterns is enough, and without any nothing fits', () => {
  expect(fitsAny(['x', 'a*'], 'ab')).toBe(true);
  expect(fitsAny(['x', 'y'], 'ab')).toBe(false);
  expect(fitsAny([], 'ab')).toBe(false);
});
