import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { entriesSince } from '../../lambda/archive/ledger.ts';
import type { RunLine } from '../../lambda/archive/run-index.ts';
import type { StoredReport } from '../../lambda/archive/runs.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { holderHere } from '../../lambda/services/store/lock.ts';
import { deployment } from './deployment.ts';
import { type Scenario, scenario } from './scenario.ts';
import { drift, smallWorld } from './small-world.ts';

const HOUR_MS = 3_600_000;
/** A process of this host that is gone: no system gives out such a number. */
const gone = (runId: string) => ({ ...holderHere(runId), pid: 2 ** 30 });
const AFTER_ONE_WRITE = { to: 'secoda', nth: 1, after: true } as const;

/** A world with four changes, and a deployment over a scenario's folder. */
async function drifted(holder?: typeof gone) {
  const stand = await scenario();
  drift(stand, smallWorld(stand));
  return { stand, sync: deployment(stand, folderArchive(stand.runs, stand.clock), {}, holder) };
}

async function statusOf(stand: Scenario, runId: string): Promise<string | undefined> {
  const { runs } = JSON.parse((await stand.sync('history', '--json')).stdout) as {
    readonly runs: readonly RunLine[];
  };
  return runs.find((run) => run.runId === runId)?.status;
}

async function shown(stand: Scenario, runId: string): Promise<StoredReport> {
  return JSON.parse((await stand.sync('show', runId, '--json')).stdout) as StoredReport;
}

const outcomesOf = ({ changes }: StoredReport) => changes.map(({ outcome }) => outcome).toSorted();

it('a run whose process is gone is told as interrupted at once, and closed by the next one with what it did', async () => {
  const { stand, sync } = await drifted(gone);
  const runId = await sync.night(AFTER_ONE_WRITE);
  expect(await statusOf(stand, runId)).toBe('interrupted');
  expect(outcomesOf(await shown(stand, runId))).toEqual(Array(4).fill('unknown'));
  await stand.sync('plan');
  await expect(stand.read(`${runId}/report.json`)).rejects.toThrow('ENOENT');
  const members = () => stand.sync('show', runId, '--members', '--group', 'Group B');
  expect(await members()).toMatchObject({ code: 2, stdout: '' });

  expect((await stand.report('apply')).status).toBe('applied');
  const closed = (await stand.read(`${runId}/report.json`)) as StoredReport;
  expect(closed).toMatchObject({
    status: 'interrupted',
    error: expect.stringContaining('killed') as unknown,
  });
  expect(outcomesOf(closed)).toEqual(['applied', ...Array<string>(3).fill('not-attempted')]);
  expect(await shown(stand, runId)).toMatchObject({ status: 'interrupted', changes: closed.changes });
  expect((await members()).stdout).toContain('Group B after run');
});

it('what a run that was killed did is in the ledger as its record has it, so that altering that shows', async () => {
  const { stand, sync } = await drifted(gone);
  const runId = await sync.night(AFTER_ONE_WRITE);
  await stand.sync('apply');
  const entries = await entriesSince(folderArchive(stand.runs), 'okta', '');
  expect(entries.filter(({ kind }) => kind === 'end')).toMatchObject([
    { status: 'applied' },
    { runId, status: 'interrupted', request: { trigger: 'schedule' } },
  ]);
  expect((await stand.sync('history', '--verify')).code).toBe(0);
  const file = join(stand.runs, runId, 'report.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('not-attempted', 'applied'));
  expect((await stand.sync('history', '--verify')).stdout).toContain(
    `${runId}/report.json is not what it was`,
  );
});

it('a run whose process nobody can look for is left open for a day', async () => {
  const { stand, sync } = await drifted();
  const runId = await sync.night(AFTER_ONE_WRITE);
  stand.jump(23 * HOUR_MS);
  await stand.sync('apply');
  expect(await statusOf(stand, runId)).toBe('running');
  await expect(stand.read(`${runId}/report.json`)).rejects.toThrow('ENOENT');
  stand.jump(HOUR_MS);
  expect(await statusOf(stand, runId)).toBe('interrupted');
  await stand.sync('apply');
  expect(await stand.read(`${runId}/report.json`)).toMatchObject({ status: 'interrupted' });
});

it('a run is closed only once it was looked at what it did, and by its own deployment', async () => {
  const { stand, sync } = await drifted(gone);
  const runId = await sync.night({ ...AFTER_ONE_WRITE, nth: 4 });
  // Nothing is left to be written, and a minute has to pass before anybody looks.
  expect((await stand.report('apply')).status).toBe('in-sync');
  await expect(stand.read(`${runId}/report.json`)).rejects.toThrow('ENOENT');
  stand.jump(HOUR_MS);
  await stand.report('apply', '--group', 'Group A');
  const other = { name: 'other', groups: { include: ['None'] }, guard: { minimumGroups: 0 } };
  await deployment(stand, folderArchive(stand.runs, stand.clock), other).night();
  await expect(stand.read(`${runId}/report.json`)).rejects.toThrow('ENOENT');
  await stand.report('apply');
  expect(outcomesOf((await stand.read(`${runId}/report.json`)) as StoredReport)).toEqual(
    Array(4).fill('applied'),
  );
});

it('an onboarding that was killed is shown with whom it added, and whom it invited', async () => {
  const stand = await scenario({ config: { users: { invite: { role: 'viewer' } } } });
  const { pairs } = smallWorld(stand);
  const config = { users: { invite: { role: 'viewer' } } };
  const [ada, bob] = ['ada@acme.com', 'bob@acme.com'].map((email) => stand.okta.state.addUser({ email }));
  if (!ada || !bob || !pairs[0]) throw new Error('there is nobody to onboard');
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  for (const each of [ada, bob]) stand.okta.state.join(each, pairs[0].okta);
  const sync = deployment(stand, folderArchive(stand.runs, stand.clock), config, gone);
  const onboard = ['ada@acme.com', 'bob@acme.com'];
  const runId = await sync.start({ onboard }, { to: 'secoda', nth: 2, after: true });
  stand.jump(HOUR_MS);
  await stand.report('apply');
  expect(await shown(stand, runId)).toMatchObject({
    mode: 'onboard',
    status: 'interrupted',
    changes: [{ group: { name: 'Group A' }, add: ['ada@acme.com'], outcome: 'applied' }],
    invited: [{ email: 'bob@acme.com', groups: ['Group A'], outcome: 'applied' }],
  });
});
