import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { finished, watchFor } from '../../../lambda/aws/front-door/answer.ts';
import { syncFunction } from '../../../lambda/aws/sync-function.ts';
import { AccessError, UsageError } from '../../../lambda/errors.ts';
import { isRunId } from '../../../lambda/archive/run-index.ts';
import { openFrontDoor } from '../../../lambda/start.ts';
import { s3Archive } from '../../../lambda/services/store/s3.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { HeldClock } from '../../time/clock.ts';
import { listen } from '../../emulators/listen.ts';
import { silent } from '../../time/under-way.ts';
import { openEvent } from '../../../lambda/aws/events/origin.ts';
import {
  APPROVAL,
  BUCKET,
  coldStart,
  INVOCATION,
  logbook,
  set,
  type Setting,
  sqs,
  SYNC,
  SYNC_APPROVE,
} from './setting.ts';

const REPORT = {
  runId: 'x',
  mode: 'apply',
  status: 'refused',
  digest: '7f3a9c0011223344',
  summary: { groups: { create: 0, update: 0, delete: 4, unchanged: 1, skipped: 0 }, unmatched: 2 },
  changes: [{ action: 'delete' }],
  refusals: [{ rule: 'groupDeletions', message: 'delete 4 of 5 managed groups (80 %)', count: 4, limit: 3 }],
  error: null,
};

/** `Sync` leaves this report when it is begun. */
function syncReports({ lambda }: Setting, report: unknown): void {
  const archive = s3Archive({ bucket: BUCKET, prefix: '' });
  lambda.onBegin(({ name }) => archive.write(`${name}/report.json`, JSON.stringify(report)));
}

/** The front door, and the time it lives in. */
function heldDoor(invocation = INVOCATION) {
  const { log, lines } = logbook();
  const clock = new HeldClock();
  const open = openFrontDoor({ environment: process.env, clock, random: () => 0.5, log });
  return {
    clock,
    lines,
    start: (event: unknown) => open(event, invocation),
  };
}

