import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepSnapshot, lastSnapshot, readSnapshot, snapshotHash } from '../../lambda/archive/snapshot.ts';
import { NOTHING_RECENT } from '../../lambda/core/guard/recent.ts';
import { NO_READS, readsOf } from '../../lambda/core/model/reads.ts';
import { planAgain, type Snapshot } from '../../lambda/core/plan/plan-again.ts';
import type { Kept } from '../../lambda/core/report/difference.ts';
import { anyWorld } from '../core/arbitrary-world.ts';
import {
  GUARD,
  handMade,
  inputOf,
  managed,
  oktaGroup,
  person,
  rulesOf,
  user,
  type World,
} from '../core/world.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const RUN = '20260102T030405Z-1a2b3c4d';
const KEY = `snapshots/${RUN}.jsonl.gz`;

function snapshotOf(world: World): Snapshot {
  const { directory, workspace, memory, now, nextRunAt, invited = new Map() } = inputOf(world);
  const reads = readsOf(now, 0, directory.groups, directory.memberships);
  const rest = { recent: NOTHING_RECENT, worklist: null, due: [], approval: null, heldBefore: null };
  return { directory, workspace, memory, now, nextRunAt, invited, reads, ...rest };
}

function keptOf(snapshot: Snapshot): Kept {
  const outline = { digest: '7f3a', rules: [], changes: [], skipped: [], invited: [] };
  return { runId: RUN, version: '1.0.0', config: { name: 'okta' }, snapshot, outline };
}

async function keptAndRead(kept: Kept): Promise<Kept | null> {
  const archive = memoryArchive();
  await keepSnapshot(archive, kept);
  return readSnapshot(archive, RUN);
}

