import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultBus, runEnded } from '../../lambda/aws/event-bus.ts';
import { type EventBridgeFault, startEventBridge } from '../emulators/aws/event-bridge.ts';
import { errorOf } from '../services/okta/setup.ts';
import { anEnvironment } from './aws-setup.ts';
import { report, reportedChange } from './reports.ts';

const ADDRESS = 's3://records/20260102T030405Z-1a2b3c4d/report.json';
const ENDED = report({
  changes: [reportedChange({ add: ['ada@acme.com'], name: 'Finance' })],
  ledger: { number: 123, hash: '5d0c' },
});

async function bus(...faults: readonly EventBridgeFault[]) {
  const bridge = await startEventBridge();
  onTestFinished(() => bridge.close());
  anEnvironment({});
  for (const fault of faults) bridge.fault(fault);
  const put = defaultBus({ AWS_ENDPOINT_URL_EVENTBRIDGE: bridge.url });
  return { bridge, put: () => put(runEnded(ENDED, { stack: 'sync-a', address: ADDRESS })) };
}

test('the end of a run is told on the default bus in numbers, without a name', async () => {
  const { bridge, put } = await bus();
  await put();
  expect(bridge.events).toEqual([
    {
      source: 'okta-secoda-sync',
      detailType: 'Run ended',
      detail: {
        stack: 'sync-a',
        runId: ENDED.runId,
        mode: 'apply',
        status: 'applied',
        digest: ENDED.digest,
        summary: ENDED.summary,
        ledger: { number: 123, hash: '5d0c' },
        report: ADDRESS,
      },
    },
  ]);
  expect(JSON.stringify(bridge.events)).not.toMatch(/Finance|ada/);
});

test('what goes wrong once is tried again, also where the entry alone is refused', async () => {
  for (const fault of ['fail', 'refuse', 'deny'] as const) {
    const { bridge, put } = await bus(fault, fault);
    await put();
    expect(bridge.events).toHaveLength(1);
  }
});

test.each([
  ['deny', 'EventBridge answered 400. Needed is events:PutEvents on it'],
  ['fail', 'EventBridge answered 500'],
  ['refuse', 'EventBridge did not take it: InternalFailure Try again'],
] as const)(
  'what goes on going wrong (%s) is said, with the right that may be missing',
  async (fault, why) => {
    const { bridge, put } = await bus(fault, fault, fault);
    const { message } = await errorOf(put());
    expect(message).toBe(`The event could not be put on the default bus: ${why}`);
    expect(bridge.requests).toBe(3);
  },
);

test.each([
  ['eu-west-1', 'https://events.eu-west-1.amazonaws.com/'],
  ['cn-north-1', 'https://events.cn-north-1.amazonaws.com.cn/'],
])(
  'the bus is that of the own region (%s), each of whose answers is waited for ten seconds',
  async (region, url) => {
    anEnvironment({ AWS_REGION: region });
    const [sent, waited] = [vi.spyOn(globalThis, 'fetch'), vi.spyOn(AbortSignal, 'timeout')];
    onTestFinished(() => [sent, waited].forEach((each) => each.mockRestore()));
    sent.mockImplementation(() => Promise.resolve(new Response('{"FailedEntryCount":0,"Entries":[]}')));
    await defaultBus({})(runEnded(ENDED, { stack: 'sync-a', address: ADDRESS }));
    expect(sent.mock.calls.map(([to]) => to)).toEqual([new URL(url)]);
    expect(waited.mock.calls).toEqual([[10_000]]);
  },
);

test('what is thrown and is no error is said as it is', async () => {
  anEnvironment({});
  const sent = vi.spyOn(globalThis, 'fetch').mockRejectedValue('switched off');
  onTestFinished(() => sent.mockRestore());
  const put = defaultBus({})(runEnded(ENDED, { stack: 'sync-a', address: ADDRESS }));
  expect((await errorOf(put)).message).toBe('The event could not be put on the default bus: switched off');
});

test('a bus that cannot be reached is said, and no credential', async () => {
  const { bridge, put } = await bus();
  await bridge.close();
  expect((await errorOf(put())).message).toBe('The event could not be put on the default bus: fetch failed');
});
