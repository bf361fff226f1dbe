import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../lambda/terminal/arguments.ts';
import { UsageError } from '../../lambda/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a script sees of npm, whatever was typed. */
const NPM = { npm_lifecycle_event: 'sync', npm_config_cache: '/home/ada/.npm', npm_config_yes: '' };

/** The one problem; empty when the command line is taken as it is. */
function problem(argv: readonly string[], environment: Readonly<Record<string, string>>): string {
  try {
    parseArguments(argv, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.problems.join('\n');
    throw error;
  }
  return '';
}

const kept = (argv: readonly string[], ...pairs: (readonly [string, string])[]): string =>
  problem(argv, {
    ...NPM,
    ...Object.fromEntries(pairs.map(([name, value]) => [`npm_config_${name}`, value])),
  });

describe('a flag that npm took is told with the command line that hands it over', () => {
  it.each([
    [['apply'], [['group', 'Finance']], 'apply --group=Finance'],
    [['apply'], [['group', 'Data Platform']], "apply --group='Data Platform'"],
    [['apply'], [['group', 'BI\n\nFinance']], 'apply --group=BI --group=Finance'],
    [['apply'], [['group', '-x']], 'apply --group=-x'],
    [['apply', 'Finance'], [['group', 'true']], 'apply --group=Finance'],
    [['apply', 'Data Platform'], [['group', 'true']], "apply --group='Data Platform'"],
    [
      ['plan', 'x.ts'],
      [
        ['config', 'true'],
        ['full', 'true'],
      ],
      'plan --config=x.ts --full',
    ],
    [
      ['apply', 'a', 'b'],
      [
        ['config', 'true'],
        ['runs', 'true'],
      ],
      'apply a b --config=… --runs=…',
    ],
    [
      ['plan', 'x'],
      [
        ['runs', 'true'],
        ['config', 'true'],
      ],
      'plan x --config=… --runs=…',
    ],
    [['apply', 'a', 'b'], [['group', 'true']], 'apply a b --group=…'],
    [['apply', 'BI', '--yes'], [['group', 'true']], 'apply --yes --group=BI'],
    [['apply', '--json'], [['full', 'true']], 'apply --json --full'],
    [['apply', '--group=BI'], [['group', 'Finance']], 'apply --group=BI --group=Finance'],
    [['onboard', 'a@b.c', 'd'], [['runs', 'true']], 'onboard a@b.c --runs=d'],
    [['explain', 'a@b.c', 'BI'], [['group', 'true']], 'explain a@b.c --group=BI'],
    [['history', 'a@b.c', 'BI'], [['group', 'true']], 'history a@b.c --group=BI'],
    [['explain', 'a@b.c'], [['group', 'true']], 'explain a@b.c --group=…'],
    [['apply', 'a@b.c'], [['group', 'true']], 'apply --group=a@b.c'],
    [
      ['apply'],
      [
        ['approve', '7f3a'],
        ['runs', 's3://b/p'],
      ],
      'apply --approve=7f3a --runs=s3://b/p',
    ],
    [['doctor'], [['probe', 'true']], 'doctor --probe'],
    [[], [['group', 'BI']], '--group=BI'],
    // An empty value, as of an unset variable of a shell, would have been everything.
    [['apply'], [['group', '']], "apply --group=''"],
    [['apply'], [['gruop', 'BI']], 'apply --group=BI'],
    [['apply'], [['group', '\u001b[31m']], String.raw`apply --group='\u001b[31m'`],
  ] as [string[], [string, string][], string][])('%j %j', (argv, pairs, line) => {
    const names = [...new Set(line.match(/--\w+/g))].filter(
      (flag) => !argv.some((word) => word.startsWith(flag)),
    );
    const told = kept(argv, ...pairs);
    expect(told).toContain('so nothing was done; flags stand behind “--”: ');
    expect(told.endsWith(`: npm run sync -- ${line}`)).toBe(true);
    for (const name of names) expect(told).toContain(name);
  });

  it('also where it may be a setting of npm, with the way to say so', () => {
    expect(kept(['plan'], ['json', 'true'])).toBe(
      "npm took --json for itself, so nothing was done; flags stand behind “--”: npm run sync -- plan --json; if it is a setting of npm's: npm run sync --no-json -- plan",
    );
  });

  it('a dry run is a plan', () => {
    expect(kept(['apply'], ['dry_run', 'true'], ['group', 'BI'])).toContain(
      'npm run sync -- plan --group=BI;',
    );
    expect(kept(['onboard', 'a@b.c'], ['dry_run', 'true'])).toContain('onboard has no dry run in a terminal');
  });
});

describe('nothing is taken for lost', () => {
  it.each([
    ['that npm sets by itself', ['apply'], []],
    [
      'that is off',
      ['apply'],
      [
        ['json', ''],
        ['dry_run', 'false'],
      ],
    ],
    [
      'that the command line says too',
      ['plan', '--json', '--group', 'BI'],
      [
        ['json', 'true'],
        ['group', 'BI'],
      ],
    ],
    ['that plan does anyway', ['plan'], [['dry_run', 'true']]],
    ['that is answered on the command line', ['apply', '--no-dry-run'], [['dry_run', 'true']]],
    [
      'that is of no flag',
      ['apply'],
      [
        ['registry', 'https://npm.acme.com'],
        ['fund', 'true'],
        ['long', 'true'],
      ],
    ],
    ['when help is asked for', ['--help'], [['group', 'BI']]],
  ] as [string, string[], [string, string][]][])('%s', (_, argv, pairs) => {
    expect(kept(argv, ...pairs)).toBe('');
  });

  it('outside npm', () => {
    expect(problem(['apply'], { npm_config_group: 'BI', npm_config_dry_run: 'true' })).toBe('');
  });
});

it('npm itself hands over what this is about, and the command ends before it reads anything', async () => {
  const args = ['run', '--silent', 'sync', 'apply', '--group=Finance', '--config=nowhere.ts'];
  const ended = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = execFile('npm', args, { cwd: ROOT }, (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    );
  });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('npm run sync -- apply --config=nowhere.ts --group=Finance');
});
