import { describe, expect, it } from 'vitest';
import { noteRun } from '../../lambda/archive/run-index.ts';
import { readRun } from '../../lambda/archive/runs.ts';
import { keepSnapshot } from '../../lambda/archive/snapshot.ts';
import { accessHistory } from '../../lambda/commands/history.ts';
import { lastComplete, membersThen, showRun } from '../../lambda/commands/show.ts';
import { NOTHING_RECENT } from '../../lambda/core/guard/recent.ts';
import { NO_READS } from '../../lambda/core/model/reads.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { type MemoryArchive, memoryArchive } from '../archive/lease/memory-archive.ts';
import { report, reportedChange } from '../aws/reports.ts';
import { inputOf, managed, user } from '../core/world.ts';

const dayOf = (night: number) => new Date(Date.UTC(2026, 0, night)).toISOString().slice(0, 10);
const idOf = (night: number) => `${dayOf(night).replaceAll('-', '')}T020000Z-abcd`;
const isOver = () => false;

/** An archive with a record for each of these, one a night. */
async function archiveOf(...runs: readonly Partial<Report>[]) {
  const archive = memoryArchive();
  for (const [index, given] of runs.entries()) {
    const startedAt = `${dayOf(index + 1)}T02:00:00.000Z`;
    const run = report({ runId: idOf(index + 1), startedAt, ...given });
    archive.texts.set(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  return archive;
}

/** The same archive, and the keys that are read of it. */
function watch(archive: MemoryArchive) {
  const keys: string[] = [];
  const read = (key: string) => {
    keys.push(key);
    return archive.read(key);
  };
  return { archive: { ...archive, read }, keys };
}

describe('the run that is shown', () => {
  it('is the last one that could write, however long ago, unless one is named', async () => {
    const plans = Array.from({ length: 25 }, () => ({ mode: 'plan' as const }));
    const of = async (archive: MemoryArchive, named: string | null) =>
      (await showRun(archive, named, isOver)).runId;
    const archive = await archiveOf({}, { mode: 'onboard' }, ...plans);
    expect(await of(archive, null)).toBe(idOf(2));
    expect(await of(archive, 'last')).toBe(idOf(2));
    expect(await of(archive, '20260101')).toBe(idOf(1));
    expect(await of(archive, idOf(4))).toBe(idOf(4));
    expect(await of(await archiveOf({}, ...plans), null)).toBe(idOf(1));
    await expect(of(await archiveOf(...plans), null)).rejects.toThrow(/holds no run that could write/);
  });

  it('is found without reading of runs long before, as is the last complete one', async () => {
    const archive = await archiveOf(...Array.from({ length: 75 }, () => ({})));
    const head = archive.texts.get('history/head.json') ?? '';
    archive.texts.set('history/head.json', head.replace('"before":null', '"before":"history/older.json"'));
    const { archive: watched, keys } = watch(archive);
    await showRun(watched, null, isOver);
    await lastComplete(watched, { since: null }, null);
    expect(keys).toContain('history/head.json');
    expect(keys).not.toContain('history/older.json');
  });

  it('is not looked for among runs that ended before the time that is asked for', async () => {
    const archive = await archiveOf({}, {});
    const chapter = (archive.texts.get('history/head.json') ?? '').replace(
      /"before":null/,
      '"before":"BEFORE"',
    );
    archive.texts.set('history/head.json', chapter.replace('BEFORE', 'history/older.json'));
    archive.texts.set(
      'history/older.json',
      chapter.replace('BEFORE', 'history/oldest.json').replaceAll('"runId":"2026', '"runId":"2025'),
    );
    const { archive: watched, keys } = watch(archive);
    const since = Date.UTC(2026, 0, 2);
    await accessHistory(watched, { since, isOver }, { addresses: null, groups: [] });
    expect(keys).toContain('history/older.json');
    expect(keys).not.toContain('history/oldest.json');
  });

  it('has to be one, and is named with some others where it is several', async () => {
    const archive = await archiveOf({}, {}, {}, {}, {}, {});
    await expect(showRun(archive, '2027', isOver)).rejects.toThrow(
      /no run in memory\/ has an id that begins/,
    );
    await expect(showRun(archive, '2026', isOver)).rejects.toThrow(`${idOf(5)}, … (6)`);
    const five = await archiveOf({}, {}, {}, {}, {});
    await expect(showRun(five, '2026', isOver)).rejects.toThrow(new RegExp(`${idOf(5)}$`));
    archive.texts.delete(`${idOf(1)}/report.json`);
    archive.texts.set(`${idOf(1)}/other.json`, '{}');
    await expect(showRun(archive, idOf(1), isOver)).rejects.toThrow('holds neither a report nor a plan');
  });
});

describe('who was in a group after a run', () => {
  const before = (...emails: readonly (string | null)[]) => ({
    name: 'Finance',
    description: '',
    members: emails.map((email, n) => ({ userId: `u${n}`, email })),
  });
  const CHANGED = reportedChange({
    outcome: 'applied',
    before: before('cy@acme.com', null, 'ada@acme.com'),
    add: ['bo@acme.com'],
    remove: ['cy@acme.com'],
  });
  const LACKS = 'that run did not change the group, and kept no snapshot';
  const NOTHING: Partial<Report> = {
    summary: { ...report().summary, groups: { create: 0, update: 0, delete: 0, unchanged: 8, skipped: 0 } },
  };
  async function then(archive: MemoryArchive, night: number, group = 'Finance') {
    const found = await readRun(archive, idOf(night), isOver);
    if (found === null) throw new Error('there is no such run');
    return membersThen(archive, found, group, isOver);
  }
  const members = async (given: Partial<typeof CHANGED>) =>
    (await then(await archiveOf({ changes: [{ ...CHANGED, ...given }] }), 1))?.members ?? null;

  it('is told by its record, where it changed the group', async () => {
    expect(await then(await archiveOf({ changes: [CHANGED] }), 1)).toEqual({
      group: 'Finance',
      members: ['ada@acme.com', 'bo@acme.com', 'u1'],
      toldBy: idOf(1),
      source: 'record',
      lacks: null,
    });
  });

  it('takes into account what became of the change', async () => {
    const was = ['ada@acme.com', 'cy@acme.com', 'u1'];
    expect(await members({ outcome: 'failed' })).toEqual(was);
    expect(await members({ outcome: 'unsettled', unsettled: ['bo@acme.com', 'cy@acme.com'] })).toEqual(was);
    expect(await members({ outcome: 'unsettled', unsettled: ['bo@acme.com'] })).toEqual([
      'ada@acme.com',
      'u1',
    ]);
    expect(await members({ outcome: 'held' })).toBeNull();
    expect(await members({ outcome: 'not-attempted' })).toBeNull();
    expect(await members({ outcome: null })).toBeNull();
    expect(await members({ before: null })).toBeNull();
    expect(await members({ action: 'create', before: null, remove: [] })).toEqual(['bo@acme.com']);
  });

  it('is told by the name that the group had before, too, and of nobody else', async () => {
    const archive = await archiveOf({ changes: [{ ...CHANGED, renamedFrom: 'Money' }] });
    expect((await then(archive, 1, 'Money'))?.group).toBe('Finance');
    expect((await then(archive, 1, '00g1'))?.group).toBe('Finance');
    expect(await then(archive, 1, 'Other')).toBeNull();
  });

  it('is told by the next run that changed the group, else by the last one before', async () => {
    const later = { ...CHANGED, before: before('later@acme.com') };
    const earlier = { ...CHANGED, before: before('earlier@acme.com'), remove: ['earlier@acme.com'] };
    const plan = { mode: 'plan' as const, changes: [CHANGED] };
    const archive = await archiveOf({ changes: [earlier] }, NOTHING, plan, { changes: [later] });
    const told = { group: 'Finance', source: 'record', lacks: LACKS };
    expect(await then(archive, 2)).toEqual({ ...told, members: ['later@acme.com'], toldBy: idOf(4) });
    const ended = await archiveOf({ changes: [earlier] }, NOTHING, plan);
    expect(await then(ended, 2)).toEqual({ ...told, members: ['bo@acme.com'], toldBy: idOf(1) });
    expect(await then(await archiveOf(NOTHING, plan), 1)).toBeNull();
  });

  it('is not told by a run that was killed, unless it gave and took nothing, or as who was in it before', async () => {
    const killed = async (of: Partial<typeof CHANGED>, ...others: readonly Partial<Report>[]) => {
      const [first = {}, ...rest] = others;
      const archive = await archiveOf(first, { changes: [{ ...CHANGED, ...of }] }, ...rest);
      const key = `${idOf(2)}/report.json`;
      const text = archive.texts.get(key) ?? '';
      archive.texts.set(key, text.replace('"outcome":"applied"', '"outcome":"unknown"'));
      return archive;
    };
    const changed = { changes: [CHANGED] };
    const later = { changes: [{ ...CHANGED, before: before('later@acme.com') }] };
    expect(await then(await killed({}, changed, NOTHING, later), 2)).toEqual({
      group: 'Finance',
      members: ['later@acme.com'],
      toldBy: idOf(4),
      source: 'record',
      lacks: 'that run was killed, and nobody knows what it wrote',
    });
    for (const of of [{}, { add: [] }, { remove: [] }])
      expect(await then(await killed(of, changed, NOTHING), 2)).toBeNull();
    expect(await then(await killed({}, changed, NOTHING), 3)).toBeNull();
    expect(await then(await killed({}, NOTHING), 1)).toMatchObject({
      members: ['ada@acme.com', 'cy@acme.com', 'u1'],
      lacks: LACKS,
    });
    const renamed = await then(await killed({ add: [], remove: [] }, changed), 2);
    expect(renamed).toMatchObject({ toldBy: idOf(2), lacks: null });
  });

  it('is told by its snapshot before any other run, and by its own record before that', async () => {
    const archive = await archiveOf(NOTHING, { changes: [CHANGED] });
    const users = [user('u1', 'zoe@acme.com'), user('u2', null)];
    const { directory, workspace, memory, now, nextRunAt } = inputOf({
      users,
      groups: [managed('s1', 'Finance', ['00g1'], ['u1', 'u2', 'u9'])],
    });
    const rest = { recent: NOTHING_RECENT, worklist: null, due: [], approval: null, heldBefore: null };
    const snapshot = {
      directory,
      workspace,
      memory,
      now,
      nextRunAt,
      invited: new Map(),
      reads: NO_READS,
      ...rest,
    };
    const outline = { digest: '7f3a', rules: [], changes: [], skipped: [], invited: [] };
    await keepSnapshot(archive, { runId: idOf(1), version: '1.0.0', config: {}, snapshot, outline });
    const told = { group: 'Finance', toldBy: idOf(1), source: 'snapshot', lacks: null };
    for (const given of ['Finance', 's1', '00g1'])
      expect(await then(archive, 1, given)).toEqual({ ...told, members: ['u2', 'u9', 'zoe@acme.com'] });
    expect(await then(archive, 1, 'Other')).toBeNull();
    const changed = { ...report({ runId: idOf(1) }), changes: [CHANGED] };
    archive.texts.set(`${idOf(1)}/report.json`, JSON.stringify(changed));
    expect(await then(archive, 1)).toMatchObject({ source: 'record', toldBy: idOf(1), lacks: null });
  });
});
