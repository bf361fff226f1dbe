import { expect, it } from 'vitest';
import { noteRun } from '../../lambda/archive/run-index.ts';
import { listRuns } from '../../lambda/archive/runs.ts';
import type { Archive } from '../../lambda/ports.ts';
import { report } from '../aws/reports.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const START = Date.UTC(2026, 0, 1);
const idOf = (n: number) => `${new Date(START + n * 600_000).toISOString().replace(/[-:]|\.\d+/g, '')}-abcd`;

/** An archive with so many runs, every ten minutes. */
async function archiveOf(count: number) {
  const archive = memoryArchive();
  for (let n = 0; n < count; n++) {
    const run = report({ runId: idOf(n), startedAt: new Date(START + n * 600_000).toISOString() });
    await archive.write(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  let reads = 0;
  const counted: Archive = {
    ...archive,
    read: (key) => (reads++, archive.read(key)),
    folders: (after) => (reads++, archive.folders(after)),
  };
  return { archive: counted, texts: archive.texts, reads: () => reads };
}

const isOver = () => false;

it.each([1, 50, 100, 101, 149, 150, 260])(
  'the last 50 of %i runs take few reads, and are the last',
  async (count) => {
    const { archive, reads } = await archiveOf(count);
    const runs = await listRuns(archive, { since: null, limit: 50, isOver });
    const last = Array.from({ length: Math.min(50, count) }, (_, n) => idOf(count - 1 - n));
    expect(runs.map(({ runId }) => runId)).toEqual(last);
    expect(reads()).toBeLessThanOrEqual(5);
  },
);

it('runs that are noted a day late do not make it more', async () => {
  const { archive, reads } = await archiveOf(260);
  for (let n = 0; n < 3; n++) {
    const startedAt = new Date(START + n * 600_000 + 1_000).toISOString();
    const runId = `${startedAt.replace(/[-:]|\.\d+/g, '')}-dead`;
    await archive.write(`${runId}/report.json`, '{}');
    await noteRun(archive, report({ runId, startedAt }));
  }
  const before = reads();
  const runs = await listRuns(archive, { since: null, limit: 50, isOver });
  expect(runs.map(({ runId }) => runId)).toEqual(Array.from({ length: 50 }, (_, n) => idOf(259 - n)));
  expect(reads() - before).toBeLessThanOrEqual(5);
});

it('all runs since a time are found, over as many chapters as it takes', async () => {
  const { archive } = await archiveOf(260);
  const runs = await listRuns(archive, { since: START + 10 * 600_000, limit: Infinity, isOver });
  expect(runs).toHaveLength(250);
});

it('a run that is noted twice is listed once', async () => {
  const { archive } = await archiveOf(3);
  await noteRun(archive, report({ runId: idOf(2) }));
  expect(await listRuns(archive, { since: null, limit: 50, isOver })).toHaveLength(3);
});

it('runs are found by their records where the notes are lost or cannot be read', async () => {
  const { archive, texts } = await archiveOf(3);
  texts.set('history/head.json', '{');
  expect(await listRuns(archive, { since: null, limit: 50, isOver })).toHaveLength(3);
});

it('nobody notes a run for ever where others keep changing the notes', async () => {
  const archive = memoryArchive();
  let swaps = 0;
  archive.swap = () => Promise.resolve((swaps++, null));
  await expect(noteRun(archive, report({ runId: idOf(1) }))).rejects.toThrow(
    'memory/history/head.json could not be written: other runs kept changing it',
  );
  expect(swaps).toBe(50);
});

it('a chapter that is full goes into a file of its own by half', async () => {
  const { texts } = await archiveOf(101);
  const runsIn = (key: string) =>
    (JSON.parse(texts.get(key) ?? '') as { runs: { runId: string }[] }).runs.map(({ runId }) => runId);
  expect(runsIn(`history/${idOf(49)}.json`)).toEqual(Array.from({ length: 50 }, (_, n) => idOf(n)));
  expect(runsIn('history/head.json')).toEqual(Array.from({ length: 51 }, (_, n) => idOf(50 + n)));
});
