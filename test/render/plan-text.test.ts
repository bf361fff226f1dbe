import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '../../lambda/core/plan/change.ts';
import type { GuardRefusal } from '../../lambda/core/guard/guard-rules.ts';
import { styleFor, widthOf } from '../../lambda/render/style.ts';
import { leastMinutes, planText, writingText } from '../../lambda/render/plan-text.ts';
import { change, member, people, plan, removal, RICH } from './plans.ts';
import { warningOf } from '../../lambda/core/model/warning.ts';

const PLAIN = styleFor({ write: () => undefined }, {});
const INTAKE = { oktaGroups: 22, secodaGroups: 19, secodaUsers: 305 };
const REFUSALS: readonly GuardRefusal[] = [
  {
    rule: 'memberRemovals',
    message: 'remove 40 of 300 memberships (13 %); the limit is 30 (the larger of 20 and 10 %)',
    count: 40,
    limit: 30,
  },
  { rule: 'adoptions', message: 'adopt 4 hand-made groups; the limit is 3', count: 4, limit: 3 },
];

function textOf(given: Plan, refusals: readonly GuardRefusal[] = [], width = Infinity): string {
  return planText(given, refusals, INTAKE, PLAIN, {
    width,
    people: true,
    apply: 'npm run sync -- apply',
    record: 'runs/r1/',
  });
}

it('shows a plan with one of everything, whole lines where there is no terminal', () => {
  expect(textOf(RICH, REFUSALS)).toBe(`\
Okta    22 groups listed, 14 in scope
Secoda  19 groups, 12 of them managed or about to be adopted; 305 accounts

+ create  Analytics                   +2      new: has no Secoda group yet (00g1, 00g2)
          + ada@acme.com
          + bob@acme.com
~ update  Finance                     +12 −2  its members differ (00g3)
          + person01@acme.com
          + person02@acme.com
          + person03@acme.com
          + person04@acme.com
          + person05@acme.com
          + person06@acme.com
          + person07@acme.com
          + person08@acme.com
          + person09@acme.com
          + person10@acme.com
          + … and 2 more, in plan.json
          - dora@acme.com
          - u-77
~ rename  BI → Business Intelligence          its name differs (00g4)
~ adopt   Data Platform               +1      adopts the hand-made group of this name; its members differ; 5 members before, 6 after (00g5)
          + eve@acme.com
- delete  Legacy                      −1      00g6 no longer exists in Okta
          - finn@acme.com

Skipped: 1 group is left as it is
  Sales (00g7, 00g8): 2 Okta groups arrive at this name without being mapped to it together; name each in groups.map

Worth knowing
  Ops (00g9): another Secoda group bears the name “Operations” already

Unmatched: 2 people without a Secoda account
  → invite them in Secoda, or name the address they have there in users.aliases
  gus@acme.com                               in Analytics, Finance, Ops and 2 more
  a-much-longer-address@subsidiary.acme.com  in Ops

Unmatched: 1 person with several Secoda accounts of one address
  → remove the spare accounts in Secoda
  hal@acme.com  in Ops

Unmatched: 1 person without an address in Okta
  → complete their Okta profiles
  00u5  in Ops

Unsettled: 1 person whom Secoda did not take or let go
  → asked for again when their account changes, or after a week
  ivy@acme.com  in Finance

Plan: 1 to create, 3 to update, 1 to delete, 8 unchanged, 1 skipped; members +15 −3; 4 unmatched; digest 7f3a9c0b12d4e5f6

Refused by the guard, nothing is written:
  ✗ memberRemovals: remove 40 of 300 memberships (13 %); the limit is 30 (the larger of 20 and 10 %)
  ✗ adoptions: adopt 4 hand-made groups; the limit is 3
If every line above is intended, approve exactly this plan:
  npm run sync -- apply --approve 7f3a9c0b12d4e5f6
`);
});

