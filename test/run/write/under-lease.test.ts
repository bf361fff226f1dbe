import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { entriesSince } from '../../../lambda/archive/ledger.ts';
import { memoryOf } from '../../../lambda/archive/state-file.ts';
import { AccessError, Interrupted, LeaseOver, WriteError } from '../../../lambda/errors.ts';
import type { RunContext, WritingTask } from '../../../lambda/run/context.ts';
import { type LeaseWork, type Prepared, underLease } from '../../../lambda/run/write/under-lease.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { change, member } from '../../render/plans.ts';
import { at, GUARD, managed, NOW, remembered, rulesOf } from '../../core/world.ts';
import { ORIGIN } from '../../core/requested.ts';

type Work = LeaseWork<number, string>;
type Next = Prepared<number, string>['next'];

const changeOf = (key: number) =>
  change({
    action: 'update',
    name: `G${key}`,
    secodaId: `s${key}`,
    oktaIds: [`g${key}`],
    add: [member(at('u1'), 'u1')],
  });
/** Sends the change of this key, with this end. */
const sending = (key: number, send: () => Promise<object>): Awaited<ReturnType<Next>> => ({
  asked: changeOf(key),
  refused: (why) => `refused: ${why}`,
  failed: ({ message }) => `failed: ${message}`,
  send: () =>
    send().then((more) => ({
      outcome: `sent ${key}`,
      stands: managed(`s${key}`, `G${key}`, [`g${key}`], ['u1']),
      ...more,
    })),
});
const sends: Next = (key) => Promise.resolve(sending(key, () => Promise.resolve({})));
const fails =
  (error: unknown): Next =>
  (key) =>
    Promise.resolve(
      sending(key, () => Promise.reject(error instanceof Error ? error : new Error(String(error)))),
    );

/** What comes of three keys. */
async function led(
  next: Next,
  { failures = 0, due = 0, ...more }: Partial<Work> & { failures?: number; due?: number } = {},
) {
  const archive = memoryArchive();
  const log: unknown[] = [];
  const context = z
    .custom<RunContext>(() => true)
    .parse({
      ...{ archive, rules: rulesOf({}), guard: GUARD, origin: ORIGIN },
      sources: {
        clock: { now: () => NOW, sleep: (ms: number) => Promise.resolve(log.push(`sleep ${ms}`)) },
        listen: (event: object) => log.push(event),
      },
    });
  const lease = { release: () => Promise.resolve(log.push('release')) };
  const leases = {
    due: () => Promise.resolve(due),
    take: (metered: boolean) => Promise.resolve((log.push(`take ${metered}`), lease)),
  };
  const task = z.custom<WritingTask>(() => true).parse({ runId: 'r1', leases });
  const keys = [1, 2, 3];
  const work: Work = {
    ...{ keys, metered: true },
    bounds: {
      baseline: { groupsInScope: 9, managedGroups: 9, memberships: 9 },
      mayLeave: null,
      byOperator: true,
    },
    prepare: () => Promise.resolve({ keys, changes: keys.map(changeOf), invited: new Map(), next }),
    told: (key, outcome, done) => log.push(`${key}: ${outcome} (${done})`),
    ...more,
  };
  const end = await underLease(context, task, work, failures).catch((error: unknown) => error);
  const ledger = (await entriesSince(archive, 'okta', '')).flatMap((entry) =>
    entry.kind === 'outcomes'
      ? entry.access.map(({ group, outcome }) => `${group.secodaId ?? ''} ${outcome}`)
      : [],
  );
  return { end, log, ledger, memory: [...(await memoryOf(archive, 'okta')).groups.keys()] };
}
const NOTHING = { outcomes: [], shown: [], left: [1, 2, 3], failures: 0, stop: null, due: 0 };

describe('under a lease', () => {
  it('one is written after the other, told and noted', async () => {
    expect(await led(sends, { failures: 4 })).toEqual({
      end: { ...NOTHING, outcomes: [1, 2, 3].map((key) => [key, `sent ${key}`]), left: [] },
      log: ['take true', '1: sent 1 (1)', '2: sent 2 (2)', '3: sent 3 (3)', 'release'],
      ...{ ledger: ['s1 applied', 's2 applied', 's3 applied'], memory: [] },
    });
  });

  it('it is waited for up to two minutes, and not at all for what counts against no limit', async () => {
    const late = await led(sends, { due: 120_001 });
    expect(late).toEqual({ end: { ...NOTHING, due: 120_001 }, log: [], ledger: [], memory: [] });
    const { log } = await led(sends, { due: 120_000 });
    expect(log.slice(0, 3)).toEqual([
      { kind: 'waiting', ms: 120_000, reason: 'budget' },
      'sleep 120000',
      'take true',
    ]);
    expect((await led(sends, { due: 120_001, metered: false })).log[0]).toBe('take false');
    expect((await led(sends, { due: 1 })).log[0]).toMatchObject({ ms: 1 });
  });

  it('what is decided without sending is told unless there is nothing to tell, and remembered', async () => {
    const [known] = [...(remembered(['s1', ['g1']]).groups?.values() ?? [])];
    const { end, log, ledger, memory } = await led((key) =>
      Promise.resolve(
        key === 1 ? { outcome: null, ...(known && { remember: known }) } : { outcome: `${key}` },
      ),
    );
    const outcomes = [
      [2, '2'],
      [3, '3'],
    ];
    expect({ end, log }).toEqual({
      end: { ...NOTHING, outcomes, left: [] },
      log: ['take true', '2: 2 (1)', '3: 3 (2)', 'release'],
    });
    expect({ ledger, memory }).toEqual({ ledger: [], memory: ['s1'] });
  });

  it('what the guard is against by then is not sent', async () => {
    const bounds = {
      baseline: { groupsInScope: 9, managedGroups: 9, memberships: 9 },
      mayLeave: null,
      byOperator: false,
    };
    const before = { name: 'G', description: '', members: [] };
    const many = Array.from({ length: 99 }, (_, n) => member(at(`u${n}`), `u${n}`));
    const prepare = () =>
      Promise.resolve({
        keys: [1, 2],
        changes: [{ ...changeOf(1), before, add: many }, changeOf(2)],
        invited: new Map(),
        next: sends,
      });
    const { end, ledger } = await led(sends, { bounds, prepare });
    expect(end).toMatchObject({
      outcomes: [
        [1, expect.stringContaining('refused: the guard refuses it by now')],
        [2, 'sent 2'],
      ],
    });
    expect(ledger).toEqual(['s2 applied']);
  });
});

