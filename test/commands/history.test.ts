import { fingerprint } from '../../lambda/core/model/text.ts';
import { describe, expect, it } from 'vitest';
import { ledgerOf } from '../../lambda/archive/ledger.ts';
import { noteRun, startOf } from '../../lambda/archive/run-index.ts';
import { accessHistory, runHistory, verifyLedger } from '../../lambda/commands/history.ts';
import { lastComplete } from '../../lambda/commands/show.ts';
import type { Access, LedgerEvent } from '../../lambda/core/report/ledger-entry.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import type { Archive } from '../../lambda/ports.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { report, reportedChange } from '../aws/reports.ts';
import { REQUESTED } from '../core/requested.ts';

const idOf = (night: number) => `20260101T${String(night).padStart(6, '0')}Z-abcd`;
const timeOf = (night: number) => {
  const [, hours = '', minutes = '', seconds = ''] = /(..)(..)(..)Z/.exec(idOf(night)) ?? [];
  return `2026-01-01T${hours}:${minutes}:${seconds}.000Z`;
};
const isOver = () => false;
const EVER = { since: null, isOver };
const ANYBODY = { addresses: null, groups: [] };

/** An archive with a record for each of these, one a second. */
async function archiveOf(...runs: readonly Partial<Report>[]) {
  const archive = memoryArchive();
  for (const [night, given] of runs.entries()) {
    const run = report({ runId: idOf(night), startedAt: timeOf(night), ...given });
    archive.texts.set(`${run.runId}/report.json`, JSON.stringify(run));
    await noteRun(archive, run);
  }
  return archive;
}

const ADDED: Partial<Report> = { changes: [reportedChange({ add: ['ada@acme.com'], outcome: 'applied' })] };
const summaryOf = (given: Partial<Report['summary']>) => ({
  summary: {
    ...report().summary,
    groups: { create: 0, update: 0, delete: 0, unchanged: 8, skipped: 0 },
    ...given,
  },
});
const numbersOf = (runs: readonly { readonly runId: string }[]) =>
  runs.map(({ runId }) => Number(runId.slice(9, 15)));

describe('the list of runs', () => {
  it('holds the last fifty, or all there are of a status or since a time', async () => {
    const fifty = Array.from({ length: 58 }, (_, n) => ({
      status: n < 3 ? ('partial' as const) : ('applied' as const),
    }));
    const archive = await archiveOf(...fifty);
    expect(numbersOf(await runHistory(archive, EVER, null))).toEqual(
      Array.from({ length: 50 }, (_, n) => 57 - n),
    );
    expect(numbersOf(await runHistory(archive, EVER, 'partial'))).toEqual([2, 1, 0]);
    expect(await runHistory(archive, { since: Date.parse(timeOf(1)), isOver }, null)).toHaveLength(57);
    expect(numbersOf(await runHistory(archive, { since: Date.parse(timeOf(1)), isOver }, 'partial'))).toEqual(
      [2, 1],
    );
  });
});

