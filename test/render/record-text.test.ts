import { expect, it } from 'vitest';
import type { RunLine } from '../../lambda/archive/run-index.ts';
import type { Comparison, Difference } from '../../lambda/core/report/difference.ts';
import type { AccessChange } from '../../lambda/core/report/worklist.ts';
import { accessText, runsText, verifiedText, worklistText } from '../../lambda/render/history-text.ts';
import { onboardText } from '../../lambda/render/people-text.ts';
import { comparedLines, showText } from '../../lambda/render/show-text.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { plan, RICH } from './plans.ts';
import { HELD, IN_SYNC, madeReport, PARTIAL, REFUSED } from './reports.ts';

const PLAIN = styleFor({ write: () => undefined }, {});
const linesOf = (text: string): readonly string[] => text.split('\n');
const numbered = (count: number, word: string) => Array.from({ length: count }, (_, n) => `${word} ${n + 1}`);

const RUN: RunLine = { ...REFUSED, request: null };
const REQUEST = {
  trigger: 'invoke',
  requestedBy: 'ada@acme.com',
  reason: 'as the ticket says',
  groups: ['Finance', 'BI'],
  approve: '7f3a9c',
  awsRequestId: null,
};

it('runs are shown one a line, with who asked for them', () => {
  const asked: RunLine = { ...PARTIAL, request: REQUEST };
  const unasked: RunLine = {
    ...IN_SYNC,
    request: { ...REQUEST, trigger: 'schedule', requestedBy: null, reason: null, groups: [], approve: null },
  };
  expect(linesOf(runsText([asked, unasked]))).toEqual([
    '2026-11-24 04:42  20261124T044251Z-009949c6  apply  partial  5 groups, +15 −3  4 unmatched  invoke: ada@acme.com; approves 7f3a9c; only Finance, BI; “as the ticket says”',
    '2026-11-24 04:42  20261124T044251Z-009949c6  apply  in-sync  no change         0 unmatched  schedule',
    '',
  ]);
  expect(linesOf(runsText([RUN])).slice(1)).toEqual([
    '1 run is of a release that did not record who asked for it, nor why people came and went: its line says what it holds.',
    '',
  ]);
  expect(linesOf(runsText([RUN, RUN])).slice(2)).toEqual([
    '2 runs are of a release that did not record who asked for it, nor why people came and went: its line says what it holds.',
    '',
  ]);
  expect(runsText([])).toBe('No run of the archive is like that.\n');
});

it('changes of access are shown one a line, with why and by whose word', () => {
  const granted: AccessChange = {
    at: '2026-11-24T04:42:51.000Z',
    runId: 'r1',
    change: 'granted',
    person: { email: 'ada@acme.com', oktaId: '00u1', okta: 'ada@acme.com' },
    group: { oktaIds: ['00g1'], secodaId: 's1', name: 'Finance' },
    cause: 'in-group',
    outcome: 'applied',
    requestedBy: null,
    approved: null,
  };
  const changes: AccessChange[] = [
    granted,
    {
      ...granted,
      change: 'revoked',
      person: { email: 'eve@acme.io', oktaId: '00u2', okta: 'eve@acme.com' },
      cause: 'status:DEPROVISIONED',
      outcome: 'seen',
      requestedBy: 'bob@acme.com',
      approved: { digest: '7f3a9c', by: 'ada@acme.com', runId: 'r0' },
    },
    { ...granted, change: 'invited', cause: null, outcome: 'unknown' },
    {
      ...granted,
      person: { email: 'old@acme.com', oktaId: null, okta: null },
      cause: null,
      outcome: 'not-seen',
      approved: { digest: '7f3a9c', by: null, runId: 'r0' },
    },
  ];
  expect(linesOf(accessText(changes))).toEqual([
    '2026-11-24 04:42  + granted                                        ada@acme.com                      Finance  in the Okta group    run r1',
    '2026-11-24 04:42  − revoked (seen afterwards: the run was killed)  eve@acme.io (Okta: eve@acme.com)  Finance  deactivated in Okta  run r1  asked for by bob@acme.com; approved by ada@acme.com (7f3a9c)',
    '2026-11-24 04:42  + invited (not known whether it was done)        ada@acme.com                      Finance  no account yet       run r1',
    '2026-11-24 04:42  + granted (not seen in Secoda afterwards)        old@acme.com                      Finance  not recorded why     run r1  approved by somebody who did not say (7f3a9c)',
    '',
  ]);
});

