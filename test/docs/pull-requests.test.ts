import { expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { startS3 } from '../emulators/s3.ts';
import { drift, smallWorld } from '../run/small-world.ts';
import { scenario } from '../run/scenario.ts';
import { blocks } from './pages.ts';

const PAGE = 'docs/pull-requests.md';
const texts = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policy = z.object({
  Statement: z.array(z.object({ Effect: z.literal('Allow'), Action: texts, Resource: texts.optional() })),
});
const shown = (language: string) =>
  blocks.filter((each) => each.path === PAGE && each.language === language).map(({ text }) => text);

it('the role that the page shows is enough to plan on a pull request, and can do nothing else', async () => {
  const s3 = await startS3();
  onTestFinished(() => s3.close());
  const variables = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  };
  for (const [name, value] of Object.entries({ ...variables, AWS_SECRET_ACCESS_KEY: 'b' }))
    vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  let credentials = true;
  const stand = await scenario({
    environment: (okta, secoda) =>
      credentials
        ? { OKTA_API_TOKEN: okta.credentials.apiToken, SECODA_API_KEY: secoda.credentials.apiKey }
        : {},
  });
  drift(stand, smallWorld(stand));
  await stand.report('apply', '--runs', 's3://acme-sync-records');
  credentials = false;
  const before = s3.requests.length;
  const flags = ['--format', 'markdown', '--summary', '--expect-no-changes'];
  const { code, stdout } = await stand.sync(
    'plan',
    '--from',
    'last',
    ...flags,
    '--runs',
    's3://acme-sync-records',
  );
  expect(code).toBe(0);
  expect(stdout).toContain('the same plan and verdict');
  expect(stdout).not.toContain('@acme.com');

  const [role] = shown('json').map((text) => policy.parse(JSON.parse(text)));
  const granted = role?.Statement.flatMap(({ Action, Resource = [] }) => [...Action, ...Resource]);
  expect(granted).toEqual([
    's3:ListBucket',
    'arn:aws:s3:::acme-sync-records',
    's3:GetObject',
    'arn:aws:s3:::acme-sync-records/snapshots/*',
  ]);
  const asked = s3.requests.slice(before).map((request) => request.replace(/[^/]+\.jsonl\.gz$/, '*'));
  expect(asked).toEqual(['GET /acme-sync-records/', 'GET /acme-sync-records/snapshots/*']);
});

it('the workflow plans for nobody else: not for forks, with no credentials of Okta or Secoda', () => {
  const [workflow = ''] = shown('yaml');
  expect(workflow).toContain('if: github.event.pull_request.head.repo.full_name == github.repository');
  expect(workflow).toContain('on: pull_request\n');
  expect(workflow).toContain('plan --from last --format markdown --summary --expect-no-changes');
  expect(workflow).not.toMatch(/OKTA_|SECODA_|secrets\./);
});
