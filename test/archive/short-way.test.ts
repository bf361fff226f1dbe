import { expect, it } from 'vitest';
import { lastComplete, noteComplete, pageSizesIn } from '../../lambda/archive/complete-run.ts';
import { readWorklist, worklistOf } from '../../lambda/archive/unmatched.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const COMPLETE = { basis: 'b', seenUntil: 5, leftAlone: ['00g1'], idle: [] };

it('the last complete run and the sizes of pages are noted beside each other, for each deployment apart', async () => {
  const archive = memoryArchive();
  const sizes = pageSizesIn(archive, 'okta');
  expect([await lastComplete(archive, 'okta'), await sizes.load()]).toEqual([null, {}]);
  await noteComplete(archive, 'okta', COMPLETE);
  await sizes.save('users', 1_000);
  await sizes.save('groups', 500);
  await pageSizesIn(archive, 'emea').save('users', 7);
  expect([await lastComplete(archive, 'okta'), await sizes.load()]).toEqual([
    COMPLETE,
    { users: 1_000, groups: 500 },
  ]);
  await sizes.save('users', 200);
  expect(await sizes.load()).toEqual({ users: 200, groups: 500 });
  await sizes.save('groups', null);
  await noteComplete(archive, 'okta', null);
  expect([await lastComplete(archive, 'okta'), await sizes.load()]).toEqual([null, { users: 200 }]);
  expect(await lastComplete(archive, 'emea')).toBeNull();
});

it('what cannot be read of the notes is as good as not noted, and the rest of them is read', async () => {
  const archive = memoryArchive();
  const read = async (text: string) => {
    archive.texts.set('reads/okta.short-way.json', text);
    return [await lastComplete(archive, 'okta'), await pageSizesIn(archive, 'okta').load()];
  };
  expect(await read('{')).toEqual([null, {}]);
  expect(await read('7')).toEqual([null, {}]);
  expect(await read(JSON.stringify({ complete: COMPLETE, pageSizes: { users: '1' } }))).toEqual([
    COMPLETE,
    {},
  ]);
  expect(await read(JSON.stringify({ complete: {}, pageSizes: { users: 1 } }))).toEqual([null, { users: 1 }]);
});

it('a worklist is kept by complete runs, and shown by others as far as they saw everybody', async () => {
  const archive = memoryArchive();
  const [ada, bo] = ['ada@acme.com', 'bo@acme.com'].map((email) => ({ email }));
  if (!ada || !bo) throw new Error('nobody waits');
  const run = (runId: string, given: object = {}) => ({
    runId,
    startedAt: 0,
    whole: true,
    complete: true,
    ...given,
  });
  const since = '1970-01-01T00:00:00.000Z';
  expect(await worklistOf(archive, 'okta', [ada], run('r0', { complete: false }))).toBeNull();
  expect(await readWorklist(archive, 'okta')).toBeNull();
  const first = {
    runId: 'r1',
    waiting: [
      { ...ada, since, runs: 1 },
      { ...bo, since, runs: 1 },
    ],
    resolved: [],
  };
  expect(await worklistOf(archive, 'okta', [bo, ada], run('r1'))).toEqual(first);
  expect(await readWorklist(archive, 'okta')).toEqual(first);
  expect(archive.texts.get('unmatched/okta.json')).toBe(`${JSON.stringify(first, null, 1)}\n`);
  expect(await readWorklist(archive, 'emea')).toBeNull();
  const resolved = [{ ...bo, since }];
  expect(await worklistOf(archive, 'okta', [ada], run('r2', { complete: false }))).toEqual({
    ...first,
    resolved,
  });
  const part = run('r3', { complete: false, whole: false });
  expect(await worklistOf(archive, 'okta', [ada], part)).toEqual({ ...first, resolved: [] });
  expect(await readWorklist(archive, 'okta')).toEqual(first);
  expect(await worklistOf(archive, 'okta', [ada], run('r4', { startedAt: 1_000 }))).toEqual({
    runId: 'r4',
    waiting: [{ ...ada, since, runs: 2 }],
    resolved,
  });
  for (const text of ['{', '{}', '']) {
    archive.texts.set('unmatched/okta.json', text);
    expect(await readWorklist(archive, 'okta')).toBeNull();
  }
});