it('those who are unmatched are shown with why and since when', () => {
  const [first] = PARTIAL.unmatched;
  if (first === undefined) throw new Error('nobody is unmatched');
  const unmatched = [
    { ...first, groups: numbered(5, 'Group') },
    { ...first, since: null, groups: numbered(7, 'Group'), reason: 'ambiguous' },
    { ...first, runs: 1, reason: 'of a later release' },
  ];
  expect(linesOf(worklistText({ ...PARTIAL, unmatched }))).toEqual([
    '3 people unmatched, as run 20261124T044251Z-009949c6 has it',
    'gus@acme.com  since 2026-11-01, 24 runs  no account in Secoda  in Group 1, Group 2, Group 3, Group 4, Group 5',
    'gus@acme.com  not recorded since when    several accounts      in Group 1, Group 2, Group 3, Group 4, Group 5 and 2 more',
    'gus@acme.com  since 2026-11-01, 1 run    of a later release    in Analytics, Finance, Ops, Sales, Legal',
    'Resolved by it',
    'jo@acme.com  was unmatched since 2026-10-30',
    '',
  ]);
  expect(linesOf(worklistText({ ...IN_SYNC, unmatched: [], resolved: [] }))).toEqual([
    'Nobody is unmatched, as run 20261124T044251Z-009949c6 has it',
    '',
  ]);
  expect(linesOf(worklistText({ ...IN_SYNC, unmatched: [first], resolved: [] }))[0]).toBe(
    '1 person unmatched, as run 20261124T044251Z-009949c6 has it',
  );
});

it('a ledger is shown to be whole, or what is wrong with it, and the hash to keep', () => {
  const whole = { ok: true, from: 3, to: 123, hash: 'ab12', problems: [] };
  expect(linesOf(verifiedText(whole))).toEqual([
    'Entries 3 to 123 are whole, and so are the plans and reports they name.',
    'hash of entry 123: ab12',
    '',
  ]);
  expect(linesOf(verifiedText({ ...whole, ok: false, problems: ['entry 7 is missing'] }))).toEqual([
    'Entries 3 to 123: 1 problem.',
    '  ✗ entry 7 is missing',
    'hash of entry 123: ab12',
    '',
  ]);
  const none = { ...whole, from: 0, to: 0, hash: null };
  expect(verifiedText(none)).toBe('There is no ledger yet: no run has changed anything.\n');
  expect(verifiedText({ ...none, ok: false, problems: ['a', 'b'] })).toContain('2 problems');
});

const LAYOUT = { record: 'runs/r1/', width: 90, people: true };