describe('a person', () => {
  it('is answered with the head of the report', async () => {
    const setting = await set();
    syncReports(setting, REPORT);
    const start = await coldStart();
    const stated = { requestedBy: 'ada@acme.example', reason: 'CHG-1234' };
    const answer = await start({ groups: ['BI'], full: true, ...stated });
    const [invocation] = setting.lambda.requests;
    const { name = '', payload = '' } = invocation ?? {};
    expect(isRunId(name)).toBe(true);
    const { awsRequestId, invokedFunctionArn: functionArn } = INVOCATION;
    const startedBy = { trigger: 'invoke', awsRequestId, functionArn };
    expect(JSON.parse(payload)).toEqual({ groups: ['BI'], full: true, ...stated, startedBy });
    expect(openEvent(JSON.parse(payload), {})).toEqual({
      event: { groups: ['BI'], full: true, ...stated },
      origin: { ...startedBy, ...stated },
    });
    const { status, digest, summary, refusals, error } = REPORT;
    const executionArn = `${SYNC}/durable/${name}`;
    expect(answer).toEqual({
      ...{ status, digest, summary, refusals, error, runId: name, executionArn },
      report: `s3://${BUCKET}/${name}/report.json`,
    });
  });

  it('who onboards somebody is told what became of them', async () => {
    const setting = await set();
    const people = [{ email: 'ada@acme.example', answers: ['added to BI', 'group not yet created: Data'] }];
    syncReports(setting, { ...REPORT, mode: 'onboard', status: 'applied', refusals: [], people });
    const start = await coldStart();
    await expect(start({ onboard: ['ada@acme.example'] })).resolves.toMatchObject({ people });
  });

  it('who asks why somebody is in a group or not has the explanation, with its texts escaped', async () => {
    const setting = await set();
    const explanation = { person: { email: 'ada@acme.example' }, groups: [{ fix: 'a\u202eb', steps: [] }] };
    syncReports(setting, { ...REPORT, mode: 'explain', status: 'planned', refusals: [], explanation });
    const start = await coldStart();
    const answer = await start({ explain: { person: 'ada@acme.example' } });
    expect(answer).toMatchObject({ status: 'planned', explanation: { person: explanation.person } });
    expect(JSON.stringify(answer)).not.toContain('\u202e');
    expect(await start({ explain: {} })).toMatchObject({ status: 'failed', runId: null });
  });

  it('is told where the report will be when the run takes longer than 50 seconds', async () => {
    const { lambda, s3 } = await set();
    const { start, clock } = heldDoor();
    const begun = clock.now();
    const answer = await start({});
    expect(clock.now() - begun).toBeGreaterThan(49_000);
    expect(clock.now() - begun).toBeLessThan(58_000);
    const [name = ''] = lambda.executions.keys();
    const report = `s3://${BUCKET}/${name}/report.json`;
    expect(answer).toEqual({
      ...{ status: 'running', runId: name, report },
      executionArn: `${SYNC}/durable/${name}`,
    });
    expect(s3.requests.length).toBeGreaterThan(5);
    expect(s3.requests.length).toBeLessThan(40);
  });

  it('is answered in time although S3 says nothing', async () => {
    await set();
    const silence = await listen(
      createServer(({ socket }) => void silent(socket)),
      0,
    );
    onTestFinished(() => silence.close());
    vi.stubEnv('AWS_ENDPOINT_URL_S3', silence.url);
    const { start, clock } = heldDoor();
    const begun = clock.now();
    await expect(start({})).resolves.toMatchObject({ status: 'running' });
    expect(clock.now() - begun).toBeLessThan(58_000);
  });

  it('is answered with the report although S3 failed at first', async () => {
    const setting = await set();
    syncReports(setting, REPORT);
    for (let at = 0; at < 4; at++) setting.s3.fault('GET', 'fail');
    const { start, lines } = heldDoor();
    await expect(start({})).resolves.toMatchObject({ status: 'refused' });
    expect(lines.map(({ message }) => message)).toEqual(['run started', 'report not readable yet']);
  });

  it('is told that the run goes on although its report may not be read', async () => {
    const { s3 } = await set();
    s3.fault('GET', 'deny');
    const { start, lines } = heldDoor();
    await expect(start({ dryRun: true })).resolves.toMatchObject({ status: 'running' });
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'report not readable' });
  });

  it('who sends something else is told what is accepted, and nothing begins', async () => {
    const { lambda, s3 } = await set();
    const start = await coldStart();
    const answer = await start({ dryrun: true });
    expect(answer).toMatchObject({ status: 'failed', runId: null });
    expect(answer).toHaveProperty('error', expect.stringMatching(/did you mean dryRun\?; accepted are \{\}/));
    for (const event of [null, 'all', [], { groups: 'BI' }, { onboard: ['nobody'] }])
      expect(JSON.stringify(await start(event))).toMatch(/"status":"failed".*accepted are/);
    expect(lambda.requests).toEqual([]);
    expect(s3.requests).toEqual([]);
  });

  it('cannot say for itself what started a run', async () => {
    const { lambda } = await set();
    const startedBy = { trigger: 'event', awsRequestId: null, functionArn: null };
    expect(await heldDoor().start({ startedBy })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('startedBy: unknown key') as string,
    });
    expect(lambda.requests).toEqual([]);
  });

  it('never gets an answer that is too large, or that is not safe to show', async () => {
    const setting = await set();
    const refusal = {
      rule: 'removalsPerGroup',
      message: `\u202e\u001b[2J${'漢'.repeat(10_000)}`,
      count: 9,
      limit: 5,
    };
    const refusals = Array.from({ length: 200 }, () => refusal);
    const answers = Array.from({ length: 25 }, () => `added to \u001b${'漢'.repeat(300)}`);
    const people = Array.from({ length: 250 }, () => ({ email: `${'漢'.repeat(400)}@b.c`, answers }));
    syncReports(setting, { ...REPORT, refusals, error: 'x'.repeat(1_000_000), people });
    const text = JSON.stringify(await heldDoor(APPROVAL).start({ approve: '7f3a9c0011223344' }));
    // Lambda's limit is 6 MB.
    expect(Buffer.byteLength(text)).toBeLessThan(4_000_000);
    expect(text).not.toContain('\u001b');
    expect(text.match(/removalsPerGroup/g)).toHaveLength(100);
    expect(text).toMatch(/"message":"\\\\u202e\\\\u001b\[2J漢+…"/);
  });

  it('has the first of what is too much, each text cut to what is said', () => {
    const refusal = { rule: 'adoptions', message: 'm'.repeat(2_001), count: null, limit: null };
    const person = { email: `${'e'.repeat(251)}@b.c`, answers: Array<string>(21).fill('a'.repeat(201)) };
    const report = {
      ...REPORT,
      refusals: Array(101).fill(refusal),
      error: 'x'.repeat(2_001),
      people: Array(201).fill(person),
      explanation: { fix: 'f'.repeat(2_001) },
    };
    const run = { runId: 'a', executionArn: null, report: 's3://records/a/report.json' };
    const cut = (letter: string, length: number) => `${letter.repeat(length - 1)}…`;
    expect(finished(JSON.stringify(report), run)).toMatchObject({
      refusals: Array(100).fill({ ...refusal, message: cut('m', 2_000) }),
      error: cut('x', 2_000),
      people: Array(200).fill({
        email: `${'e'.repeat(251)}@b…`,
        answers: Array(20).fill(cut('a', 200)),
      }),
      explanation: { fix: cut('f', 2_000) },
    });
  });

  it('who sends something that is long is not answered with more than 4,000 characters', async () => {
    await set();
    const { error } = z
      .object({ error: z.string() })
      .parse(await heldDoor().start({ ['k'.repeat(9_000)]: 1 }));
    expect(error).toHaveLength(4_000);
  });

  it('is told where a report of another form is', async () => {
    const setting = await set();
    syncReports(setting, { status: 7 });
    await expect(heldDoor().start({})).rejects.toThrow(/is over, but s3:\/\/records\/.+report\.json/);
  });

  it('hears of a run of the same name instead of getting its report', async () => {
    await set();
    const open = () => {
      const { log } = logbook();
      const clock = new HeldClock();
      const door = openFrontDoor({ environment: process.env, clock, random: () => 0.5, log });
      return (event: unknown) => door(event, INVOCATION);
    };
    await open()({ dryRun: true });
    await expect(open()({ full: true })).rejects.toThrow('exists already, begun with another event');
  });
});

