import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../lambda/core/report/explanation.ts';
import { explainText, onboardText, peopleSections } from '../../lambda/render/people-text.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { people, plan, RICH } from './plans.ts';
import { madeReport } from './reports.ts';

const PLAIN = styleFor({ write: () => undefined }, {});
const COLOURED = styleFor({ isTTY: true, write: () => undefined }, {});
const linesOf = (text: string): readonly string[] => text.split('\n');
const bold = (text: string) => `\u001b[1m${text}\u001b[22m`;
const green = (text: string) => `\u001b[32m${text}\u001b[39m`;
const yellow = (text: string) => `\u001b[33m${text}\u001b[39m`;

describe('people of a plan', () => {
  const waiting = (emails: readonly string[]) =>
    emails.map((email) => ({ email, groups: ['Ops'], reason: 'no-account' as const }));

  it('are named by reason, with what helps, and those to be invited or awaited with their groups', () => {
    const ops = { name: 'Ops', oktaIds: ['00g1'], secodaId: null };
    const given = plan({
      invitations: [{ emails: ['ada@acme.com', 'bo@acme.com'], groups: [ops, { ...ops, name: 'BI' }] }],
      awaited: [
        { email: 'cy@acme.com', groups: ['Ops'], known: true },
        { email: 'di@acme.com', groups: ['Ops'], known: false },
      ],
    });
    expect(peopleSections(given, Infinity, PLAIN)).toEqual([
      [
        'To be invited: 2 people without a Secoda account',
        '  → each can cost a seat; after all changes, into the groups they belong into',
        '  ada@acme.com  in Ops, BI',
        '  bo@acme.com   in Ops, BI',
      ],
      [
        'Invited: 1 person who have not signed in yet',
        '  → their groups are completed after their first sign-in',
        '  cy@acme.com  in Ops',
      ],
      [
        'Invitation status unknown: 1 person whose invitation was not answered',
        expect.stringMatching(/^ {2}→ /),
        '  di@acme.com  in Ops',
      ],
    ]);
    expect(peopleSections(plan(), Infinity, PLAIN)).toEqual([]);
  });

  it('are fifteen at most, and it says how many more there are', () => {
    const emails = people(16).map(({ email }) => email ?? '');
    const sectionOf = (unmatched: ReturnType<typeof waiting>) =>
      peopleSections(plan({ unmatched }), Infinity, PLAIN)[0]?.slice(2);
    expect(sectionOf(waiting(emails.slice(0, 15)))).toHaveLength(15);
    expect(sectionOf(waiting(emails))).toHaveLength(16);
    expect(sectionOf(waiting(emails))?.at(-1)).toBe('  … and 1 more, in plan.json');
  });

  it('stand in a column that a long address does not widen beyond 60, and that leaves room beside it', () => {
    const long = 'x'.repeat(100);
    const rows = (width: number) =>
      peopleSections(plan({ unmatched: waiting([long, 'ada@acme.com']) }), width, PLAIN)[0]?.slice(2);
    expect(rows(Infinity)).toEqual([
      `  ${'x'.repeat(79)}…  in Ops`,
      `  ${'ada@acme.com'.padEnd(60)}  in Ops`,
    ]);
    expect(rows(80)).toEqual([`  ${'x'.repeat(49)}…  in Ops`, `  ${'ada@acme.com'.padEnd(50)}  in Ops`]);
  });
});

describe('the answers of an onboarding', () => {
  const report = { ...madeReport({ plan: plan() }), digest: '7f3a9c' };

  it('stand beside the address in a column of 60 at most, broken below their own beginning', () => {
    const answers = [`added to ${'Finance '.repeat(8)}`, 'x'.repeat(500)];
    const given = {
      ...report,
      people: [
        { email: 'y'.repeat(70), answers },
        { email: 'ada@acme.com', answers: ['invited'] },
      ],
    };
    expect(linesOf(onboardText(given, Infinity, PLAIN, ''))).toEqual([
      `${'y'.repeat(70)}  added to ${'Finance '.repeat(8)}`,
      `${' '.repeat(60)}  ${'x'.repeat(399)}…`,
      `${'ada@acme.com'.padEnd(60)}  invited`,
      '',
    ]);
    const short = { ...report, people: [{ email: 'ada@acme.com', answers: answers.slice(0, 1) }] };
    expect(linesOf(onboardText(short, 54, PLAIN, ''))).toEqual([
      'ada@acme.com  added to Finance Finance Finance Finance',
      '              Finance Finance Finance Finance ',
      '',
    ]);
  });

  it('are green where all is well, and yellow where somebody has to look', () => {
    const answers = ['added to Ops', 'already there: BI', 'invited', 'invited before: no answer', 'held'];
    const given = { ...report, people: [{ email: 'ada@acme.com', answers }] };
    const gap = ' '.repeat('ada@acme.com'.length);
    expect(linesOf(onboardText(given, Infinity, COLOURED, ''))).toEqual([
      `ada@acme.com  ${green('added to Ops')}`,
      `${gap}  ${green('already there: BI')}`,
      `${gap}  ${green('invited')}`,
      `${gap}  ${yellow('invited before: no answer')}`,
      `${gap}  ${yellow('held')}`,
      '',
    ]);
  });

  it('offer an approval of what can be approved, and of nothing else', () => {
    const refusal = { message: 'x', count: 26, limit: 25 };
    const told = (refusals: typeof report.refusals) =>
      linesOf(onboardText({ ...report, people: [], refusals }, Infinity, PLAIN, 'sync onboard'));
    expect(told([{ ...refusal, rule: 'invitations' }]).slice(1)).toEqual([
      'If all of it is intended, approve exactly that:',
      '  sync onboard --approve 7f3a9c',
      '',
    ]);
    expect(told([{ ...refusal, rule: 'additionsPerGroup' }])[0]).toBe('✗ additionsPerGroup: x');
    expect(told([{ rule: 'recent', message: 'x', count: null, limit: null }])).toEqual(['✗ recent: x', '']);
    expect(told([])).toEqual(['']);
  });

  it('say of whom a group lost by it only where it lost somebody', () => {
    const { changes } = madeReport({ plan: RICH });
    const unexplained = changes.map((change) => ({ ...change, causes: {} }));
    expect(onboardText({ ...report, people: [], changes: unexplained }, Infinity, PLAIN, '')).toBe('');
  });
});

