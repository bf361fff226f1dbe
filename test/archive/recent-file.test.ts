import { describe, expect, it } from 'vitest';
import { effectsOf, type RecentEntry } from '../../lambda/core/guard/recent.ts';
import { noteRecent, recentlyDone } from '../../lambda/archive/recent-file.ts';
import { runIdAt } from '../../lambda/archive/run-index.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const NOW = Date.UTC(2026, 0, 5, 2);
const HOUR = 3_600_000;
const KEY = 'recent/okta.json';

const change = (secodaId: string | null, more: object = {}) => ({
  action: 'update',
  oktaIds: ['00g1'],
  secodaId,
  adopted: false,
  known: false,
  add: [],
  remove: [{ userId: 'u1', email: 'u1@acme.com', ineligible: false }],
  ...more,
});
const reported = (secodaId: string | null, outcome: string | null) => ({ group: { secodaId }, outcome });

interface CheckpointRef {
  /** Hours ago. */
  readonly began: number;
  readonly plan: object | null;
  /** Hours that the run took; without it the run left no report. */
  readonly took?: number;
  readonly report?: object;
}

/** What counts along, from these records alone. */
async function from(...records: readonly CheckpointRef[]) {
  const archive = memoryArchive();
  for (const [n, { began, plan, took, report }] of records.entries()) {
    const startedAt = NOW - began * HOUR;
    const runId = runIdAt(startedAt, () => n / 100);
    const write = (name: string, content: object) =>
      archive.write(`${runId}/${name}`, JSON.stringify(content));
    if (plan !== null)
      await write('plan.json', { mode: 'apply', name: 'okta', approve: null, refusals: [], ...plan });
    if (took === undefined) continue;
    const head = { startedAt: new Date(startedAt).toISOString(), durationMs: took * HOUR, status: 'applied' };
    await write('report.json', { ...head, changes: [], invited: [], ...report });
  }
  const { removed, deleted, adopted, invited, unknown } = await recentlyDone(archive, 'okta', NOW, false);
  expect(unknown).toBeNull();
  expect(archive.texts.has(KEY)).toBe(false);
  return [
    ...[...removed].flatMap(([id, users]) => (users.size > 0 ? id : [])),
    ...deleted,
    ...adopted,
    ...invited,
  ].sort();
}

