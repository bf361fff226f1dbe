import { fingerprint } from '../../lambda/core/model/text.ts';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedEntries } from '../../lambda/archive/ledger.ts';
import { accessHistory, verifyLedger } from '../../lambda/commands/history.ts';
import { entryText, type LedgerEntry } from '../../lambda/core/report/ledger-entry.ts';
import type { Archive } from '../../lambda/ports.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { deployment } from './deployment.ts';
import { type Scenario, scenario } from './scenario.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';

const MINUTE_MS = 60_000;
const INVITING = { users: { invite: { role: 'viewer' } } };

/** Who is in which group, as pairs. */
function pairsOf(stand: Scenario): string[] {
  return Object.entries(membersOf(stand)).flatMap(([name, emails]) =>
    emails.map((each) => `${name} ${each}`),
  );
}

/** What the ledgers say was done: invitations give access, too. */
async function told(archive: Archive) {
  const about = { addresses: null, groups: [] };
  const { changes } = await accessHistory(archive, { since: null, isOver: () => false }, about);
  const done = changes.filter(({ outcome }) => outcome === 'applied' || outcome === 'seen');
  const pairs = (...kinds: readonly string[]) =>
    done
      .flatMap(({ change, group, person }) =>
        kinds.includes(change) ? [`${group.name} ${person.email}`] : [],
      )
      .sort();
  return { changes, given: pairs('granted', 'invited'), revoked: pairs('revoked') };
}

async function entriesOf(archive: Archive, name = 'okta'): Promise<readonly LedgerEntry[]> {
  return (await storedEntries(archive, name)).flatMap(([, , entry]) => entry ?? []);
}

/** That each change between two states is in the ledgers exactly once, nothing is left open, and the chains are whole. */
async function expectWhole(
  stand: Scenario,
  archive: Archive,
  before: readonly string[],
  names: readonly string[] = ['okta'],
): Promise<void> {
  const now = pairsOf(stand);
  const { given, revoked } = await told(archive);
  expect(given).toEqual(now.filter((pair) => !before.includes(pair)).sort());
  expect(revoked).toEqual(before.filter((pair) => !now.includes(pair)).sort());
  for (const name of names) {
    expect(await verifyLedger(archive, { name, hash: null })).toMatchObject({ problems: [] });
    expect((await entriesOf(archive, name)).at(-1)?.open).toEqual([]);
  }
}

/** Somebody with an account and somebody without one join a group in Okta. */
function twoHires({ okta, secoda }: Scenario, group: string): readonly string[] {
  const emails = ['ada@acme.com', 'bob@acme.com'];
  for (const email of emails) okta.state.join(okta.state.addUser({ email }), okta.state.group(group));
  secoda.state.addUser({ email: 'ada@acme.com' });
  return emails;
}

