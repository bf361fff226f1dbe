import { describe, expect, it } from 'vitest';
import { noteRun } from '../../lambda/archive/run-index.ts';
import { limitFindings } from '../../lambda/commands/doctor.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { report } from '../aws/reports.ts';
import { GUARD, rulesOf } from '../core/world.ts';
import { REQUESTED } from '../core/requested.ts';
import { change, people, plan, removal } from '../render/plans.ts';

const idOf = (night: number) => `20260101T${String(night).padStart(6, '0')}Z-abcd`;

interface Night {
  readonly run?: Partial<Report>;
  readonly plan?: object;
}

/** An archive with the plan of each of these, one a second. */
async function archiveOf(...nights: readonly Night[]) {
  const archive = memoryArchive();
  for (const [n, { run, plan: made = plan() }] of nights.entries()) {
    archive.texts.set(`${idOf(n)}/plan.json`, JSON.stringify({ name: 'okta', ...made }));
    await noteRun(archive, report({ runId: idOf(n), ...run }));
  }
  return archive;
}

const findingsOf = async (...nights: readonly Night[]) =>
  limitFindings(await archiveOf(...nights), { guard: GUARD, rules: rulesOf({}) });
const details = async (...nights: readonly Night[]) =>
  (await findingsOf(...nights)).map(({ ok, detail }) => `${ok === true ? '✓' : '–'} ${detail}`);
const losing = (count: number, of = count) =>
  plan({
    changes: [
      change({
        action: 'update',
        name: 'Ops',
        remove: people(count).map(({ email }) => removal(email)),
        before: { name: 'Ops', description: '', members: people(of) },
      }),
    ],
  });

describe('how near the last full runs came to the limits', () => {
  it('is told of full runs of this deployment that left a plan, and of no others', async () => {
    const request = (given: Partial<typeof REQUESTED>): Night => ({
      run: { request: { ...REQUESTED, ...given } },
    });
    const [head] = await details(
      {},
      { run: { mode: 'plan' } },
      { plan: { ...plan(), name: undefined } },
      request({ groups: ['Ops'] }),
      request({ trigger: 'event' }),
      { run: { mode: 'onboard' } },
      { plan: { ...plan(), name: 'emea' } },
      { plan: { changes: 7 } },
    );
    expect(head).toBe(`✓ 3 full runs, from ${idOf(0)} to ${idOf(2)}, against the limits as they are now`);
    const none = '– no full run has left a plan in memory/ to hold them against';
    expect(await details(request({ trigger: 'event' }))).toEqual([none]);
  });

  it('is told of the last thirty', async () => {
    const nights = Array.from({ length: 31 }, () => ({}));
    expect((await details(...nights))[0]).toMatch(`✓ 30 full runs, from ${idOf(1)} to ${idOf(30)}`);
  });

  it('names the night that came nearest, and where one was beyond the limit', async () => {
    const told = await details({ plan: losing(3, 100) }, { plan: losing(4, 100) }, { plan: losing(2, 100) });
    expect(told).toContain(`✓ memberRemovals: largest night 4 of 30 (${idOf(1)})`);
    expect(told).toContain(`✓ removalsPerGroup: largest night 4 of 50 (${idOf(1)})`);
    expect(told).toContain('✓ adoptions: nothing in any of them');
    expect(await details({ plan: losing(30, 100) })).toContain(
      `✓ memberRemovals: largest night 30 of 30 (${idOf(0)})`,
    );
    expect(await details({ plan: losing(31, 100) })).toContain(
      `– memberRemovals: largest night 31 of 30, against the limit (${idOf(0)})`,
    );
  });

  it('weighs each night by its own limit', async () => {
    // Six of ten are more than five of them, ten of a hundred are far from fifty.
    const told = await details({ plan: losing(6, 10) }, { plan: losing(10, 100) });
    expect(told).toContain(`– removalsPerGroup: largest night 6 of 5, against the limit (${idOf(0)})`);
    const none = { ...GUARD, removalsPerGroup: { max: 0, percent: 0 } };
    const nights = [{ plan: losing(1, 10) }, { plan: losing(2, 10) }, { plan: losing(1, 10) }];
    const found = await limitFindings(await archiveOf(...nights), { guard: none, rules: rulesOf({}) });
    expect(found.map(({ detail }) => detail)).toContain(
      `removalsPerGroup: largest night 2 of 0, against the limit (${idOf(1)})`,
    );
  });

  it('names the night with the fewest groups', async () => {
    const baseline = (groupsInScope: number) => ({
      plan: plan({ baseline: { groupsInScope, managedGroups: 12, memberships: 300 } }),
    });
    expect(await details(baseline(9), baseline(1), baseline(3))).toContain(
      `✓ minimumGroups: smallest night 1, at least 1 (${idOf(1)})`,
    );
    expect(await details(baseline(9), baseline(0), baseline(3))).toContain(
      `– minimumGroups: smallest night 0, at least 1, against the limit (${idOf(1)})`,
    );
  });
});
