import { describe, expect, it } from 'vitest';
import { applyCommand } from '../../lambda/terminal/flags.ts';
import { parseArguments } from '../../lambda/terminal/arguments.ts';
import { CommandLineError } from '../../lambda/errors.ts';

const NOTHING_GIVEN = { config: undefined, groups: [], format: 'text', runs: 'runs/', reason: null };
const WRITING = { ...NOTHING_GIVEN, noDryRun: false };
const PLANNING = { full: false, summary: false };
const PLANNED = { ...NOTHING_GIVEN, ...PLANNING, name: 'plan', from: null, expectNoChanges: false };
const APPLIED = { ...WRITING, ...PLANNING, name: 'apply', approve: null, yes: false };

function problemsOf(...argv: readonly string[]): readonly string[] {
  try {
    parseArguments(argv, {});
  } catch (error) {
    if (error instanceof CommandLineError) return error.problems;
    throw error;
  }
  return [];
}

describe('the place for records', () => {
  it.each([
    [['plan'], {}, 'runs/'],
    [['plan'], { SYNC_RUNS: '' }, 'runs/'],
    [['plan'], { SYNC_RUNS: 's3://records' }, 's3://records'],
    [['plan', '--runs', 'here'], { SYNC_RUNS: 's3://records' }, 'here'],
  ])('of %j with %j is the third', (argv, environment, runs) => {
    expect(parseArguments(argv, environment)).toMatchObject({ runs });
  });
});

describe('a command line is read', () => {
  it.each([
    [['plan'], PLANNED],
    [['plan', '--summary', '--expect-no-changes'], { ...PLANNED, summary: true, expectNoChanges: true }],
    [['plan', '--from', 'last'], { ...PLANNED, from: 'last' }],
    [['plan', '--format=markdown'], { ...PLANNED, format: 'markdown' }],
    [['doctor', '--format', 'json'], { ...NOTHING_GIVEN, format: 'json', name: 'doctor', probe: false }],
    [['apply'], APPLIED],
    [['apply', '--approve', '7f3a'], { ...APPLIED, approve: '7f3a' }],
    [['apply', '--yes'], { ...APPLIED, yes: true }],
    [['--approve=7f3a', 'apply'], { ...APPLIED, approve: '7f3a' }],
    [
      ['onboard', 'a@b.c', 'd@e.f'],
      { ...WRITING, name: 'onboard', emails: ['a@b.c', 'd@e.f'], inviteAgain: false },
    ],
    [
      ['onboard', 'a@b.c', '--no-dry-run'],
      { ...WRITING, name: 'onboard', emails: ['a@b.c'], inviteAgain: false, noDryRun: true },
    ],
    [['doctor'], { ...NOTHING_GIVEN, name: 'doctor', probe: false }],
    [['doctor', '--probe'], { ...NOTHING_GIVEN, name: 'doctor', probe: true }],
    [['plan', '--group', 'a b', '--group=-c'], { ...PLANNED, groups: ['a b', '-c'] }],
    [
      ['plan', '--full', '--json', '--config', 'x.json', '--runs', 's3://b/p'],
      { ...PLANNED, config: 'x.json', format: 'json', runs: 's3://b/p', full: true },
    ],
    [
      ['history', 'a@b.c', '--since', '7d', '--csv'],
      {
        ...NOTHING_GIVEN,
        ...{
          name: 'history',
          email: 'a@b.c',
          since: '7d',
          status: null,
          unmatched: false,
          csv: true,
          verify: false,
          hash: null,
        },
      },
    ],
    [
      ['show', '2026', '--group', 'BI', '--members'],
      { ...NOTHING_GIVEN, name: 'show', run: '2026', members: true, summary: false, groups: ['BI'] },
    ],
    [['--help'], { name: 'help', about: undefined }],
    [['help'], { name: 'help', about: undefined }],
    [['help', 'apply'], { name: 'help', about: 'apply' }],
    [['apply', '-h', '--nonsense'], { name: 'help', about: 'apply' }],
    [['--version'], { name: 'version' }],
    [['-v'], { name: 'version' }],
    [
      ['init', '--org-url=https://a.okta.com', '--region', 'eu'],
      { ...NOTHING_GIVEN, name: 'init', orgUrl: 'https://a.okta.com', app: null, region: 'eu' },
    ],
  ])('%j', (argv, expected) => {
    expect(parseArguments(argv, {})).toEqual(expected);
  });
});

