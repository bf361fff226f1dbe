import { describe, expect, it } from 'vitest';
import {
  AccessError,
  ArchiveError,
  CommandLineError,
  Interrupted,
  SourceError,
  UsageError,
} from '../../lambda/errors.ts';
import { unforeseen } from '../../lambda/run/error-record.ts';
import { errorJson, errorText, nextStep, verdictOf } from '../../lambda/render/error-text.ts';
import { exitCode } from '../../lambda/terminal/conclude.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { HELD, IN_SYNC, PLANNED, REFUSED } from './reports.ts';

const PLAIN = styleFor({ write: () => undefined }, {});

describe('what a person reads of', () => {
  it.each<readonly [string, Error, string]>([
    ['wrong usage', new UsageError(['one', 'two\nlines']), '✗ one\n✗ two\\nlines\n'],
    ['no access', new AccessError('GET /x: 401'), '✗ No access: GET /x: 401\n'],
    [
      'an unreadable source',
      new SourceError('GET /x: HTML\u001b[2J'),
      '✗ Not read completely: GET /x: HTML\\u001b[2J\n  npm run sync -- doctor tells the two sides apart, and the fix. Then run it again.\n',
    ],
    ['Ctrl-C', new Interrupted(130), 'Interrupted: nothing was written.\n'],
    ['an archive that does not answer', new ArchiveError('PUT s3://x'), '✗ Failed: PUT s3://x\n'],
    ['a disk that got full', unforeseen(new UsageError(['full'])), '✗ Failed: full\n'],
    [
      'anything unforeseen',
      new TypeError('x is undefined'),
      '✗ Unexpected: x is undefined\n  This is probably a bug: run again with DEBUG=1 and report the stack trace.\n',
    ],
  ])('%s', (_, error, expected) => {
    expect(errorText(error, PLAIN, false)).toBe(expected);
  });

  it('a mistyped command line shows how it is used', () => {
    const text = errorText(new CommandLineError(['unknown command "x"']), PLAIN, false);
    expect(text).toMatch(/^✗ unknown command "x"\n\nnpm run sync -- help explains/);
  });

  it('anything unforeseen has its stack on demand', () => {
    const text = errorText(new TypeError('boo'), PLAIN, true);
    expect(text).toMatch(/^✗ Unexpected: boo\nTypeError: boo\n {4}at .*error-text\.test\.ts/);
  });

  it('a mistake of people or services has no stack, not even on demand', () => {
    const mistakes = [new UsageError(['x']), new AccessError('x'), new SourceError('x')];
    for (const error of [...mistakes, new ArchiveError('x'), unforeseen(new UsageError(['x']))]) {
      expect(errorText(error, PLAIN, true)).not.toContain('    at ');
    }
  });
});

it('with --json an error has its problems, its status and its exit code', () => {
  expect(errorJson(new UsageError(['one', 'two']), 2)).toEqual({
    status: 'failed',
    error: 'one; two',
    problems: ['one', 'two'],
    exitCode: 2,
  });
  const interrupted = { status: 'interrupted', error: 'Ctrl-C', problems: ['Ctrl-C'], exitCode: 130 };
  expect(errorJson(new Interrupted(130, 'Ctrl-C'), 130)).toEqual(interrupted);
});

describe('the exit code', () => {
  it.each([
    ['in-sync', null, 0],
    ['planned', null, 0],
    ['applied', null, 0],
    ['failed', new Error('x'), 1],
    [null, new Error('x'), 1],
    [null, new UsageError(['x']), 2],
    [null, new CommandLineError(['x']), 2],
    ['refused', null, 3],
    ['partial', null, 4],
    ['partial', new SourceError('x'), 4],
    ['failed', new SourceError('x'), 5],
    [null, new SourceError('x'), 5],
    [null, new ArchiveError('x'), 5],
    ['failed', unforeseen(new UsageError(['x'])), 1],
    ['failed', new AccessError('x'), 6],
    ['partial', new AccessError('x'), 6],
  ] as const)('of %s after %s is %i', (status, failure, expected) => {
    expect(exitCode(status, failure)).toBe(expected);
  });
});

describe('the verdict on a run that ended as', () => {
  const verdict = (status: string, writes: number | null) =>
    verdictOf({ status, requests: writes === null ? null : { secoda: { writes } } });

  it.each([
    ['failed', 0, 'bad', 'Failed: nothing was written.'],
    ['failed', 1, 'bad', 'Failed: what was written before stays.'],
    ['failed', null, 'bad', 'Failed: what was written before stays.'],
    ['held', 0, 'warn', 'Held: a part waits for an approval; nothing was written.'],
    ['held', 1, 'warn', 'Held: a part waits for an approval; the rest was written as far as it could be.'],
    ['interrupted', 0, 'warn', 'Interrupted: nothing was written.'],
    ['interrupted', null, 'warn', 'Interrupted: what was written before stays; the next run does the rest.'],
    ['applied', 0, 'good', 'Applied: all changes were made, and Secoda shows them.'],
    ['running', null, 'warn', 'Running.'],
  ])('%s after %s writes is %s: %s', (status, writes, tone, words) => {
    expect(verdict(status, writes)).toEqual([tone, words]);
  });
});

describe('what to do next', () => {
  type Next = [string, Parameters<typeof nextStep>[0], ReturnType<typeof nextStep>];
  const APPROVED = 'apply --approve 7f3a9c0b12d4e5f6';
  const invited = { email: 'ada@acme.com', groups: ['Ops'] };

  it.each<Next>([
    ['of a plan is to apply it', PLANNED, ['This makes the changes below:', 'apply']],
    [
      'of invitations alone is to apply them',
      { ...PLANNED, changes: [], invited: [{ ...invited, outcome: null }] },
      ['This makes the changes below:', 'apply'],
    ],
    [
      'of an interrupted run is to run again',
      { ...PLANNED, status: 'interrupted' },
      ['This makes the changes that were not attempted:', 'apply'],
    ],
    [
      'of a refusal is to approve it',
      REFUSED,
      ['If every change below is intended, approve exactly this plan:', APPROVED],
    ],
    [
      'of what is held is to approve that',
      HELD,
      ['If every change that is held is intended, approve exactly these:', APPROVED],
    ],
    ['is nothing where all is as it should be', IN_SYNC, null],
    [
      'is nothing where nobody is left to be invited',
      { ...PLANNED, changes: [], invited: [{ ...invited, outcome: 'applied' }] },
      null,
    ],
    ['is nothing without a digest', { ...REFUSED, digest: null }, null],
    ['is nothing where nothing was refused', { ...REFUSED, refusals: [] }, null],
    [
      'is nothing where no approval helps',
      { ...REFUSED, refusals: [{ rule: 'recent', message: 'x' }] },
      null,
    ],
  ])('%s', (_, report, expected) => {
    expect(nextStep(report, 'apply')).toEqual(expected);
    expect(nextStep(report, null)).toBeNull();
  });
});
