import { expect, it } from 'vitest';
import { closeKilled, withOutcomes } from '../../lambda/archive/killed.ts';
import { ledgerOf } from '../../lambda/archive/ledger.ts';
import { noteRun, runIdAt } from '../../lambda/archive/run-index.ts';
import { listRuns, readRun } from '../../lambda/archive/runs.ts';
import { fingerprint } from '../../lambda/compose.ts';
import type { Access } from '../../lambda/core/report/ledger.ts';
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
  const ledger = ledgerOf(archive, 'okta', fingerprint);
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
