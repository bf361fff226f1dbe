import { describe, expect, it } from 'vitest';
import {
  columnFor,
  cut,
  hanging,
  isTerminal,
  lineWidth,
  padded,
  plural,
  someOf,
  styleFor,
  timeText,
  widthOf,
} from '../../lambda/render/style.ts';

const write = () => undefined;

describe('colour', () => {
  const paint = (isTTY: boolean, environment: Readonly<Record<string, string>>) =>
    styleFor({ isTTY, write }, environment).good('x') !== 'x';

  it.each([
    [true, {}, true],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '0' }, false],
    [true, { TERM: 'dumb' }, false],
    [true, { TERM: 'xterm-256color' }, true],
    [false, {}, false],
    [false, { FORCE_COLOR: '1' }, false],
  ])('on a terminal (%s) with %j: %s', (isTTY, environment, expected) => {
    expect(paint(isTTY, environment)).toBe(expected);
  });
});

it('takes a dumb terminal for none, and breaks lines on terminals only', () => {
  expect(isTerminal({ isTTY: true, write }, { TERM: 'dumb' })).toBe(false);
  expect(lineWidth({ isTTY: true, columns: 132, write })).toBe(132);
  expect(lineWidth({ isTTY: true, columns: 60, write })).toBe(60);
  expect(lineWidth({ isTTY: true, columns: 59, write })).toBe(60);
  expect(lineWidth({ isTTY: true, write })).toBe(80);
  expect(lineWidth({ write })).toBe(Infinity);
});

it.each([
  ['Ops', 3],
  ['日本', 4],
  ['チーム・㈱', 10],
  ['ｱｲ', 2],
  ['e\u0301', 1],
  ['\u0301', 0],
  ['🎉', 2],
  ['👩🏽', 2],
  ['🇬🇧', 2],
  ['❤️', 2],
])('%s takes so many columns: %i', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
});

it.each([
  ['abcd', 4, 'abcd'],
  ['abcde', 4, 'abc…'],
  ['日本チーム', 10, '日本チーム'],
  ['日本チーム', 9, '日本チー…'],
  ['日本チーム', 6, '日本…'],
  ['日本チーム', 5, '日本…'],
  ['a👩🏽b', 3, 'a…'],
])('%s in %i columns is %s', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

it('a column is as wide as its widest text, within its bounds', () => {
  expect(columnFor(['a', '日本', 'abc'], 0, 60)).toBe(4);
  expect(columnFor(['a'], 8, 60)).toBe(8);
  expect(columnFor(['a'.repeat(61)], 8, 60)).toBe(60);
  expect(columnFor([], 0, 60)).toBe(0);
  expect(padded('日本', 6)).toBe('日本  ');
  expect(padded('abcdef', 6)).toBe('abcdef');
  expect(padded('abcdefg', 6)).toBe('abcdefg');
});

describe('a text goes on under its own beginning', () => {
  it.each([
    ['a word that just fits stays', 'aaaa bbbb cccc ddddd', ['- aaaa bbbb cccc ddddd']],
    ['one that does not goes to the next line', 'aaaa bbbb cccc dddddd', ['- aaaa bbbb cccc', '  dddddd']],
    ['a word as wide as a line is whole', 'x'.repeat(20), [`- ${'x'.repeat(20)}`]],
    ['a wider one is broken', 'x'.repeat(41), [`- ${'x'.repeat(20)}`, `  ${'x'.repeat(20)}`, '  x']],
    ['wide letters count twice', '日'.repeat(11), [`- ${'日'.repeat(10)}`, '  日']],
    ['a mark stays with its letter', `${'x'.repeat(19)}e\u0301y`, [`- ${'x'.repeat(19)}e\u0301`, '  y']],
    ['no text is one line', '', ['- ']],
  ])('%s', (_, text, expected) => {
    expect(hanging('- ', text, 22)).toEqual(expected);
  });

  it('and has 20 columns at least, however narrow the terminal is', () => {
    expect(hanging(' '.repeat(10), 'x'.repeat(21), 29)).toEqual([
      ' '.repeat(10) + 'x'.repeat(20),
      `${' '.repeat(10)}x`,
    ]);
    expect(hanging(' '.repeat(10), 'x'.repeat(21), 31)).toHaveLength(1);
  });
});

it.each([
  [0, '0 s'],
  [1, '1 s'],
  [90_000, '90 s'],
  [90_001, '1 min 31 s'],
  [180_000, '3 min'],
  [200_000, '3 min 20 s'],
  [600_000, '10 min'],
  [600_001, '11 min'],
  [7_140_000, '119 min'],
  [7_140_001, '2 h'],
  [7_200_001, '2 h 1 min'],
  [10_020_000, '2 h 47 min'],
])('%i ms are %s', (ms, expected) => {
  expect(timeText(ms)).toBe(expected);
});

it('of a list the first are named, and how many more there are', () => {
  expect(someOf([], 2)).toBe('');
  expect(someOf(['a', 'b'], 2)).toBe('a, b');
  expect(someOf(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
});

it('a number agrees with its noun', () => {
  expect([0, 1, 2].map((count) => plural(count, 'group'))).toEqual(['0 groups', '1 group', '2 groups']);
  expect([1, 2].map((count) => plural(count, 'person', 'people'))).toEqual(['1 person', '2 people']);
});
