import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../lambda/services/store/s3-upload.ts';

const texts = (text: string | Iterable<string>, units: number) =>
  [...chunksOf(text, units)].map((chunk) => chunk.toString());

describe('the chunks of a text', () => {
  it('are cut to size, wherever the pieces end', () => {
    expect(texts(['a', 'bcdefg', '', 'h'], 3)).toEqual(['abc', 'def', 'gh']);
    expect(texts('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(texts(['abc'], 3)).toEqual(['abc']);
  });

  it('are one, if empty, for no text', () => {
    expect(texts('', 3)).toEqual(['']);
    expect(texts([], 3)).toEqual(['']);
  });

  it('cut no character in two, even one that comes in two pieces', () => {
    expect(texts('ab🙂c', 3)).toEqual(['ab🙂', 'c']);
    expect(texts(['a\ud83d', '\ude42b'], 2)).toEqual(['a🙂', 'b']);
    expect(texts(['a\ud83d', '\ude42b'], 9)).toEqual(['a🙂b']);
  });

  it('take a piece only when it is needed', () => {
    const taken: string[] = [];
    const pieces = function* () {
      for (const piece of ['abcd', 'efgh', 'ijkl']) {
        taken.push(piece);
        yield piece;
      }
    };
    chunksOf(pieces(), 3).next();
    expect(taken).toEqual(['abcd']);
  });
});