describe('changes of access', () => {
  const changesOf = async (run: Partial<Report>, about: Parameters<typeof accessHistory>[2] = ANYBODY) =>
    (await accessHistory(await archiveOf(run), EVER, about)).changes;

  it('are told of records without a ledger, by what became of each', async () => {
    const outcomes = [null, 'held', 'not-attempted', 'applied', 'unsettled', 'failed'] as const;
    const told = await Promise.all(
      outcomes.map(async (outcome) => {
        const change = reportedChange({ outcome, add: ['ada@acme.com'], unsettled: ['bo@acme.com'] });
        return (await changesOf({ changes: [change] })).map((each) => each.outcome);
      }),
    );
    expect(told).toEqual([[], [], [], ['applied'], ['applied'], ['unknown']]);
  });

  it('have a cause where the record says one, or says who asked for the run', async () => {
    const change = reportedChange({
      outcome: 'unsettled',
      add: ['ada@acme.com', 'bo@acme.com'],
      remove: ['cy@acme.com', 'di@acme.com'],
      unsettled: ['bo@acme.com'],
      causes: { 'cy@acme.com': { cause: 'added-by-hand', oktaId: '00u1', okta: 'cy@acme.io' } },
    });
    expect(await changesOf({ changes: [change] })).toMatchObject([
      { change: 'granted', person: { email: 'ada@acme.com' }, cause: 'in-group', outcome: 'applied' },
      { change: 'granted', person: { email: 'bo@acme.com' }, cause: 'in-group', outcome: 'not-seen' },
      {
        change: 'revoked',
        person: { email: 'cy@acme.com', oktaId: '00u1', okta: 'cy@acme.io' },
        cause: 'added-by-hand',
        outcome: 'applied',
      },
      { change: 'revoked', person: { email: 'di@acme.com', oktaId: null, okta: null }, cause: null },
    ]);
    const archive = await archiveOf({ changes: [change] });
    const key = `${idOf(0)}/report.json`;
    archive.texts.set(key, (archive.texts.get(key) ?? '').replace(/"request":\{[^}]*\}/, '"request":null'));
    const { changes } = await accessHistory(archive, EVER, ANYBODY);
    expect(changes.map(({ cause }) => cause)).toEqual([null, null, 'added-by-hand', null]);
  });

  it('are told of runs that changed a group or invited somebody, and of no plan and no refusal', async () => {
    const run: Partial<Report> = {
      ...ADDED,
      invited: [
        { email: 'bo@acme.com', groups: ['Ops', 'BI'], outcome: 'applied', error: null },
        { email: 'cy@acme.com', groups: ['Ops'], outcome: 'failed', error: null },
      ],
    };
    const groups = { create: 0, update: 0, delete: 0, unchanged: 8, skipped: 1 };
    const told = async (given: Partial<Report>) => (await changesOf({ ...run, ...given })).length;
    expect(await told(summaryOf({ groups: { ...groups, create: 1 } }))).toBe(3);
    expect(await told(summaryOf({ groups: { ...groups, update: 1 } }))).toBe(3);
    expect(await told(summaryOf({ groups: { ...groups, delete: 1 } }))).toBe(3);
    expect(await told(summaryOf({ invited: 1 }))).toBe(3);
    expect(await told(summaryOf({}))).toBe(0);
    expect(await told({ mode: 'plan' })).toBe(0);
    expect(await told({ status: 'refused' })).toBe(0);
    expect(await changesOf(run)).toContainEqual(
      expect.objectContaining({
        change: 'invited',
        person: { email: 'bo@acme.com', oktaId: null, okta: null },
        group: { oktaIds: [], secodaId: null, name: 'BI' },
        outcome: 'applied',
      }),
    );
  });

  it('are found by person and by group, and only where both fit', async () => {
    const change = reportedChange({
      outcome: 'applied',
      add: ['ada@acme.com'],
      remove: ['bo@acme.com'],
      causes: { 'bo@acme.com': { cause: 'not-in-group', oktaId: null, okta: 'bo@acme.io' } },
    });
    const other = reportedChange({ name: 'BI', outcome: 'applied', add: ['ada@acme.com'] });
    const found = async (addresses: readonly string[] | null, ...groups: string[]) =>
      (await changesOf({ changes: [change, other] }, { addresses, groups })).map(
        ({ person, group }) => `${person.email} ${group.name}`,
      );
    expect(await found(['ADA@acme.com '])).toEqual(['ada@acme.com Finance', 'ada@acme.com BI']);
    expect(await found(['bo@acme.io'])).toEqual(['bo@acme.com Finance']);
    expect(await found(null, 'Finance')).toEqual(['ada@acme.com Finance', 'bo@acme.com Finance']);
    expect(await found(null, 'F*')).toEqual(['ada@acme.com Finance', 'bo@acme.com Finance']);
    expect(await found(['ada@acme.com'], 'BI')).toEqual(['ada@acme.com BI']);
    expect(await found(['eve@acme.com'], 'BI')).toEqual([]);
  });

  it('are told once, by the ledger where it has the run, and from the moment that is asked for', async () => {
    const access: Access = {
      change: 'granted',
      person: { userId: 'u1', email: 'ada@acme.com', oktaId: '00u1', okta: 'ada@acme.com' },
      group: { secodaId: 'g-1', name: 'Finance', oktaIds: ['00g1'] },
      cause: 'in-group',
    };
    const archive = await archiveOf(ADDED, ADDED);
    const ledger = ledgerOf(archive, 'okta');
    const intents: LedgerEvent = { kind: 'intents', request: REQUESTED, access: [access] };
    await ledger.append({ runId: idOf(1), now: Date.parse(timeOf(1)) }, () => intents);
    const { changes } = await accessHistory(archive, EVER, ANYBODY);
    expect(changes.map(({ runId, outcome }) => [runId, outcome])).toEqual([
      [idOf(1), 'unknown'],
      [idOf(0), 'applied'],
    ]);
    const since = async (night: number) =>
      (await accessHistory(archive, { since: Date.parse(timeOf(night)), isOver }, ANYBODY)).changes.length;
    expect([await since(0), await since(1), await since(2)]).toEqual([2, 1, 0]);
  });

  it('name by whose word they were approved: of whoever asked first for what was refused', async () => {
    const request = (requestedBy: string | null, approve: string | null = null) => ({
      request: { ...REQUESTED, requestedBy, approve },
    });
    const refused = { status: 'refused' as const, digest: 'd1' };
    const archive = await archiveOf(
      { ...refused, ...request('eve@acme.com'), digest: 'd0' },
      { ...refused, ...request('first@acme.com') },
      { ...refused, ...request('second@acme.com') },
      { ...ADDED, digest: 'd1', ...request('boss@acme.com', 'd1') },
      { ...ADDED, digest: 'd2', ...request('boss@acme.com', 'd2') },
      { ...ADDED, digest: 'd1', ...request(null) },
    );
    const { changes } = await accessHistory(archive, EVER, ANYBODY);
    const since = Date.parse(changes[2]?.at ?? '');
    expect((await accessHistory(archive, { ...EVER, since }, ANYBODY)).changes).toEqual(changes);
    expect(changes.map(({ requestedBy, approved }) => ({ requestedBy, approved }))).toEqual([
      { requestedBy: null, approved: null },
      { requestedBy: 'boss@acme.com', approved: { digest: 'd2', by: 'boss@acme.com', runId: idOf(4) } },
      { requestedBy: 'first@acme.com', approved: { digest: 'd1', by: 'boss@acme.com', runId: idOf(3) } },
    ]);
  });

  it('of a record that cannot be read are said to be unknown, noted or not', async () => {
    const archive = await archiveOf(ADDED, ADDED);
    archive.texts.set(`${idOf(0)}/report.json`, '{');
    archive.texts.set(`${idOf(7)}/report.json`, '{');
    const { changes, untold } = await accessHistory(archive, EVER, ANYBODY);
    expect(changes).toHaveLength(1);
    expect(untold).toEqual(
      [7, 0].map(
        (night) =>
          `What run ${idOf(night)} changed is not told here: memory/${idOf(night)}/report.json cannot be read: it is no report of a run`,
      ),
    );
    const since = startOf(idOf(7));
    expect((await accessHistory(archive, { ...EVER, since }, ANYBODY)).untold).toHaveLength(1);
  });

  it('of an entry of the ledger that cannot be read are said to be unknown', async () => {
    const archive = await archiveOf({});
    archive.texts.set('ledger/okta/000001.json', '{"number":1,"kind":"of a later version"}');
    expect((await accessHistory(archive, EVER, ANYBODY)).untold).toEqual([
      'What memory/ledger/okta/000001.json tells is not told here: it cannot be read',
    ]);
  });
});

