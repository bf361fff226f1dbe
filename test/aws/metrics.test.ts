import { expect, test } from 'vitest';
import * as z from 'zod';
import { METRICS } from '../../lambda/names.ts';
import { printedBy } from './printed.ts';

/** CloudWatch's embedded metric format, as far as it matters here. */
const Emf = z
  .object({
    _aws: z.object({
      Timestamp: z.number().int(),
      CloudWatchMetrics: z.tuple([
        z.object({
          Namespace: z.string(),
          Dimensions: z.array(z.array(z.string())),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })).max(100),
        }),
      ]),
    }),
  })
  .catchall(z.union([z.number(), z.string()]));

const startedAt = Date.now();
const printed = printedBy('metrics-worker.ts');

async function blobs() {
  const { lines } = await printed;
  return lines.map((line) => Emf.parse(line));
}

test('each run is one line, with the one dimension that the alarms ask for', async () => {
  const all = await blobs();
  expect(all).toHaveLength(8);
  for (const { _aws: about } of all) {
    const [{ Namespace, Dimensions }] = about.CloudWatchMetrics;
    expect(Namespace).toBe('OktaSecodaSync');
    expect(Dimensions).toEqual([['Stack']]);
  }
  expect(all.map(({ Stack }) => Stack)).toEqual(['sync-a', ...Array.from({ length: 7 }, () => 'sync-b')]);
});

test('changes are counted as they were written', async () => {
  const [partial = Emf.parse({})] = await blobs();
  const { _aws, ...values } = partial;
  expect(values).toEqual({
    Stack: 'sync-a',
    runId: '20260102T030405Z-1a2b3c4d',
    RunsPartial: 1,
    FullRunsFinished: 1,
    FullRunsPartial: 1,
    GroupsCreated: 1,
    GroupsUpdated: 1,
    GroupsDeleted: 3,
    MembersAdded: 3,
    MembersRemoved: 3,
    PeopleUnmatched: 2,
    PeopleUnsettled: 1,
    PeopleInvited: 1,
    OktaReads: 14,
    OktaThrottled: 1,
    SecodaReads: 5,
    SecodaWrites: 3,
    SecodaThrottled: 2,
    RunDuration: 1234,
  });
  const metrics = _aws.CloudWatchMetrics[0].Metrics;
  const { Stack, runId, ...metered } = values;
  expect([Stack, runId]).toEqual(['sync-a', expect.any(String)]);
  expect(metrics.map(({ Name }) => Name).toSorted()).toEqual(Object.keys(metered).toSorted());
  expect(metrics.filter(({ Unit }) => Unit !== 'Count')).toEqual([
    { Name: 'RunDuration', Unit: 'Milliseconds' },
  ]);
});

test('every status has a counter of its own, but what is held counts as refused; and every declared metric is sent', async () => {
  const all = await blobs();
  const counters = all.map((values) => Object.keys(values).filter((name) => name.startsWith('Runs')));
  expect(counters).toEqual([
    ['RunsPartial'],
    ['RunsInSync'],
    ['RunsPlanned'],
    ['RunsApplied'],
    ['RunsRefused'],
    ['RunsFailed'],
    ['RunsRefused'],
    ['RunsRefused'],
  ]);
  const { namespace, dimension, ...declared } = METRICS;
  expect([namespace, dimension]).toEqual(['OktaSecodaSync', 'Stack']);
  const sent = new Set(all.flatMap(({ _aws }) => _aws.CloudWatchMetrics[0].Metrics.map(({ Name }) => Name)));
  expect([...sent].toSorted()).toEqual(Object.values(declared).toSorted());
});

test('only a run over everything counts as a night, and as a partial one only when it is', async () => {
  const nights = (await blobs()).map((values) =>
    Object.keys(values).filter((name) => name.startsWith('Full')),
  );
  const [partial, , , applied, ...others] = nights;
  expect(partial).toEqual(['FullRunsFinished', 'FullRunsPartial']);
  expect(applied).toEqual(['FullRunsFinished']);
  expect([nights[1], nights[2], ...others.slice(0, 2)].flat()).toEqual([]);
  expect(others.slice(2)).toEqual([['FullRunsFinished'], ['FullRunsFinished', 'FullRunsPartial']]);
});

test('the stamp is the end of the run', async () => {
  const [first] = await blobs();
  expect(first?._aws.Timestamp).toBeGreaterThanOrEqual(startedAt);
  expect(first?._aws.Timestamp).toBeLessThanOrEqual(Date.now());
});

test('no address of a person is printed', async () => {
  expect((await printed).text).not.toContain('@');
});
