import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Compared } from '../../lambda/core/report/difference.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { drift, smallWorld } from './small-world.ts';
import { scenario, type Scenario, type ScenarioOptions } from './scenario.ts';

/** A scenario whose credentials can be taken away. */
async function forgetful(options: ScenarioOptions = {}) {
  let known = true;
  const stand = await scenario({
    ...options,
    environment: (okta, secoda) =>
      known ? { OKTA_API_TOKEN: okta.credentials.apiToken, SECODA_API_KEY: secoda.credentials.apiKey } : {},
  });
  return {
    ...stand,
    forget: () => void (known = false),
    asked: () => stand.okta.requests.length + stand.secoda.requests.length,
  };
}

type Replayed = Report & { readonly from: Compared; readonly code: number };

async function replayed(stand: Scenario, ...args: string[]): Promise<Replayed> {
  return (await stand.report('plan', '--from', ...args)) as Replayed;
}

describe('a run planned again from its snapshot', () => {
  it('comes to the same plan and digest, without credentials and without a request', async () => {
    const stand = await forgetful();
    drift(stand, smallWorld(stand));
    const planned = await stand.report('plan');
    const run = await stand.report('apply');
    const asked = stand.asked();
    stand.forget();
    stand.jump(40 * 24 * 3_600_000);
    const again = await replayed(stand, 'last', '--expect-no-changes');
    expect(again).toMatchObject({ code: 0, runId: run.runId, digest: run.digest, status: 'planned' });
    expect(again.changes).toEqual(planned.changes);
    expect(again).toMatchObject({
      request: { full: false, dryRun: true, approve: null },
      requests: {
        okta: { reads: 0, throttled: 0, retries: 0 },
        secoda: { reads: 0, writes: 0, throttled: 0, retries: 0 },
      },
      durationMs: 0,
    });
    expect(again.from).toMatchObject({ comparison: { same: true, groups: [] }, keys: [], unknown: [] });
    expect(stand.asked()).toBe(asked);
    const { stdout, code } = await stand.sync('plan', '--from', run.runId.slice(0, 20));
    expect(code).toBe(0);
    expect(stdout).toContain(
      `Compared with run ${run.runId} (digest ${run.digest}): the same plan and verdict.`,
    );
    expect(await readdir(stand.runs)).toEqual(expect.arrayContaining([run.runId, 'snapshots']));
    expect((await stat(join(stand.runs, `snapshots/${run.runId}.jsonl.gz`))).mode & 0o777).toBe(0o600);
  });

  it('is refused as it was, which is no change', async () => {
    const stand = await scenario({ config: { guard: { groupDeletions: { max: 0, percent: 0 } } } });
    drift(stand, smallWorld(stand));
    const run = await stand.report('apply');
    expect(run).toMatchObject({ code: 3, refusals: [{ rule: 'groupDeletions' }] });
    const { refusals, digest } = run;
    expect(await replayed(stand, 'last')).toMatchObject({ code: 3, status: 'refused', refusals, digest });
    expect(await replayed(stand, 'last', '--expect-no-changes')).toMatchObject({ code: 0 });
    await stand.configure({});
    const passed = await replayed(stand, 'last', '--expect-no-changes');
    expect(passed).toMatchObject({ code: 7, status: 'planned' });
    expect(passed.from.comparison).toMatchObject({ same: false, keeps: ['groupDeletions'], groups: [] });
    expect(passed.from.keys).toEqual([
      {
        key: 'guard.groupDeletions',
        was: '{"max":0,"percent":0}',
        is: '{"max":3,"percent":10}',
        alone: null,
        why: null,
      },
    ]);
    const { stdout } = await stand.sync('plan', '--from', 'last');
    expect(stdout).toContain('it no longer breaks groupDeletions');
    expect(stdout).not.toContain('--approve');
  });

  it('that was approved passes for the same word, and another plan is judged without it', async () => {
    const stand = await scenario({ config: { guard: { groupDeletions: { max: 0, percent: 0 } } } });
    drift(stand, smallWorld(stand));
    const { digest } = await stand.report('apply');
    const run = await stand.report('apply', '--approve', digest ?? '');
    expect(run).toMatchObject({ code: 0, status: 'applied', digest });
    expect(await replayed(stand, run.runId, '--expect-no-changes')).toMatchObject({ code: 0, digest });
    await stand.configure({
      guard: { groupDeletions: { max: 0, percent: 0 } },
      groups: { exclude: ['Group A'] },
    });
    const other = await replayed(stand, run.runId);
    expect(other).toMatchObject({ code: 3, refusals: [{ rule: 'groupDeletions' }] });
  });
});

