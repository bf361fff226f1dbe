import { expect, test } from 'vitest';
import { isBad, nightOf, toldIn } from '../../lambda/aws/announce.ts';
import { digestOf } from '../../lambda/core/plan/change.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import type { ReportedChange } from '../../lambda/core/report/report.ts';
import { HeldClock } from '../time/clock.ts';
import { report, reportedChange } from './reports.ts';

const DAY = 24 * 3_600_000;

function people() {
  const clock = new HeldClock();
  const told = toldIn(memoryArchive(), clock);
  const refused = async (given: Parameters<typeof report>[0]): Promise<'told' | 'silent'> => {
    const plan = report({ status: 'refused', ...given });
    if (await told.before(plan)) return 'silent';
    await told.add(plan);
    return 'told';
  };
  return { refused, pass: (ms: number) => clock.advance(ms) };
}

const because = (rule: string) => ({
  refusals: [{ rule, message: `it breaks ${rule}`, count: null, limit: null }],
});

test('people hear once of a plan that is refused night after night, for whatever reason', async () => {
  const { refused, pass } = people();
  expect(await refused(because('memberRemovals'))).toBe('told');
  for (let night = 0; night < 30; night++) {
    pass(DAY);
    expect(await refused(because(night % 2 === 0 ? 'approve' : 'memberRemovals'))).toBe('silent');
  }
  expect(await refused({ digest: '0123456789abcdef' })).toBe('told');
});

test('and again when it comes back after it was gone for long', async () => {
  const { refused, pass } = people();
  await refused({});
  pass(10 * DAY - 1);
  expect(await refused({})).toBe('silent');
  pass(10 * DAY);
  expect(await refused({})).toBe('told');
});

test('and each time of one without a plan that could be told from another', async () => {
  const { refused } = people();
  expect([await refused({ digest: null }), await refused({ digest: null })]).toEqual(['told', 'told']);
});

test('plans without harm share a digest, and are told apart by what they break', async () => {
  const { refused } = people();
  const digest = digestOf([]);
  expect(await refused({ digest, ...because('minimumGroups') })).toBe('told');
  expect(await refused({ digest, ...because('approve') })).toBe('told');
  expect(await refused({ digest, ...because('minimumGroups') })).toBe('silent');
});

test('of each onboarding that is refused', async () => {
  const { refused } = people();
  const onboarding = {
    mode: 'onboard',
    digest: digestOf([]),
    ...because('invitations'),
  } as const;
  expect([await refused(onboarding), await refused(onboarding)]).toEqual(['told', 'told']);
});

test('nights that fail for one reason are one story, whatever numbers are in it', () => {
  const failed = (error: string | null) => nightOf(report({ status: 'failed', error }));
  expect(failed('GET /groups: 503 after 12 s')).toEqual(failed('GET /groups: 502 after 9 s'));
  expect(failed('GET /groups: 503').reason).not.toBe(failed('GET /users: 503').reason);
  expect(failed('x'.repeat(400)).reason).toHaveLength(300);
  expect(failed(null).reason).toBe('');
});

test('nights that leave the same undone are one story, and what was done is no part of it', () => {
  const undone = (...all: readonly ReportedChange[]) =>
    nightOf(report({ status: 'partial', changes: all, skipped: [{ group: 'BI', oktaIds: [], reason: '' }] }));
  const failed = reportedChange({ name: 'Ops', outcome: 'failed' });
  const [applied, planned] = [reportedChange({ outcome: 'applied' }), reportedChange({ outcome: null })];
  expect(undone(failed, applied, planned)).toEqual(undone(failed));
  expect(undone(failed).reason).not.toBe(undone().reason);
  const well = nightOf(report({ status: 'applied', changes: [failed] }));
  expect([well.reason, isBad(well)]).toEqual(['', false]);
});

test('nights that hold the same are one story, and another when something else is held', () => {
  const night = (runId: string, digest: string) => nightOf(report({ status: 'held', runId, digest }));
  const [first, second, third] = [night('a', '01'), night('b', '01'), night('c', '02')];
  expect(isBad(first)).toBe(true);
  expect(second).toEqual({ ...first, runId: 'b' });
  expect(third.reason).not.toBe(first.reason);
});