describe('the ledger', () => {
  it('has each change of access once: two entries a slice, and one for the run', async () => {
    const stand = await scenario();
    drift(stand, smallWorld(stand));
    const before = pairsOf(stand);
    const { ledger, runId } = await stand.report('apply', '--reason', 'CHG-1');
    const archive = folderArchive(stand.runs);
    await expectWhole(stand, archive, before);
    const entries = await storedEntries(archive, 'okta');
    expect(entries.map(([, , entry]) => entry?.kind)).toEqual(['intents', 'outcomes', 'end']);
    expect(ledger).toEqual({ number: 3, hash: fingerprint(entries[2]?.[1] ?? '') });
    expect((await told(archive)).changes[0]).toMatchObject({
      runId,
      requestedBy: expect.any(String) as unknown,
    });
    await stand.report('apply');
    expect(await entriesOf(archive)).toHaveLength(3);
  });

  it('has a refused run and its approval', async () => {
    const stand = await scenario({ config: { guard: { groupDeletions: { max: 0, percent: 0 } } } });
    const { pairs } = smallWorld(stand, { groups: 2 });
    if (pairs[1]) stand.okta.state.removeGroup(pairs[1].okta);
    const { digest } = await stand.report('apply');
    await stand.report('apply', '--approve', digest ?? '');
    expect(await entriesOf(folderArchive(stand.runs))).toMatchObject([
      { kind: 'end', status: 'refused' },
      { kind: 'intents', request: { approve: digest } },
      { kind: 'outcomes', of: 2 },
      { kind: 'end', status: 'applied', request: { approve: digest } },
    ]);
  });

  it('has whom an onboarding adds, and whom it invites into which group', async () => {
    const stand = await scenario();
    const archive = memoryArchive();
    smallWorld(stand);
    const onboard = twoHires(stand, 'Group B');
    const before = pairsOf(stand);
    const runId = await deployment(stand, archive, INVITING).start({ onboard, reason: 'first day' });
    await expectWhole(stand, archive, before);
    const common = { runId, group: { name: 'Group B' }, cause: 'in-group', outcome: 'applied' };
    expect((await told(archive)).changes).toMatchObject([
      { ...common, change: 'granted', person: { email: 'ada@acme.com' } },
      { ...common, change: 'invited', person: { email: 'bob@acme.com' } },
    ]);
    const kinds = (await entriesOf(archive)).map(({ kind }) => kind);
    expect(kinds).toEqual(['intents', 'outcomes', 'intents', 'outcomes', 'end']);
  });

  it('closes nothing that is under way: a bulk run beside a run of events', async () => {
    const stand = await scenario();
    const archive = memoryArchive();
    const { people, pairs } = smallWorld(stand);
    for (let n = 0; n < 32; n++) stand.okta.state.addGroup({ name: `New ${n}`, members: people.slice(0, 1) });
    const before = pairsOf(stand);
    const sync = deployment(stand, archive);
    const [leaver] = people;
    const group = pairs[0]?.okta;
    if (!leaver || !group) throw new Error('nobody can leave');
    let beside = Promise.resolve('');
    stand.suspend(0, () => {
      stand.okta.state.leave(leaver, group);
      beside = sync.deliver([{ type: 'group.user_membership.remove', user: leaver, group }]);
    });
    const bulk = await sync.night();
    const event = await beside;
    await expectWhole(stand, archive, before);
    const entries = await entriesOf(archive);
    expect(entries.map(({ kind }) => kind)).not.toContain('closed');
    const begun = entries.flatMap(({ kind, runId }) => (kind === 'intents' ? [runId] : []));
    expect(begun.toSorted()).toEqual([bulk, bulk, event].toSorted());
    expect(begun[0]).toBe(bulk);
  });

  it('has all of two runs of one deployment that are begun at once', async () => {
    const stand = await scenario();
    const archive = memoryArchive();
    drift(stand, smallWorld(stand));
    const before = pairsOf(stand);
    const sync = deployment(stand, archive);
    await Promise.all([sync.night(), sync.night()]);
    await expectWhole(stand, archive, before);
  });

  it('is one for each deployment over an archive, and each closes its own alone', async () => {
    const stand = await scenario();
    const archive = memoryArchive();
    const people = ['ada', 'bob'].map((name) => {
      stand.secoda.state.addUser({ email: `${name}@acme.com` });
      return stand.okta.state.addUser({ email: `${name}@acme.com` });
    });
    for (const name of ['Data 1', 'Data 2', 'HR 1', 'HR 2'])
      stand.okta.state.addGroup({ name, members: people });
    const data = deployment(stand, archive, { groups: { include: ['Data *'] } });
    const hr = deployment(stand, archive, { name: 'hr', groups: { include: ['HR *'] } });
    const before = pairsOf(stand);
    await data.night({ to: 'secoda', nth: 1, after: true });
    stand.jump(2 * MINUTE_MS);
    await hr.night();
    expect((await entriesOf(archive)).at(-1)?.open).toEqual([1]);
    stand.secoda.state.addUser({ email: 'eve@acme.com' });
    const eve = stand.okta.state.addUser({ email: 'eve@acme.com' });
    for (const group of stand.okta.state.groups.values()) stand.okta.state.join(eve, group);
    await Promise.all([data.night(), hr.night()]);
    await expectWhole(stand, archive, before, ['okta', 'hr']);
    const kinds = async (name: string) => (await entriesOf(archive, name)).map(({ kind }) => kind);
    expect((await kinds('okta')).filter((kind) => kind === 'closed')).toHaveLength(1);
    expect(await kinds('hr')).not.toContain('closed');
  });

  // In parts, each of which ends its servers: many of them would make the clock slow.
  it.each(Array.from({ length: process.env['LONG'] === undefined ? 1 : 50 }, (_, part) => part))(
    'leaves no change untold of a run that was killed at any of its writes, to the archive or to Secoda (%i)',
    async (part) => {
      const kill = fc.record({
        what: fc.constantFrom('night', 'onboarding'),
        nth: fc.integer({ min: 1, max: 36 }),
        after: fc.boolean(),
      });
      const { seed = 0 } = fc.readConfigureGlobal();
      await fc.assert(
        fc.asyncProperty(kill, async ({ what, ...at }) => {
          const stand = await scenario();
          const archive = memoryArchive();
          const sync = deployment(stand, archive, INVITING);
          drift(stand, smallWorld(stand));
          const onboard = twoHires(stand, 'Group B');
          const before = pairsOf(stand);
          const death = { to: 'either', ...at } as const;
          await (what === 'night' ? sync.night(death) : sync.start({ onboard }, death));
          stand.jump(2 * MINUTE_MS);
          await sync.night();
          await expectWhole(stand, archive, before);
        }),
        { seed: seed + part, numRuns: 20, endOnFailure: true },
      );
    },
  );
});

