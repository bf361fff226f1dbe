import { describe, expect, it } from 'vitest';
import { closeKilled, withOutcomes } from '../../lambda/archive/killed.ts';
import { ledgerOf } from '../../lambda/archive/ledger.ts';
import { noteRun, runIdAt } from '../../lambda/archive/run-index.ts';
import { listRuns, readRun } from '../../lambda/archive/runs.ts';
import type { Access } from '../../lambda/core/report/ledger-entry.ts';
import { report } from '../aws/reports.ts';
import { REQUESTED } from '../core/requested.ts';
import { type MemoryArchive, memoryArchive } from './lease/memory-archive.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const KILLED = runIdAt(START, () => 0);
const GROUP = { secodaId: 'g1', name: 'Data', oktaIds: ['00g1'] };
const PLAN = {
  ...{ runId: KILLED, name: 'okta', mode: 'apply', digest: null, request: REQUESTED, refusals: [] },
  holder: { runId: KILLED, pid: null, host: null },
  changes: [{ ...GROUP, action: 'update', add: [{ userId: 'u1', email: 'ada@acme.com' }], remove: [] }],
};
const granted = (change: 'granted' | 'invited', email: string): Access => ({
  change,
  person: { userId: 'u1', email, oktaId: null, okta: null },
  group: GROUP,
  cause: 'in-group',
});

