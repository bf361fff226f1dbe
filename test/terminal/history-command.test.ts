import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ledgerOf } from '../../lambda/archive/ledger.ts';
import { noteRun } from '../../lambda/archive/run-index.ts';
import { fingerprint } from '../../lambda/core/model/text.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { main } from '../../lambda/terminal/main.ts';
import { report, reportedChange } from '../aws/reports.ts';
import { REQUESTED } from '../core/requested.ts';
import { temporaryFolder } from '../services/store/temporary.ts';
import { HeldClock } from '../time/clock.ts';

const idOf = (day: number) => `202601${String(day).padStart(2, '0')}T020000Z-abcd`;

/** A folder with a record for each of these, one a day, and the command line over it, a day after the last. */
async function over(...runs: readonly Partial<Report>[]) {
  const folder = await temporaryFolder();
  const archive = folderArchive(folder);
  for (const [index, given] of runs.entries()) {
    const startedAt = new Date(Date.UTC(2026, 0, index + 1, 2)).toISOString();
    const run = report({ runId: idOf(index + 1), startedAt, ...given });
    await archive.write(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  const clock = new HeldClock(Date.UTC(2026, 0, runs.length + 1, 2));
  const told = async (...argv: readonly string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await main([...argv, '--runs', folder], {
      environment: {},
      stdout: { columns: 120, write: (text) => out.push(text) },
      stderr: { write: (text) => err.push(text) },
      clock,
      random: () => 0.5,
    });
    const text = (lines: readonly string[]) => lines.join('').replaceAll(folder, 'RUNS');
    return { code, out: text(out), err: text(err) };
  };
  const configure = async (config: object = {}) => {
    const file = join(folder, 'config.json');
    const okta = { orgUrl: 'https://acme.okta.com', groups: { all: true } };
    await writeFile(file, JSON.stringify({ okta, secoda: { region: 'eu' }, ...config }));
    return ['--config', file];
  };
  return { archive, told, configure };
}

const CHANGED = reportedChange({
  outcome: 'applied',
  add: ['ada@acme.com'],
  remove: ['bo@acme.com'],
  causes: { 'bo@acme.com': { cause: 'not-in-group', oktaId: '00u2', okta: 'bo@acme.io' } },
  before: { name: 'Finance', description: '', members: [{ userId: 'u2', email: 'bo@acme.com' }] },
});
const APPROVED = { ...REQUESTED, requestedBy: 'boss@acme.com', approve: '7f3a9c0b12d4e5f6', reason: 'CHG-7' };
const WAITING = {
  groups: ['Finance', 'BI'],
  reason: 'no-account',
  since: '2026-01-01T02:00:00.000Z',
} as const;
const NIGHTS: readonly Partial<Report>[] = [
  { changes: [CHANGED] },
  {
    request: APPROVED,
    status: 'partial',
    unmatched: [{ ...WAITING, email: 'cy@acme.com', runs: 2 }],
    resolved: [{ email: 'di@acme.com', since: '2026-01-01T02:00:00.000Z' }],
  },
];
const answered = (...lines: readonly string[]) => ({ code: 0, out: `${lines.join('\n')}\n`, err: '' });

it('runs are listed in lines, as JSON and for a spreadsheet, and so are those since a time', async () => {
  const { told } = await over(...NIGHTS);
  const first =
    '2026-01-01 02:00  20260101T020000Z-abcd  apply  applied  3 groups, +3 −1  2 unmatched  terminal: ada@laptop';
  const second =
    '2026-01-02 02:00  20260102T020000Z-abcd  apply  partial  3 groups, +3 −1  2 unmatched  terminal: boss@acme.com; approves 7f3a9c0b12d4e5f6; “CHG-7”';
  expect(await told('history')).toEqual(answered(second, first));
  for (const since of ['2026-01-02', '2026-01-02T02:00:00Z', '1d'])
    expect(await told('history', '--since', since)).toEqual(answered(second));
  expect(await told('history', '--status', 'applied')).toEqual(answered(first));
  expect(await told('history', '--csv')).toEqual(
    answered(
      '"startedAt","runId","mode","status","create","update","delete","add","remove","unmatched","trigger","requestedBy","reason","approve"',
      '"2026-01-02T02:00:00.000Z","20260102T020000Z-abcd","apply","partial","1","2","0","3","1","2","terminal","boss@acme.com","CHG-7","7f3a9c0b12d4e5f6"',
      '"2026-01-01T02:00:00.000Z","20260101T020000Z-abcd","apply","applied","1","2","0","3","1","2","terminal","ada@laptop","",""',
    ),
  );
  const { summary, request, startedAt } = report({ startedAt: '2026-01-01T02:00:00.000Z' });
  const run = { runId: idOf(1), startedAt, mode: 'apply', status: 'applied', summary, request };
  expect(JSON.parse((await told('history', '--status', 'applied', '--json')).out)).toEqual({ runs: [run] });
});

it('changes of access are told in lines, as JSON and for a spreadsheet, and of what nothing is known', async () => {
  const { told, archive } = await over(...NIGHTS);
  expect(await told('history', 'ADA@acme.com')).toEqual(
    answered(
      '2026-01-01 02:00  + granted  ada@acme.com  Finance  in the Okta group  run 20260101T020000Z-abcd  asked for by ada@laptop',
    ),
  );
  const granted =
    '"2026-01-01T02:00:00.000Z","20260101T020000Z-abcd","granted","ada@acme.com","","","Finance","g-1","in-group","applied","ada@laptop","",""';
  const revoked =
    '"2026-01-01T02:00:00.000Z","20260101T020000Z-abcd","revoked","bo@acme.com","00u2","bo@acme.io","Finance","g-1","not-in-group","applied","ada@laptop","",""';
  const head =
    '"at","runId","change","email","oktaId","okta","group","secodaId","cause","outcome","requestedBy","digest","approvedBy"';
  expect(await told('history', '--group', 'Finance', '--csv')).toEqual(answered(head, granted, revoked));
  const { changes } = JSON.parse((await told('history', 'bo@acme.io', '--json')).out) as { changes: unknown };
  expect(changes).toEqual([
    {
      ...{ at: '2026-01-01T02:00:00.000Z', runId: idOf(1), change: 'revoked' },
      person: { email: 'bo@acme.com', oktaId: '00u2', okta: 'bo@acme.io' },
      group: { oktaIds: ['00g1'], secodaId: 'g-1', name: 'Finance' },
      ...{ cause: 'not-in-group', outcome: 'applied', requestedBy: 'ada@laptop', approved: null },
    },
  ]);
  expect(await told('history', 'eve@acme.com')).toEqual(
    answered('Nothing is recorded in RUNS/ of "eve@acme.com"'),
  );
  await archive.write(`${idOf(2)}/report.json`, '{');
  expect(await told('history', 'bo@acme.com', '--csv')).toEqual({
    ...answered(head, revoked),
    err: `! What run ${idOf(2)} changed is not told here: RUNS/${idOf(2)}/report.json cannot be read: it is no report of a run\n`,
  });
});

it('the change that was approved is told with the digest and by whom, for a spreadsheet too', async () => {
  const { told } = await over({ changes: [CHANGED], request: APPROVED });
  expect((await told('history', 'ada@acme.com', '--csv')).out).toContain(
    '"applied","boss@acme.com","7f3a9c0b12d4e5f6","boss@acme.com"\n',
  );
});

it('who is unmatched is told in lines, as JSON and for a spreadsheet', async () => {
  const { told } = await over(...NIGHTS);
  expect(await told('history', '--unmatched')).toEqual(
    answered(
      '1 person unmatched, as run 20260102T020000Z-abcd has it',
      'cy@acme.com  since 2026-01-01, 2 runs  no account in Secoda  in Finance, BI',
      'Resolved by it',
      'di@acme.com  was unmatched since 2026-01-01',
    ),
  );
  expect(await told('history', '--unmatched', '--csv')).toEqual(
    answered(
      '"email","since","runs","reason","groups"',
      '"cy@acme.com","2026-01-01T02:00:00.000Z","2","no-account","Finance; BI"',
    ),
  );
  const { unmatched, resolved } = NIGHTS[1] ?? {};
  expect(JSON.parse((await told('history', '--unmatched', '--json')).out)).toEqual({
    ...{ runId: idOf(2), unmatched, resolved },
  });
  expect(await (await over()).told('history', '--unmatched')).toEqual({
    code: 2,
    out: '',
    err: '✗ no run over everything that could write is in RUNS/ yet\n',
  });
});

it('of several deployments, that is told whose configuration is named', async () => {
  const { told, archive, configure } = await over(...NIGHTS);
  await archive.write(`${idOf(2)}/plan.json`, '{"name":"emea"}');
  const stored = (await archive.read(`${idOf(1)}/report.json`))?.text ?? '';
  for (const [name, text] of [
    ['okta', stored],
    ['emea', 'other'],
  ] as const) {
    const end = { status: 'applied', request: REQUESTED, plan: null, report: fingerprint(text) } as const;
    await ledgerOf(archive, name).append({ runId: idOf(1), now: 0 }, () => ({ kind: 'end', ...end }));
  }
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;
  const whole = { ok: true, from: 1, to: 1, hash, problems: [] };
  const problem = `${idOf(1)}/report.json is not what it was when its run ended`;
  for (const [name, verified, runId] of [
    ['okta', whole, idOf(1)],
    ['emea', { ...whole, ok: false, problems: [problem] }, idOf(2)],
  ] as const) {
    const named = await configure({ name });
    const { code, out } = await told('history', '--verify', '--json', ...named);
    expect([code, JSON.parse(out)]).toEqual([verified.ok ? 0 : 1, verified]);
    const unmatched = await told('history', '--unmatched', '--json', ...named);
    expect(JSON.parse(unmatched.out)).toMatchObject({ runId });
  }
  const rows = (await told('history', '--verify', '--csv', ...(await configure({ name: 'emea' })))).out;
  expect(rows).toMatch(/^"from","to","hash","problem"\n"1","1","[0-9a-f]{64}","[^"]+ when its run ended"\n$/);
  const none = (await told('history', '--verify', '--csv', ...(await configure({ name: 'okta' })))).out;
  expect(none).toMatch(/^"from","to","hash","problem"\n"1","1","[0-9a-f]{64}",""\n$/);
});

it('a configuration that is named has to be there, and one that is not need not', async () => {
  const { told, configure } = await over(...NIGHTS);
  const missing = await told('history', 'ada@acme.com', '--config', 'nowhere.json');
  expect([missing.code, missing.out, missing.err]).toEqual([2, '', expect.stringContaining('no such file')]);
  const aliases = { 'ada@acme.io': 'ada@acme.com' };
  const named = await configure({ users: { aliases } });
  expect((await told('history', 'ada@acme.io', ...named)).out).toContain('+ granted  ada@acme.com');
  const elsewhere = await temporaryFolder();
  const cwd = process.cwd();
  process.chdir(elsewhere);
  onTestFinished(() => process.chdir(cwd));
  expect((await told('history', 'ada@acme.com')).out).toContain('+ granted  ada@acme.com');
});

it('a run is shown whole, or only its changes of the groups that are named, and what it did not change', async () => {
  const other = reportedChange({
    name: 'BI',
    renamedFrom: 'Old BI',
    outcome: 'applied',
    add: ['cy@acme.com'],
  });
  const { told } = await over({
    changes: [CHANGED, { ...other, group: { ...other.group, oktaIds: ['00g2'] } }],
  });
  const head = [
    '20260101T020000Z-abcd  2026-01-01T02:00:00.000Z  apply: applied',
    '  asked for by  terminal: ada@laptop',
    '  digest        7f3a9c0b12d4e5f6',
    '',
  ];
  const finance = ['~ update  Finance  applied', '    its members differ (00g1)'];
  const people = ['    + ada@acme.com', '    - bo@acme.com  not in the Okta group'];
  const bi = ['~ update  Old BI → BI  applied', '    its members differ (00g2)', '    + cy@acme.com'];
  const rest = (count: string) => [
    `${count}; 8 groups unchanged; members +3 −1; 0 unmatched, 0 resolved`,
    'record: RUNS/20260101T020000Z-abcd/',
  ];
  expect(await told('show')).toEqual(answered(...head, ...finance, ...people, ...bi, ...rest('2 changes')));
  for (const name of ['BI', 'Old BI', '00g2'])
    expect(await told('show', '--group', name)).toEqual(answered(...head, ...bi, ...rest('1 change')));
  expect(await told('show', '--group', 'Finanse', '--group', 'Finance')).toEqual(
    answered(
      ...[...head, ...finance, ...people, ...rest('1 change')],
      'This run changed no group of the id or name "Finanse"; did you mean "Finance"?',
    ),
  );
  expect(await told('show', '--group', 'Finance', '--summary')).toEqual(
    answered(...head, ...finance, '    +1 −1', ...rest('1 change')),
  );
  const json = await told('show', '--group', 'Finanse', '--group', 'BI', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ runId: idOf(1), changes: [{ group: { name: 'BI' } }] });
  const page = await told('show', '--group', 'Finanse', '--format', 'markdown');
  expect(page.out).not.toContain('This run changed no group');
});

it('a refused run is shown with the command that approves it, by the configuration there is', async () => {
  const refused: Partial<Report> = {
    status: 'refused',
    request: { ...REQUESTED, groups: ['Finance'] },
    changes: [reportedChange({ remove: ['bo@acme.com'] })],
    refusals: [{ rule: 'memberRemovals', count: 1, limit: 0, message: 'one too many' }],
  };
  const { told, configure } = await over(refused);
  const shown = async (...flags: readonly string[]) =>
    (await told('show', '--format', 'markdown', ...flags)).out;
  const apply = 'npm run sync -- apply --group Finance --runs RUNS';
  expect(await shown()).toContain(`${apply} --approve 7f3a9c0b12d4e5f6\n`);
  const named = await configure({ dryRun: true });
  expect(await shown(...named)).toContain(' --no-dry-run --approve 7f3a9c0b12d4e5f6\n');
});

it('who was in a group after a run is told in lines and as JSON', async () => {
  const { told } = await over({ changes: [CHANGED] }, { changes: [] });
  const by = `by the record of ${idOf(1)}`;
  expect(await told('show', idOf(1), '--group', 'Finance', '--members')).toEqual(
    answered(`Finance after run ${idOf(1)} (2026-01-01T02:00:00.000Z): 1 member, ${by}`, '  ada@acme.com'),
  );
  const lacks = 'that run did not change the group, and kept no snapshot';
  expect(await told('show', '--group', '00g1', '--members')).toEqual(
    answered(
      `Finance after run ${idOf(2)} (2026-01-02T02:00:00.000Z): 1 member, ${by}, since ${lacks}`,
      '  ada@acme.com',
    ),
  );
  const json = await told('show', '--group', 'Finance', '--members', '--json');
  expect(JSON.parse(json.out)).toEqual({
    ...{ runId: idOf(2), at: '2026-01-02T02:00:00.000Z', group: 'Finance', members: ['ada@acme.com'] },
    ...{ toldBy: idOf(1), source: 'record', lacks },
  });
  expect(await told('show', '--group', 'Finanse', '--members')).toEqual({
    code: 2,
    out: '',
    err: `✗ nothing in RUNS/ says who was in Finanse: no record of a change tells, and ${idOf(2)} kept no snapshot that shows it\n`,
  });
});
