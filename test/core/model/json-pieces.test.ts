import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces, safeJson } from '../../../lambda/core/model/json.ts';

describe('JSON in pieces', () => {
  it('is the very text of the whole, for any value', () => {
    const value = fc.anything({ withNullPrototype: true, withDate: true, maxDepth: 4 });
    const shown = value.filter((each) => each !== undefined && typeof each !== 'function');
    fc.assert(
      fc.property(fc.oneof(shown, fc.array(value), fc.dictionary(fc.string(), value)), (each) => {
        expect([...jsonPieces(each)].join('')).toBe(safeJson(each));
      }),
    );
  });

  it('escapes what a terminal must not see, in names too', () => {
    const value = { 'a\u202eb': [{ '\u001b': 'line\nbreak \u009b \u{e0041}' }], list: ['\u2028'] };
    const text = [...jsonPieces(value)].join('');
    expect(text).toBe(safeJson(value));
    expect(text).toContain('\\u202e');
  });

  it('never holds more than an entry and what was too little for a piece', () => {
    const entry = { text: 'x'.repeat(1_000) };
    const pieces = [...jsonPieces({ changes: Array.from({ length: 1_000 }, () => entry) })];
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
  });

  it('makes a piece only when it is asked for', () => {
    let made = 0;
    const entry = () => ({ toJSON: () => ((made += 1), 'x'.repeat(1_000)) });
    const pieces = jsonPieces(Array.from({ length: 1_000 }, entry));
    pieces.next();
    expect(made).toBeLessThan(100);
  });
});