describe('history --verify', () => {
  /** A ledger of a few entries in a folder, and the hash of its end. */
  async function kept() {
    const stand = await scenario();
    const { people, pairs } = smallWorld(stand);
    for (const [n, { okta }] of pairs.entries()) {
      const person = people[n];
      if (person) stand.okta.state.leave(person, okta);
      await stand.report('apply');
    }
    const folder = join(stand.runs, 'ledger', 'okta');
    const files = (await readdir(folder)).sort();
    const [, hash = ''] =
      /hash of entry 9: (\w+)/.exec((await stand.sync('history', '--verify')).stdout) ?? [];
    const file = (n: number) => join(folder, files[n - 1] ?? '');
    return { stand, file, hash };
  }

  /** The exit code and the problems, or that all is well. */
  async function verified({ stand }: Awaited<ReturnType<typeof kept>>, ...args: string[]) {
    const { code, stdout } = await stand.sync('history', '--verify', ...args);
    return [
      code,
      ...stdout
        .split('\n')
        .filter((line) => line.startsWith('  ✗'))
        .map((line) => line.slice(4)),
    ];
  }

  it('tells of an entry that was altered, taken out, or put in the place of another', async () => {
    const world = await kept();
    const { file } = world;
    expect(await verified(world)).toEqual([0]);
    const [second, fifth] = [await readFile(file(2), 'utf8'), await readFile(file(5), 'utf8')];
    await writeFile(file(5), fifth.replace('"applied"', '"not-seen"'));
    expect(await verified(world)).toEqual([
      1,
      'entry 6 does not follow the one before it: that one, or this, was altered',
    ]);
    await writeFile(file(5), second);
    expect(await verified(world)).toContain('entry 5 is no entry of a ledger, or was moved there');
    await rm(file(5));
    expect(await verified(world)).toEqual([1, 'entries 5 to 5 are missing']);
    await writeFile(file(5), fifth);
    expect(await verified(world)).toEqual([0]);
  });

  it('tells of a plan or a snapshot that is not what it was when its run ended', async () => {
    const world = await kept();
    const { runs, report } = world.stand;
    const [name = ''] = (await readdir(join(runs, 'snapshots'))).sort();
    const [runId = ''] = name.split('.');
    for (const [path, what] of [
      [join(runs, runId, 'plan.json'), `${runId}/plan.json`],
      [join(runs, 'snapshots', name), `the snapshot of ${runId}`],
    ] as const) {
      const before = await readFile(path);
      await writeFile(path, Buffer.concat([before, Buffer.from(' ')]));
      expect(await verified(world)).toEqual([1, `${what} is not what it was when its run ended`]);
      await writeFile(path, before);
    }
    expect((await report('apply')).status).toBe('in-sync');
    expect(await verified(world)).toEqual([0]);
  });

  it('tells by a hash that was kept elsewhere of a chain that was cut at its end, or written anew', async () => {
    const world = await kept();
    const { file, hash } = world;
    expect(await verified(world, '--hash', hash)).toEqual([0]);
    const gone = [1, `no entry has the hash ${hash}: the chain was cut or written anew since`];
    const last = await readFile(file(9), 'utf8');
    await rm(file(9));
    expect(await verified(world)).toEqual([0]);
    expect(await verified(world, '--hash', hash)).toEqual(gone);
    await writeFile(file(9), last);
    let before: string | null = null;
    for (const entry of await entriesOf(folderArchive(world.stand.runs))) {
      const text = entryText({ ...entry, before, at: entry.at.replace('2026', '2025') });
      await writeFile(file(entry.number), text);
      before = fingerprint(text);
    }
    expect(await verified(world)).toEqual([0]);
    expect(await verified(world, '--hash', hash)).toEqual(gone);
  });
});