describe('a run planned again by another configuration', () => {
  it('says which groups and people differ, which keys, and what each alone changes', async () => {
    const stand = await scenario();
    drift(stand, smallWorld(stand));
    const run = await stand.report('apply');
    await stand.configure({
      groups: { exclude: ['Group B'], map: { 'Group A': 'Alpha' } },
      secoda: { url: stand.secoda.url, writesPerMinute: 20 },
    });
    const other = await replayed(stand, 'last', '--expect-no-changes');
    expect(other.code).toBe(7);
    const { comparison, keys, unknown } = other.from;
    expect(comparison.groups.map(({ group: { name }, was, is }) => [name, was, is])).toEqual([
      ['Alpha', 'update', 'rename'],
      ['Group B', 'update', 'delete'],
    ]);
    expect(comparison.groups[1]).toMatchObject({ notAdd: ['hire@acme.com'], add: [] });
    expect(comparison.groups[1]?.remove).toHaveLength(4);
    expect(unknown).toEqual([]);
    expect(keys.map(({ key, was, is, why }) => [key, was, is, why])).toEqual([
      ['secoda.writesPerMinute', '30', '20', 'no plan depends on it'],
      ['groups.exclude', '[]', '["Group B"]', null],
      ['groups.map', '{}', '{"Group A":"Alpha"}', null],
    ]);
    expect(keys.map(({ alone }) => alone?.groups.map(({ group }) => group.name) ?? null)).toEqual([
      null,
      ['Group B'],
      ['Alpha'],
    ]);
    const { stdout } = await stand.sync('plan', '--from', 'last');
    expect(stdout).toContain(`Compared with run ${run.runId}`);
    expect(stdout).toMatch(
      /Group B \(00g\w+\): updated → deleted; 1 not added; 4 more removed\n {6}not added: hire@acme\.com\n/,
    );
    expect(stdout).toContain(
      'groups.exclude: [] → ["Group B"]\n      alone: 1 group differs, 1 not added, 4 more removed: Group B',
    );
    const summary = (await stand.sync('plan', '--from', 'last', '--format', 'markdown', '--summary')).stdout;
    expect(summary).toContain('Group B (00g');
    expect(summary).not.toContain('@acme.com');
    const page = (await stand.sync('plan', '--from', 'last', '--format', 'html')).stdout;
    expect(page).toContain('updated → deleted');
    const first = 'managed or about to be adopted';
    expect([stdout.includes(first), page.includes(first)]).toEqual([true, false]);
  });

  it('names what it would need and the run did not read, and guesses nothing of it', async () => {
    const stand = await scenario({ config: { name: 'okta', groups: { exclude: ['Secret *'] } } });
    const { people } = smallWorld(stand);
    stand.okta.state.addGroup({ name: 'New', members: [...people] });
    const secret = stand.okta.state.addGroup({ name: 'Secret Project', members: [...people] });
    await stand.report('apply');
    await stand.configure({ okta: { orgUrl: stand.okta.url, groups: { filter: 'type eq "OKTA_GROUP"' } } });
    const other = await replayed(stand, 'last');
    expect(other.from.unknown).toEqual([
      'okta.groups: which groups another selection lists; this is planned with those that the run listed',
      `Secret Project (${secret.id}): its members, which the run did not read; the group is skipped here`,
    ]);
    expect(other.skipped).toMatchObject([{ group: 'Secret Project', reason: 'its members were not read' }]);
    await stand.configure({ name: 'emea', groups: { exclude: ['Secret *'] } });
    const { from, changes } = await replayed(stand, 'last');
    expect(from.unknown[0]).toContain('name: what earlier runs under the name emea left behind');
    expect(changes.filter(({ group }) => group.secodaId !== null)).toEqual([]);
  });
});

describe('which run has a snapshot', () => {
  it('is each full run that changed or refused something, and the last of these is last', async () => {
    const stand = await scenario();
    const world = smallWorld(stand);
    await stand.report('apply');
    expect((await stand.sync('plan', '--from', 'last')).stderr).toContain('has kept a snapshot yet');
    drift(stand, world);
    const part = await stand.report('apply', '--group', 'Group A');
    const run = await stand.report('plan');
    await stand.report('apply', '--group', 'Group B');
    const { code, stderr } = await stand.sync('plan', '--from', part.runId);
    expect(code).toBe(2);
    expect(stderr).toContain(`run ${part.runId} kept no snapshot`);
    expect(await replayed(stand, 'last')).toMatchObject({ code: 0, runId: run.runId });
  });

  it.each([
    ['all', 1],
    ['none', 0],
  ])('is as archive.snapshots says: %s', async (snapshots, count) => {
    const stand = await scenario({ config: { archive: { snapshots } } });
    const world = smallWorld(stand);
    await stand.report('apply');
    const kept = () => readdir(join(stand.runs, 'snapshots')).catch(() => []);
    expect(await kept()).toHaveLength(count);
    drift(stand, world);
    await stand.report('apply');
    expect(await kept()).toHaveLength(2 * count);
  });

  it('is not asked of a part: --from goes with no --group, --full or --reason', async () => {
    const stand = await scenario();
    const { code, stderr } = await stand.sync('plan', '--from', 'last', '--group', 'A', '--full');
    expect(code).toBe(2);
    expect(stderr).toContain('leave out --group');
    expect(stderr).toContain('leave out --full');
    expect((await stand.sync('apply', '--from', 'last')).stderr).toContain(
      '--from goes with plan, not with apply',
    );
  });
});
