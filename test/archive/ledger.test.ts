import { fingerprint } from '../../lambda/core/model/text.ts';
import { describe, expect, it } from 'vitest';
import { entriesSince, ledgerOf, storedEntries } from '../../lambda/archive/ledger.ts';
import { noteRun, runIdAt } from '../../lambda/archive/run-index.ts';
import { accessHistory, verifyLedger } from '../../lambda/commands/history.ts';
import type { Access, LedgerEvent } from '../../lambda/core/report/ledger-entry.ts';
import { report } from '../aws/reports.ts';
import { type MemoryArchive, memoryArchive } from './lease/memory-archive.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const REQUEST = {
  trigger: 'terminal',
  requestedBy: 'ada@laptop',
  reason: 'CHG-1',
  approve: null,
  awsRequestId: null,
};
const GRANTED: Access = {
  change: 'granted',
  person: { userId: 'u1', email: 'bob@acme.com', oktaId: null, okta: null },
  group: { secodaId: 'g1', name: 'Data', oktaIds: ['00g1'] },
  cause: 'in-group',
};
const INTENTS: LedgerEvent = { kind: 'intents', request: REQUEST, access: [GRANTED] };
const outcomesOf = (of: number): LedgerEvent => ({
  kind: 'outcomes',
  of,
  request: REQUEST,
  access: [{ ...GRANTED, outcome: 'applied' }],
});
const end = (report: string): LedgerEvent => {
  const hashed = { plan: null, report: fingerprint(report) };
  return { kind: 'end', status: 'applied', request: REQUEST, ...hashed };
};

const key = (number: number) => `ledger/okta/${String(number).padStart(6, '0')}.json`;
const by = (runId: string) => ({ runId, now: NOW });

/** A ledger with the entries of two runs: each granted something, and left a report. */
async function written(): Promise<MemoryArchive> {
  const archive = memoryArchive();
  const ledger = ledgerOf(archive, 'okta');
  for (const runId of ['20260102T030405Z-aaaaaaaa', '20260103T030405Z-bbbbbbbb']) {
    const intents = await ledger.append(by(runId), () => INTENTS);
    await ledger.append(by(runId), () => outcomesOf(intents?.number ?? 0));
    await archive.write(`${runId}/report.json`, `report of ${runId}`);
    await ledger.append(by(runId), () => end(`report of ${runId}`));
  }
  return archive;
}

const verify = (archive: MemoryArchive, hash: string | null = null) =>
  verifyLedger(archive, { name: 'okta', hash });

it('a ledger is one chain: each entry has the next number and names the hash of the one before', async () => {
  const archive = await written();
  expect(await verify(archive)).toMatchObject({ ok: true, from: 1, to: 6, problems: [] });
  const second = JSON.parse(archive.texts.get(key(2)) ?? '') as object;
  expect(second).toMatchObject({
    number: 2,
    before: fingerprint(archive.texts.get(key(1)) ?? ''),
    of: 1,
    open: [],
  });
});

it('runs that append at the same time each get a number of their own', async () => {
  const archive = memoryArchive();
  const runs = Array.from({ length: 8 }, (_, n) => `2026010${n + 1}T030405Z-aaaaaaaa`);
  await Promise.all(runs.map((runId) => ledgerOf(archive, 'okta').append(by(runId), () => end(runId))));
  expect(await verify(archive)).toMatchObject({ ok: true, to: 8 });
});

it('an entry whose answer was lost is not written twice', async () => {
  const archive = memoryArchive();
  archive.loseAnswer();
  await ledgerOf(archive, 'okta').append(by('20260102T030405Z-aaaaaaaa'), () => INTENTS);
  expect(await verify(archive)).toMatchObject({ ok: true, to: 1 });
});

