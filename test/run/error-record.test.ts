import { describe, expect, it } from 'vitest';
import { AccessError, SourceError, UsageError, WriteError } from '../../lambda/errors.ts';
import { errorOf, type ErrorRecord, errorRecordOf } from '../../lambda/run/error-record.ts';

const ERRORS = [
  new UsageError(['one thing', 'another']),
  new SourceError('a page is missing'),
  new AccessError('401'),
  new WriteError('no answer', true),
  new WriteError('refused', false),
  new TypeError('undefined is not a function'),
];

describe('an error between two steps', () => {
  it.each(ERRORS)('is the very same within a process, with its stack: %s', (error) => {
    expect(errorOf(errorRecordOf(error))).toBe(error);
  });

  it.each(ERRORS)(
    'comes out of a kept result as what a caller tells apart, in the same words: %s',
    (error) => {
      const note = errorRecordOf(error);
      const kept = JSON.parse(JSON.stringify(note)) as ErrorRecord;
      expect(kept).toEqual(note);
      expect(JSON.stringify(note)).not.toContain('note.test.ts');
      const back = errorOf(kept);
      expect(back.message).toBe(error.message);
      expect(errorRecordOf(back)).toEqual(note);
    },
  );

  it('stays small however long its words are', () => {
    expect(errorRecordOf(new Error('x'.repeat(1_000_000))).message).toBe('x'.repeat(10_000));
    expect(errorRecordOf('no error at all').message).toBe('no error at all');
  });
});
