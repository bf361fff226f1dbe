import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountNear,
  ascending,
  byText,
  didYouMean,
  nameKey,
  nearest,
  nearMiss,
  sameName,
} from '../../../lambda/core/model/text.ts';

const THEIRS = 'an account of that name exists';
const PERHAPS = 'if that account is theirs: it is one letter off';

it.each([
  ['at another domain', 'ada@acme.com', 'ada@acme.io', THEIRS],
  ['with other dots', 'ada.lovelace@acme.com', 'adalovelace@acme.com', THEIRS],
  ['with more of the name', 'ada@acme.com', 'ada.l@acme.io', THEIRS],
  ['spelled otherwise', 'jon.smith@acme.com', 'john.smith@acme.com', PERHAPS],
])('an account is near that has the same name %s', (_, address, email, how) => {
  expect(accountNear(address, ['zoe@acme.com', email])).toEqual({ email, how });
});

it.each([
  ['rosa.ito@acme.com', 'ada.ito@acme.com'],
  ['priya.gupta@acme.com', 'freya.gupta@acme.com'],
  ['samir.jansen@acme.com', 'amara.jansen@acme.com'],
])('%s is not advised to take %s for theirs', (address, other) => {
  expect(accountNear(address, [other])).toBeNull();
});

it('an account is near only where it is the only one of that name', () => {
  expect(accountNear('ada@acme.com', ['ada@acme.io', 'ada@acme.org'])).toBeNull();
  expect(accountNear('ada@acme.com', ['ada@acme.io', 'ada.b@acme.io', 'ada@acme.org'])?.email).toBe(
    'ada.b@acme.io',
  );
  expect(accountNear('ada@acme.com', ['a.d.a@acme.io', 'ada.b@acme.io'])?.email).toBe('a.d.a@acme.io');
  expect(accountNear('ada@acme.com', [])).toBeNull();
});

/** The fewest edits, by the book (optimal string alignment), with `*` for any text and `?` for any letter in the first. */
function edits(a: string, b: string, glob: boolean): number {
  const all = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (row: number, column: number) => all[row]?.[column] ?? Infinity;
  for (let row = 0; row <= a.length; row++)
    for (let column = 0; column <= b.length; column++) {
      const any = glob && a[row - 1] === '*';
      const same = a[row - 1] === b[column - 1] || (glob && a[row - 1] === '?');
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const ways = [
        ...(row + column === 0 ? [0] : []),
        ...(row > 0 ? [at(row - 1, column) + (any ? 0 : 1)] : []),
        ...(column > 0 ? [at(row, column - 1) + (any ? 0 : 1)] : []),
        ...(row > 0 && column > 0 && !any ? [at(row - 1, column - 1) + (same ? 0 : 1)] : []),
        ...(swapped ? [at(row - 2, column - 2) + 1] : []),
      ];
      const line = all[row];
      if (line) line[column] = Math.min(...ways);
    }
  return at(a.length, b.length);
}

describe('the nearest word', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '*', '?'), maxLength: 7 });

  it('is the one that the fewest edits lead to, of several the first in the alphabet, and none beyond the bound', () => {
    const bound = fc.option(fc.integer({ min: 0, max: 4 }), { nil: Infinity });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), fc.boolean(), bound, (text, words, glob, most) => {
        const [best] = words
          .map((each) => ({ each, distance: edits(text, each, glob) }))
          .filter(({ distance }) => distance <= most)
          .sort((a, b) => a.distance - b.distance || byText(a.each, b.each));
        expect(nearest(text, words, { glob, most })).toBe(best?.each);
      }),
      { numRuns: 500 },
    );
  });

  it('is as near as a third of the word is long, the domain of an address not counted, and one edit at least', () => {
    expect(nearMiss('ab', ['xb'])).toBe('xb');
    expect(nearMiss('ab', ['xy'])).toBeUndefined();
    expect(nearMiss('abcde', ['abcxy'])).toBeUndefined();
    expect(nearMiss('abcdef', ['abcdxy'])).toBe('abcdxy');
    expect(nearMiss('abcde@acme.com', ['abcxy@acme.com'])).toBeUndefined();
    expect(nearMiss('abcdef@acme.com', ['abcdxy@acme.com'])).toBe('abcdxy@acme.com');
    expect(nearMiss('FINANCE', ['finance'])).toBe('finance');
  });

  it('is suggested, unless it is the word itself', () => {
    expect(didYouMean('Finanse', ['Finance'])).toBe('; did you mean "Finance"?');
    expect(didYouMean('Finance', ['Finance'])).toBe('');
    expect(didYouMean('Ops', ['Finance'])).toBe('');
  });
});

it('texts are ordered by code unit, and names are compared as they look', () => {
  expect(['b', 'B', 'a', 'a'].sort(byText)).toEqual(['B', 'a', 'a', 'b']);
  const sorted = ['a', 'a', 'b'];
  expect(ascending(sorted)).toBe(sorted);
  expect(ascending(['b', 'a', 'c'])).toEqual(['a', 'b', 'c']);
  expect(ascending([])).toEqual([]);
  expect(nameKey(' Zoe\u0308 ')).toBe('Zo\u00eb');
  expect([sameName('Zoe\u0308', 'Zo\u00eb '), sameName('Data', 'data')]).toEqual([true, false]);
});

it('the nearest may be the very word, reads no pattern unless told, and takes swaps for one edit', () => {
  expect(nearest('data', ['date', 'data'])).toBe('data');
  expect(nearest('d*a', ['data', 'd*b'])).toBe('d*b');
  expect(nearest('d*a', ['data', 'd*b'], { glob: true })).toBe('data');
  expect(nearest('dtaa', ['data', 'dxxa'], { most: 1 })).toBe('data');
  expect(nearest('ab', ['ba'], { most: 1 })).toBe('ba');
});

it('of two accounts of one name neither is near', () => {
  expect(accountNear('ada@a.com', ['ada@b.com', 'ada@c.com'])).toBeNull();
  expect(accountNear('ada@a.com', ['ada@b.com', 'adb@c.com'])?.email).toBe('ada@b.com');
  expect(accountNear('ada@a.com', ['ada.lovelace@a.com', 'bob@a.com'])?.email).toBe('ada.lovelace@a.com');
});
