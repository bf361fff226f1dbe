import { expect, it } from 'vitest';
import { csv } from '../../lambda/render/escape.ts';

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\u200b=1', '＝1'])(
  '%j is no formula in a spreadsheet',
  (text) => {
    expect(csv([[text]])).toMatch(/^"'/);
  },
);

it('numbers stay numbers, quotes are doubled, and a row is one line', () => {
  expect(csv([['a "b"', -3, null, 'one\ntwo']])).toBe('"a ""b""","-3","","one\\u000atwo"\n');
});