describe('on a terminal', () => {
  const lines = textOf(RICH, REFUSALS, 72).split('\n');

  it.each([
    ['long names', 'x'.repeat(5_000)],
    ['words', 'a group of many words '.repeat(30)],
    ['East Asian letters', '日本チーム'.repeat(40)],
    ['emoji', '🎉👩🏽🇬🇧❤️'.repeat(40)],
    ['escapes', '\u202e\u200d'.repeat(100)],
  ])('no line but the summary and the command is wider than the terminal: %s', (_, name) => {
    const named = plan({
      changes: [
        ...RICH.changes,
        change({ action: 'create', name, oktaIds: [name], reason: name, add: [member(name)] }),
        change({ action: 'update', name, renamedFrom: name, remove: [removal(name)] }),
      ],
      skipped: [{ group: name, oktaIds: [name], reason: name }],
      unmatched: [{ email: name, groups: [name, name], reason: 'no-account' }],
      unsettled: RICH.unsettled,
    });
    for (const width of [60, 72, 200]) {
      const wide = textOf(named, REFUSALS, width)
        .split('\n')
        .filter((line) => widthOf(line) > width);
      expect(wide.filter((line) => !/^(?:Plan: | {2}npm run )/.test(line))).toEqual([]);
    }
  });

  it('of a plan that is too long the changes that concern most people come first, and it says where all are', () => {
    const changes = Array.from({ length: 5_000 }, (_, index) =>
      change({
        action: 'update',
        name: `Group ${index}`,
        add: people(index === 4_322 ? 8 : 1),
        remove: people(index === 4_321 ? 9 : 1).map(({ email }) => removal(email)),
      }),
    );
    const long = textOf(plan({ changes }), [], 80).split('\n');
    const largest = long.filter((line) => line.startsWith('~')).slice(0, 2);
    expect(largest).toEqual([expect.stringContaining('Group 4321'), expect.stringContaining('Group 4322')]);
    expect(long.filter((line) => line.startsWith('~'))).toHaveLength(40);
    expect(long).toContain('… and 4960 smaller changes: runs/r1/plan.json has all 5000');
    const whole = textOf(plan({ changes }), []).split('\n');
    expect(whole.filter((line) => line.startsWith('~'))).toHaveLength(5_000);
  });

  it('a reason that just fits stands beside its change', () => {
    const changes = RICH.changes.slice(0, 1);
    const [first = ''] = textOf(plan({ changes }), [], 200)
      .split('\n')
      .filter((line) => line.startsWith('+ create'));
    expect(first).toContain('  new: has no Secoda group yet');
    const fitting = textOf(plan({ changes }), [], widthOf(first)).split('\n');
    expect(fitting).toContain(first);
    expect(textOf(plan({ changes }), [], widthOf(first) - 1).split('\n')).not.toContain(first);
  });

  it('a reason that does not fit stands below its change, and so do all others', () => {
    const create = lines.findIndex((line) => line.startsWith('+ create'));
    expect(lines.slice(create, create + 2)).toEqual([
      '+ create  Analytics                   +2',
      '          new: has no Secoda group yet (00g1, 00g2)',
    ]);
    const adopt = lines.findIndex((line) => line.startsWith('~ adopt'));
    expect(lines.slice(adopt + 1, adopt + 3)).toEqual([
      '          adopts the hand-made group of this name; its members differ; 5',
      '          members before, 6 after (00g5)',
    ]);
  });
});

it('says in one line when there is nothing to do', () => {
  expect(textOf(plan()).split('\n').at(-2)).toBe(
    'Plan: 0 to create, 0 to update, 0 to delete, 8 unchanged, 0 skipped; members +0 −0; 0 unmatched',
  );
});

it('shows a digest where there is something to approve, and none for additions alone', () => {
  expect(textOf(RICH)).toContain('; digest 7f3a9c0b12d4e5f6');
  const additions = change({ action: 'create', name: 'Ops', reason: 'new' });
  expect(textOf(plan({ changes: [additions] }))).not.toContain('digest');
});

