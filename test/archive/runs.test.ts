import { describe, expect, it } from 'vitest';
import { countsOf, groupsTouched, noteRun, runIdAt } from '../../lambda/archive/run-index.ts';
import { findRun, listRuns, readRun, readRuns } from '../../lambda/archive/runs.ts';
import { report } from '../aws/reports.ts';
import { REQUESTED } from '../core/requested.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const idOf = (minute: number) => runIdAt(START + minute * MINUTE_MS, () => 0);
const isOver = () => true;

/** An archive with so many runs that were noted, one a minute; `reads`: how often it was read. */
async function archiveOf(count: number) {
  const archive = memoryArchive();
  for (let minute = 0; minute < count; minute++) {
    const run = report({
      runId: idOf(minute),
      startedAt: new Date(START + minute * MINUTE_MS).toISOString(),
    });
    archive.texts.set(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  let reads = 0;
  const counted = { ...archive, read: (key: string) => (reads++, archive.read(key)) };
  return { archive: counted, texts: archive.texts, reads: () => reads };
}

describe('a run without a report is told by its plan', () => {
  const person = (email: string | null, why?: object) => ({
    userId: `u-${email}`,
    email,
    ...(why ? { why } : {}),
  });
  const cause = { cause: 'not-in-group', oktaId: '00u1', okta: null };
  const group = { oktaIds: ['00g1'], secodaId: 's1', name: 'Data', reason: 'r', renamedFrom: null };
  const PLAN = {
    ...{ mode: 'apply', name: 'okta', digest: 'd', request: REQUESTED, refusals: [] as object[] },
    changes: [
      { ...group, action: 'create', add: [person('ada@acme.com'), person(null)], remove: [] },
      { ...group, action: 'update', add: [person('bo@acme.com')], remove: [person('cy@acme.com', cause)] },
      { ...group, action: 'update', add: [], remove: [], held: true },
      { ...group, action: 'delete', add: [], remove: [person('di@acme.com')] },
    ],
  };
  async function read(plan: object, over = true) {
    const archive = memoryArchive();
    await archive.write(`${idOf(0)}/plan.json`, JSON.stringify(plan));
    return readRun(archive, idOf(0), () => over);
  }

  it('with what may have become of each change, and the numbers', async () => {
    const found = await read(PLAN);
    expect(found).toMatchObject({
      ...{ runId: idOf(0), status: 'interrupted', error: 'it left no report: it was killed' },
      ...{ startedAt: '2026-01-01T00:00:00.000Z', digest: 'd', requests: null, durationMs: null },
      summary: {
        groups: { create: 1, update: 2, delete: 1 },
        members: { add: 3, remove: 2 },
        unmatched: 0,
      },
    });
    expect(found?.changes.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'held', 'unknown']);
    expect(found?.changes[0]?.add).toEqual(['ada@acme.com', 'u-null']);
    expect(found?.changes.map(({ causes }) => causes)).toEqual([{}, { 'cy@acme.com': cause }, {}, {}]);
    expect(await read(PLAN, false)).toMatchObject({ status: 'running', error: null });
  });

  it('and has written nothing as a plan, or where it was refused whole', async () => {
    const outcomes = async (plan: object) => (await read(plan))?.changes.map(({ outcome }) => outcome);
    const none = [null, null, 'held', null];
    expect(await outcomes({ ...PLAN, mode: 'plan' })).toEqual(none);
    const changes = PLAN.changes.map((each) => ({ ...each, held: false }));
    expect(await outcomes({ ...PLAN, changes, refusals: [{}] })).toEqual([null, null, null, null]);
    expect(await outcomes({ ...PLAN, refusals: [{}] })).toEqual(['unknown', 'unknown', 'held', 'unknown']);
  });

  it('and is none where neither can be read', async () => {
    expect(await read({})).toBeNull();
    const archive = memoryArchive();
    expect(await readRun(archive, idOf(0), isOver)).toBeNull();
    archive.texts.set(`${idOf(0)}/report.json`, '{}');
    archive.texts.set(`${idOf(1)}/report.json`, JSON.stringify(report({ runId: idOf(1) })));
    const { reports, unreadable } = await readRuns(archive, [idOf(0), idOf(1), idOf(2)], isOver);
    expect(reports.map(({ runId }) => runId)).toEqual([idOf(1)]);
    expect(unreadable).toEqual([
      { runId: idOf(0), problem: `memory/${idOf(0)}/report.json cannot be read: it is no report of a run` },
    ]);
    archive.read = () => Promise.reject(new Error('no answer'));
    await expect(readRuns(archive, [idOf(0)], isOver)).rejects.toThrow('no answer');
  });
});

describe('the list of runs', () => {
  it('reads no more of the notes than it needs', async () => {
    const { archive, reads } = await archiveOf(260);
    const list = async (since: number | null, limit: number) => {
      const before = reads();
      const runs = await listRuns(archive, {
        since: since === null ? null : START + since * MINUTE_MS,
        limit,
        isOver,
      });
      return [runs.length, reads() - before];
    };
    // 60 runs are in the newest chapter, and fifty in each one before.
    expect(await list(null, 40)).toEqual([40, 1]);
    expect(await list(null, 41)).toEqual([41, 2]);
    expect(await list(null, Infinity)).toEqual([260, 5]);
    expect(await list(200, Infinity)).toEqual([60, 2]);
    expect(await list(199, Infinity)).toEqual([61, 3]);
    expect(await list(0, Infinity)).toEqual([260, 5]);
    expect(await list(0, 7)).toEqual([7, 5]);
  });

  it('holds the run that began just then, those that nobody noted, and those that cannot be read', async () => {
    const { archive, texts } = await archiveOf(3);
    texts.set(`${idOf(7)}/report.json`, JSON.stringify(report({ runId: idOf(7) })));
    texts.set(`${idOf(8)}/report.json`, '{');
    texts.set('20260101-copy/report.json', '{}');
    const runs = await listRuns(archive, { since: START + 2 * MINUTE_MS, limit: 50, isOver });
    expect(runs.map(({ runId, status }) => [runId, status])).toEqual([
      [idOf(8), 'unreadable'],
      [idOf(7), 'applied'],
      [idOf(2), 'applied'],
    ]);
    const [unread] = runs;
    if (unread === undefined) throw new Error('nothing is listed');
    const groups = { create: 0, update: 0, delete: 0, unchanged: 0, skipped: 0 };
    expect(countsOf(unread)).toEqual({ groups, members: { add: 0, remove: 0 }, unmatched: 0 });
    expect(runs.map(groupsTouched)).toEqual([0, 3, 3]);
  });

  it('of runs that nobody noted has the last ones', async () => {
    const { archive, texts } = await archiveOf(0);
    for (let minute = 0; minute < 30; minute++)
      texts.set(`${idOf(minute)}/report.json`, JSON.stringify(report({ runId: idOf(minute) })));
    const runs = await listRuns(archive, { since: null, limit: 5, isOver });
    expect(runs.map(({ runId }) => runId)).toEqual([29, 28, 27, 26, 25].map(idOf));
  });
});

it('a run is found by how its id begins, from the first letter on', async () => {
  const { archive, texts } = await archiveOf(1);
  texts.set('20250101-copy/report.json', '{}');
  const asked: string[] = [];
  const counted = { ...archive, folders: (after: string) => (asked.push(after), archive.folders(after)) };
  for (const prefix of ['', '2', '20260101T', idOf(0)]) expect(await findRun(counted, prefix)).toBe(idOf(0));
  expect(asked).toEqual(['', '', '20260101', idOf(0).slice(0, -1)]);
  await expect(findRun(archive, '3')).rejects.toThrow('no run in memory/ has an id that begins with 3');
});
