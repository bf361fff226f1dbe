import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lambda/errors.ts';
import { defineSync, parseSettings, rulesOf, type SyncConfig, toJson } from '../../lambda/settings.ts';

/** The least that can be written. */
const LEAST = {
  okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } },
  secoda: { region: 'us' },
} satisfies SyncConfig;

function problemsOf(input: unknown): readonly string[] {
  try {
    parseSettings(input);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

describe('the least configuration', () => {
  it('gets every default', () => {
    expect(parseSettings(LEAST)).toEqual({
      name: 'okta',
      okta: {
        orgUrl: 'https://acme.okta.com',
        selection: { all: true },
        requestsPerMinute: 'auto',
        shortCutsFrom: 200,
        fullReadDays: 7,
      },
      secoda: { place: { region: 'us' }, writesPerMinute: 30 },
      mapping: { include: ['*'], exclude: [], rename: [], map: new Map(), frozen: [] },
      people: {
        match: 'email',
        statuses: ['ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED', 'LOCKED_OUT'],
        aliases: new Map(),
        protect: [],
      },
      whenGone: 'delete',
      invite: false,
      guard: {
        groupDeletions: { max: 3, percent: 10 },
        memberRemovals: { max: 20, percent: 10 },
        removalsPerGroup: { max: 5, percent: 50 },
        emptiedGroups: { atLeast: 3 },
        additionsPerGroup: { max: 50, percent: 100 },
        adoptions: { max: 3 },
        invitations: { max: 25 },
        minimumGroups: 1,
        overLimit: 'refuse',
      },
      schedule: { cron: '0 2 * * ? *', timeZone: 'UTC' },
      dryRun: false,
      notify: { emails: [] },
      events: { okta: null, hr: false },
      secrets: { okta: null, secoda: null },
      archive: { days: 400, snapshots: 'changed', snapshotDays: 30, ledgerDays: 1_100 },
    });
  });

  it('gives the core the rules it decides by and nothing else', () => {
    expect(Object.keys(rulesOf(parseSettings(LEAST))).sort()).toEqual([
      'invite',
      'mapping',
      'name',
      'people',
      'whenGone',
    ]);
  });

  it('keeps the default of one half of a limit when the other is given', () => {
    const { guard } = parseSettings({ ...LEAST, guard: { groupDeletions: { max: 0 } } });
    expect(guard.groupDeletions).toEqual({ max: 0, percent: 10 });
  });
});

describe('a full configuration', () => {
  const full = defineSync({
    name: 'Okta-2',
    okta: {
      orgUrl: 'https://Acme.okta.com/',
      groups: { app: ' 0oa1 ' },
      requestsPerMinute: 1,
      shortCutsFrom: 0,
      fullReadDays: 1,
    },
    secoda: { url: 'http://127.0.0.1:8000/', writesPerMinute: 1_000_000 },
    groups: {
      include: ['Data *'],
      exclude: ['* (test)'],
      rename: [{ match: '^secoda-(.+)$', to: '$1' }],
      map: { '00g1': ' Analytics ', ['__proto__']: 'Proto' },
      whenGone: 'keep',
    },
    users: {
      match: 'login',
      statuses: ['ACTIVE'],
      aliases: { ada: 'ada@acme.io', '*@acme.com': '*@acme.io' },
      protect: ['*@vendor.io'],
      invite: { role: 'viewer' },
    },
    guard: { memberRemovals: { max: 0, percent: 0.5 }, minimumGroups: 0, invitations: { max: 0 } },
    schedule: { every: '1  Hours' },
    dryRun: true,
    notify: { emails: ['a@acme.com'] },
    events: { okta: { eventSource: 'aws.partner/okta.com/acme/sync' }, hr: true },
    secrets: { okta: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf' },
    archive: { days: 1, snapshots: 'none', snapshotDays: 1, ledgerDays: 1 },
  });

  it('is normalised', () => {
    const settings = parseSettings(full);
    expect(settings.okta.orgUrl).toBe('https://acme.okta.com');
    expect(settings.okta.selection).toEqual({ app: '0oa1' });
    expect(settings.secoda.place).toEqual({ url: 'http://127.0.0.1:8000' });
    expect([...settings.mapping.map]).toEqual([
      ['00g1', 'Analytics'],
      ['__proto__', 'Proto'],
    ]);
    expect(settings.people.aliases.get('*@acme.com')).toBe('*@acme.io');
    expect(settings.schedule).toEqual({ every: '1 hour' });
    expect(settings.guard.memberRemovals).toEqual({ max: 0, percent: 0.5 });
    expect(settings.invite).toEqual({ role: 'viewer', teams: [] });
  });

  it('is the same again after a workflow through JSON', () => {
    for (const config of [LEAST, full, { ...LEAST, okta: { ...LEAST.okta, groups: { search: 'x' } } }]) {
      const settings = parseSettings(config);
      expect(parseSettings(JSON.parse(toJson(settings)))).toEqual(settings);
    }
  });
});

it('keeps __proto__ in a table that comes from JSON as a key like any other', () => {
  const text = JSON.stringify(LEAST).replace(/}$/, ',"groups":{"map":{"__proto__":"Analytics"}}}');
  expect(parseSettings(JSON.parse(text)).mapping.map.get('__proto__')).toBe('Analytics');
});

it('tells all problems at once, each with its place', () => {
  const problems = problemsOf({
    name: '-',
    okta: { orgUrl: 'acme', groups: {} },
    secoda: {},
    users: { match: 'mail', aliases: { x: 'y', 'A@b.c': 'd@e.f', 'a@b.c': 'g@h.i' } },
    guard: { groupDeletions: { max: -1 }, adoptions: { max: 0.5 } },
    schedule: { cron: 'x', every: 'y' },
  });
  expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
    'name',
    'okta.orgUrl',
    'okta.groups',
    'secoda',
    'users.match',
    'users.aliases.x',
    'users.aliases["a@b.c"]',
    'guard.groupDeletions.max',
    'guard.adoptions.max',
    'schedule.cron',
    'schedule.every',
    'schedule',
  ]);
});

