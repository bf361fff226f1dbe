import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startS3 } from '../emulators/s3.ts';
import { smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

const STACK = /\n\s+at |DEBUG/;

async function withS3(environment: Readonly<Record<string, string>> = {}) {
  const s3 = await startS3();
  onTestFinished(() => s3.close());
  onTestFinished(() => void vi.unstubAllEnvs());
  const all = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...environment,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  return s3;
}

/** Both commands that run end with this code and these words, before anything was asked of either side. */
async function expectNoRun(stand: Scenario, runs: string, code: number, words: RegExp): Promise<void> {
  for (const command of [['plan'], ['apply'], ['onboard', 'p1@acme.com']]) {
    const ended = await stand.sync(...command, '--runs', runs);
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toMatch(STACK);
    expect(ended).toMatchObject({ code, stdout: '' });
  }
  expect([...stand.okta.requests, ...stand.secoda.requests]).toEqual([]);
}

describe('an archive in S3 that cannot be used is told before anything is read', () => {
  it.each([
    [
      'nobody answers',
      's3://records',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      5,
      /^✗ Failed: PUT s3:\/\/records\/\S+: S3 could not be reached \(.*ECONNREFUSED/,
    ],
    [
      'there is no bucket',
      's3://missing/x',
      {},
      2,
      /^✗ PUT s3:\/\/missing\/x\/\S+: there is no bucket missing\n$/,
    ],
    [
      'there are no credentials',
      's3://records',
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      2,
      /^✗ .*no AWS credentials could be had/,
    ],
    [
      'there is no region',
      's3://records',
      { AWS_REGION: '', AWS_DEFAULT_REGION: '' },
      2,
      /^✗ .*no AWS region is set/,
    ],
  ])('where %s', async (_, runs, environment, code, words) => {
    await withS3(environment);
    await expectNoRun(await scenario(), runs, code, words);
  });

  it('where it may not be written', async () => {
    const s3 = await withS3();
    for (let n = 0; n < 3; n++) s3.fault('PUT', 'deny');
    await expectNoRun(await scenario(), 's3://records', 6, /^✗ No access: .*Needed are s3:GetObject/);
  });

  it('and one that can be used is left as it was by the look at it', async () => {
    const s3 = await withS3();
    const stand = await scenario();
    smallWorld(stand);
    const { code } = await stand.sync('plan', '--runs', 's3://records');
    expect(code).toBe(0);
    expect([...s3.objects.keys()].map((key) => key.split('/').at(-1))).toEqual([
      // What was read, who was known by which address.
      'okta.json',
      ...['plan.json', 'report.json'],
      // For history.
      'head.json',
    ]);
  });
});

it('a place that is none is told together with whatever else is wrong', async () => {
  const stand = await scenario({ environment: () => ({}), config: { gaurd: {} } });
  const { code, stderr } = await stand.sync('plan', '--runs', 'https://acme.example/runs');
  expect(code).toBe(2);
  const problems = stderr.trimEnd().split('\n');
  expect(problems).toHaveLength(4);
  expect(stderr).toMatch(/gaurd: unknown key/);
  expect(stderr).toMatch(/OKTA_API_TOKEN is not set/);
  expect(stderr).toMatch(/SECODA_API_KEY is not set/);
  expect(stderr).toMatch(/"https:\/\/acme\.example\/runs" is no place for records/);
});

describe('a folder that cannot be an archive is told before anything is read', () => {
  it.each([
    ['a file stands in the way', 'file', /part of the path is a file/],
    ['a link leads nowhere', 'dangling/runs', /a link in the path leads nowhere/],
    // Node's own recursive mkdir does not return from there.
    ['no folder can be made', '/proc/no/such/runs', /^✗ Cannot write to the folder/],
  ])('where %s', async (_, path, words) => {
    const stand = await scenario();
    await writeFile(join(stand.folder, 'file'), '');
    await symlink('nowhere', join(stand.folder, 'dangling'));
    const runs = path.startsWith('/') ? path : join(stand.folder, path);
    await expectNoRun(stand, runs, 2, words);
  });

  it('and one that can be used is left as it was by the look at it', async () => {
    const stand = await scenario();
    await mkdir(stand.runs);
    await stand.sync('plan', '--group', 'nobody knows');
    expect(await readdir(stand.runs)).toEqual(['.pending']);
  });
});
