import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lambda/errors.ts';
import { parseSettings } from '../../lambda/settings.ts';

/** A configuration with one value put at a place such as `okta.orgUrl`. */
function configWith(place: string, value: unknown): unknown {
  const config: Record<string, unknown> = {
    okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } },
    secoda: { region: 'us' },
  };
  const keys = place.split('.');
  let at = config;
  for (const key of keys.slice(0, -1)) {
    const inner = { ...(typeof at[key] === 'object' ? at[key] : {}) };
    at[key] = inner;
    at = inner;
  }
  at[keys.at(-1) ?? ''] = value;
  return config;
}

function problemsWith(place: string, value: unknown): readonly string[] {
  try {
    parseSettings(configWith(place, value));
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
}

const ACCEPTED: readonly (readonly [place: string, value: unknown])[] = [
  ['name', 'a'],
  ['name', '0-A'.padEnd(41, 'x')],
  ['okta.orgUrl', 'https://acme.okta.com/'],
  ['okta.orgUrl', 'http://localhost:1234'],
  ['okta.orgUrl', 'http://[::1]:1234'],
  ['okta.groups', { filter: 'type eq "OKTA_GROUP"' }],
  ['okta.requestsPerMinute', 'auto'],
  ['okta.requestsPerMinute', 100_000],
  ['okta.requestsPerMinute', undefined],
  ['secoda', { url: 'https://acme.secoda.co' }],
  ['users.aliases', { '*@a.com': '*@b.com', 'x@a.com': 'y@b.com' }],
  ['users.statuses', ['DEPROVISIONED']],
  ['users.invite', { role: 'Guest', teams: ['t1'] }],
  ['guard.minimumGroups', 0],
  ['guard.emptiedGroups.atLeast', 1],
  ['schedule', { every: '100000000 days' }],
  ['events.okta', { eventSource: 'aws.partner/okta.com/acme/sync', silentHours: 1 }],
  ['events.okta', { eventSource: 'aws.partner/okta.com/acme/sync', silentHours: 168 }],
  ['notify.topicArn', 'arn:aws:sns:eu-west-1:123456789012:alarms'],
  ['guard.memberRemovals.percent', 1_000],
  ['groups.include', []],
  ['groups.rename', [{ match: '(?<x>a)|\\p{Lu}', to: '' }]],
  ['secrets.secoda', 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a/b-AbCdEf'],
];

const REFUSED: readonly (readonly [place: string, value: unknown, problem: string])[] = [
  ['name', '-a', 'name: expected up to 41 letters, digits and hyphens, the first no hyphen, got "-a"'],
  ['name', 'a_b', 'name: expected up to 41 letters'],
  ['name', 'x'.repeat(42), 'name: expected up to 41 letters'],
  ['name', 5, 'name: expected up to 41 letters, digits and hyphens, the first no hyphen, got 5'],
  ['okta.orgUrl', undefined, 'okta.orgUrl: expected a URL such as https://acme.okta.com, got nothing'],
  ['okta.orgUrl', 'http://acme.okta.com', 'okta.orgUrl: expected a URL that starts with https://'],
  ['okta.orgUrl', 'http://127.0.0.1.evil.com', 'okta.orgUrl: expected a URL that starts with https://'],
  ['okta.orgUrl', 'https://acme.okta.com/api/v1', 'okta.orgUrl: expected a URL without a path'],
  [
    'okta.orgUrl',
    'https://acme-admin.okta.com',
    "okta.orgUrl: expected the org's own address, without -admin",
  ],
  [
    'okta.groups',
    { app: 'x', all: true },
    'okta.groups: expected exactly one of app, search, filter, all, got',
  ],
  ['okta.groups', {}, 'okta.groups: expected exactly one of app, search, filter, all, got an empty object'],
  ['okta.groups', 'all', 'okta.groups: expected an object with app, search, filter, all, got "all"'],
  ['okta.groups.all', false, 'okta.groups.all: expected true, or another way to select groups, got false'],
  ['okta.groups', { app: ' ' }, 'okta.groups.app: expected the id of an Okta app, such as 0oa1…, got " "'],
  [
    'okta.requestsPerMinute',
    0,
    "okta.requestsPerMinute: expected 'auto' or a whole number of at least 1, got 0",
  ],
  [
    'okta.requestsPerMinute',
    '200',
    `okta.requestsPerMinute: expected 'auto' or a whole number of at least 1, got "200"`,
  ],
  ['okta.shortCutsFrom', -1, 'okta.shortCutsFrom: expected a whole number of at least 0, got -1'],
  ['okta.fullReadDays', NaN, 'okta.fullReadDays: expected a whole number of at least 1, got NaN'],
  ['secoda.region', 'uk', `secoda.region: expected one of 'us', 'eu', 'apac', got "uk"`],
  ['secoda', { region: 'us', url: 'https://a.co' }, 'secoda: expected exactly one of region, url, got'],
  ['secoda.writesPerMinute', 0.5, 'secoda.writesPerMinute: expected a whole number of at least 1, got 0.5'],
  ['groups.include', 'x', 'groups.include: expected a list of names or patterns with *, got "x"'],
  ['groups.exclude', [''], 'groups.exclude[0]: expected a name or a pattern with *, got ""'],
  [
    'groups.rename',
    [{ match: '(', to: '' }],
    'groups.rename[0].match: expected a regular expression (/(/u: Unterminated group), got "("',
  ],
  ['groups.rename', [{ match: '\\-', to: '' }], 'groups.rename[0].match: expected a regular expression ('],
  ['groups.rename', [{ match: 'a' }], 'groups.rename[0].to: expected a text, got nothing'],
  ['groups.map', { 'BI team': ' ' }, 'groups.map["BI team"]: expected a text that is not empty, got " "'],
  ['groups.map', { x: 1 }, 'groups.map.x: expected a text that is not empty, got 1'],
  [
    'groups.map',
    { ' ': 'x' },
    'groups.map[" "]: expected an Okta id or name before the Secoda name, got "x"',
  ],
  ['groups.map', [], 'groups.map: expected an object of Okta id or name to Secoda name, got a list of 0'],
  ['groups.whenGone', null, "groups.whenGone: expected one of 'delete', 'empty', 'keep', got null"],
  ['users.match', 'mail', `users.match: expected one of 'email', 'login', got "mail"`],
  ['users.statuses', ['ACTVE'], "users.statuses[0]: expected one of 'STAGED', 'PROVISIONED', 'ACTIVE'"],
  ['users.statuses', [], 'users.statuses: expected at least one Okta status, got a list of 0'],
  [
    'users.aliases',
    { 'a@b.c': '*@d.e' },
    'users.aliases["a@b.c"]: expected an address such as ada@acme.io, got',
  ],
  ['users.aliases', { '*@b.c': 'a@d.e' }, 'users.aliases["*@b.c"]: expected a pattern such as *@acme.io, as'],
  ['users.aliases', { 'a*@b.c': 'a@d.e' }, 'users.aliases["a*@b.c"]: expected an address or *@domain before'],
  [
    'users.aliases',
    { ada: 'a@d.e' },
    "users.aliases.ada: expected an address before the alias, or match: 'login'",
  ],
  ['users.aliases', 5, 'users.aliases: expected an object of Okta address to Secoda address, got 5'],
  ['users', null, 'users: expected an object with match, statuses, aliases, protect, invite, got null'],
  ['users.protect', [3], 'users.protect[0]: expected a name or a pattern with *, got 3'],
  ['users.invite', true, "users.invite: expected false or { role: 'viewer', teams: [] }, got true"],
  [
    'users.invite',
    { role: 'Guest' },
    'users.invite.teams: expected a list of ids of Secoda teams: a guest needs one at least, got nothing',
  ],
  ['users.invite', { role: '' }, 'users.invite.role: expected the name of a role, got ""'],
  [
    'users.invite',
    { rule: '' },
    "users.invite: expected false or { role: 'viewer', teams: [] }, got an object with rule",
  ],
  ['guard.groupDeletions', 3, 'guard.groupDeletions: expected an object with max, percent, got 3'],
  [
    'guard.memberRemovals.percent',
    -1,
    'guard.memberRemovals.percent: expected a number of at least 0, got -1',
  ],
  [
    'guard.removalsPerGroup.percent',
    Infinity,
    'guard.removalsPerGroup.percent: expected a number of at least 0',
  ],
  [
    'guard.emptiedGroups.atLeast',
    0,
    'guard.emptiedGroups.atLeast: expected a whole number of at least 1, got 0',
  ],
  ['guard.invitations.max', '1', 'guard.invitations.max: expected a whole number of at least 0, got "1"'],
  ['dryRun', 'no', 'dryRun: expected true or false, got "no"'],
  ['notify.emails', ['x'], 'notify.emails[0]: expected an e-mail address, got "x"'],
  ['notify.emails', 'a@b.c', 'notify.emails: expected a list of e-mail addresses, got "a@b.c"'],
  [
    'events.okta',
    { eventSource: 'aws.partner/okta.com/acme sync*' },
    "events.okta.eventSource: expected the name of Okta's partner event",
  ],
  ['events.okta', { eventSource: 'x' }, "events.okta.eventSource: expected the name of Okta's partner event"],
  [
    'events.okta',
    { eventSource: 'aws.partner/okta.com/acme/sync', silentHours: 169 },
    'events.okta.silentHours: expected a whole number of hours, 168 (seven days) at most, got 169',
  ],
  [
    'notify',
    { topicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms', emails: ['a@b.c'] },
    'notify: expected no emails beside topicArn: subscribe them to that topic',
  ],
  [
    'schedule',
    { cron: '0 2 * * * *' },
    "schedule.cron: expected a cron expression with ? for the day of month or for the day of week, as in '0 2 ? * MON *', got",
  ],
  ['schedule', { cron: 5 }, "schedule.cron: expected a cron expression such as '0 2 * * ? *', got 5"],
  ['events.hr', 1, 'events.hr: expected true or false, got 1'],
  [
    'secrets.okta',
    'arn:aws:s3:::x',
    'secrets.okta: expected the ARN of a Secrets Manager secret, got something else',
  ],
  ['archive.days', 0, 'archive.days: expected a whole number of at least 1, got 0'],
];

describe('accepted is', () => {
  it.each(ACCEPTED)('%s: %j', (place, value) => {
    expect(problemsWith(place, value)).toEqual([]);
  });
});

describe('refused is', () => {
  it.each(REFUSED)('%s: %j', (place, value, problem) => {
    const problems = problemsWith(place, value);
    expect(problems.filter((each) => each.startsWith(problem))).toHaveLength(1);
  });
});
