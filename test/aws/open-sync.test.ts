import { withDurableExecution, type DurableContext } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { openSync, taskOf } from '../../lambda/aws/open-sync.ts';
import { systemClock } from '../../lambda/services/clock.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { startEventBridge } from '../emulators/aws/event-bridge.ts';
import { startSecretsManager } from '../emulators/aws/secrets-manager.ts';
import { startOkta, startSecoda } from '../emulators/index.ts';
import { startS3 } from '../emulators/s3.ts';
import { takeLines } from '../printed-lines.ts';
import { APPROVAL, INVOCATION } from './front-door/setting.ts';
import { begunBy } from '../../lambda/aws/events/origin.ts';
import { markerOf } from '../run/small-world.ts';

const OKTA = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf';
const SECODA = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:secoda-AbCdEf';

const answerShape = z.object({ runId: z.string(), status: z.string(), report: z.string() });

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: false }));
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

/** What a run prints: lines of the log, each with a message, and one of metrics. */
const lineShape = z
  .object({ message: z.string().optional(), _aws: z.unknown().optional() })
  .catchall(z.unknown());

/** All five services, and `Sync` between them. */
async function deployed(config: object = {}) {
  const [okta, secoda, s3, secrets, bridge] = await Promise.all([
    startOkta(),
    startSecoda(),
    startS3(),
    startSecretsManager(),
    startEventBridge(),
  ]);
  onTestFinished(async () => {
    await Promise.all([okta, secoda, s3, secrets, bridge].map((each) => each.close()));
    vi.unstubAllEnvs();
  });
  secrets.secrets.set(OKTA, JSON.stringify({ apiToken: okta.credentials.apiToken }));
  secrets.secrets.set(SECODA, JSON.stringify({ apiKey: secoda.credentials.apiKey }));
  const variables = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    POWERTOOLS_DEV: 'false',
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const settings = parseSettings({
    okta: { orgUrl: okta.url, groups: { all: true } },
    secoda: { url: secoda.url },
    ...config,
  });
  const sync = openSync({
    settings,
    environment: {
      ARCHIVE_BUCKET: 'records',
      OKTA_SECRET_ARN: OKTA,
      SECODA_SECRET_ARN: SECODA,
      STACK_NAME: 'test',
      START_FUNCTION_NAME: 'test-start',
      AWS_ENDPOINT_URL_EVENTBRIDGE: bridge.url,
      NOTICE_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:test-notices',
    },
    clock: systemClock,
    random: Math.random,
  });
  const lines = takeLines();
  const printed = () => lines.map((line) => lineShape.parse(JSON.parse(line)));
  const handler = withDurableExecution((event: unknown, context: DurableContext) => sync(event, context));
  const runnerBy = (alias: string) =>
    new LocalDurableTestRunner({
      handlerFunction: (event, context) =>
        handler(event, {
          ...context,
          invokedFunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:sync:${alias}`,
        }),
    });
  const runner = runnerBy('live');
  return { okta, secoda, s3, secrets, runner, runnerBy, bridge, lines, printed };
}

it.each([
  [null, false, 'apply'],
  [null, true, 'plan'],
  [true, false, 'plan'],
  [false, true, 'apply'],
])('an event that says dryRun: %s, where the configuration says %s, means to %s', (told, dryRun, mode) => {
  const settings = parseSettings({
    ...{ okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } }, secoda: { region: 'us' } },
    dryRun,
  });
  const run = (request: Parameters<typeof taskOf>[0]) =>
    taskOf(request, 'a', settings, () => ({}) as never).mode;
  expect(run({ kind: 'run', dryRun: told, groups: [], full: false })).toBe(mode);
  // What was approved is written, whatever the configuration says.
  expect(run({ kind: 'approve', digest: '7f3a9c0011223344' })).toBe('apply');
});

it('what events and approvals ask for is no full read', () => {
  const okta = { orgUrl: 'https://acme.okta.com', groups: { all: true } };
  const settings = parseSettings({ okta, secoda: { region: 'us' } });
  const task = (request: Parameters<typeof taskOf>[0]) => taskOf(request, 'a', settings, () => ({}) as never);
  const hints = { oktaGroupIds: ['00g1'], oktaUserIds: [], emails: [], leaverIds: [], deletedGroupIds: [] };
  const digest = '7f3a9c0011223344';
  const bare = { runId: 'a', groups: [], hints: null, full: false, mode: 'apply', approve: null };
  expect(task({ kind: 'follow', hints })).toEqual({ ...bare, hints });
  expect(task({ kind: 'approve', digest })).toEqual({ ...bare, approve: digest });
  const asked = { groups: ['BI'], full: true };
  expect(task({ kind: 'run', dryRun: null, ...asked })).toEqual({ ...bare, ...asked });
});

describe('Sync', () => {
  it('makes a run from an empty event, leaves plan and report in the bucket, and prints its metrics', async () => {
    const { okta, secoda, s3, bridge, runner, lines, printed } = await deployed();
    const ada = okta.state.addUser({ email: 'ada@acme.example' });
    okta.state.addGroup({ name: 'Data', members: [ada] });
    secoda.state.addUser({ email: 'ada@acme.example' });
    const execution = await runner.run({ payload: {} });
    const answer = answerShape.parse(execution.getResult());
    expect(answer.status).toBe('applied');
    expect([...secoda.state.groups.values()].map(({ name }) => name)).toEqual(['Data']);
    const report = s3.objects.get(`records/${answer.runId}/report.json`)?.at(-1)?.text ?? '';
    expect(JSON.parse(report)).toMatchObject({
      status: 'applied',
      request: { trigger: 'schedule', requestedBy: null, groups: [], dryRun: false, approve: null },
      changes: [{ action: 'create', add: ['ada@acme.example'], outcome: 'applied' }],
      requests: { secoda: { writes: 1 } },
    });
    const metrics = printed().filter(({ _aws }) => _aws !== undefined);
    expect(metrics).toMatchObject([{ Stack: 'test', RunsApplied: 1, FullRunsFinished: 1, GroupsCreated: 1 }]);
    expect(printed().filter(({ message }) => message === 'run')).toMatchObject([{ status: 'applied' }]);
    const { ledger } = z
      .object({ ledger: z.object({ number: z.number(), hash: z.string() }) })
      .parse(JSON.parse(report));
    expect(bridge.events).toMatchObject([
      { detailType: 'Run ended', detail: { runId: answer.runId, status: 'applied', report: answer.report } },
    ]);
    const told = printed().find(({ message }) => message === 'run');
    // Behind the report there is one entry more, with the report's own hash.
    expect(told).toMatchObject({ ledger: { number: ledger.number + 1 } });
    expect(bridge.events).toMatchObject([{ detail: { ledger: told?.ledger } }]);
    expect(lines.join('\n')).not.toContain('@');
  });

  it('that is configured to run dry says whom an onboarding would add, and adds nobody', async () => {
    const { okta, secoda, s3, runner, printed } = await deployed({ dryRun: true });
    const ada = okta.state.addUser({ email: 'ada@acme.example' });
    const data = okta.state.addGroup({ name: 'Data', members: [ada] });
    secoda.state.addUser({ email: 'ada@acme.example' });
    secoda.state.addGroup({ name: 'Data', description: markerOf(data) });
    const execution = await runner.run({
      payload: { ...begunBy({ reason: 'CHG-1' }, INVOCATION), onboard: ['ada@acme.example'] },
    });
    const answer = answerShape.parse(execution.getResult());
    expect(answer.status).toBe('planned');
    expect(secoda.state.writes).toEqual([]);
    const report = s3.objects.get(`records/${answer.runId}/report.json`)?.at(-1)?.text ?? '';
    expect(JSON.parse(report)).toMatchObject({
      mode: 'onboard',
      request: { trigger: 'invoke', reason: 'CHG-1', awsRequestId: INVOCATION.awsRequestId, dryRun: true },
      status: 'planned',
      changes: [{ action: 'update', add: ['ada@acme.example'], outcome: null }],
      people: [{ email: 'ada@acme.example', answers: ['not added to Data: a dry run writes nothing'] }],
    });
    const metrics = printed().filter(({ _aws }) => _aws !== undefined);
    expect(metrics).toMatchObject([{ RunsPlanned: 1, GroupsUpdated: 0, MembersAdded: 0 }]);
  });

  it('adds whom an onboarding names', async () => {
    const { okta, secoda, runner } = await deployed();
    const ada = okta.state.addUser({ email: 'ada@acme.example' });
    const data = okta.state.addGroup({ name: 'Data', members: [ada] });
    secoda.state.addUser({ email: 'ada@acme.example' });
    secoda.state.addGroup({ name: 'Data', description: markerOf(data) });
    const payload = { ...begunBy({}, INVOCATION), onboard: ['ada@acme.example'] };
    expect(answerShape.parse((await runner.run({ payload })).getResult()).status).toBe('applied');
    expect(secoda.state.memberEmails('Data')).toEqual(['ada@acme.example']);
  });

  it('repeats a refused onboarding of the same people when that is approved', async () => {
    const guard = { invitations: { max: 1 } };
    const { okta, secoda, s3, runner, runnerBy, printed } = await deployed({
      guard,
      users: { invite: { role: 'viewer' } },
    });
    const emails = ['ada@acme.example', 'bob@acme.example'];
    const data = okta.state.addGroup({
      name: 'Data',
      members: emails.map((email) => okta.state.addUser({ email })),
    });
    secoda.state.addGroup({ name: 'Data', description: markerOf(data) });
    const reportOf = (execution: { getResult(): unknown }): unknown => {
      const { runId } = answerShape.parse(execution.getResult());
      return JSON.parse(s3.objects.get(`records/${runId}/report.json`)?.at(-1)?.text ?? '');
    };
    const refused = await runner.run({ payload: { ...begunBy({}, INVOCATION), onboard: emails } });
    const { digest } = z.object({ digest: z.string() }).parse(reportOf(refused));
    const payload = { ...begunBy({ reason: 'CHG-7' }, APPROVAL), approve: digest };
    const approved = await runnerBy('approve').run({ payload });
    // A later invocation may be told another name of the function: an approval alone keeps the first.
    const keepsAlias = (execution: typeof approved) =>
      execution.getOperations().some((step) => step.getName() === 'alias');
    expect([keepsAlias(refused), keepsAlias(approved)]).toEqual([false, true]);
    expect(reportOf(approved)).toMatchObject({
      mode: 'onboard',
      status: 'applied',
      request: { approve: digest, reason: 'CHG-7', functionArn: APPROVAL.invokedFunctionArn },
      summary: { invited: 2 },
    });
    // It is about people, and no night.
    const metrics = printed().filter(({ _aws }) => _aws !== undefined);
    expect(metrics.map((each) => ['RunsRefused' in each, 'FullRunsFinished' in each])).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  it('counts no run of events as a night, nor its approval', async () => {
    const guard = { additionsPerGroup: { max: 1, percent: 0 } };
    const { okta, secoda, s3, runner, runnerBy, printed } = await deployed({ guard });
    const emails = ['ada@acme.example', 'bob@acme.example'];
    const data = okta.state.addGroup({
      name: 'Data',
      members: emails.map((email) => okta.state.addUser({ email })),
    });
    for (const email of emails) secoda.state.addUser({ email });
    secoda.state.addGroup({ name: 'Data', description: markerOf(data) });
    const payload = { ...begunBy({}, INVOCATION), hints: { groups: [data.id] } };
    const { runId } = answerShape.parse((await runner.run({ payload })).getResult());
    const report = s3.objects.get(`records/${runId}/report.json`)?.at(-1)?.text ?? '';
    const { digest } = z.object({ digest: z.string() }).parse(JSON.parse(report));
    const approval = { ...begunBy({}, APPROVAL), approve: digest };
    await runnerBy('approve').run({ payload: approval });
    const metrics = printed().filter(({ _aws }) => _aws !== undefined);
    const words = (each: object) =>
      ['RunsRefused', 'RunsApplied', 'FullRunsFinished'].filter((key) => key in each);
    expect(metrics.map(words)).toEqual([['RunsRefused'], ['RunsApplied']]);
  });

  it('explains why somebody is in a group or not, as a run that ends as planned', async () => {
    const { okta, secoda, s3, runner } = await deployed();
    const ada = okta.state.addUser({ email: 'ada@acme.example' });
    okta.state.addGroup({ name: 'Data', members: [ada] });
    const payload = { ...begunBy({}, INVOCATION), explain: { person: 'ada@acme.example' } };
    const answer = answerShape.parse((await runner.run({ payload })).getResult());
    expect(answer.status).toBe('planned');
    expect(secoda.state.writes).toEqual([]);
    const report = s3.objects.get(`records/${answer.runId}/report.json`)?.at(-1)?.text ?? '';
    expect(JSON.parse(report)).toMatchObject({
      mode: 'explain',
      request: { trigger: 'invoke', dryRun: true },
      explanation: { groups: [{ decidedBy: 'account', member: false, wanted: false }] },
    });
  });

  it('answers a question about a group that nobody knows with the name it may mean, and does not fail', async () => {
    const { okta, s3, runner } = await deployed();
    okta.state.addGroup({ name: 'Finance' });
    const payload = { ...begunBy({}, INVOCATION), explain: { group: 'Finanse' } };
    const answer = answerShape.parse((await runner.run({ payload })).getResult());
    expect(answer.status).toBe('planned');
    const report = s3.objects.get(`records/${answer.runId}/report.json`)?.at(-1)?.text ?? '';
    expect(JSON.parse(report)).toMatchObject({
      status: 'planned',
      explanation: null,
      error: expect.stringContaining('did you mean "Finance"?') as unknown,
    });
  });
});