it('does not offer to approve a plan that would change nothing', () => {
  const text = textOf(plan(), [
    { rule: 'minimumGroups', message: 'only 0 Okta groups are in scope', count: 0, limit: 1 },
  ]);
  expect(text).toContain('✗ minimumGroups: only 0 Okta groups are in scope');
  expect(text).not.toContain('--approve');
});

it('points to the configuration, not to an approval, where no group is in scope at all', () => {
  const idle = { group: null, oktaIds: [], email: null, since: null };
  const warnings = [
    { ...idle, kind: 'matches-nothing' as const, message: 'groups.include: "Dta *" fits no group' },
    { ...idle, kind: 'matches-nothing' as const, message: 'groups.map: "X" is not in scope' },
  ];
  const none = { rule: 'minimumGroups', message: 'no Okta group is in scope', count: 0, limit: 1 };
  const text = textOf({ ...RICH, warnings }, [none]);
  expect(text.split('✗ minimumGroups')[1]).toBe(
    ': no Okta group is in scope\n  → groups.include: "Dta *" fits no group\n',
  );
  expect(textOf(RICH, [{ ...none, count: 1, limit: 2 }])).toContain('--approve');
});

it('names of each rule the first groups that break it, and how many more there are', () => {
  const refusals = Array.from({ length: 24 }, (_, n) => ({
    rule: 'removalsPerGroup',
    message: `remove 9 of 9 members of G${n}`,
    count: 9,
    limit: 5,
  }));
  const text = textOf(RICH, [...refusals, ...REFUSALS]);
  expect(text.match(/removalsPerGroup: remove/g)).toHaveLength(5);
  expect(text).toContain('✗ removalsPerGroup: 19 more, in plan.json');
});

it('does not offer to approve what no approval lets through', () => {
  const unknown = { rule: 'recent', message: 'the file cannot be read', count: null, limit: null };
  const text = textOf(RICH, [...REFUSALS, unknown]);
  expect(text).toContain('✗ recent: the file cannot be read');
  expect(text).not.toContain('--approve');
});

it('calls a group that lost its marker an update, for nothing is taken over', () => {
  const restored = change({
    action: 'update',
    name: 'Ops',
    adopted: true,
    known: true,
    reason: 'its marker is back',
  });
  expect(textOf(plan({ changes: [restored] }))).toContain('~ update  Ops       its marker is back (00g1)\n');
});

it('keeps its columns for names in wide letters', () => {
  const changes = [
    change({ action: 'create', name: '日本チーム', add: people(1) }),
    change({ action: 'create', name: 'Zoë’s team', add: people(1) }),
  ];
  const heads = textOf(plan({ changes }))
    .split('\n')
    .filter((line) => line.startsWith('+'));
  expect(heads.map((line) => widthOf(line.slice(0, line.indexOf('+1'))))).toEqual([22, 22]);
});

describe('a hostile name', () => {
  const HOSTILE = 'Ops\u001b[2J\n\u202eevil\u200b\u009b';
  const hostile = plan({
    changes: [
      change({
        action: 'update',
        name: HOSTILE,
        oktaIds: [HOSTILE],
        renamedFrom: HOSTILE,
        reason: HOSTILE,
        add: [member(HOSTILE)],
        remove: [removal(null, HOSTILE)],
      }),
    ],
    skipped: [{ group: HOSTILE, oktaIds: [HOSTILE], reason: HOSTILE }],
    warnings: [HOSTILE, null].map((group) => warningOf('name-held', { group, oktaIds: [HOSTILE] }, HOSTILE)),
    unmatched: [{ email: HOSTILE, groups: [HOSTILE], reason: 'ambiguous' }],
    unsettled: [{ email: HOSTILE, groups: [HOSTILE] }],
  });
  const text = textOf(hostile, [{ rule: 'adoptions', message: HOSTILE, count: 4, limit: 3 }]);

  it('reaches the terminal as visible escapes only', () => {
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('Ops\\u001b[2J\\n\\u202eevil\\u200b\\u009b');
  });

  it('starts no line of its own', () => {
    expect(text.split('\n').filter((line) => /^.{0,12}evil/.test(line))).toEqual([]);
  });

  it('of any length leaves the columns alone', () => {
    const long = plan({ changes: [change({ action: 'create', name: 'x'.repeat(5_000) })] });
    expect(Math.max(...textOf(long, [], 100).split('\n').map(widthOf))).toBeLessThan(130);
  });
});

