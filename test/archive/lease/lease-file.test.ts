import { describe, expect, it } from 'vitest';
import {
  ahead,
  joined,
  latestArrivals,
  leadMs,
  type LeaseFile,
  present,
  readLease,
  slotAt,
  stillCounting,
  swapLease,
  without,
} from '../../../lambda/archive/lease/lease-file.ts';
import { memoryArchive } from './memory-archive.ts';

const NOW = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ADA = { runId: 'ada', pid: 1, host: 'h' };
const BO = { runId: 'bo', pid: null, host: null };
const FILE: LeaseFile = {
  ...{ holder: ADA, takenAt: NOW - 1, expiresAt: NOW + MINUTE_MS, blockedUntil: 0, readMs: 7 },
  ...{ writes: [NOW - 5], sending: [NOW - 3], waiting: [{ ...BO, until: NOW + 9 }] },
};

describe('the file of the lease', () => {
  const read = async (text: string | null) => {
    const archive = memoryArchive();
    if (text !== null) archive.texts.set('turn.json', text);
    return (await readLease(archive, NOW)).file;
  };

  it('gives back what was written, if it is still the one that was read', async () => {
    const archive = memoryArchive();
    const tag = await swapLease(archive, FILE, null);
    expect(await readLease(archive, NOW)).toMatchObject({ file: FILE, tag });
    expect(await swapLease(archive, { ...FILE, holder: null }, 'another tag')).toBeNull();
    expect(await swapLease(archive, { ...FILE, holder: null }, tag)).not.toBeNull();
    expect((await readLease(archive, NOW)).file.holder).toBeNull();
  });

  it('keeps everybody from writing for a minute where it cannot be read, and nobody where there is none', async () => {
    const nobody = {
      holder: null,
      takenAt: 0,
      expiresAt: 0,
      writes: [],
      sending: [],
      waiting: [],
      readMs: 0,
    };
    expect(await read(null)).toEqual({ ...nobody, blockedUntil: 0 });
    for (const text of ['', '{', '{"version":2}'])
      expect(await read(text)).toEqual({ ...nobody, blockedUntil: NOW + MINUTE_MS });
  });

  it('of an earlier release, or with an impossible time, says that the reads took none', async () => {
    for (const readMs of [undefined, -1, 'x'])
      expect((await read(JSON.stringify({ version: 1, ...FILE, readMs }))).readMs).toBe(0);
    expect((await read(JSON.stringify({ version: 1, ...FILE, readMs: 0 }))).readMs).toBe(0);
  });

  it('leaves out times that no right clock can have put there', async () => {
    const at = (later: number): LeaseFile => ({
      ...FILE,
      writes: [NOW + MINUTE_MS + later],
      sending: [NOW + MINUTE_MS + later],
      blockedUntil: NOW + HOUR_MS + later,
      waiting: [{ ...BO, until: NOW + HOUR_MS + MINUTE_MS + later }],
    });
    expect(await read(JSON.stringify({ version: 1, ...at(0) }))).toMatchObject(at(0));
    const none = { writes: [], sending: [], blockedUntil: 0, waiting: [] };
    expect(await read(JSON.stringify({ version: 1, ...at(1) }))).toMatchObject(none);
  });
});

it('the lease is taken before the first slot by as long as the reads take and a fifth more, within bounds', () => {
  const lead = (readMs: number) => leadMs({ readMs }, 5_000);
  expect([0, 5_000, 5_001, 10_000, 25_000, 90_000].map(lead)).toEqual([
    5_000, 5_000, 6_001.2, 12_000, 30_000, 30_000,
  ]);
});

describe('the queue', () => {
  const waiting = [
    { ...ADA, until: NOW + 1 },
    { ...BO, until: NOW },
  ];

  it('is of those who are heard of and alive, in the order in which they came', () => {
    expect(present(waiting, NOW, () => true)).toEqual(waiting.slice(0, 1));
    expect(present(waiting, NOW - 1, () => true)).toEqual(waiting);
    expect(present(waiting, NOW - 1, ({ runId }) => runId === 'bo')).toEqual(waiting.slice(1));
    expect(['ada', 'bo', 'cy'].map((runId) => ahead(waiting, runId))).toEqual([0, 1, 2]);
    expect(without(waiting, 'ada')).toEqual(waiting.slice(1));
    expect(without(waiting, 'cy')).toEqual(waiting);
  });

  it('is joined at the end, or in place with a later time and never an earlier one', () => {
    const CY = { ...BO, runId: 'cy' };
    expect(joined(waiting, CY, NOW + 5)).toEqual([...waiting, { ...CY, until: NOW + 5 }]);
    expect(joined(waiting, CY, -5)).toEqual([...waiting, { ...CY, until: 0 }]);
    expect(joined(waiting, ADA, NOW + 5)).toEqual([{ ...ADA, until: NOW + 5 }, waiting[1]]);
    expect(joined(waiting, ADA, NOW - 5)).toEqual(waiting);
  });
});

describe('a slot', () => {
  const COUNTING_MS = MINUTE_MS + 250;
  const spent = (writes: readonly number[], sending: readonly number[] = [], blockedUntil = 0) => ({
    writes,
    sending,
    blockedUntil,
  });

  it('is free a minute and a little after the write that is as many back as a minute has', () => {
    expect(slotAt(spent([1, 2, 3]), 3)).toBe(1 + COUNTING_MS);
    expect(slotAt(spent([3, 1, 2]), 2)).toBe(2 + COUNTING_MS);
    expect(slotAt(spent([1, 2]), 3)).toBe(0);
    expect(slotAt(spent([1, 2, 3], [], 9 * MINUTE_MS), 3)).toBe(9 * MINUTE_MS);
    expect(slotAt(spent([], [5]), 1)).toBe(5 + MINUTE_MS + COUNTING_MS);
    expect(latestArrivals(spent([], [5, 6]))).toEqual([5 + MINUTE_MS, 6 + MINUTE_MS]);
  });

  it('is taken by a write until then', () => {
    expect(stillCounting([1, 2], 1 + COUNTING_MS - 1)).toEqual([1, 2]);
    expect(stillCounting([1, 2], 1 + COUNTING_MS)).toEqual([2]);
  });
});
