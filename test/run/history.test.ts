import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { membersOf, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

const DAY_MS = 86_400_000;

/** Runs of a small company over some nights: a leaver, a hire without an account, a deletion that is refused, then approved. */
async function nights(): Promise<Scenario & { readonly deletedBy: string; readonly refusedBy: string }> {
  const stand = await scenario({
    config: { guard: { groupDeletions: { max: 0, percent: 0 }, memberRemovals: { max: 2, percent: 0 } } },
  });
  const { people, pairs } = smallWorld(stand, { groups: 2, people: 3 });
  const [ada, bob] = people;
  const [first, second] = pairs;
  if (!ada || !bob || !first || !second) throw new Error('this world is too small');
  await stand.report('apply');
  stand.jump(DAY_MS);
  stand.okta.state.setStatus(ada, 'DEPROVISIONED');
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  stand.okta.state.join(hire, first.okta);
  await stand.report('apply', '--reason', 'CHG-7');
  stand.jump(DAY_MS);
  stand.okta.state.removeGroup(second.okta);
  const { digest, runId: refusedBy } = await stand.report('apply', '--reason', 'nightly');
  const { runId: deletedBy, status } = await stand.report(
    'apply',
    '--approve',
    digest ?? '',
    '--reason',
    'CHG-8',
  );
  expect(status).toBe('applied');
  return { ...stand, deletedBy, refusedBy };
}

const json = async (stand: Scenario, ...args: string[]) =>
  JSON.parse((await stand.sync('history', ...args, '--json')).stdout) as {
    readonly runs: readonly Record<string, unknown>[];
    readonly changes: readonly Record<string, unknown>[];
  };

it('the runs are listed, the newest first, with who asked for them and what was approved', async () => {
  const stand = await nights();
  const { runs } = await json(stand);
  expect(runs).toMatchObject([
    { status: 'applied', request: { reason: 'CHG-8', approve: expect.any(String) as unknown } },
    { status: 'refused', request: { reason: 'nightly', approve: null } },
    { status: 'applied', request: { reason: 'CHG-7' } },
    { status: 'in-sync', summary: { members: { remove: 0 } } },
  ]);
  expect(Object.keys(runs[0] ?? {})).toEqual(['runId', 'startedAt', 'mode', 'status', 'summary', 'request']);
  const { stdout } = await stand.sync('history', '--status', 'refused');
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toContain(`${stand.refusedBy}  apply  refused`);
});

it('only runs since a date, or in the last days, are listed', async () => {
  const stand = await nights();
  expect((await json(stand, '--since', '1d')).runs).toHaveLength(2);
  const date = new Date(stand.clock.now() + DAY_MS).toISOString().slice(0, 10);
  expect((await json(stand, '--since', date)).runs).toEqual([]);
  for (const since of ['Tuesday', '2026-02-30', '2025-02-29T00:00:00Z', '7D']) {
    const { code, stderr } = await stand.sync('history', '--since', since);
    expect([code, stderr]).toEqual([2, expect.stringContaining('2026-11-01')]);
  }
});

it('what would narrow no answer is refused, and so is a status that no run has', async () => {
  const stand = await scenario();
  for (const [args, expected] of [
    [['--status', 'refuse'], 'unreadable, not "refuse"; did you mean "refused"?'],
    [['--status', 'applied', 'ada@acme.com'], '--status does not go with an address'],
    [['--unmatched', '--group', 'BI', 'ada@acme.com'], '--unmatched does not go with an address and --group'],
    [['--verify', '--since', '7d', '--unmatched'], '--verify does not go with --since and --unmatched'],
  ] as const) {
    const { code, stderr } = await stand.sync('history', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(expected)]);
  }
  for (const status of ['in-sync', 'running'])
    expect((await stand.sync('history', '--status', status)).code).toBe(0);
});

it('every change of a person’s access is told, with why, by which run, and by whose word', async () => {
  const stand = await nights();
  const { changes } = await json(stand, 'P1@acme.com');
  expect(changes).toMatchObject([
    {
      runId: stand.deletedBy,
      change: 'revoked',
      person: { email: 'p1@acme.com' },
      group: { name: 'Group B' },
      cause: 'group-gone',
      outcome: 'applied',
      requestedBy: expect.stringContaining('@') as unknown,
      approved: { runId: stand.deletedBy },
    },
  ]);
  const { stdout } = await stand.sync('history', 'p0@acme.com');
  expect(stdout).toContain('− revoked  p0@acme.com  Group A  deactivated in Okta');
  for (const [asked, told] of [
    [['nobody@acme.com'], `Nothing is recorded in ${stand.runs}/ of "nobody@acme.com"\n`],
    [['--group', 'Groop B'], `of "Groop B"; did you mean "Group B"?\n`],
    [
      ['pp1@acme.com', '--group', 'Group B'],
      `of "pp1@acme.com"; did you mean "p1@acme.com"?, and of "Group B"\n`,
    ],
  ] as const) {
    const { code, stdout: words } = await stand.sync('history', ...asked);
    expect([code, words]).toEqual([0, expect.stringContaining(told)]);
  }
});