it('shows ten people of a change and a hundred changes whole, and no more of either on a terminal', () => {
  const changes = (count: number) =>
    Array.from({ length: count }, (_, n) => change({ action: 'create', name: `G${n}`, add: people(10) }));
  const shown = (count: number) => textOf(plan({ changes: changes(count) }), [], 80);
  expect(shown(100)).not.toContain('more');
  expect(shown(100).match(/^\+ create/gm)).toHaveLength(100);
  expect(shown(101).match(/^\+ create/gm)).toHaveLength(40);
  const eleven = change({ action: 'create', name: 'G', add: people(11) });
  expect(textOf(plan({ changes: [eleven] }))).toContain('+ … and 1 more, in plan.json');
});

it('shows of a long plan what concerns most people, who joins and who leaves', () => {
  const gone = people(10).map((each) => ({ ...each, ineligible: false }));
  const changes = Array.from({ length: 101 }, (_, n) =>
    change({ action: 'update', name: `G${n}.`, add: people(n % 10), remove: n > 99 ? gone : [] }),
  );
  const first = textOf(plan({ changes }), [], 80).match(/^[~+-] \w+ +G\d+/gm) ?? [];
  expect(first.slice(0, 2).map((line) => line.replace(/^.* /, ''))).toEqual(['G100', 'G9']);
});

it('shortens long lists of people and says where they stand whole', () => {
  const unmatched = people(40).map(({ email }) => ({
    email: email ?? '',
    groups: ['Ops'],
    reason: 'no-account' as const,
  }));
  const text = textOf(
    plan({ changes: [change({ action: 'create', name: 'Ops', add: people(44) })], unmatched }),
  );
  expect(text).toContain('+ … and 34 more, in plan.json');
  expect(text).toContain('  … and 25 more, in plan.json');
});

it('says of a frozen group who would lose access, and of a warning which group it is about, if any', () => {
  const frozen = [
    { group: 'Ops', oktaIds: ['00g1'], wouldRemove: ['ada@acme.com', 'bo@acme.com'] },
    { group: 'BI', oktaIds: [], wouldRemove: [] },
  ];
  const nobody = warningOf('name-held', { group: null, oktaIds: [] }, 'look at it');
  const lines = textOf(plan({ frozen, warnings: [nobody] })).split('\n');
  expect(lines).toContain('Frozen: 2 groups are left as they are');
  expect(lines).toContain('  Ops (00g1): would lose access: ada@acme.com, bo@acme.com');
  expect(lines).toContain('  BI: nobody would lose access');
  expect(lines).toContain('  look at it');
});

it('shows what is held, and how exactly that is approved; where nothing applies it, no command', () => {
  const [first, ...rest] = RICH.changes;
  const held = [...(first === undefined ? [] : [{ ...first, held: true as const }]), ...rest];
  const text = textOf({ ...RICH, changes: held }, REFUSALS);
  expect(text).toContain('\nHeld by the guard, in 1 group; all else goes on:\n  ✗ memberRemovals: ');
  expect(text).toContain(
    '\nIf what is held is intended, approve exactly that:\n  npm run sync -- apply --approve ',
  );
  const layout = { width: Infinity, people: true, apply: null, record: 'runs/r1/' };
  expect(planText(RICH, REFUSALS, INTAKE, PLAIN, layout)).not.toContain('--approve');
});