describe('what was done lately, by the records', () => {
  const changes = [change('s1'), change('s2')];

  it.each<[string, CheckpointRef, string[]]>([
    [
      'is what was applied, perhaps failed, or was not honoured',
      {
        began: 1,
        plan: { changes: [...changes, change('s3'), change('s4')] },
        took: 0.1,
        report: {
          changes: [
            reported('s1', 'applied'),
            reported('s2', 'failed'),
            reported('s3', 'unsettled'),
            reported('s4', 'not-attempted'),
          ],
        },
      },
      ['s1', 's2', 's3'],
    ],
    ['is nothing of a plan', { began: 1, plan: { mode: 'plan', changes }, took: 0.1 }, []],
    ['is nothing of what was refused', { began: 1, plan: { changes, refusals: [{}] }, took: 0.1 }, []],
    ['is nothing of another deployment', { began: 1, plan: { name: 'emea', changes } }, []],
    ['is nothing of what was approved', { began: 1, plan: { approve: '0123456789abcdef', changes } }, []],
    ['is all of a run that was killed', { began: 1, plan: { changes } }, ['s1', 's2']],
    ['is nothing of a run that ended twenty hours ago', { began: 21, plan: { changes }, took: 1 }, []],
    [
      'is all of one that began long before, and ended since',
      { began: 30, plan: { changes }, took: 11 },
      ['s1', 's2'],
    ],
    ['is nothing of a run without a plan', { began: 1, plan: null, took: 0.1 }, []],
    [
      'is what a release that said neither name nor approval did',
      { began: 1, plan: { name: undefined, approve: undefined, changes } },
      ['s1', 's2'],
    ],
    [
      'are deletions and adoptions, but not of what was known',
      {
        began: 1,
        plan: {
          changes: [
            change('s1', { action: 'delete', remove: [] }),
            change('s2', { adopted: true, remove: [] }),
            change('s3', { adopted: true, known: true, remove: [] }),
          ],
        },
      },
      ['s1', 's2'],
    ],
    [
      'are the invitations of an onboarding that were sent or lost',
      {
        began: 1,
        plan: {
          mode: 'onboard',
          changes: undefined,
          joins: [],
          invitations: [{ emails: ['a@b.c', 'b@b.c'] }, { emails: ['c@b.c'] }],
        },
        took: 0.1,
        report: {
          invited: [
            { email: 'a@b.c', outcome: 'applied' },
            { email: 'b@b.c', outcome: 'failed' },
            { email: 'c@b.c', outcome: 'not-attempted' },
          ],
        },
      },
      ['a@b.c', 'b@b.c'],
    ],
  ])('%s', async (_, record, expected) => {
    expect(await from(record)).toEqual(expected);
  });

  it.each([
    ['additionsPerGroup', ['a@b.c']],
    ['invitations', []],
  ])('of invitations, an approval of what broke %s leaves %j', async (rule, expected) => {
    const refused = { began: 2, plan: { digest: 'd', changes, refusals: [{ rule }] }, took: 0 };
    const invitations = [{ emails: ['a@b.c'] }];
    expect(await from(refused, { began: 1, plan: { approve: 'd', changes, invitations } })).toEqual(expected);
  });

  it('is whom an onboarding added to groups that stood', async () => {
    const archive = memoryArchive();
    const join = { secodaId: 's1', add: [{ user: { id: 'u1' } }, { user: { id: 'u2' } }] };
    const plan = { mode: 'onboard', name: 'okta', joins: [join], invitations: [] };
    await archive.write(`${runIdAt(NOW - HOUR, () => 0)}/plan.json`, JSON.stringify(plan));
    expect(await recentlyDone(archive, 'okta', NOW, false)).toEqual({
      removed: new Map(),
      deleted: new Set(),
      adopted: new Set(),
      invited: new Set(),
      granted: new Map([['s1', new Set(['u1', 'u2'])]]),
      unknown: null,
    });
  });

  it('of what was approved is what no approval was for: people who joined by an onboarding, and what was held', async () => {
    const joins = [{ secodaId: 's1', add: [{ user: { id: 'u1' } }] }];
    const invitations = [{ emails: ['a@b.c'] }];
    const refused = {
      began: 2,
      plan: { digest: 'd', mode: 'onboard', refusals: [{ rule: 'invitations' }] },
      took: 0,
    };
    expect(
      await from(refused, { began: 1, plan: { mode: 'onboard', approve: 'd', joins, invitations } }),
    ).toEqual([]);
    expect(
      await from(refused, { began: 1, plan: { mode: 'onboard', approve: 'e', joins, invitations } }),
    ).toEqual(['a@b.c']);
    const inPart = [change('s1', { approved: ['u1'] }), change('s2', { held: true })];
    expect(await from({ began: 1, plan: { approve: 'd', changes: inPart, refusals: [{}] } })).toEqual(['s1']);
  });

  it('is not known where a record of that time cannot be read', async () => {
    const archive = memoryArchive();
    const key = `${runIdAt(NOW - HOUR, () => 0)}/plan.json`;
    await archive.write(key, '{');
    expect((await recentlyDone(archive, 'okta', NOW, true)).unknown).toBe(
      `memory/${KEY} is missing, and memory/${key}, from which it would be made again, cannot be read; move that record away, if nobody lost access by that run`,
    );
    expect(archive.texts.has(KEY)).toBe(false);
    // A day before what counts along, and one of nobody's form.
    archive.texts.delete(key);
    await archive.write(`${runIdAt(NOW - 45 * HOUR, () => 0)}/plan.json`, '{');
    await archive.write('20260105-copy/plan.json', '{');
    expect((await recentlyDone(archive, 'okta', NOW, false)).unknown).toBeNull();
    await archive.write(`${runIdAt(NOW - 43 * HOUR, () => 0)}/plan.json`, '{');
    expect((await recentlyDone(archive, 'okta', NOW, false)).unknown).toContain('cannot be read');
  });

  it('is what all of them did', async () => {
    const plan = { changes: [change('s2')] };
    expect(
      await from({ began: 3, plan: { changes } }, { began: 2, plan }, { began: 1, plan, took: 0 }),
    ).toEqual(['s1', 's2']);
  });
});

