import { describe, expect, it } from 'vitest';
import { buildReport, type ChangeOutcome, type ReportInput } from '../../lambda/core/report/report.ts';
import { endText } from '../../lambda/render/error-text.ts';
import { outcomeLine } from '../../lambda/render/change-text.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { change, member, plan, removal } from './plans.ts';
import { REQUESTED } from '../core/requested.ts';

const PLAIN = styleFor({ write: () => undefined }, {});
const FINANCE = change({
  action: 'update',
  name: 'Finance',
  add: [member('ada@acme.com'), member('bob@acme.com')],
  remove: [removal('eve@acme.com')],
});

const LOST = {
  ...removal('kim@acme.com', 'u-9'),
  why: { cause: 'refused-by-secoda', oktaId: null, okta: null },
} as const;

function outcome(given: Partial<ChangeOutcome> & Pick<ChangeOutcome, 'outcome'>): ChangeOutcome {
  return { written: null, unsettled: [], news: false, error: null, ...given };
}

describe('the line of a change that is', () => {
  it.each([
    ['applied', outcome({ outcome: 'applied', written: FINANCE }), '✓  3/12 updated Finance (+2 −1)'],
    [
      'applied in part, as things stood by then',
      outcome({ outcome: 'applied', written: { ...FINANCE, remove: [] } }),
      '✓  3/12 updated Finance (+2)',
    ],
    [
      'failed',
      outcome({ outcome: 'failed', error: 'PATCH /api/v1/auth/group/g-1: 400 "bad\u001b[2J"' }),
      '✗  3/12 could not update Finance (+2 −1): PATCH /api/v1/auth/group/g-1: 400 "bad\\u001b[2J"',
    ],
    [
      'unsettled',
      outcome({ outcome: 'unsettled', written: FINANCE, unsettled: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }),
      '!  3/12 updated Finance (+2 −1); Secoda did not honour it for a, b, c, d, e and 2 more',
    ],
    [
      'applied without people whom Secoda refused',
      outcome({
        outcome: 'applied',
        written: { ...FINANCE, add: [], remove: [LOST, { ...LOST, email: null }] },
      }),
      '✓  3/12 updated Finance (−2); taken out, since Secoda refuses to have them: kim@acme.com, u-9',
    ],
    [
      'not attempted',
      outcome({ outcome: 'not-attempted', error: 'it no longer applies' }),
      '·  3/12 did not update Finance (+2 −1): it no longer applies',
    ],
  ])('%s', (_, given, expected) => {
    expect(outcomeLine(FINANCE, given, 3, 12, PLAIN)).toBe(expected);
  });
});

describe('the last lines', () => {
  const requests = {
    okta: { reads: 14, throttled: 1, retries: 0 },
    secoda: { reads: 5, writes: 1, throttled: 0, retries: 0 },
  };
  const applied = plan({ changes: [FINANCE] });

  function end(
    given: Partial<Pick<ReportInput, 'mode' | 'plan' | 'refusals' | 'outcomes' | 'failure' | 'requests'>>,
  ): string {
    const input: ReportInput = {
      runId: 'r1',
      mode: 'apply',
      request: REQUESTED,
      plan: applied,
      refusals: [],
      outcomes: new Map(),
      requests,
      startedAt: 0,
      endedAt: 1_250,
      failure: null,
      ...given,
    };
    return endText(buildReport(input), 'runs/r1/', PLAIN);
  }

  it('say what became of the run, what it took and where its record is', () => {
    const outcomes = new Map([[FINANCE, outcome({ outcome: 'applied', written: FINANCE })]]);
    expect(end({ outcomes })).toBe(
      'Applied: all changes were made, and Secoda shows them.\n14 Okta reads, 5 Secoda reads, 1 write, 1 throttled, 1.3 s; record: runs/r1/\n',
    );
  });

  it('add up what both sides throttled, and say nothing of it where neither did', () => {
    const throttled = (okta: number, secoda: number) =>
      end({
        plan: plan(),
        requests: {
          okta: { ...requests.okta, throttled: okta },
          secoda: { ...requests.secoda, throttled: secoda },
        },
      });
    expect(throttled(2, 3)).toContain(' 1 write, 5 throttled, 1.3 s; ');
    expect(throttled(0, 1)).toContain(' 1 write, 1 throttled, 1.3 s; ');
    expect(throttled(0, 0)).toContain(' 1 write, 1.3 s; ');
  });

  it.each([
    ['nothing was written', 0],
    ['what was written before stays', 1],
  ])('say of a failed run that %s', (words, writes) => {
    const sent = { ...requests, secoda: { ...requests.secoda, writes } };
    expect(end({ plan: null, failure: new Error('x'), requests: sent })).toContain(`Failed: ${words}.\n`);
  });

  it('count what a partial run left undone', () => {
    const outcomes = new Map([[FINANCE, outcome({ outcome: 'failed', error: 'no' })]]);
    const skipped = [{ group: 'BI', oktaIds: ['00g7'], reason: 'x' }];
    expect(end({ outcomes, plan: { ...applied, skipped } })).toMatch(
      /^Partial: not everything could be done; the next run tries the rest\. \(1 failed, 1 skipped\)\n/,
    );
    expect(end({ outcomes })).toContain(' (1 failed)\n');
    const unsettled = new Map([[FINANCE, outcome({ outcome: 'unsettled', written: FINANCE, news: true })]]);
    expect(end({ outcomes: unsettled })).toContain(' (1 unsettled)\n');
    const waiting = new Map([[FINANCE, outcome({ outcome: 'not-attempted', error: 'no' })]]);
    expect(end({ outcomes: waiting })).toContain(' (1 not attempted)\n');
  });

  it.each([
    ['Planned', { mode: 'plan' }],
    ['In sync', { mode: 'plan', plan: plan() }],
    ['Refused', { refusals: [{ rule: 'adoptions', message: 'x', count: 4, limit: 3 }] }],
    ['Failed', { plan: null, failure: new Error('x') }],
  ] as const)('begin with %s', (word, given) => {
    expect(end(given).startsWith(word)).toBe(true);
  });
});