describe('a write that fails', () => {
  it('is one of a row where Secoda failed, of which nobody knows what it did', async () => {
    const { end, ledger } = await led(fails(new WriteError('down', true)), { failures: 3 });
    expect(end).toEqual({
      ...NOTHING,
      outcomes: [1, 2, 3].map((key) => [key, 'failed: down']),
      left: [],
      failures: 6,
    });
    expect(ledger).toEqual(['s1 unknown', 's2 unknown', 's3 unknown']);
  });

  it('ends the row where Secoda refused it, and was not done', async () => {
    const { end, ledger } = await led(fails(new WriteError('no', false)), { failures: 3 });
    expect(end).toEqual({ ...NOTHING, outcomes: [1, 2, 3].map((key) => [key, 'failed: no']), left: [] });
    expect(ledger).toEqual([]);
  });

  it('stops the run as the tenth of a row', async () => {
    const { end } = await led(fails(new WriteError('down', true)), { failures: 8 });
    const stop = new WriteError(
      'Secoda failed 10 writes in a row, so the run stopped; the last one: down',
      true,
    );
    expect(end).toEqual({
      ...NOTHING,
      outcomes: [
        [1, 'failed: down'],
        [2, 'failed: down'],
      ],
      left: [3],
      failures: 10,
      stop,
    });
    expect(end).toMatchObject({ stop: { server: true } });
  });

  it('stops the run where it is not allowed', async () => {
    const stop = new AccessError('403');
    const { end, ledger } = await led(fails(stop), { failures: 3 });
    expect(end).toEqual({ ...NOTHING, outcomes: [[1, 'failed: 403']], left: [2, 3], stop });
    expect(ledger).toEqual([]);
  });

  it('by a mistake of ours stops the run, and nobody knows what became of it', async () => {
    const stop = new Error('a mistake of ours');
    const next: Next = (key) => (key === 1 ? sends(key) : fails(stop)(key));
    const { end, ledger } = await led(next, { failures: 3 });
    expect(end).toEqual({ ...NOTHING, outcomes: [[1, 'sent 1']], left: [2, 3], stop });
    expect(ledger).toEqual(['s1 applied', 's2 unknown']);
    expect((await led(fails(stop))).end).toBe(stop);
  });

  it('for want of the lease is left to the next one, and was not done', async () => {
    const next: Next = (key) => (key === 1 ? sends(key) : fails(new LeaseOver('over'))(key));
    const { end, ledger } = await led(next);
    expect(end).toEqual({ ...NOTHING, outcomes: [[1, 'sent 1']], left: [2, 3] });
    expect(ledger).toEqual(['s1 applied']);
    expect((await led(fails(new LeaseOver('over')))).end).toEqual(NOTHING);
    expect(
      (await led(sends, { prepare: () => Promise.reject(new LeaseOver('over')), failures: 2 })).end,
    ).toEqual({ ...NOTHING, failures: 2 });
  });

  it('because somebody interrupts ends the run, with what was written', async () => {
    const stop = new Interrupted(130);
    const next: Next = (key) => (key === 1 ? sends(key) : fails(stop)(key));
    expect((await led(next)).end).toEqual({ ...NOTHING, outcomes: [[1, 'sent 1']], left: [2, 3], stop });
    expect((await led(fails(stop))).end).toBe(stop);
    const { end, log } = await led(sends, { prepare: () => Promise.reject(stop) });
    expect([end, log]).toEqual([stop, ['take true', 'release']]);
  });

  it('before it was sent counts in no row', async () => {
    const stop = new Error('Okta is down');
    const next: Next = (key) => (key === 1 ? sends(key) : Promise.reject(stop));
    const { end, ledger } = await led(next, { failures: 3 });
    expect(end).toEqual({ ...NOTHING, outcomes: [[1, 'sent 1']], left: [2, 3], stop });
    expect(ledger).toEqual(['s1 applied']);
  });

  it('that nobody can tell of is noted as such although it has an outcome', async () => {
    const unsure: Next = (key) => Promise.resolve(sending(key, () => Promise.resolve({ unsure: true })));
    expect((await led(unsure)).ledger).toEqual(['s1 unknown', 's2 unknown', 's3 unknown']);
  });
});