describe('a snapshot', () => {
  it('gives back letters and lines of whatever length, wherever they are cut while they are unpacked', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `${'日本🙂'.repeat(900)}${n}`);
    const okta = names.map((name, n) => ({ id: `00g${n}`, name }));
    const snapshot = snapshotOf({ okta });
    expect((await keptAndRead(keptOf(snapshot)))?.snapshot).toEqual(snapshot);
  });

  it('gives back all that a plan was made from', async () => {
    const ada = person('ada@acme.com', 'SUSPENDED');
    const bo = person(null, 'ACTIVE');
    const snapshot: Snapshot = {
      now: 1_000,
      nextRunAt: 2_000,
      directory: {
        groups: [oktaGroup('g1', 'Data'), { ...oktaGroup('g2', 'Zoë 🙂'), isAppGroup: true, usersCount: 3 }],
        listedAt: 900,
        memberships: new Map([
          ['g1', { readAt: 910, people: [ada, bo, ada], doubt: null }],
          ['g2', { readAt: 920, people: [{ ...ada }], doubt: 'Okta counts 3 people in g2 and listed 1' }],
          ['g3', { readAt: 930, people: null, doubt: null }],
        ]),
        unlisted: new Map([
          ['g4', null],
          ['g5', oktaGroup('g5', 'Gone')],
        ]),
        asked: {
          bearers: new Map([['ada@acme.com', [ada, bo]]]),
          why: 'there are too many of them for one run',
        },
      },
      workspace: {
        users: [user('u1'), { ...user('u2', null, false), disabled: true }, { ...user('u3'), service: true }],
        groups: [managed('s1', 'Data', ['g1'], ['u1', 'robot']), handMade('s2', 'BI', ['robot'])],
      },
      memory: {
        groups: new Map([
          [
            's1',
            {
              secodaId: 's1',
              via: 'okta',
              oktaIds: ['g1'],
              asked: 'a',
              answered: 'b',
              unsettled: [{ userId: 'u2', row: 'r' }],
              shortfall: 'its name',
              triedAt: 5,
            },
          ],
        ]),
        unlistedSince: new Map([['g5', 6]]),
        doubtedSince: new Map([['g2', 7]]),
        fights: new Map([['s1', 2]]),
        copies: new Map([['s9', { oktaIds: ['g1'], via: 'okta' }]]),
        lastRuns: new Map([['okta', RUN]]),
      },
      invited: new Map([
        ['cy@acme.com', { email: 'cy@acme.com', at: 8, sure: false }],
        ['di@acme.com', { email: 'di@acme.com', at: 9, sure: true }],
      ]),
      recent: {
        removed: new Map([['s1', new Map([['u1', true]])]]),
        deleted: new Set(['s7']),
        adopted: new Set(['s2']),
        invited: new Set(['di@acme.com']),
        granted: new Map([['s1', new Set(['u2'])]]),
        unknown: 'it cannot be read',
      },
      reads: {
        asOf: 10,
        people: [ada, person('eve@acme.com')],
        lists: new Map([
          [
            'g1',
            {
              id: 'g1',
              lastUpdated: 'x',
              lastMembershipUpdated: null,
              usersCount: 2,
              readAt: 11,
              members: 'AB',
            },
          ],
        ]),
        formerly: new Map([['00u1', 'was@acme.com']]),
      },
      worklist: {
        runId: RUN,
        waiting: [{ email: 'cy@acme.com', since: '2026-01-01T00:00:00.000Z', runs: 3 }],
        resolved: [{ email: 'di@acme.com', since: '2026-01-01T00:00:00.000Z' }],
      },
      due: [['Data', ['cy@acme.com']]],
      heldBefore: { digest: '7f3a', since: 12 },
      approval: {
        digest: '7f3a',
        refused: {
          harm: [],
          rules: ['adoptions'],
          scope: { groups: [], hints: null },
          held: null,
          onboard: null,
        },
      },
    };
    const change = {
      ...({ action: 'update', oktaIds: ['g1'], secodaId: 's1', name: 'Data', adopted: false } as const),
      ...{ renamedFrom: 'Old', held: true, add: ['a@b.c'], remove: ['robot'] },
    };
    const skipped = [{ group: 'BI', oktaIds: ['g2'], reason: 'doubt' }];
    const outline = {
      digest: '7f3a',
      rules: ['adoptions'],
      changes: [change],
      skipped,
      invited: ['cy@acme.com'],
    };
    const kept = { ...keptOf(snapshot), outline };
    expect(await keptAndRead(kept)).toEqual(kept);
  });

  it('leads to the very plan that its run made, whatever the world', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async (world) => {
        const snapshot = snapshotOf(world);
        const kept = await keptAndRead(keptOf(snapshot));
        const deciding = { rules: rulesOf(world), guard: GUARD };
        expect(kept && planAgain(kept.snapshot, deciding)).toEqual(planAgain(snapshot, deciding));
      }),
      { numRuns: 50 },
    );
  });

  it('is named by the hash of its bytes', async () => {
    const archive = memoryArchive();
    expect(await snapshotHash(archive, RUN)).toBeNull();
    const hash = await keepSnapshot(archive, keptOf(snapshotOf({})));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await snapshotHash(archive, RUN)).toBe(hash);
  });

  it('is found as the last one, by the time in its name', async () => {
    const archive = memoryArchive();
    expect(await lastSnapshot(archive)).toBeNull();
    for (const runId of ['20260103T000000Z-0000', RUN, '20251231T000000Z-ffff'])
      await keepSnapshot(archive, { ...keptOf(snapshotOf({})), runId });
    expect(await lastSnapshot(archive)).toBe('20260103T000000Z-0000');
  });

  const written = async (edit: (text: string) => string) => {
    const archive = memoryArchive();
    await keepSnapshot(archive, keptOf(snapshotOf({ users: [user('u1')] })));
    const text = gunzipSync((await archive.readBytes(KEY)) ?? '').toString();
    await archive.writeBytes(KEY, gzipSync(edit(text)));
    return archive;
  };

  it('of a later version is read as far as this one knows it', async () => {
    const archive = await written((text) =>
      `${text.replace('{"form":1', '{"form":1,"mood":"good"')}["weather",{"sun":true}]\n`.replace(
        '"id":"u1"',
        '"id":"u1","age":3',
      ),
    );
    expect(await readSnapshot(archive, RUN)).toEqual(keptOf(snapshotOf({ users: [user('u1')] })));
  });

  it.each([
    ['of a form that came later', (text: string) => text.replace('"form":1', '"form":2'), 'another version'],
    [
      'without its beginning',
      (text: string) => text.slice(text.indexOf('\n') + 1),
      'its first line is missing',
    ],
    ['with half a line', (text: string) => `${text}["user",{"id":\n`, 'cannot be read'],
    [
      'with a place that nobody has',
      (text: string) => `${text}["readBefore",[99]]\n`,
      'somebody whose line is missing',
    ],
  ])('%s says what is wrong with it', async (_, edit, why) => {
    const archive = await written(edit);
    await expect(readSnapshot(archive, RUN)).rejects.toThrow(why);
    await expect(readSnapshot(archive, RUN)).rejects.toThrow(KEY);
  });

  it('cut short says so', async () => {
    const archive = memoryArchive();
    await keepSnapshot(archive, keptOf({ ...snapshotOf({}), reads: NO_READS }));
    await archive.writeBytes(KEY, ((await archive.readBytes(KEY)) ?? Buffer.of()).slice(0, 50));
    await expect(readSnapshot(archive, RUN)).rejects.toThrow(`${KEY} cannot be read`);
  });
});