it('a person is found under either address of an alias', async () => {
  const stand = await scenario({ config: { users: { aliases: { 'ada@acme.com': 'ada.l@acme.io' } } } });
  const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
  stand.secoda.state.addUser({ email: 'ada.l@acme.io' });
  stand.okta.state.addGroup({ name: 'Data', members: [ada] });
  await stand.report('apply');
  for (const address of ['ada@acme.com', 'ADA.L@acme.io']) {
    const { changes } = await json(stand, address);
    expect(changes).toMatchObject([{ change: 'granted', group: { name: 'Data' }, cause: 'in-group' }]);
  }
});

it('a group’s changes are told by its name or an id of it', async () => {
  const stand = await nights();
  const { changes } = await json(stand, '--group', 'Group B');
  expect(changes.map(({ person }) => person)).toHaveLength(3);
  const [{ group } = { group: { oktaIds: [] } }] = changes as readonly { group: { oktaIds: string[] } }[];
  expect((await json(stand, '--group', group.oktaIds[0] ?? '')).changes).toEqual(changes);
});

it('who is unmatched is told with since when and in how many runs, and who is no more', async () => {
  const stand = await nights();
  const { stdout } = await stand.sync('history', '--unmatched');
  expect(stdout).toMatch(
    /hire@acme\.com {2}since \d{4}-\d\d-\d\d, 3 runs {2}no account in Secoda {2}in Group A/,
  );
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  await stand.report('apply');
  expect((await stand.sync('history', '--unmatched')).stdout).toContain('Resolved by it\nhire@acme.com');
});