describe('the file', () => {
  const note = (
    archive: ReturnType<typeof memoryArchive>,
    entry: Partial<RecentEntry>,
    before: RecentEntry | null = null,
  ) => {
    const whole = { at: NOW, runId: 'a', approved: false, ...effectsOf([]), ...entry };
    return noteRecent(archive, 'okta', { before, entry: whole }, () => []);
  };

  it('is made by a run that may write, so that the records are read once', async () => {
    const archive = memoryArchive();
    await recentlyDone(archive, 'okta', NOW, true);
    const unlisted = { ...archive, folders: () => Promise.reject(new Error('the records were read again')) };
    expect(await recentlyDone(unlisted, 'okta', NOW, true)).toMatchObject({ unknown: null });
    await expect(recentlyDone(unlisted, 'emea', NOW, false)).rejects.toThrow('read again');
  });

  it('forgets what no longer counts, and keeps what others noted', async () => {
    const archive = memoryArchive();
    await note(archive, { at: NOW - 30 * HOUR, runId: 'old', deleted: ['s0'] });
    await note(archive, { at: NOW - HOUR, runId: 'other', deleted: ['s1'] });
    await note(archive, { deleted: ['s2'] });
    expect((await recentlyDone(archive, 'okta', NOW, false)).deleted).toEqual(new Set(['s1', 's2']));
    expect(archive.texts.get(KEY)).not.toContain('s0');
  });

  it('takes a note in the place of the one before, and leaves out what came to nothing', async () => {
    const archive = memoryArchive();
    const before = { at: NOW, runId: 'a', approved: false, ...effectsOf([]), deleted: ['s1', 's2'] };
    await note(archive, before);
    await note(archive, { deleted: ['s1'] }, before);
    expect((await recentlyDone(archive, 'okta', NOW, false)).deleted).toEqual(new Set(['s1']));
    await note(archive, {}, { ...before, deleted: ['s1'] });
    expect(archive.texts.get(KEY)).toBe('{"version":1,"entries":[\n\n]}\n');
  });

  it('keeps both of two notes made at once', async () => {
    const archive = memoryArchive(() => Promise.resolve());
    await Promise.all(['s1', 's2', 's3'].map((id) => note(archive, { runId: id, deleted: [id] })));
    expect((await recentlyDone(archive, 'okta', NOW, false)).deleted).toEqual(new Set(['s1', 's2', 's3']));
  });

  it('is not written where there is a reason against it, which hears what others noted by then', async () => {
    const archive = memoryArchive();
    await note(archive, { deleted: ['s1'] });
    const text = archive.texts.get(KEY);
    const entry = { at: NOW, runId: 'b', approved: false, ...effectsOf([]), deleted: ['s2'] };
    const heard = await noteRecent(archive, 'okta', { before: null, entry }, ({ entries }) =>
      entries.map(({ deleted }) => deleted),
    );
    expect(heard).toEqual([['s1']]);
    expect(archive.texts.get(KEY)).toBe(text);
  });

  it('that cannot be read is left as it is, whatever is noted', async () => {
    const archive = memoryArchive();
    archive.texts.set(KEY, '{');
    await note(archive, { deleted: ['s1'] });
    expect(archive.texts.get(KEY)).toBe('{');
  });
});