describe('a problem is', () => {
  it.each([
    [[], 'no command; expected init, doctor, plan, apply, onboard, explain, history, show'],
    [['aply'], 'unknown command "aply"; did you mean "apply"?'],
    [
      ['destroy'],
      'unknown command "destroy"; expected init, doctor, plan, apply, onboard, explain, history, show',
    ],
    [['plan', '--groop', 'x'], 'unknown flag "--groop"; did you mean "--group"?'],
    [
      ['apply', '--dry-run'],
      '--dry-run is what plan is for: it shows what apply would do, and writes nothing',
    ],
    [['plan', '--no-dry-run'], '--no-dry-run goes with apply and onboard, not with plan'],
    [['history', 'ada'], '"ada" is not an e-mail address'],
    [['history', '--csv', '--json'], '--csv and --json are forms of one answer: give one of them'],
    [['plan', '--json', '--format=html'], '--json and --format are forms of one answer: give one of them'],
    [
      ['plan', '--format', 'htm'],
      '--format takes text, markdown, html, json, not "htm"; did you mean "html"?',
    ],
    [['doctor', '--format=html'], '--format html goes with plan, apply and show, and not with --members'],
    [
      ['show', '--format', 'markdown', '--group=BI', '--members'],
      '--format markdown goes with plan, apply and show, and not with --members',
    ],
    [['show', '--members'], '--members needs --group NAME_OR_ID'],
    [['show', '--members', '--group=BI', '--group=Data'], 'show is about one group here: give --group once'],
    [['explain', '--group=BI', '--group=Data'], 'explain is about one group here: give --group once'],
    [['onboard', '*@b.c'], '"*@b.c" is not an e-mail address'],
    [['plan', '-x'], 'unknown flag "-x"'],
    [['plan', '--config'], '--config needs a value'],
    [['plan', '--config', '--json'], '--config needs a value'],
    [['plan', '--group', ''], '--group needs a value'],
    [['plan', '--json=yes'], '--json takes no value'],
    [['plan', '--runs', 'a', '--runs', 'b'], '--runs is given more than once'],
    [['plan', '--approve', 'x'], '--approve goes with apply, not with plan'],
    [['apply', '--probe'], '--probe goes with doctor, not with apply'],
    [
      ['doctor', '--group', 'BI'],
      '--group goes with plan and apply and explain and history and show, not with doctor',
    ],
    [['doctor', '--full'], '--full goes with plan and apply, not with doctor'],
    [['apply', '--invite-again'], '--invite-again goes with onboard, not with apply'],
    [['onboard'], 'onboard needs the e-mail address of somebody in Okta, or several'],
    [['onboard', 'a@b.c', 'BI'], '"BI" is not an e-mail address'],
    [
      ['onboard', 'a@b.c', '--group', 'BI'],
      '--group goes with plan and apply and explain and history and show, not with onboard',
    ],
    [['plan', 'BI'], 'unexpected argument "BI"; a group is named with --group'],
    [
      ['\u001b[31m'],
      'unknown command "\\u001b[31m"; expected init, doctor, plan, apply, onboard, explain, history, show',
    ],
  ])('%j', (argv, expected) => {
    expect(problemsOf(...argv)).toContain(expected);
  });

  it('told alone where there is no other', () => {
    expect(problemsOf('plan', '--members', '--group=BI', '--group=Data')).toEqual([
      '--members goes with show, not with plan',
    ]);
    expect(problemsOf('show', 'last', 'BI', 'Data')).toEqual([
      'unexpected argument "BI"; a group is named with --group',
      'unexpected argument "Data"; a group is named with --group',
    ]);
    expect(problemsOf('history', 'a@b.c', 'BI', 'Data')).toEqual(problemsOf('show', 'last', 'BI', 'Data'));
    expect(problemsOf('history', 'x'.repeat(70))).toEqual([`"${'x'.repeat(59)}…" is not an e-mail address`]);
  });

  it('told together with every other', () => {
    expect(problemsOf('plna', '--jsn', '--config=')).toEqual([
      'unknown command "plna"; did you mean "plan"?',
      'unknown flag "--jsn"; did you mean "--json"?',
      '--config needs a value',
    ]);
  });
});

describe('the command that applies a plan', () => {
  it('is given again what the plan was given', () => {
    const given = { config: 'my config.ts', groups: ["Ada's team", '00g1'], runs: 's3://b/p', dryRun: false };
    expect(applyCommand(given)).toBe(
      String.raw`npm run sync -- apply --config 'my config.ts' --group 'Ada'\''s team' --group 00g1 --runs s3://b/p`,
    );
  });

  it('says that it is meant where the configuration keeps a terminal from writing', () => {
    expect(applyCommand({ ...NOTHING_GIVEN, dryRun: true })).toBe('npm run sync -- apply --no-dry-run');
  });

  it('is short where nothing was given', () => {
    expect(applyCommand({ ...NOTHING_GIVEN, dryRun: false })).toBe('npm run sync -- apply');
  });
});
