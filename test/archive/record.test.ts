import { describe, expect, it } from 'vitest';
import type { Harm } from '../../lambda/core/plan/change.ts';
import { keepRefused, leftOutBy, readRefused, recordOf, wordFor } from '../../lambda/archive/record.ts';
import { report } from '../aws/reports.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const DIGEST = '0123456789abcdef';
const harm: Harm = {
  action: 'update',
  secodaId: 's1',
  oktaIds: ['00g1'],
  adopted: false,
  renamedTo: null,
  membersBefore: ['u1', 'u2'],
  remove: ['u2'],
};

const refused = {
  harm: [harm],
  rules: ['memberRemovals'],
  scope: { groups: ['Data'], hints: null },
  held: null,
  onboard: null,
};

describe('the record of a run', () => {
  it('holds plan and report under the run’s id, for people to read', async () => {
    const archive = memoryArchive();
    const record = recordOf(archive, '20260102T030405Z-1a2b');
    await record.plan({ changes: [] });
    const end = report({ runId: '20260102T030405Z-1a2b', status: 'in-sync' });
    await record.report(end);
    expect(record.address).toBe('memory/20260102T030405Z-1a2b/');
    expect([...archive.texts]).toMatchObject([
      ['20260102T030405Z-1a2b/plan.json', '{\n  "changes": []\n}\n'],
      ['20260102T030405Z-1a2b/report.json', `${JSON.stringify(end, null, 2)}\n`],
      // For history.
      ['history/head.json', expect.stringContaining(end.runId) as unknown],
    ]);
  });

  it('of a refused plan is found by its digest', async () => {
    const archive = memoryArchive();
    await keepRefused(archive, DIGEST, refused);
    expect(await readRefused(archive, DIGEST)).toEqual(refused);
    expect(await readRefused(archive, 'fedcba9876543210')).toBeNull();
  });

  it('of an earlier release, which is the harm alone, is read as one over everything', async () => {
    const archive = memoryArchive();
    archive.texts.set(`refused/${DIGEST}.json`, JSON.stringify([harm]));
    const scope = { groups: [], hints: null };
    expect(await readRefused(archive, DIGEST)).toEqual({
      harm: [harm],
      rules: [],
      scope,
      held: null,
      onboard: null,
    });
  });

  it.each(['../../etc/passwd', '', 'ABCDEF0123456789', `${DIGEST}0`])(
    'is not looked for under %j',
    async (digest) => {
      const archive = memoryArchive();
      archive.read = () => Promise.reject(new Error('looked for'));
      expect(await readRefused(archive, digest)).toBeNull();
    },
  );

  it.each(['', '{', '{}', '[7]', '[{"secodaId":"s1","remove":7,"membersBefore":null}]'])(
    'that reads %j stands for none',
    async (text) => {
      const archive = memoryArchive();
      archive.texts.set(`refused/${DIGEST}.json`, text);
      expect(await readRefused(archive, DIGEST)).toBeNull();
    },
  );

  it('that was approved comes with what it refused, where that can be read', async () => {
    const archive = memoryArchive();
    await keepRefused(archive, DIGEST, refused);
    expect(await wordFor(archive, DIGEST)).toEqual({ digest: DIGEST, refused });
    expect(await wordFor(archive, 'fedcba9876543210')).toEqual({ digest: 'fedcba9876543210', refused: null });
    expect(await wordFor(archive, null)).toBeNull();
  });
});

describe('whom a run left out', () => {
  it('is told by group, both of those without an account and of those whom Secoda did not take', async () => {
    const archive = memoryArchive();
    const unmatched = [
      { email: 'ada@acme.com', groups: ['Ops', 'BI'] },
      { email: 'bo@acme.com', groups: ['Ops'] },
    ];
    const unsettled = [{ email: 'cy@acme.com', groups: ['BI'] }];
    archive.texts.set('r1/report.json', JSON.stringify({ unmatched, unsettled }));
    expect(await leftOutBy(archive, 'r1')).toEqual([
      ['Ops', ['ada@acme.com', 'bo@acme.com']],
      ['BI', ['ada@acme.com', 'cy@acme.com']],
    ]);
  });

  it.each([null, '', '{', '{"unmatched":[]}'])('is nobody where its report reads %j', async (text) => {
    const archive = memoryArchive();
    if (text !== null) archive.texts.set('r1/report.json', text);
    expect(await leftOutBy(archive, 'r1')).toEqual([]);
  });
});
