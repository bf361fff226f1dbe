import { describe, expect, it } from 'vitest';
import type { Change } from '../../../lambda/core/plan/change.ts';
import {
  buildReport,
  type ChangeOutcome,
  NO_REQUESTS,
  notAttempted,
} from '../../../lambda/core/report/report.ts';
import { isGroup } from '../../../lambda/core/report/worklist.ts';
import { AccessError, Interrupted } from '../../../lambda/errors.ts';
import { change, member, plan, removal } from '../../render/plans.ts';
import { REQUESTED } from '../requested.ts';
import { at, NOW } from '../world.ts';

type Input = Parameters<typeof buildReport>[0];

const ADDS = change({
  action: 'update',
  name: 'A',
  secodaId: 's1',
  add: [member(at('u1'), 'u1'), member(null, 'u2')],
});
const LOSES = change({ action: 'delete', name: 'B', secodaId: 's2', remove: [removal(at('u3'), 'u3')] });
const APPLIED: ChangeOutcome = { outcome: 'applied', written: null, unsettled: [], news: false, error: null };
const of = (more: Partial<Input> = {}): Input => ({
  ...{
    runId: 'r',
    mode: 'apply',
    request: REQUESTED,
    refusals: [],
    outcomes: new Map(),
    requests: NO_REQUESTS,
  },
  ...{ plan: plan({ changes: [ADDS, LOSES] }), startedAt: NOW, endedAt: NOW + 1_500.6, failure: null },
  ...more,
});
const status = (more: Partial<Input>) => buildReport(of(more)).status;
const ends = (...all: readonly ChangeOutcome[]) =>
  new Map(all.map((end, n): [Change, ChangeOutcome] => [n === 0 ? ADDS : LOSES, end]));

it('a report tells all of a plan', () => {
  const waiting = [{ email: at('x'), since: '2026-01-01T00:00:00.000Z', runs: 3 }];
  const resolved = [{ email: at('z'), since: '2026-01-02T00:00:00.000Z' }];
  const unmatched = ['x', 'y'].map((id) => ({ email: at(id), groups: ['A'], reason: 'no-account' as const }));
  const skipped = [
    { group: 'S', oktaIds: ['g8'], reason: 'why', because: 'deferred' as const },
    { group: 'T', oktaIds: ['g9'], secodaId: 's9', reason: 'why' },
  ];
  const groups = [{ oktaIds: ['g1'], secodaId: 's1', name: 'A' }];
  const planned = plan({
    ...{ changes: [ADDS, LOSES], skipped, unmatched, unchanged: 8 },
    invitations: [{ emails: [at('i')], groups }],
    awaited: [{ email: at('a'), groups: ['A'], known: true }],
    unsettled: [{ email: at('u9'), groups: ['Z'] }],
    frozen: [{ group: 'F', oktaIds: ['g7'], wouldRemove: [] }],
  });
  const group = (secodaId: string, name: string) => ({ oktaIds: ['00g1'], secodaId, name });
  const plain = { adopted: false, renamedFrom: null, causes: {}, reason: 'its members differ', before: null };
  expect(
    buildReport(of({ plan: planned, mode: 'plan', worklist: { runId: 'q', waiting, resolved } })),
  ).toEqual({
    ...{ runId: 'r', mode: 'plan', status: 'planned', digest: planned.digest, request: REQUESTED },
    summary: {
      groups: { create: 0, update: 1, delete: 1, unchanged: 8, skipped: 2 },
      ...{ members: { add: 2, remove: 1 }, unmatched: 2, invited: 1 },
    },
    changes: [
      {
        ...{ ...plain, action: 'update', group: group('s1', 'A'), add: [at('u1'), 'u2'], remove: [] },
        ...{ outcome: null, unsettled: [], error: null },
      },
      {
        ...{ ...plain, action: 'delete', group: group('s2', 'B'), add: [], remove: [at('u3')] },
        ...{ outcome: null, unsettled: [], error: null },
      },
    ],
    skipped: [
      { group: 'S', oktaIds: ['g8'], reason: 'why' },
      { group: 'T', oktaIds: ['g9'], secodaId: 's9', reason: 'why' },
    ],
    warnings: [],
    unmatched: [
      { ...unmatched[0], since: '2026-01-01T00:00:00.000Z', runs: 3 },
      { ...unmatched[1], since: null, runs: 0 },
    ],
    resolved,
    invited: [
      { email: at('a'), groups: ['A'], outcome: 'awaited', error: null },
      { email: at('i'), groups: ['A'], outcome: null, error: null },
    ],
    unsettled: [{ email: at('u9'), groups: ['Z'] }],
    frozen: [{ group: 'F', oktaIds: ['g7'], wouldRemove: [] }],
    ...{ refusals: [], requests: NO_REQUESTS, ledger: null, startedAt: '2026-01-05T02:00:00.000Z' },
    ...{ durationMs: 1_501, error: null },
  });
});