/** An archive with a run that was killed, and so many that ended well after it, one each so many milliseconds. */
async function archiveOf(count: number, everyMs: number): Promise<MemoryArchive> {
  const archive = memoryArchive();
  await archive.write(`${KILLED}/plan.json`, JSON.stringify(PLAN));
  for (let n = 1; n <= count; n++) {
    const startedAt = START + n * everyMs;
    const run = report({ runId: runIdAt(startedAt, () => 0), startedAt: new Date(startedAt).toISOString() });
    await archive.write(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  return archive;
}

const ASKING = { name: 'okta', own: runIdAt(START + DAY_MS / 2, () => 0.5) };
const close = async (archive: MemoryArchive, now: number) =>
  (await closeKilled(archive, ASKING, now, () => true)).map(({ runId }) => runId);

it.each([
  ['ten minutes', 10 * MINUTE_MS, 150],
  ['week', 7 * DAY_MS, 1],
])('a killed run is closed a day later where one is started every %s', async (_, everyMs, count) => {
  const archive = await archiveOf(count, everyMs);
  const now = START + Math.max(count * everyMs, DAY_MS + MINUTE_MS);
  expect(await close(archive, now - (count > 1 ? 2 * 60 * MINUTE_MS : 6 * DAY_MS + 60 * MINUTE_MS))).toEqual(
    [],
  );
  expect(await close(archive, now)).toEqual([KILLED]);
  expect(await close(archive, now)).toEqual([]);
});

it('records that nobody noted, or that cannot be read, are left as they are', async () => {
  const archive = await archiveOf(60, 60 * MINUTE_MS);
  for (const key of [...archive.texts.keys()].filter((each) => each.startsWith('history/')))
    archive.texts.delete(key);
  const first = runIdAt(START + 60 * MINUTE_MS, () => 0);
  archive.texts.set(`${first}/report.json`, '{"no": "report"}');
  const before = new Map(archive.texts);
  let reads = 0;
  const counted = { ...archive, read: (key: string) => (reads++, archive.read(key)) };
  expect(await closeKilled(counted, ASKING, START + 10 * DAY_MS, () => true)).toEqual([]);
  expect(archive.texts).toEqual(before);
  expect(reads).toBeLessThan(30);
});

it('somebody who was invited into a group that a killed run changed is told apart from whom it added', async () => {
  const archive = await archiveOf(0, 0);
  const ledger = ledgerOf(archive, 'okta');
  const by = { runId: KILLED, now: START };
  const access = [granted('granted', 'ada@acme.com'), granted('invited', 'bob@acme.com')];
  const intents = await ledger.append(by, () => ({ kind: 'intents', request: REQUESTED, access }));
  const [ada, bob] = access.map(
    (each) => ({ ...each, outcome: each.change === 'granted' ? 'seen' : 'unknown' }) as const,
  );
  if (!ada || !bob || !intents) throw new Error('nothing was intended');
  const closed = { kind: 'closed', of: intents.number, killed: KILLED, request: REQUESTED } as const;
  await ledger.append({ runId: 'later', now: START }, () => ({ ...closed, access: [ada, bob] }));
  const found = await readRun(archive, KILLED, () => true);
  if (found === null) throw new Error('there is no record');
  expect(await withOutcomes(archive, found)).toMatchObject({
    changes: [{ add: ['ada@acme.com'], outcome: 'applied' }],
    invited: [{ email: 'bob@acme.com', groups: ['Data'], outcome: 'awaited' }],
  });
});

it('a run that was closed is listed by its line', async () => {
  const archive = await archiveOf(3, DAY_MS);
  await close(archive, START + 3 * DAY_MS);
  archive.texts.delete(`${KILLED}/report.json`);
  archive.texts.delete(`${KILLED}/plan.json`);
  const runs = await listRuns(archive, { since: null, limit: 50, isOver: () => false });
  expect(runs.map(({ runId, status }) => [runId, status])).toContainEqual([KILLED, 'interrupted']);
});

it('the run that asks does not read its own plan, however long it goes on', async () => {
  const archive = await archiveOf(0, 0);
  const read: string[] = [];
  const counted = { ...archive, read: (key: string) => (read.push(key), archive.read(key)) };
  const asking = { ...ASKING, own: KILLED };
  expect(await closeKilled(counted, asking, START + 10 * DAY_MS, () => true)).toEqual([]);
  expect(read).not.toContain(`${KILLED}/plan.json`);
});

describe('what the ledger has of a killed run', () => {
  const member = (email: string) => ({ userId: email, email });
  const change = (name: string, oktaId: string, add: string[], remove: string[] = []) => ({
    ...{ secodaId: 'g', name, oktaIds: [oktaId], action: 'update' },
    ...{ add: add.map(member), remove: remove.map(member) },
  });
  const access = (given: Access['change'], name: string, email: string, oktaId = '00g1'): Access => ({
    ...granted('granted', email),
    change: given,
    group: { ...GROUP, name, oktaIds: [oktaId] },
  });
  type Told = readonly [Access, 'applied' | 'seen' | 'not-seen' | 'unknown'];

  /** The killed run with this plan, of which the ledger tells this; and another run, which did all of it. */
  async function told(changes: readonly object[], all: readonly Told[], open: readonly Access[] = []) {
    const archive = memoryArchive();
    await archive.write(`${KILLED}/plan.json`, JSON.stringify({ ...PLAN, changes }));
    const ledger = ledgerOf(archive, 'okta');
    const others = runIdAt(START + 1, () => 0.5);
    for (const runId of [KILLED, others]) {
      const by = { runId, now: START + 1_000 };
      const wanted = all.map(([each]) => each);
      const intents = await ledger.append(by, () => ({
        kind: 'intents',
        request: REQUESTED,
        access: wanted,
      }));
      await ledger.append(by, () => ({
        ...{ kind: 'outcomes', of: intents?.number ?? 0, request: REQUESTED },
        access: all.map(([each, outcome]) => ({ ...each, outcome: runId === KILLED ? outcome : 'applied' })),
      }));
      await ledger.append(by, () => ({
        kind: 'end',
        status: 'applied',
        request: REQUESTED,
        plan: null,
        report: null,
      }));
    }
    if (open.length > 0)
      await ledger.append({ runId: KILLED, now: START + 2_000 }, () => ({
        ...{ kind: 'intents', request: REQUESTED, access: open },
      }));
    const found = await readRun(archive, KILLED, () => true);
    if (found === null) throw new Error('there is no record');
    return { archive, report: await withOutcomes(archive, found) };
  }

  it.each<[string, Told[], object]>([
    [
      'all of it',
      [
        [access('granted', 'Data', 'a'), 'applied'],
        [access('revoked', 'Data', 'b'), 'seen'],
      ],
      { outcome: 'applied' },
    ],
    [
      'a part',
      [
        [access('granted', 'Data', 'a'), 'seen'],
        [access('revoked', 'Data', 'b'), 'not-seen'],
      ],
      { outcome: 'unsettled', unsettled: ['b'] },
    ],
    ['nothing', [[access('granted', 'Data', 'a'), 'not-seen']], { outcome: 'not-attempted', unsettled: [] }],
    ['no more than another run did', [], { outcome: 'not-attempted' }],
    [
      'something that nobody could tell',
      [
        [access('granted', 'Data', 'a'), 'unknown'],
        [access('revoked', 'Data', 'b'), 'seen'],
      ],
      { outcome: 'unknown' },
    ],
    [
      'that of a group of the same name',
      [
        [access('granted', 'Data', 'a', '00g2'), 'seen'],
        [access('revoked', 'Data', 'b', '00g2'), 'seen'],
      ],
      { outcome: 'not-attempted' },
    ],
    [
      'that of another group',
      [
        [access('granted', 'Ops', 'a'), 'seen'],
        [access('revoked', 'Ops', 'b'), 'seen'],
      ],
      { outcome: 'not-attempted' },
    ],
    [
      'an invitation, which is no join',
      [
        [access('invited', 'Data', 'a'), 'seen'],
        [access('invited', 'Data', 'b'), 'seen'],
      ],
      { outcome: 'not-attempted' },
    ],
  ])('decides what became of a change: %s', async (_, all, expected) => {
    const { report: found } = await told([change('Data', '00g1', ['a'], ['b'])], all);
    expect(found.changes[0]).toMatchObject(expected);
  });

  it('leaves open what it intended last, and of a name alone tells nothing', async () => {
    const given = [change('Data', '00g1', ['a']), change('Ops', '00g2', [])];
    const { archive, report: found } = await told(given, [], [access('granted', 'Data', 'a')]);
    expect(found.changes.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
    expect(await close(archive, START + 10 * DAY_MS)).toEqual([]);
  });

  it('names whom an onboarding added or invited, by group and by person', async () => {
    const { report: found } = await told(
      [],
      [
        [access('granted', 'Data', 'a'), 'applied'],
        [access('granted', 'Data', 'b'), 'not-seen'],
        [access('granted', 'Ops', 'a'), 'seen'],
        [access('invited', 'Data', 'c'), 'applied'],
        [access('invited', 'Ops', 'c'), 'seen'],
        [access('invited', 'Ops', 'd'), 'not-seen'],
      ],
    );
    expect(found.changes).toMatchObject([
      {
        action: 'update',
        group: { ...GROUP, name: 'Data' },
        add: ['a', 'b'],
        remove: [],
        outcome: 'unsettled',
        unsettled: ['b'],
      },
      { group: { name: 'Ops' }, add: ['a'], reason: 'onboarded', outcome: 'applied', unsettled: [] },
    ]);
    expect(found.invited).toEqual([
      { email: 'c', groups: ['Data', 'Ops'], outcome: 'applied' },
      { email: 'd', groups: ['Ops'], outcome: 'awaited' },
    ]);
  });

  it('is a report for people to read, of a run of no known length', async () => {
    const { archive } = await told(
      [change('Data', '00g1', ['a'])],
      [[access('granted', 'Data', 'a'), 'seen']],
    );
    expect(await close(archive, START + 10 * DAY_MS)).toEqual([KILLED]);
    const text = archive.texts.get(`${KILLED}/report.json`) ?? '';
    const written: unknown = JSON.parse(text);
    expect(text).toBe(`${JSON.stringify(written, null, 2)}\n`);
    expect(written).toMatchObject({
      status: 'interrupted',
      durationMs: 0,
      changes: [{ outcome: 'applied' }],
    });
  });
});

it('of many runs, a hundred are looked back at, and two days', async () => {
  // The middle one of the last hundred lies two days and a second back.
  const every = (2 * DAY_MS) / 50;
  const archive = await archiveOf(300, every);
  const now = START + 300 * every + 1_000;
  const [since, before] = [START + 250 * every + 5_000, START + 250 * every - 5_000].map((at) =>
    runIdAt(at, () => 0),
  );
  for (const runId of [since, before]) {
    const plan = { ...PLAN, runId, holder: { ...PLAN.holder, runId } };
    await archive.write(`${runId}/plan.json`, JSON.stringify(plan));
  }
  expect(await close(archive, now)).toEqual([since]);
});
