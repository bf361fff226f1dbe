import { SNSClient } from '@aws-sdk/client-sns';
import { expect, onTestFinished, test } from 'vitest';
import { announce, snsTopic, toldIn } from '../../lambda/aws/announce.ts';
import { createLog } from '../../lambda/aws/log.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { takeLines } from '../printed-lines.ts';
import { HeldClock } from '../time/clock.ts';
import { startEventBridge } from '../emulators/aws/event-bridge.ts';
import { type SnsFault, startSns } from '../emulators/aws/sns.ts';
import { errorOf } from '../services/okta/setup.ts';
import { anSns } from './aws-setup.ts';
import { printedBy } from './printed.ts';
import { report, reportedChange } from './reports.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:notices';

/** What two ends of runs print, and what SNS took. */
async function announced(fault?: SnsFault) {
  const sns = await startSns();
  onTestFinished(() => sns.close());
  if (fault !== undefined) sns.fault(fault);
  const bridge = await startEventBridge();
  onTestFinished(() => bridge.close());
  // Of one run of all it is not taken; the others are told, which shows that a run does not fail by that.
  for (let attempt = 0; attempt < 3; attempt += 1) bridge.fault('fail');
  const { lines } = await printedBy('announce-worker.ts', {
    AWS_ENDPOINT_URL_SNS: sns.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bridge.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'emulated',
    AWS_SECRET_ACCESS_KEY: 'emulated',
  });
  return { sns, bridge, lines };
}

test('people are told once of a refused plan, of a night that failed, of the first good one, and of the plan when it is back; all runs are logged and counted', async () => {
  const { sns, bridge, lines } = await announced();
  expect(lines).toHaveLength(10 * 2 + 5 + 2 + 1);
  expect(bridge.events).toHaveLength(10);
  expect(bridge.events.map(({ detail }) => detail)).toContainEqual(
    expect.objectContaining({ status: 'failed' }),
  );
  // Warnings and errors go to standard error, so that there is no order between them and the rest.
  for (const line of [
    { message: 'run', status: 'refused', level: 'WARN' },
    { RunsRefused: 1, FullRunsFinished: 1 },
    { message: 'event not sent', level: 'ERROR' },
    { message: 'notice sent', level: 'INFO' },
    { message: 'run', status: 'failed', level: 'ERROR', error: 'it broke' },
    { message: 'metrics not sent', level: 'ERROR', error: '7 is not a valid number' },
    { RunsFailed: 1, FullRunsFinished: 1 },
  ]) {
    expect(lines).toContainEqual(expect.objectContaining(line));
  }
  expect(sns.published.map((each) => each.subject)).toEqual([
    'Refused by the guard, nothing was written: sync-a',
    'Failed: sync-a',
    'All is well again: sync-a',
    'Refused by the guard, nothing was written: sync-a',
    'All is well again: sync-a',
  ]);
  expect(sns.published[1]?.message).toMatch(
    /failed\.\n\nWhy: it broke\n\nHow to look:\n {2}npm run sync -- show /,
  );
  const bad = ['20260101T030405Z-1a2b3c4d', '20260102T030405Z-1a2b3c4d'];
  expect([sns.published[2]?.message, sns.published[4]?.message]).toEqual(
    bad.map((runId) => expect.stringContaining(`The last one that did not was ${runId}.`) as unknown),
  );
  const [{ topicArn, subject, message } = { topicArn: '', subject: '', message: '' }] = sns.published;
  expect(topicArn).toBe(TOPIC);
  expect(subject).toBe('Refused by the guard, nothing was written: sync-a');
  expect(message).toContain('--function-name sync-a-start:approve ');
});

test('nights tell people each reason once, and the first good night what went before', async () => {
  takeLines();
  const subjects: string[] = [];
  const to = {
    ...{ stack: 'sync-a', startFunctionName: 'sync-a-start', full: true },
    ...{ plan: 's3://bucket/a/plan.json', report: 's3://bucket/a/report.json' },
    log: createLog({ stack: 'sync-a', runId: 'a' }),
    send: ({ subject }: { subject: string }) => Promise.resolve(void subjects.push(subject)),
    put: () => Promise.resolve(),
    told: toldIn(memoryArchive(), new HeldClock()),
  };
  const said = async (...given: Parameters<typeof report>) => {
    const before = subjects.length;
    await announce(report(...given), to);
    return subjects.slice(before);
  };
  const changes = [reportedChange({ outcome: 'failed' })];
  expect(await said({ status: 'in-sync' })).toEqual([]);
  expect(await said({ status: 'failed', error: 'Okta did not answer' })).toEqual(['Failed: sync-a']);
  expect(await said({ status: 'failed', error: 'Okta did not answer' })).toEqual([]);
  expect(await said({ status: 'failed', error: 'Secoda did not answer' })).toEqual(['Failed: sync-a']);
  expect(await said({ status: 'partial', changes })).toEqual([
    'Partial, not everything could be done: sync-a',
  ]);
  expect(await said({ status: 'partial', changes })).toEqual([]);
  expect(await said({ status: 'applied' })).toEqual(['All is well again: sync-a']);
  expect(await said({ status: 'applied' })).toEqual([]);
});

test('a notice that cannot be sent is logged and fails nothing, and the next run sends it', async () => {
  const { sns, lines } = await announced('deny');
  expect(lines).toHaveLength(10 * 2 + 6 + 2 + 1);
  const error = `The notice could not be sent to ${TOPIC}: SNS answered 403 (AuthorizationErrorException). Needed are sns:Publish on the topic, and kms:GenerateDataKey and kms:Decrypt on its key if it has one`;
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'notice not sent', level: 'ERROR', error }),
  );
  expect(sns.published).toHaveLength(5);
});

test('a failure of the service is tried again', async () => {
  const sns = await anSns();
  sns.fault('fail');
  await snsTopic(TOPIC)({ subject: 'A subject', message: 'A message' });
  expect(sns.published).toHaveLength(1);
  expect(sns.requests).toBe(2);
});

test('a service that does not answer is not waited for without end', async () => {
  const sns = await anSns();
  for (let attempt = 0; attempt < 2; attempt += 1) sns.fault('hang');
  const impatient = new SNSClient({
    requestHandler: { requestTimeout: 800, throwOnRequestTimeout: true },
    maxAttempts: 2,
  });
  const error = await errorOf(snsTopic(TOPIC, impatient)({ subject: 'A subject', message: 'A message' }));
  expect(error.message).toContain(`The notice could not be sent to ${TOPIC}: `);
  await expect.poll(() => sns.requests).toBe(2);
});