it.each<[string, (archive: MemoryArchive) => void, RegExp]>([
  [
    'an altered entry',
    ({ texts }) => texts.set(key(2), (texts.get(key(2)) ?? '').replace('bob', 'eve')),
    /entry 3 does not follow/,
  ],
  ['an entry that is missing', ({ texts }) => texts.delete(key(3)), /entries 3 to 3 are missing/],
  [
    'several that are missing',
    ({ texts }) => void [2, 3, 4].map((n) => texts.delete(key(n))),
    /2 to 4 are missing/,
  ],
  [
    'an entry in the place of another',
    ({ texts }) => texts.set(key(4), texts.get(key(1)) ?? ''),
    /entry 4 is no entry/,
  ],
  ['what is no entry', ({ texts }) => texts.set(key(6), '{}'), /entry 6 is no entry/],
  [
    'an altered report',
    ({ texts }) => texts.set('20260102T030405Z-aaaaaaaa/report.json', 'report of nobody'),
    /aaaaaaaa\/report\.json is not what it was/,
  ],
])('%s shows', async (_, alter, problem) => {
  const archive = await written();
  alter(archive);
  const { ok, problems } = await verify(archive);
  expect([ok, problems]).toEqual([false, expect.arrayContaining([expect.stringMatching(problem)])]);
});

it('a chain that was cut at its end, or written anew, shows by a hash that was kept elsewhere', async () => {
  const archive = await written();
  const { hash } = await verify(archive);
  archive.texts.delete(key(6));
  expect(await verify(archive)).toMatchObject({ ok: true, to: 5 });
  expect(await verify(archive, hash)).toMatchObject({
    ok: false,
    problems: [expect.stringContaining('was cut or')],
  });
});

it('a chain whose first entries have expired is whole from there on', async () => {
  const archive = await written();
  for (const number of [1, 2]) archive.texts.delete(key(number));
  expect(await verify(archive)).toMatchObject({ ok: true, from: 3, to: 6 });
});

it('the chain goes on behind an entry that cannot be read, which still shows', async () => {
  const archive = await written();
  archive.texts.set(key(6), '{');
  await ledgerOf(archive, 'okta').append(by('20260104T030405Z-cccccccc'), () => INTENTS);
  const { to, problems } = await verify(archive);
  expect([to, problems]).toEqual([7, ['entry 6 is no entry of a ledger, or was moved there']]);
});

it('each change of access is told once, and one that nobody has closed as not known', async () => {
  const archive = await written();
  for (const report of [...archive.texts.keys()].filter((each) => each.startsWith('2')))
    archive.texts.delete(report);
  const ledger = ledgerOf(archive, 'okta');
  await ledger.append(by('20260104T030405Z-cccccccc'), () => INTENTS);
  const about = { addresses: ['BOB@acme.com'], groups: [] };
  const { changes } = await accessHistory(archive, { since: null, isOver: () => false }, about);
  expect(changes.map(({ runId, outcome }) => [runId.slice(0, 8), outcome]).sort()).toEqual([
    ['20260102', 'applied'],
    ['20260103', 'applied'],
    ['20260104', 'unknown'],
  ]);
  expect(changes[0]).toMatchObject({ requestedBy: 'ada@laptop', cause: 'in-group', approved: null });
});

it('what a year of nights changed of a person takes one read for each entry, and none of any record', async () => {
  const archive = memoryArchive();
  const ledger = ledgerOf(archive, 'okta');
  for (let day = 0; day < 365; day++) {
    const startedAt = new Date(NOW + day * 86_400_000).toISOString();
    const run = report({ runId: runIdAt(Date.parse(startedAt), () => 0), startedAt });
    const intents = await ledger.append(by(run.runId), () => INTENTS);
    await ledger.append(by(run.runId), () => outcomesOf(intents?.number ?? 0));
    await ledger.append(by(run.runId), () => end(''));
    await archive.write(`${run.runId}/report.json`, '');
    await noteRun(archive, run);
  }
  let reads = 0;
  const counted = { ...archive, read: (name: string) => (reads++, archive.read(name)) };
  const about = { addresses: ['bob@acme.com'], groups: [] };
  const { changes } = await accessHistory(counted, { since: null, isOver: () => false }, about);
  expect(changes).toHaveLength(365);
  // A line of each run is in a chapter of fifty.
  expect(reads).toBeLessThanOrEqual(3 * 365 + 365 / 50 + 1);
});