it('a run is shown with every change, its people and what became of it', () => {
  const asked = { ...PARTIAL, request: { ...REQUEST, awsRequestId: 'aws-1' }, error: 'the lease was lost' };
  expect(linesOf(showText(asked, LAYOUT, PLAIN))).toEqual([
    '20261124T044251Z-009949c6  2026-11-24T04:42:51.000Z  apply: partial',
    '  asked for by  invoke: ada@acme.com; approves 7f3a9c; only Finance, BI; “as the ticket says”',
    '  request id    aws-1 (CloudTrail knows by it who that was)',
    '  digest        7f3a9c0b12d4e5f6',
    '  error         the lease was lost',
    '',
    '+ create  Analytics  unsettled',
    '    new: has no Secoda group yet (00g1, 00g2)',
    '    + ada@acme.com  (not honoured by Secoda)',
    '    + bob@acme.com',
    '~ update  Finance  failed',
    '    its members differ (00g3)',
    '    ✗ PATCH /api/v1/auth/group/g-1: 500 after 4 attempts',
    '    + person01@acme.com',
    '    + person02@acme.com',
    '    + person03@acme.com',
    '    + person04@acme.com',
    '    + person05@acme.com',
    '    + person06@acme.com',
    '    + person07@acme.com',
    '    + person08@acme.com',
    '    + person09@acme.com',
    '    + person10@acme.com',
    '    + person11@acme.com',
    '    + person12@acme.com',
    '    - dora@acme.com',
    '    - u-77',
    '~ update  BI → Business Intelligence  applied',
    '    its name differs (00g4)',
    '~ update  Data Platform  applied',
    '    adopts the hand-made group of this name; its members differ (00g5)',
    '    + eve@acme.com',
    '- delete  Legacy  applied',
    '    00g6 no longer exists in Okta (00g6)',
    '    - finn@acme.com',
    'Skipped: Sales',
    'Worth knowing',
    '  Ops: another Secoda group bears the name “Operations” already',
    '5 changes; 8 groups unchanged; members +15 −3; 4 unmatched, 1 resolved',
    'record: runs/r1/',
    '',
  ]);
  expect(linesOf(showText(HELD, { ...LAYOUT, people: false }, PLAIN))).toEqual([
    '20261124T044251Z-009949c6  2026-11-24T04:42:51.000Z  apply: held',
    '  asked for by  terminal: ada@laptop',
    '  digest        7f3a9c0b12d4e5f6',
    '  ✗ memberRemovals: remove 45 of 389 memberships (12 %); the limit is 38 (the larger of 20',
    '    and 10 %)',
    '',
    '+ create  Analytics  applied',
    '    new: has no Secoda group yet (00g1, 00g2)',
    '    +2',
    '~ update  Finance  held',
    '    its members differ (00g3)',
    '    +12 −2',
    '~ update  BI → Business Intelligence  applied',
    '    its name differs (00g4)',
    '~ update  Data Platform  applied',
    '    adopts the hand-made group of this name; its members differ (00g5)',
    '    +1',
    '- delete  Legacy  held',
    '    00g6 no longer exists in Okta (00g6)',
    '    −1',
    'Skipped: Sales',
    'Worth knowing',
    '  Ops: another Secoda group bears the name “Operations” already',
    '5 changes; 8 groups unchanged; members +15 −3; 4 unmatched, 1 resolved',
    'record: runs/r1/',
    '',
  ]);
  expect(linesOf(showText(IN_SYNC, LAYOUT, PLAIN))).toEqual([
    '20261124T044251Z-009949c6  2026-11-24T04:42:51.000Z  apply: in-sync',
    '  asked for by  terminal: ada@laptop',
    '  digest        7f3a9c0b12d4e5f6',
    '',
    'In sync: nothing to do.',
    '0 changes; 8 groups unchanged; members +0 −0; 0 unmatched, 0 resolved',
    'record: runs/r1/',
    '',
  ]);
});

const SAME: Comparison = {
  same: true,
  groups: [],
  invite: [],
  notInvite: [],
  breaks: [],
  keeps: [],
};
const FINANCE: Difference = {
  group: { oktaIds: ['00g1', '00g2'], secodaId: 's1', name: 'Finance' },
  was: 'update',
  is: 'delete',
  add: numbered(50, 'a'),
  remove: numbered(51, 'r'),
  notAdd: ['x@acme.com'],
  notRemove: ['y@acme.com', 'z@acme.com'],
};
const OTHER: Comparison = {
  same: false,
  groups: [FINANCE, { ...FINANCE, was: null, is: null, add: [], remove: [], notAdd: [], notRemove: [] }],
  invite: ['i@acme.com'],
  notInvite: ['j@acme.com', 'k@acme.com'],
  breaks: ['memberRemovals'],
  keeps: ['adoptions'],
};

