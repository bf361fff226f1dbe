import { expect, it } from 'vitest';
import type { Explanation } from '../../lambda/core/report/explanation.ts';
import { UsageError } from '../../lambda/errors.ts';
import { causeText, changeLines, outcomeLine } from '../../lambda/render/change-text.ts';
import { errorText } from '../../lambda/render/error-text.ts';
import { nothingText, runsText, verifiedText, worklistText } from '../../lambda/render/history-text.ts';
import { explainText, onboardText } from '../../lambda/render/people-text.ts';
import { planText } from '../../lambda/render/plan-text.ts';
import { comparedLines, showText } from '../../lambda/render/show-text.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { warningOf } from '../../lambda/core/model/warning.ts';
import { change, member, plan, removal } from './plans.ts';
import { madeReport, reportOf } from './reports.ts';

const PLAIN = styleFor({ write: () => undefined }, {});
/** Whatever somebody wrote without end. */
const LONG = 'x'.repeat(5_000);
/** As far as each of them is shown, the ellipsis counted. */
const lengthsIn = (text: string) => [...text.matchAll(/x{9,}…?/g)].map(([found]) => found.length);
const [NAME, ADDRESS, IDS, LINE, MESSAGE] = [60, 80, 200, 400, 2_000];
const STATUS = ADDRESS - 'has the status '.length;

const CHANGE = change({
  action: 'update',
  name: LONG,
  oktaIds: [LONG],
  reason: `${LONG} `,
  renamedFrom: LONG,
  add: [{ ...member(LONG), why: { cause: `status:${LONG}`, oktaId: null, okta: null } }],
  remove: [removal(null, LONG)],
});
const LAYOUT = { width: Infinity, people: true, apply: 'apply', record: 'runs/' };
const INTAKE = { oktaGroups: 1, secodaGroups: 1, secodaUsers: 1 };
const REFUSALS = [{ rule: 'adoptions', message: LONG, count: 4, limit: 3 }];