it('a spreadsheet gets rows that it cannot run', async () => {
  const stand = await scenario();
  const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  stand.okta.state.addGroup({ name: '=HYPERLINK("http://evil","x")', members: [ada] });
  await stand.report('apply', '--reason', '+1 "quoted"');
  const { stdout } = await stand.sync('history', 'ada@acme.com', '--csv');
  expect(stdout.split('\n')[1]).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`);
  expect((await stand.sync('history', '--csv')).stdout).toContain(`"'+1 ""quoted"""`);
});

it('a run of an earlier release, and one that was killed, are shown and say what they lack', async () => {
  const stand = await nights();
  const [oldest = '', killed = ''] = (await readdir(stand.runs)).filter((name) => name.startsWith('2'));
  for (const since of ['history', 'ledger']) await rm(join(stand.runs, since), { recursive: true });
  await rm(join(stand.runs, killed, 'report.json'));
  const { request, ...old } = (await stand.read(`${oldest}/report.json`)) as Record<string, unknown>;
  expect(request).toBeDefined();
  await writeFile(join(stand.runs, oldest, 'report.json'), JSON.stringify(old));
  const { runs } = await json(stand);
  expect(runs).toHaveLength(4);
  expect(runs).toMatchObject([
    {},
    {},
    { runId: killed, status: 'interrupted' },
    { runId: oldest, request: null },
  ]);
  expect((await stand.sync('history')).stdout).toContain(
    '1 run is of a release that did not record who asked for it',
  );
  expect((await json(stand, 'p0@acme.com')).changes).toContainEqual(
    expect.objectContaining({ runId: killed, outcome: 'unknown', cause: 'status:DEPROVISIONED' }),
  );
});

it('records of releases that said less are searched and shown all the same, and what they lack is told', async () => {
  const stand = await nights();
  for (const folder of ['history', 'ledger', 'snapshots'])
    await rm(join(stand.runs, folder), { recursive: true });
  for (const name of await readdir(stand.runs, { recursive: true })) {
    if (!/^2.+(?:report|plan)\.json$/.test(name)) continue;
    const said = await readFile(join(stand.runs, name), 'utf8');
    const less = new Set([
      'request',
      'causes',
      'why',
      'since',
      'runs',
      'resolved',
      'ledger',
      'holder',
      'name',
    ]);
    const isLacking = (key: string, value: unknown) =>
      less.has(key) && !(key === 'name' && typeof value === 'string' && value.startsWith('Group'));
    await writeFile(
      join(stand.runs, name),
      JSON.stringify(JSON.parse(said), (key, value: unknown) => (isLacking(key, value) ? undefined : value)),
    );
  }
  const told = async (...args: string[]) => (await stand.sync(...args)).stdout;
  expect(await told('history')).toContain('4 runs are of a release that did not record who asked for it');
  expect(await told('history', 'p0@acme.com')).toMatch(/− revoked +p0@acme\.com +Group A +not recorded why/);
  expect(await told('history', '--group', 'Group B')).toContain('− revoked  p1@acme.com  Group B');
  expect(await told('history', '--unmatched')).toContain('hire@acme.com  not recorded since when');
  expect(await told('history', '--verify')).toContain('There is no ledger yet');
  const shown = await told('show', stand.deletedBy);
  expect(shown).toContain('asked for by  not recorded by whom');
  expect(shown).toContain('- delete  Group B  applied');
  expect(await told('show', stand.refusedBy, '--group', 'Group B', '--members')).toContain('2 members');
});

it('a run whose record cannot be read is listed as that, and keeps nobody from the others', async () => {
  const stand = await nights();
  const [oldest = '', noted = ''] = (await readdir(stand.runs)).filter((name) => name.startsWith('2'));
  await rm(join(stand.runs, 'ledger'), { recursive: true });
  await writeFile(join(stand.runs, noted, 'report.json'), '{"runId":');
  const { stdout, stderr, code } = await stand.sync('history', 'p1@acme.com');
  expect([code, stdout]).toEqual([0, expect.stringContaining(`run ${stand.deletedBy}`)]);
  expect(stderr).toBe(
    `! What run ${noted} changed is not told here: ${stand.runs}/${noted}/report.json cannot be read: it is no report of a run\n`,
  );
  await rm(join(stand.runs, 'history'), { recursive: true });
  const { runs } = await json(stand);
  expect(runs).toHaveLength(4);
  expect(runs.find(({ runId }) => runId === noted)).toMatchObject({ status: 'unreadable', request: null });
  expect(runs.find(({ runId }) => runId === oldest)).toMatchObject({ mode: 'apply' });
  expect((await stand.sync('history')).stdout).toContain(
    `${noted}  unknown  unreadable  its record cannot be read`,
  );
  expect((await stand.sync('history', 'p1@acme.com')).stderr).toContain(`run ${noted} changed`);
});

it('show tells of the last run that could write, not of the plan that was tried since', async () => {
  const stand = await nights();
  await stand.sync('plan');
  const { stdout, code } = await stand.sync('show');
  expect(code).toBe(0);
  expect(stdout).toContain(`${stand.deletedBy}  `);
  expect(stdout).toMatch(/asked for by {2}terminal: .+; approves [0-9a-f]{16}; “CHG-8”/);
  expect(stdout).toContain('- delete  Group B  applied');
  expect(stdout).toContain('    - p1@acme.com  their Okta group is gone');
  const refused = await stand.sync('show', stand.refusedBy, '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({
    runId: stand.refusedBy,
    status: 'refused',
    requests: {},
  });
});

it('show finds a run by how its id begins, and says when that is not enough', async () => {
  const stand = await nights();
  expect((await stand.sync('show', stand.refusedBy.slice(0, -3))).stdout).toContain(stand.refusedBy);
  expect(await stand.sync('show', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('several runs') as unknown,
  });
  expect(await stand.sync('show', '1999')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no run') as unknown,
  });
});

it('show --members tells who was in a group that the run did not change, by its snapshot, or says what it lacks', async () => {
  const stand = await scenario();
  const { pairs, accounts } = smallWorld(stand, { groups: 2, people: 2 });
  const [first] = pairs;
  if (first === undefined) throw new Error('two groups');
  const own = stand.secoda.state.addGroup({ name: 'By hand', users: accounts });
  const quiet = await stand.report('apply');
  stand.okta.state.addGroup({ name: 'New' });
  const { runId } = await stand.report('apply');
  stand.secoda.state.removeGroup(own);
  const then = async (run: string, group: string) =>
    JSON.parse((await stand.sync('show', run, '--group', group, '--members', '--json')).stdout) as object;
  const members = ['p0@acme.com', 'p1@acme.com'];
  const told = { members, toldBy: runId, source: 'snapshot', lacks: null };
  expect(await then(runId, 'By hand')).toMatchObject({ group: 'By hand', ...told });
  expect(await then(runId, first.okta.id)).toMatchObject({ group: 'Group A', ...told });
  expect(await then(runId, 'New')).toMatchObject({ members: [], source: 'record' });
  const nothing = await stand.sync('show', quiet.runId, '--group', 'By hand', '--members');
  expect(nothing.code).toBe(2);
  expect(nothing.stderr).toContain(`${quiet.runId} kept no snapshot that shows it`);
  stand.okta.state.join(stand.okta.state.addUser({ email: 'p9@acme.com' }), first.okta);
  stand.secoda.state.addUser({ email: 'p9@acme.com' });
  const later = await stand.report('apply');
  const { stdout } = await stand.sync('show', quiet.runId, '--group', 'Group A', '--members');
  expect(stdout).toContain(
    `2 members, by the record of ${later.runId}, since that run did not change the group, and kept no snapshot`,
  );
});

it('show --members tells who was in a group then, by the record that knows', async () => {
  const stand = await nights();
  const { runs } = await json(stand);
  const ids = runs.map(({ runId }) => String(runId));
  const then = async (run: string | undefined, group: string) =>
    JSON.parse((await stand.sync('show', run ?? '', '--group', group, '--members', '--json')).stdout) as {
      readonly members: string[];
    };
  expect((await then(ids[3], 'Group A')).members).toEqual(['p0@acme.com', 'p1@acme.com', 'p2@acme.com']);
  expect((await then(ids[2], 'Group A')).members).toEqual(membersOf(stand)['Group A']);
  expect((await then(ids[0], 'Group A')).members).toEqual(['p1@acme.com', 'p2@acme.com']);
  expect((await then(ids[0], 'Group B')).members).toEqual([]);
  expect((await stand.sync('show', '--group', 'Nothing', '--members')).code).toBe(2);
});