describe('an explanation', () => {
  const steps = [
    { step: 'okta', ok: true, text: '00u1 in Okta' },
    { step: 'membership', ok: false, text: 'not in the Okta group' },
  ] as const;
  const FINANCE: Explanation['groups'][number] = {
    group: { name: 'Finance', oktaIds: ['00g1'], secodaId: 's1' },
    member: false,
    wanted: false,
    decidedBy: 'membership',
    steps,
    fix: 'add them to the Okta group',
  };
  const FINE: Explanation['groups'][number] = {
    ...FINANCE,
    group: { ...FINANCE.group, name: 'BI' },
    member: true,
    wanted: true,
    decidedBy: 'nothing',
    steps: [steps[0], { step: 'nothing', ok: true, text: 'is a member, and stays one' }],
    fix: null,
  };
  const OUT: Explanation['groups'][number] = {
    ...FINANCE,
    group: { ...FINANCE.group, name: 'Everyone' },
    decidedBy: 'scope',
  };
  const ADA = {
    email: 'ada@acme.com',
    okta: [{ id: '00u1', status: 'ACTIVE', email: 'ada@acme.com', login: 'ada@acme.com' }],
    account: null,
  };
  const told = (groups: Explanation['groups'], person: Explanation['person'] = ADA, style = PLAIN) =>
    linesOf(explainText({ person, groups }, style));

  it('shows each group with its steps in a column, whether they are a member, and the fix', () => {
    expect(told([FINANCE, FINE])).toEqual([
      'ada@acme.com → Finance: not a member',
      '  ✓ okta        00u1 in Okta',
      '  ✗ membership  not in the Okta group',
      '  → add them to the Okta group',
      '',
      'ada@acme.com → BI: a member',
      '  ✓ okta    00u1 in Okta',
      '  ✓ result  is a member, and stays one',
      '',
    ]);
  });

  it('marks the step that decides, where it is what keeps them out', () => {
    const [title, first, second] = told([FINANCE], ADA, COLOURED);
    expect(title).toBe(bold('ada@acme.com → Finance: not a member'));
    expect(first).not.toContain('\u001b[1m');
    expect(second).toMatch(/^.\[1m {2}.*not in the Okta group.\[22m$/);
    expect(told([FINE], ADA, COLOURED)[2]).not.toContain('\u001b[1m');
    expect(told([{ ...FINANCE, decidedBy: 'okta' }], ADA, COLOURED)[2]).not.toContain('\u001b[1m');
  });

  it('of a group says whether it is in scope', () => {
    expect(told([FINANCE], null)[0]).toBe('Group → Finance: not in scope');
    expect(told([FINE], null)[0]).toBe('Group → BI: in scope');
  });

  it('leaves out what is not synced at all, unless that is all there is or they are a member', () => {
    expect(told([OUT, FINE])).toEqual([
      'ada@acme.com → BI: a member',
      '  ✓ okta    00u1 in Okta',
      '  ✓ result  is a member, and stays one',
      'Not synced, so left out here: Everyone',
      '',
    ]);
    expect(told([OUT])[0]).toBe('ada@acme.com → Everyone: not a member');
    expect(told([{ ...OUT, member: true }, FINE])[0]).toBe('ada@acme.com → Everyone: a member');
  });

  it('of somebody who is in no group says what is known', () => {
    expect(told([])).toEqual(['ada@acme.com: in Okta, and in no group there', '']);
    const account = { id: 'u-7', email: 'ada@acme.com', active: true };
    expect(told([], { ...ADA, okta: [], account })).toEqual([
      'ada@acme.com: nobody in Okta has this e-mail or login; Secoda has the account u-7',
      '',
    ]);
  });
});