it.each<[string, string, readonly number[]]>([
  [
    'the changes of a plan',
    changeLines([CHANGE], LAYOUT, PLAIN).join('\n'),
    [NAME, NAME, LINE, ADDRESS, STATUS, ADDRESS],
  ],
  [
    'what is left alone, and worth knowing',
    planText(
      plan({
        skipped: [{ group: LONG, oktaIds: [LONG], reason: LONG }],
        warnings: [warningOf('name-held', { group: LONG, oktaIds: [LONG] }, LONG)],
      }),
      [],
      INTAKE,
      PLAIN,
      LAYOUT,
    ),
    [NAME, IDS, MESSAGE, NAME, IDS, MESSAGE],
  ],
  [
    'why it is refused',
    planText(
      plan({
        warnings: [warningOf('matches-nothing', { group: null, oktaIds: [] }, `groups.include ${LONG}`)],
      }),
      [{ rule: 'minimumGroups', message: LONG, count: 0, limit: 1 }],
      INTAKE,
      PLAIN,
      LAYOUT,
    ),
    [MESSAGE - 15, MESSAGE, LINE - 15],
  ],
  [
    'who waits',
    planText(
      plan({ unmatched: [{ email: LONG, groups: [LONG], reason: 'no-account' }] }),
      [],
      INTAKE,
      PLAIN,
      LAYOUT,
    ),
    [ADDRESS, NAME],
  ],
  [
    'what became of a change',
    outcomeLine(
      CHANGE,
      { outcome: 'unsettled', written: null, unsettled: [LONG], news: true, error: LONG },
      1,
      1,
      PLAIN,
    ),
    [NAME, NAME, ADDRESS, LINE],
  ],
  ['a cause that this release does not know', causeText({ cause: LONG }), [ADDRESS]],
  ['an error', errorText(new Error(LONG), PLAIN, false), [MESSAGE]],
  ['a stack', errorText(Object.assign(new Error('x'), { stack: LONG }), PLAIN, true), [MESSAGE]],
  ['a problem', errorText(new UsageError([LONG]), PLAIN, false), [MESSAGE]],
  [
    'a run of a record',
    showText(
      reportOf({
        plan: plan({
          changes: [CHANGE],
          skipped: [{ group: LONG, oktaIds: [], reason: LONG }],
          warnings: [warningOf('name-held', { group: LONG, oktaIds: [] }, LONG)],
        }),
        outcomes: new Map([
          [CHANGE, { outcome: 'failed', written: null, unsettled: [], news: true, error: LONG }],
        ]),
        refusals: REFUSALS,
        failure: new Error(LONG),
      }),
      LAYOUT,
      PLAIN,
    ),
    [MESSAGE, MESSAGE - 11, 2 * NAME, LINE, MESSAGE, ADDRESS, STATUS, ADDRESS, STATUS, LINE, MESSAGE],
  ],
  [
    'two plans side by side',
    comparedLines(
      {
        runId: 'r1',
        version: '1.0.0',
        digest: '7f3a9c',
        comparison: {
          same: false,
          groups: [
            {
              group: { oktaIds: [LONG], secodaId: null, name: LONG },
              was: null,
              is: 'update',
              add: [LONG],
              remove: [],
              notAdd: [],
              notRemove: [],
            },
          ],
          invite: [],
          notInvite: [],
          breaks: [],
          keeps: [],
        },
        keys: [{ key: 'users.match', was: LONG, is: LONG, alone: null, why: null }],
        unknown: [LONG],
      },
      true,
    ).join('\n'),
    [NAME, IDS, ADDRESS, IDS, IDS, MESSAGE],
  ],
  [
    'the answers of an onboarding',
    onboardText(
      {
        ...madeReport({ plan: plan({ changes: [CHANGE] }), refusals: REFUSALS }),
        people: [{ email: LONG, answers: [LONG] }],
      },
      Infinity,
      PLAIN,
      'onboard',
    ),
    [ADDRESS, LINE, NAME, ADDRESS, MESSAGE],
  ],
  [
    'runs and their requests',
    runsText([
      {
        ...reportOf({ plan: plan() }),
        status: LONG,
        request: {
          trigger: 'invoke',
          requestedBy: LONG,
          reason: null,
          groups: [],
          approve: null,
          awsRequestId: null,
        },
      },
    ]),
    [LINE, LINE - 'invoke: '.length],
  ],
  [
    'what nothing is recorded of',
    nothingText({ addresses: null, groups: [LONG] }, [], LONG),
    [IDS, LINE - 1],
  ],
  [
    'what is wrong with a ledger',
    verifiedText({ ok: false, from: 1, to: 1, hash: 'a', problems: [LONG] }),
    [LINE],
  ],
  [
    'a worklist',
    worklistText({
      ...reportOf({ plan: plan({ unmatched: [{ email: LONG, groups: ['Ops'], reason: 'no-account' }] }) }),
    }),
    [LINE],
  ],
])('%s: each text ends somewhere, whatever its length', (_, text, lengths) => {
  expect(lengthsIn(text)).toEqual(lengths);
});

it('an explanation ends somewhere, whatever the lengths of its texts', () => {
  const group: Explanation['groups'][number] = {
    group: { name: LONG, oktaIds: [], secodaId: null },
    member: false,
    wanted: true,
    decidedBy: 'account',
    steps: [{ step: 'account', ok: false, text: LONG }],
    fix: LONG,
  };
  const out = { ...group, decidedBy: 'scope' as const };
  const person = { email: LONG, okta: [], account: { id: LONG, email: null, active: null } };
  const told = (groups: Explanation['groups']) => lengthsIn(explainText({ person, groups }, PLAIN));
  expect(told([group, out])).toEqual([ADDRESS, NAME, LINE, LINE, NAME]);
  expect(told([])).toEqual([ADDRESS, NAME]);
});

it('a group that is renamed takes no more columns in wide letters than in others, however wide the terminal', () => {
  const titleOf = (letter: string) => {
    const [name, renamedFrom] = [letter.repeat(70), letter.repeat(70)];
    const [line = ''] = changeLines([change({ action: 'update', name, renamedFrom })], LAYOUT, PLAIN);
    return line.slice('~ rename  '.length).split('  ', 1)[0] ?? '';
  };
  expect(titleOf('x')).toBe(`${'x'.repeat(59)}… → ${'x'.repeat(59)}…`);
  expect(titleOf('漢')).toBe(`${'漢'.repeat(59)}… → …`);
});