it('shows a digest of invitations, and of additions alone that were refused', () => {
  const invitations = [{ emails: ['ada@acme.com'], groups: [] }];
  expect(textOf(plan({ invitations }))).toContain('; 1 to invite; digest 7f3a9c0b12d4e5f6\n');
  const additions = change({ action: 'create', name: 'Ops', reason: 'new' });
  expect(textOf(plan({ changes: [additions] }), REFUSALS)).toContain('; digest 7f3a9c0b12d4e5f6\n');
});

it('points to includes that match nothing only where no group is in scope', () => {
  const idle = warningOf(
    'matches-nothing',
    { group: null, oktaIds: [] },
    'groups.include: "Dta *" fits no group',
  );
  const arrow = '  → groups.include';
  const none = { rule: 'minimumGroups', message: 'x', count: 0, limit: 1 };
  const given = { ...RICH, warnings: [idle] };
  expect(textOf(given, [none])).toContain(arrow);
  expect(textOf(given, [{ ...none, count: 1, limit: 2 }])).not.toContain(arrow);
  expect(textOf(given, [{ ...none, rule: 'adoptions' }])).not.toContain(arrow);
  const other = warningOf('name-held', { group: null, oktaIds: [] }, 'groups.include');
  expect(textOf({ ...RICH, warnings: [other] }, [none])).not.toContain(arrow);
});

it('names five groups that break a rule where there are five', () => {
  const refusals = Array.from({ length: 5 }, (_, n) => ({ rule: 'r', message: `m${n}`, count: 9, limit: 5 }));
  expect(textOf(RICH, refusals)).toContain('✗ r: m4\nIf every line');
});

describe('what a run is about to write', () => {
  const many = (action: Change['action'], count: number, more: Partial<Change> = {}) =>
    Array.from({ length: count }, (_, n) => change({ action, name: `G${n}`, secodaId: `g-${n}`, ...more }));

  it.each([
    ['the first minute has room for as many as the limit', many('update', 30), 'less than a minute'],
    ['one more waits for the next', many('create', 31), 'about 1 minute'],
    ['deletions do not count', many('delete', 500), 'less than a minute'],
    ['what is written twice counts twice', many('update', 31, { again: true }), 'about 2 minutes'],
    ['what is held is not written', many('update', 500, { held: true }), 'less than a minute'],
    ['up to two hours are said in minutes', many('create', 3_600), 'about 119 minutes'],
    ['hours are said as such', many('create', 3_601), 'about 2 hours'],
    ['and rounded', many('create', 5_000), 'about 3 hours'],
  ])('takes as long as the limit of writes makes it: %s', (_, changes, time) => {
    expect(writingText(plan({ changes }), 30)).toContain(`It takes ${time}, at 30 writes a minute.`);
  });

  it.each<[string, Partial<Plan>, string]>([
    ['one group', { changes: many('create', 1) }, '1 group to create'],
    [
      'some of each',
      { changes: [...many('create', 1), ...many('update', 2), ...many('delete', 3)] },
      '1 group to create, 2 to update, 3 to delete',
    ],
    ['people alone', { invitations: [{ emails: ['a@b.c'], groups: [] }] }, '1 person to invite'],
    [
      'both',
      { changes: many('delete', 2), invitations: [{ emails: ['a@b.c', 'd@b.c'], groups: [] }] },
      '2 groups to delete; 2 people to invite',
    ],
  ])('is said in numbers: %s', (_, given, words) => {
    expect(writingText(plan(given), 30)).toContain(`This writes to Secoda: ${words}. It takes less`);
  });

  it('counts invitations against the limit', () => {
    const emails = people(31).map(({ email }) => email ?? '');
    expect(writingText(plan({ invitations: [{ emails, groups: [] }] }), 30)).toContain('about 1 minute,');
    expect([0, 1, 30, 31, 60, 61].map((count) => leastMinutes(count, 30))).toEqual([0, 0, 0, 1, 1, 2]);
    expect([0, 1, 2].map((count) => leastMinutes(count, 1))).toEqual([0, 0, 1]);
  });
});
