import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEvent, readMessage } from '../../../lambda/aws/events/origin.ts';
import { readRequest } from '../../../lambda/aws/events/invocation.ts';
import { isRunId } from '../../../lambda/archive/run-index.ts';
import { fold, readBatch, takeBatch } from '../../../lambda/aws/front-door/fold.ts';
import { syncFunction } from '../../../lambda/aws/sync-function.ts';
import { groupTarget, hired, joined, oktaEvent, userTarget } from '../events/okta-event.ts';
import { coldStart, logbook, set, type Setting, sqs, SYNC } from './setting.ts';

const failures = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});
const payloads = ({ lambda }: Setting): unknown[] =>
  [...lambda.executions.values()].map(({ payload }): unknown => {
    const { event, origin } = openEvent(JSON.parse(payload), {});
    expect(origin).toMatchObject({ trigger: 'event', awsRequestId: null });
    return event;
  });
const many = <T>(count: number, make: (at: number) => T) =>
  Array.from({ length: count }, (_, at) => make(at));

describe('a batch from the queue', () => {
  it('begins one run for all that its events name', async () => {
    const setting = await set();
    const start = await coldStart();
    const events = [
      joined('00g2'),
      oktaEvent('user.lifecycle.deactivate', [userTarget('00u9', 'leaver@acme.example')]),
      joined('00g1'),
      joined('00g2', '00u2'),
      oktaEvent('user.session.start', [userTarget('00u1')]),
    ];
    expect(await start(sqs(events))).toEqual(failures());
    expect(payloads(setting)).toEqual([
      { hints: { groups: ['00g1', '00g2'], users: ['00u9'], emails: ['leaver@acme.example'] } },
    ]);
    const [invocation] = setting.lambda.requests;
    expect(invocation?.functionArn).toBe(SYNC);
    expect(invocation?.name).toMatch(/^20260102T030405Z-[0-9a-f]{24}$/);
    expect(isRunId(invocation?.name ?? '')).toBe(true);
    const messages = setting.printed.map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages).toEqual(['run started', 'batch taken']);
  });

  it('begins one onboarding for all hires', async () => {
    const setting = await set();
    const start = await coldStart();
    await start(sqs([hired('b@acme.example'), joined('00g1'), hired('a@acme.example', 'B@acme.example')]));
    expect(payloads(setting)).toEqual(
      expect.arrayContaining([
        { onboard: ['a@acme.example', 'b@acme.example'] },
        { hints: { groups: ['00g1'] } },
      ]),
    );
    expect(setting.lambda.executions.size).toBe(2);
  });

  it('begins nothing for events that name nothing', async () => {
    const setting = await set();
    const start = await coldStart();
    const events = [oktaEvent('user.session.start', null), oktaEvent('user.lifecycle.activate', null)];
    expect(await start(sqs(events))).toEqual(failures());
    expect(setting.lambda.requests).toEqual([]);
  });

  it('gives back what it cannot understand, and that alone', async () => {
    const setting = await set();
    const start = await coldStart();
    const events = ['poison', joined('00g1'), { source: 'aws.s3' }, hired('nobody'), hired('a@b.c', 'x')];
    expect(await start(sqs(events))).toEqual(failures('m-00000', 'm-00002', 'm-00003', 'm-00004'));
    expect(payloads(setting)).toHaveLength(2);
    expect(payloads(setting)).toEqual(
      expect.arrayContaining([{ hints: { groups: ['00g1'] } }, { onboard: ['a@b.c'] }]),
    );
  });

  it('delivered twice and in another order begins one run', async () => {
    const setting = await set();
    const start = await coldStart();
    const batch = sqs(many(20, (at) => joined(`00g${at}`)));
    const records = readRecords(batch);
    await start(batch);
    await start({ Records: records.toReversed() });
    expect(setting.lambda.requests).toHaveLength(2);
    expect(setting.lambda.executions.size).toBe(1);
  });

  it('begins one run although the first answer is lost', async () => {
    const setting = await set();
    const start = await coldStart();
    setting.lambda.fault('drop-answer');
    expect(await start(sqs([joined('00g1')]))).toEqual(failures());
    expect(setting.lambda.requests).toHaveLength(2);
    expect(setting.lambda.executions.size).toBe(1);
  });

  it('is done with when an execution of its name was begun with another event', async () => {
    const setting = await set();
    const start = await coldStart();
    await start(sqs([joined('00g1')]));
    expect(await start(sqs([joined('00g2')]))).toEqual(failures());
    expect(setting.lambda.executions.size).toBe(1);
  });

  it('gives back exactly the messages whose run could not be begun', async () => {
    const setting = await set();
    const start = await coldStart();
    setting.lambda.fault('deny');
    setting.lambda.fault('deny');
    const batch = sqs([joined('00g1'), oktaEvent('user.session.start', null), hired('a@b.c')]);
    expect(await start(batch)).toEqual(failures('m-00000', 'm-00002'));
    expect(await start(batch)).toEqual(failures());
    expect(setting.lambda.executions.size).toBe(2);
  });

  it('waits out a throttled Lambda', async () => {
    const setting = await set();
    const start = await coldStart();
    setting.lambda.fault('throttle');
    expect(await start(sqs([joined('00g1')]))).toEqual(failures());
    expect(setting.lambda.executions.size).toBe(1);
  });

  it('is refused whole when a record is none of SQS', async () => {
    const setting = await set();
    const start = await coldStart();
    await expect(start({ Records: [{ eventSource: 'aws:s3', s3: {} }] })).rejects.toThrow('accepted are');
    expect(setting.lambda.requests).toEqual([]);
  });

  it('is logged by ids and counts, without an address', async () => {
    const { lambda } = await set();
    const { log, lines } = logbook();
    const events = [
      hired('ada@acme.example', 'wrong'),
      oktaEvent('user.lifecycle.suspend', [userTarget('00u1')]),
      oktaEvent('x\u001b[31m', null),
      oktaEvent('__proto__', null),
      'ada@acme.example',
    ];
    await takeBatch(readBatch(sqs(events)) ?? [], syncFunction(SYNC), log);
    lambda.fault('deny');
    await takeBatch(readBatch(sqs([hired('ada@acme.example')], 50)) ?? [], syncFunction(SYNC), log);
    expect(JSON.stringify(lines)).not.toMatch(/@|not-to-be-seen/);
    expect(lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['message not understood', 'run started', 'batch taken', 'run not started']),
    );
    expect(lines.find(({ message }) => message === 'batch taken')?.fields).toEqual({
      messages: 5,
      runs: 2,
      ignored: Object.fromEntries([
        ['x\\u001b[31m', 1],
        ['__proto__', 1],
      ]),
      failed: 2,
    });
  });
});