it('a report is looked for after half a second, and then less and less often, until the time is over', async () => {
  const clock = new HeldClock();
  const [begun, looks]: [number, number[]] = [clock.now(), []];
  const archive = {
    ...memoryArchive(),
    read: () => Promise.resolve(void looks.push(clock.now() - begun)).then(() => null),
  };
  const { log } = logbook();
  await clock.run(watchFor('a/report.json', begun + 9_000, { archive, clock, log }));
  expect(looks).toEqual([500, 1_250, 2_375, 4_062.5, 6_062.5, 8_062.5, 9_000]);
});

it('nothing waits any more for a report that was found', async () => {
  const waits: AbortSignal[] = [];
  class Watched extends HeldClock {
    override sleep(ms: number, signal?: AbortSignal): Promise<void> {
      if (signal !== undefined) waits.push(signal);
      return super.sleep(ms, signal);
    }
  }
  const clock = new Watched();
  const archive = memoryArchive();
  await archive.write('a/report.json', '{}');
  const { log } = logbook();
  expect(await clock.run(watchFor('a/report.json', clock.now() + 9_000, { archive, clock, log }))).toBe('{}');
  expect(waits[0]?.aborted).toBe(true);
});

describe('an approval', () => {
  const DIGEST = '7f3a9c0011223344';

  it('through its alias begins Sync through the alias of the same name', async () => {
    const setting = await set();
    syncReports(setting, { ...REPORT, status: 'applied', refusals: [] });
    const stated = { requestedBy: 'bo@acme.example', reason: 'CHG-7' };
    const answer = await heldDoor(APPROVAL).start({ approve: DIGEST, ...stated });
    expect(answer).toMatchObject({ status: 'applied' });
    const [{ functionArn, payload } = { functionArn: '', payload: '' }] = setting.lambda.requests;
    expect(functionArn).toBe(SYNC_APPROVE);
    const startedBy = {
      trigger: 'invoke',
      awsRequestId: APPROVAL.awsRequestId,
      functionArn: APPROVAL.invokedFunctionArn,
    };
    expect(JSON.parse(payload)).toEqual({ approve: DIGEST, ...stated, startedBy });
  });

  it('through Start itself is answered with where it goes, and begins nothing', async () => {
    const { lambda } = await set();
    for (const event of [{ approve: DIGEST }, { approve: DIGEST, groups: ['BI'] }, { approve: null }])
      expect(await heldDoor().start(event)).toEqual({
        status: 'failed',
        runId: null,
        error: expect.stringMatching(
          /^approve: not through this door; .+ to start:approve, .*accepted are/,
        ) as string,
      });
    expect(lambda.requests).toEqual([]);
  });

  it.each([
    ['a run over everything', {}],
    ['a dry run', { dryRun: true }],
    ['groups beside it', { approve: DIGEST, groups: ['BI'] }],
    ['a run that writes beside it', { approve: DIGEST, dryRun: false }],
    ['an onboarding', { onboard: ['ada@acme.example'] }],
    ['a question', { explain: { group: 'BI' } }],
    ['what a run of events is begun with', { hints: { groups: ['00g1'] } }],
    [
      'messages that look like those of the queue',
      sqs([{ source: 'hr.onboarding', detail: { emails: ['a@b.c'] } }]),
    ],
    ['no digest', { approve: 'everything' }],
    ['nothing', null],
  ])('is all that its alias takes: %s is answered with that', async (_, event) => {
    const { lambda } = await set();
    expect(await heldDoor(APPROVAL).start(event)).toEqual({
      status: 'failed',
      runId: null,
      error: expect.stringMatching(
        /through the alias approve accepted is \{"approve": "DIGEST"\}, with "requestedBy" and "reason" at most/,
      ) as string,
    });
    expect(lambda.requests).toEqual([]);
  });
});