describe('the last complete run', () => {
  const request = (given: object) => ({ request: { ...REQUESTED, ...given } });
  const lastOf = async (archive: Archive, since: number | null = null, name: string | null = null) =>
    (await lastComplete(archive, { since }, name))?.runId;

  it('is that over everything that could write and ended', async () => {
    const archive = await archiveOf(
      {},
      {},
      { mode: 'plan' },
      { mode: 'onboard' },
      { digest: null },
      { error: 'the lease was lost' },
      request({ groups: ['Finance'] }),
      request({ trigger: 'event' }),
    );
    const underWay = { mode: 'apply', digest: '0123456789abcdef', request: REQUESTED };
    archive.texts.set(`${idOf(8)}/plan.json`, JSON.stringify(underWay));
    expect(await lastOf(archive)).toBe(idOf(1));
    expect(await lastOf(archive, Date.parse(timeOf(1)))).toBe(idOf(1));
    expect(await lastOf(archive, Date.parse(timeOf(2)))).toBeUndefined();
    expect(await lastOf(memoryArchive())).toBeUndefined();
  });

  it('is found however many runs of events came since', async () => {
    const events = Array.from({ length: 58 }, () => request({ trigger: 'event' }));
    expect(await lastOf(await archiveOf({}, ...events))).toBe(idOf(0));
  });

  it('is one whose record can be read', async () => {
    const archive = await archiveOf({}, {});
    archive.texts.set(`${idOf(1)}/report.json`, '{');
    expect(await lastOf(archive)).toBe(idOf(0));
  });

  it('is that of a deployment, where its record says whose it is', async () => {
    const archive = await archiveOf({}, {}, {});
    archive.texts.set(`${idOf(1)}/plan.json`, '{"name":"emea"}');
    archive.texts.set(`${idOf(2)}/plan.json`, '{"name":"apac"}');
    for (const [name, night] of [
      [null, 2],
      ['apac', 2],
      ['emea', 1],
      ['okta', 0],
    ] as const)
      expect(await lastOf(archive, null, name)).toBe(idOf(night));
  });
});

describe('a walk along the ledger', () => {
  const end = (reportHash: string): LedgerEvent => ({
    kind: 'end',
    status: 'applied',
    request: REQUESTED,
    plan: null,
    report: reportHash,
  });

  it('is along the only one there is, or the one that is named; of several one has to be', async () => {
    const archive = memoryArchive();
    const none = { ok: true, from: 0, to: 0, hash: null, problems: [] };
    expect(await verifyLedger(archive, { name: null, hash: null })).toEqual(none);
    archive.texts.set(`${idOf(1)}/report.json`, 'kept');
    const by = { runId: idOf(1), now: 0 };
    await ledgerOf(archive, 'second').append(by, () => end(fingerprint('kept')));
    const walk = (name: string | null) => verifyLedger(archive, { name, hash: null });
    expect(await walk(null)).toMatchObject({ ok: true, from: 1, to: 1 });
    await ledgerOf(archive, 'first').append(by, () => end('altered'));
    await expect(walk(null)).rejects.toThrow(/several deployments \(first, second\)/);
    expect(await walk('second')).toMatchObject({ ok: true, to: 1 });
    expect(await walk('first')).toMatchObject({
      ok: false,
      problems: [`${idOf(1)}/report.json is not what it was when its run ended`],
    });
    expect(await walk('third')).toEqual(none);
  });
});