it('the ledgers of two deployments over one archive are two chains', async () => {
  const archive = await written();
  await ledgerOf(archive, 'second').append(by('20260104T030405Z-cccccccc'), () => INTENTS);
  expect(await verify(archive)).toMatchObject({ ok: true, to: 6 });
  expect(await verifyLedger(archive, { name: 'second', hash: null })).toMatchObject({ to: 1 });
  await expect(verifyLedger(archive, { name: null, hash: null })).rejects.toThrow('okta, second');
});

describe('an end of the ledger that others append to', () => {
  it('is looked for again only where the number is taken', async () => {
    const archive = await written();
    let looks = 0;
    const counted = { ...archive, names: (...of: [string, string]) => (looks++, archive.names(...of)) };
    const ledger = ledgerOf(counted, 'okta');
    for (let n = 0; n < 3; n++) await ledger.append(by('20260105T030405Z-aaaaaaaa'), () => INTENTS);
    expect(looks).toBe(1);
    await ledgerOf(archive, 'okta').append(by('20260106T030405Z-bbbbbbbb'), () => INTENTS);
    await ledger.append(by('20260105T030405Z-aaaaaaaa'), () => INTENTS);
    expect(looks).toBe(2);
    expect(await verify(archive)).toMatchObject({ ok: true, to: 11 });
  });

  it('is given up after fifty, and is not appended to where there is nothing to say by then', async () => {
    const archive = await written();
    const ledger = ledgerOf(archive, 'okta');
    expect(await ledger.append(by('20260105T030405Z-aaaaaaaa'), () => null)).toBeNull();
    expect(archive.texts.has(key(7))).toBe(false);
    let swaps = 0;
    archive.swap = () => Promise.resolve((swaps++, null));
    await expect(ledger.append(by('20260105T030405Z-aaaaaaaa'), () => INTENTS)).rejects.toThrow(
      'the ledger memory/ledger/okta/ could not be appended to: other runs kept doing so',
    );
    expect(swaps).toBe(50);
  });

  it('shows what is open behind it, also behind one that was altered', async () => {
    const archive = await written();
    const last = () => ledgerOf(archive, 'okta').last();
    await ledgerOf(archive, 'okta').append(by('20260105T030405Z-aaaaaaaa'), () => INTENTS);
    expect(await last()).toMatchObject({ number: 7, open: [7] });
    archive.texts.set(key(7), '{');
    expect(await last()).toEqual({ number: 7, hash: fingerprint('{'), open: [] });
    expect(await ledgerOf(memoryArchive(), 'okta').last()).toBeNull();
  });
});

describe('entries', () => {
  it('are read one by one; what is none is none', async () => {
    const archive = await written();
    const ledger = ledgerOf(archive, 'okta');
    expect(await ledger.entry(2)).toMatchObject({ number: 2, kind: 'outcomes' });
    expect(await ledger.entry(7)).toBeNull();
    archive.texts.set(key(2), '{');
    expect(await ledger.entry(2)).toBeNull();
  });

  it('are in the order of their numbers, however many digits these have', async () => {
    const archive = memoryArchive();
    for (const number of [1_000_000, 999_999, 2])
      archive.texts.set(key(number), (await written()).texts.get(key(1)) ?? '');
    archive.texts.set('ledger/okta/notes.txt', '');
    const numbers = (await storedEntries(archive, 'okta')).map(([number]) => number);
    expect(numbers).toEqual([2, 999_999, 1_000_000]);
  });

  it('since a time are read from the end, and no further than that; one that cannot be read is passed over', async () => {
    const archive = memoryArchive();
    const ledger = ledgerOf(archive, 'okta');
    for (let n = 1; n <= 5; n++) await ledger.append({ runId: 'r', now: NOW + n * 1_000 }, () => INTENTS);
    archive.texts.set(key(4), '{');
    const read: string[] = [];
    const counted = { ...archive, read: (name: string) => (read.push(name), archive.read(name)) };
    const since = new Date(NOW + 3_000).toISOString();
    const found = await entriesSince(counted, 'okta', since);
    expect(found.map(({ number }) => number)).toEqual([5, 3]);
    expect(read).toEqual([5, 4, 3, 2].map(key));
  });
});