it('a report of a run that ended before there was a plan tells that', () => {
  const nothing = { create: 0, update: 0, delete: 0, unchanged: 0, skipped: 0 };
  expect(buildReport(of({ plan: null, failure: new Error('Okta is down') }))).toMatchObject({
    ...{ status: 'failed', digest: null, error: 'Okta is down', changes: [], skipped: [], warnings: [] },
    summary: { groups: nothing, members: { add: 0, remove: 0 }, unmatched: 0, invited: 0 },
  });
  expect(NO_REQUESTS).toEqual({
    okta: { reads: 0, throttled: 0, retries: 0 },
    secoda: { reads: 0, writes: 0, throttled: 0, retries: 0 },
  });
});

it('a change is told as it was written, with who was not taken, beside those of earlier runs', () => {
  const written = { ...ADDS, add: [member(at('u1'), 'u1')], secodaId: 's7' };
  const short = {
    ...APPLIED,
    outcome: 'unsettled',
    written,
    unsettled: [at('u1'), at('u9')],
    error: 'short',
  } as const;
  const both = { ...APPLIED, outcome: 'unsettled', written: LOSES, unsettled: [at('u1')] } as const;
  const planned = plan({ changes: [ADDS, LOSES], unsettled: [{ email: at('u9'), groups: ['Z'] }] });
  const report = buildReport(of({ plan: planned, outcomes: ends(short, both) }));
  expect(report.changes[0]).toMatchObject({
    ...{ add: [at('u1')], group: { secodaId: 's7' }, outcome: 'unsettled', error: 'short' },
    unsettled: [at('u1'), at('u9')],
  });
  expect(report.unsettled).toEqual([
    { email: at('u1'), groups: ['A', 'B'] },
    { email: at('u9'), groups: ['Z', 'A'] },
  ]);
  const held = { ...ADDS, held: true as const };
  expect(buildReport(of({ plan: plan({ changes: [held] }) })).changes[0]?.outcome).toBe('held');
});

it('so many were invited as were, once it was tried', () => {
  const outcomes = ['applied', 'failed', 'not-attempted'] as const;
  const invited = outcomes.map((outcome) => ({ email: at(outcome), outcome, error: null }));
  expect(buildReport(of({ invited })).summary.invited).toBe(1);
});

describe('a run', () => {
  const [unsettled, failed] = [
    { ...APPLIED, outcome: 'unsettled' } as const,
    { ...APPLIED, outcome: 'failed' } as const,
  ];
  const NONE = plan({ changes: [] });
  const because = (word?: 'deferred') =>
    plan({ changes: [], skipped: [{ group: 'S', oktaIds: [], reason: '', ...(word && { because: word }) }] });
  const refusals = [{ rule: 'recent', message: '', count: null, limit: null }];
  const called = (outcome: 'applied' | 'failed') => [{ email: at('i'), outcome, error: null }];

  it.each<[string, Partial<Input>]>([
    ['applied', { outcomes: ends(APPLIED, APPLIED) }],
    ['applied', { outcomes: ends(APPLIED, unsettled) }],
    ['partial', { outcomes: ends(APPLIED, { ...unsettled, news: true }) }],
    ['partial', { outcomes: ends(APPLIED, failed) }],
    ['partial', { outcomes: ends(APPLIED, notAttempted('x')) }],
    ['applied', { outcomes: ends(APPLIED, notAttempted('x', true)) }],
    ['in-sync', { outcomes: ends(notAttempted('x', true), notAttempted('x', true)) }],
    ['applied', { outcomes: ends(APPLIED, APPLIED), invited: called('applied') }],
    ['partial', { outcomes: ends(APPLIED, APPLIED), invited: called('failed') }],
    ['in-sync', { plan: NONE }],
    ['in-sync', { plan: because('deferred') }],
    ['partial', { plan: because() }],
    ['planned', { mode: 'plan' }],
    ['planned', { planned: true }],
    ['in-sync', { mode: 'plan', plan: NONE }],
    ['planned', { mode: 'plan', plan: plan({ invitations: [{ emails: [at('i')], groups: [] }] }) }],
    ['refused', { refusals }],
    ['refused', { refusals, mode: 'plan' }],
    ['held', { refusals, plan: plan({ changes: [{ ...ADDS, held: true }] }) }],
    ['failed', { plan: null }],
    ['failed', { failure: new Error('x') }],
    ['failed', { failure: new Error('x'), outcomes: ends(notAttempted('x')) }],
    ['partial', { failure: new Error('x'), outcomes: ends(APPLIED) }],
    ['partial', { failure: new Error('x'), invited: called('applied') }],
    ['failed', { failure: new AccessError('x'), outcomes: ends(APPLIED) }],
    ['interrupted', { failure: new Interrupted(130), outcomes: ends(APPLIED) }],
    ['interrupted', { failure: new Interrupted(130), plan: null }],
  ])('is %s by what became of it (%#)', (expected, more) => {
    expect(status(more)).toBe(expected);
  });
});

it('a group is meant by its id, one of its Okta ids, or its name', () => {
  const group = { secodaId: 's1', oktaIds: ['g1', 'g2'], name: 'Data' };
  expect(['s1', 'g2', ' Data', 'data', 's2', ''].map((given) => isGroup(given, group))).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});