describe('the start of Sync', () => {
  it('says which right is missing', async () => {
    const { lambda } = await set();
    lambda.fault('deny');
    const failure = syncFunction(SYNC).launch('20260102T030405Z-abcd', {});
    await expect(failure).rejects.toThrow(AccessError);
    await expect(failure).rejects.toThrow(`Invoke ${SYNC}: Lambda refused. Needed is lambda:InvokeFunction`);
  });

  it('says that the function is not there', async () => {
    const { lambda } = await set();
    lambda.fault('missing');
    await expect(syncFunction(SYNC).launch('20260102T030405Z-abcd', {})).rejects.toThrow(UsageError);
  });

  it('says what it could not reach, and no credential', async () => {
    const { lambda } = await set();
    await lambda.close();
    const failure: unknown = await syncFunction(SYNC)
      .launch('20260102T030405Z-abcd', {})
      .catch((error: unknown) => error);
    expect(String(failure)).toMatch(/Invoke arn:.+ECONNREFUSED/);
    expect(String(failure)).not.toMatch(/AKID|not-to-be-seen/);
  });

  it('cannot be set up without its environment', async () => {
    await set();
    vi.stubEnv('SYNC_FUNCTION_ARN', ' ');
    vi.stubEnv('SYNC_APPROVE_ARN', ' ');
    vi.stubEnv('ARCHIVE_BUCKET', '');
    const start = await coldStart();
    await expect(start({})).rejects.toThrow(
      /SYNC_FUNCTION_ARN is not set.*\nSYNC_APPROVE_ARN is not set.*\nARCHIVE_BUCKET is not set/,
    );
  });
});
