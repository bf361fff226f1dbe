import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storedEntries } from '../../lambda/archive/ledger.ts';
import { accessHistory, verifyLedger } from '../../lambda/commands/history.ts';
import { compose, fingerprint, openEdges, serviceOptions } from '../../lambda/compose.ts';
import type { Archive, WorkspaceWriter } from '../../lambda/ports.ts';
import { runSync } from '../../lambda/run/run.ts';
import { folderArchive } from '../../lambda/services/store/folder.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { ORIGIN } from '../core/requested.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

const KILLED = '20260101T000000Z-dead0000';
const MINUTE_MS = 60_000;

/** An apply in this process that dies with its n-th write to archive or Secoda: before it took effect, or right after. */
async function killedAt(stand: Scenario, nth: number, after: boolean): Promise<void> {
  const settings = parseSettings({
    okta: { orgUrl: stand.okta.url, groups: { all: true } },
    secoda: { url: stand.secoda.url },
  });
  const parts = { settings, clock: stand.clock, random: Math.random };
  const { apiToken } = stand.okta.credentials;
  const { apiKey } = stand.secoda.credentials;
  const edges = openEdges(serviceOptions(parts, { okta: { apiToken }, secoda: { apiKey } }));
  let writes = 0;
  let die: () => void = () => undefined;
  const dead = new Promise<void>((done) => (die = done));
  const gone = new Promise<never>(() => undefined);
  const mortal =
    <A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      writes += 1;
      if (writes > nth || (writes === nth && !after)) return (die(), gone);
      const result = await work(...args);
      return writes >= nth ? (die(), gone) : result;
    };
  const stored = folderArchive(stand.runs, stand.clock);
  const archive: Archive = {
    ...stored,
    write: mortal((...all: Parameters<Archive['write']>) => stored.write(...all)),
    swap: mortal((...all: Parameters<Archive['swap']>) => stored.swap(...all)),
  };
  const writer: WorkspaceWriter = {
    create: mortal((...all: Parameters<WorkspaceWriter['create']>) => edges.writer.create(...all)),
    update: mortal((...all: Parameters<WorkspaceWriter['update']>) => edges.writer.update(...all)),
    remove: mortal((...all: Parameters<WorkspaceWriter['remove']>) => edges.writer.remove(...all)),
  };
  const { context, writing } = compose(
    { ...parts, archive, listen: () => undefined, origin: ORIGIN },
    { ...edges, writer },
  );
  const asked = {
    runId: KILLED,
    groups: [],
    hints: null,
    full: false,
    mode: 'apply',
    approve: null,
  } as const;
  const finished = () => Promise.resolve();
  const run = runSync({ ...asked, ...writing(KILLED) }, { ...context, usage: 'report', finished });
  await Promise.race([run, dead]);
}

/** Who is in which group, as pairs. */
function pairsOf(stand: Scenario): string[] {
  return Object.entries(membersOf(stand)).flatMap(([name, emails]) =>
    emails.map((each) => `${name} ${each}`),
  );
}

/** What the ledger says was done. */
async function told(stand: Scenario) {
  const about = { addresses: null, groups: [] };
  const archive = folderArchive(stand.runs);
  const changes = await accessHistory(archive, { since: null, isOver: () => false }, about);
  const done = changes.filter(({ outcome }) => outcome === 'applied' || outcome === 'seen');
  const pairs = (change: string) =>
    done
      .flatMap((each) => (each.change === change ? [`${each.group.name} ${each.person.email}`] : []))
      .sort();
  return { changes, granted: pairs('granted'), revoked: pairs('revoked') };
}

/** That each change between two states is in the ledger exactly once, nothing is left open, and the chain is whole. */
async function expectWhole(stand: Scenario, before: readonly string[]): Promise<void> {
  const now = pairsOf(stand);
  const { granted, revoked } = await told(stand);
  expect(granted).toEqual(now.filter((pair) => !before.includes(pair)).sort());
  expect(revoked).toEqual(before.filter((pair) => !now.includes(pair)).sort());
  const archive = folderArchive(stand.runs);
  expect(await verifyLedger(archive, { name: 'okta', hash: null }, fingerprint)).toMatchObject({
    problems: [],
  });
  expect((await storedEntries(archive, 'okta')).at(-1)?.[2]?.open).toEqual([]);
}

it('each change of access is in the ledger once: two entries a slice, and one for the run', async () => {
  const stand = await scenario();
  drift(stand, smallWorld(stand));
  const before = pairsOf(stand);
  const { ledger, runId } = await stand.report('apply', '--reason', 'CHG-1');
  await expectWhole(stand, before);
  const entries = await storedEntries(folderArchive(stand.runs), 'okta');
  expect(entries.map(([, , entry]) => entry?.kind)).toEqual(['intents', 'outcomes', 'end']);
  expect(ledger).toEqual({ number: 3, hash: fingerprint(entries[2]?.[1] ?? '') });
  expect((await told(stand)).changes[0]).toMatchObject({ runId, requestedBy: expect.any(String) as unknown });
  await stand.report('apply');
  expect(await storedEntries(folderArchive(stand.runs), 'okta')).toHaveLength(3);
});

it('a refused run and its approval are in the ledger', async () => {
  const stand = await scenario({ config: { guard: { groupDeletions: { max: 0, percent: 0 } } } });
  const { pairs } = smallWorld(stand, { groups: 2 });
  if (pairs[1]) stand.okta.state.removeGroup(pairs[1].okta);
  const { digest } = await stand.report('apply');
  await stand.report('apply', '--approve', digest ?? '');
  const entries = await storedEntries(folderArchive(stand.runs), 'okta');
  expect(entries.map(([, , entry]) => entry)).toMatchObject([
    { kind: 'end', status: 'refused' },
    { kind: 'intents', request: { approve: digest } },
    { kind: 'outcomes', of: 2 },
    { kind: 'end', status: 'applied', request: { approve: digest } },
  ]);
});

it('a run that was killed at any of its writes, to the archive or to Secoda, leaves none of its changes untold', async () => {
  const kill = fc.record({ nth: fc.integer({ min: 1, max: 22 }), after: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(kill, async ({ nth, after }) => {
      const stand = await scenario();
      drift(stand, smallWorld(stand));
      const before = pairsOf(stand);
      await killedAt(stand, nth, after);
      stand.jump(2 * MINUTE_MS);
      await stand.report('apply');
      await expectWhole(stand, before);
    }),
    { numRuns: process.env['LONG'] === undefined ? 20 : 1_000, endOnFailure: true },
  );
}, 120_000);