it.each([
  ['^x-(.+)$', '$2', '$2'],
  ['^x-', '$1', '$1'],
  ['(?<a>x)', '$<b>', '$<b>'],
  ['(x)', '$0', '$0'],
  ['(x)', '$$1 $1 $12 $01 $& $<b', null],
  ['(?<a>x)', '$<a>$1', null],
])('tells where %j has no group for %j to name', (match, to, stranger) => {
  const problems = problemsOf({ ...LEAST, groups: { rename: [{ match, to }] } });
  const expected = `groups.rename[0].to: expected a text in which ${stranger} stands for a group of match, which has none such; $$ stands for a dollar sign, got ${JSON.stringify(to)}`;
  expect(problems).toEqual(stranger === null ? [] : [expected]);
});

it('tells two keys that mean the same', () => {
  const written = ['\u00c9quipe', 'E\u0301quipe'];
  const groups = { map: Object.fromEntries(written.map((name) => [name, 'Team'])) };
  expect(problemsOf({ ...LEAST, groups })).toEqual([
    `groups.map["${written[1]}"]: expected one entry for this key, which "${written[0]}" is already, got "Team"`,
  ]);
});

describe('what came is', () => {
  it('named as nothing where it is missing', () => {
    expect(problemsOf({})).toEqual([
      'okta: expected an object with orgUrl, groups, requestsPerMinute, shortCutsFrom, fullReadDays, got nothing',
      'secoda: expected an object with region, url, writesPerMinute, got nothing',
    ]);
    expect(problemsOf(undefined)[0]).toMatch(/^the configuration: expected an object with .*, got nothing$/);
  });

  it('shortened and made safe for a terminal', () => {
    const [problem] = problemsOf({ ...LEAST, name: `\u001b[31m\u202e${'x'.repeat(500)}` });
    expect(problem).toContain('got "\\u001b[31m\\u202exxx');
    expect(problem?.length).toBeLessThan(200);
    expect(problemsOf({ ...LEAST, 'a\nb\u009b': 1 })[0]).toContain('["a\\nb\\u009b"]: unknown key');
  });

  it('not repeated where it may be a credential', () => {
    const input = {
      okta: { orgUrl: 'https://user:hunter2@acme.okta.com/?token=hunter2', groups: { all: true } },
      secoda: { apiKey: 'hunter2' },
      secrets: { okta: 'hunter2', secoda: { apiKey: 'hunter2' } },
      users: { invite: { password: 'hunter2' } },
    };
    const problems = problemsOf(input);
    expect(problems).toHaveLength(6);
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});

describe('an unknown key', () => {
  it('is a problem of its own and suggests the nearest key', () => {
    expect(
      problemsOf({ ...LEAST, shedule: {}, colour: 1, guard: { memberRemoval: {}, adoptions: { maxx: 1 } } }),
    ).toEqual([
      'guard.adoptions.maxx: unknown key; did you mean max?',
      'guard.memberRemoval: unknown key; did you mean memberRemovals?',
      'shedule: unknown key; did you mean schedule?',
      expect.stringMatching(/^colour: unknown key; expected one of name, okta, .*, archive$/),
    ]);
  });

  it('may be called __proto__', () => {
    const input: unknown = JSON.parse(`${JSON.stringify(LEAST).slice(0, -1)},"__proto__":{}}`);
    expect(problemsOf(input)[0]).toMatch(/^\["__proto__"\]: unknown key/);
  });
});