it('a plan that was made again is shown beside the one of its run', () => {
  const compared = { runId: 'r1', version: '1.0.0', digest: '7f3a9c', keys: [], unknown: [] };
  expect(comparedLines({ ...compared, comparison: SAME }, true)).toEqual([
    'Compared with run r1 (digest 7f3a9c): the same plan and verdict.',
  ]);
  expect(comparedLines({ ...compared, comparison: { ...SAME, same: false } }, true)).toEqual([
    'Compared with run r1 (digest 7f3a9c): its digest differs.',
  ]);
  const six = {
    ...SAME,
    same: false,
    groups: numbered(6, 'g').map((name) => ({ ...FINANCE, group: { ...FINANCE.group, name } })),
  };
  const keys = [
    { key: 'guard.adoptions.max', was: '3', is: null, alone: six, why: null },
    { key: 'users.match', was: null, is: '"login"', alone: SAME, why: null },
    { key: 'okta.groups', was: '1', is: '2', alone: null, why: 'it decides what is read' },
  ];
  const unknown = ['who is in 00g9'];
  expect(
    comparedLines({ ...compared, comparison: OTHER, keys, unknown }, true).map((line) =>
      line.replace(/(?<=[ar] 2, ).*(?=, [ar] 49)/, '…'),
    ),
  ).toEqual([
    'Compared with run r1 (digest 7f3a9c): 2 groups differ, 50 more added, 1 not added, 51 more removed, 2 not removed, the verdict differs, the invitations differ.',
    "  it breaks memberRemovals, which the run's own plan did not",
    '  it no longer breaks adoptions',
    '  1 more person is invited',
    '  2 people are not invited',
    '  Finance (00g1, 00g2): updated → deleted; 50 more added; 1 not added; 51 more removed; 2 not removed',
    '      added: a 1, a 2, …, a 49, a 50',
    '      not added: x@acme.com',
    '      removed: r 1, r 2, …, r 49, r 50 and 1 more',
    '      not removed: y@acme.com, z@acme.com',
    '  Finance (00g1, 00g2): left as it is',
    '',
    "The configuration differs from the run's own in 3 keys:",
    '  guard.adoptions.max: 3 → not set',
    '      alone: 6 groups differ, 300 more added, 6 not added, 306 more removed, 12 not removed: g 1, g 2, g 3, g 4, g 5 and 1 more',
    '  users.match: not set → "login"',
    '      alone: nothing differs',
    '  okta.groups: 1 → 2',
    '      it decides what is read',
    '',
    'Not known from this snapshot:',
    '  who is in 00g9',
  ]);
  expect(comparedLines({ ...compared, comparison: OTHER }, false).slice(-2)).toEqual([
    '  Finance (00g1, 00g2): updated → deleted; 50 more added; 1 not added; 51 more removed; 2 not removed',
    '  Finance (00g1, 00g2): left as it is',
  ]);
});

it('each person who is onboarded is shown with every answer, and what is to be approved', () => {
  const report = {
    ...madeReport({ plan: plan() }),
    people: [
      { email: 'ada@acme.com', answers: ['added to Finance', 'already there: BI'] },
      { email: 'bo@acme.com', answers: ['nobody in Okta has this e-mail or login'] },
    ],
  };
  expect(linesOf(onboardText(report, 60, PLAIN, 'npm run sync onboard'))).toEqual([
    'ada@acme.com  added to Finance',
    '              already there: BI',
    'bo@acme.com   nobody in Okta has this e-mail or login',
    '',
  ]);
  const [change] = madeReport({ plan: RICH }).changes;
  if (change === undefined) throw new Error('nothing changes');
  const lost = { cause: 'refused-by-secoda', oktaId: null, okta: null } as const;
  const refused = {
    ...report,
    digest: '7f3a9c',
    changes: [{ ...change, causes: { 'eve@acme.com': lost } }],
    refusals: [
      { rule: 'invitations' as const, message: 'invite 26 people; the limit is 25', count: 26, limit: 25 },
    ],
  };
  expect(linesOf(onboardText(refused, 60, PLAIN, 'npm run sync onboard'))).toEqual([
    'ada@acme.com  added to Finance',
    '              already there: BI',
    'bo@acme.com   nobody in Okta has this e-mail or login',
    '! Analytics: taken out, since Secoda refuses to have them:',
    '  eve@acme.com',
    '✗ invitations: invite 26 people; the limit is 25; name fewer',
    '  people, or raise guard.invitations',
    'If all of it is intended, approve exactly that:',
    '  npm run sync onboard --approve 7f3a9c',
    '',
  ]);
});