describe('a burst', () => {
  it('of 1,000 events about 40 groups becomes one run', async () => {
    const setting = await set();
    const start = await coldStart();
    await start(sqs(many(1_000, (at) => joined(`00g${at % 40}`, `00u${at}`))));
    expect(payloads(setting)).toHaveLength(1);
    const [request] = payloads(setting).map((event) => readRequest(event, SYNC));
    expect(request?.kind === 'follow' && request.hints.oktaGroupIds).toHaveLength(40);
  });

  it('in five batches becomes five runs, each about the groups of its own batch', async () => {
    const setting = await set();
    const start = await coldStart();
    const events = many(1_000, (at) => joined(`00g${at % 40}`, `00u${at}`));
    for (let at = 0; at < 1_000; at += 200) await start(sqs(events.slice(at, at + 200), at));
    expect(payloads(setting)).toHaveLength(5);
    for (const request of payloads(setting).map((event) => readRequest(event, SYNC)))
      expect(request.kind === 'follow' && request.hints.oktaGroupIds).toHaveLength(40);
  });

  it.each([
    ['groups', many(101, (at) => joined(`00g${at}`)), many(100, (at) => joined(`00g${at}`))],
    [
      'people',
      many(201, (at) => oktaEvent('user.lifecycle.suspend', [userTarget(`00u${at}`)])),
      many(200, (at) => oktaEvent('user.lifecycle.suspend', [userTarget(`00u${at}`)])),
    ],
    [
      'hires',
      many(201, (at) => hired(`p${at}@acme.example`)),
      many(200, (at) => hired(`p${at}@acme.example`)),
    ],
  ])('that names too many %s becomes a run over everything', async (_, over, most) => {
    const setting = await set();
    const start = await coldStart();
    await start(sqs(over));
    expect(payloads(setting)).toEqual([{}]);
    await start(sqs(most, 5_000));
    expect(payloads(setting)[1]).not.toEqual({});
  });

  it('of too many hires beside other events becomes one run over everything', async () => {
    const setting = await set();
    const start = await coldStart();
    await start(sqs([joined('00g1'), hired(...many(201, (at) => `p${at}@acme.example`))]));
    expect(payloads(setting)).toEqual([{}]);
  });

  it('fits into an asynchronous invocation even at its largest', async () => {
    const setting = await set();
    const start = await coldStart();
    const long = (at: number) => `${String(at).padStart(240, '漢')}@acme.example`;
    const people = many(200, (at) =>
      oktaEvent('user.lifecycle.suspend', [userTarget(`${'u'.repeat(90)}${at}`, long(at))]),
    );
    const groups = many(100, (at) => joined(`${'g'.repeat(90)}${at}`));
    await start(sqs([...people, ...groups]));
    const [invocation] = setting.lambda.requests;
    const bytes = Buffer.byteLength(invocation?.payload ?? '');
    expect(bytes).toBeGreaterThan(150_000);
    expect(bytes).toBeLessThan(256_000);
    expect(payloads(setting).map((event) => readRequest(event, SYNC))).toMatchObject([{ kind: 'follow' }]);
  });

  it('in any order, with poison between, asks for the same', () => {
    const event = fc.oneof(
      fc.nat(5).map((at) => joined(`00g${at}`)),
      fc.nat(5).map((at) => oktaEvent('group.lifecycle.delete', [groupTarget(`00g${at}`)])),
      fc.nat(5).map((at) => oktaEvent('user.account.update_profile', [userTarget(`00u${at}`)])),
      fc.nat(5).map((at) => hired(`p${at}@acme.example`)),
    );
    const bodies = fc
      .array(event, { maxLength: 10 })
      .map((events) => events.map((each) => JSON.stringify(each)));
    const poison = fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 4 });
    const order = fc.array(fc.nat(), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(bodies, poison, order, (good, bad, keys) => {
        const deliveries = [...good, ...bad].map((body, at) => ({
          messageId: `m-${at}`,
          body,
          sentAt: 1_767_323_045_000,
        }));
        const shuffled = deliveries
          .map((delivery, at) => ({ delivery, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ delivery }) => delivery);
        const folded = (some: typeof deliveries) =>
          fold(some.map((delivery) => ({ delivery, message: readMessage(delivery.body) })));
        const expected = folded(deliveries.slice(0, good.length));
        expect(folded(shuffled)).toEqual(expected);
        expect(expected.every(({ request }) => request.kind !== 'run')).toBe(true);
      }),
    );
  });
});

function readRecords(batch: object): unknown[] {
  return 'Records' in batch && Array.isArray(batch.Records) ? batch.Records : [];
}
