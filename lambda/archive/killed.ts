import type { Access, Fate, OnWhoseWord } from '../core/report/ledger-entry.ts';
import type { Archive } from '../ports.ts';
import type { Holder } from './lease/lease-file.ts';
import { entriesSince } from './ledger.ts';
import { LONGEST_RUN_MS, notedRuns, noteRun, overAt, stampOf } from './run-index.ts';
import { changeShape, readRun, type StoredChange, type StoredReport, unnotedRuns } from './runs.ts';

/** What a run without a report did, as the ledger has it, invitations and onboardings too; any other report as it is. */
export async function withOutcomes(archive: Archive, report: StoredReport): Promise<StoredReport> {
  return report.name === null ? report : withAccess(report, (await accessBy(archive, report)).done);
}

function withAccess(report: StoredReport, done: readonly Done[]): StoredReport {
  const changes = report.changes.map((change) =>
    change.outcome === 'unknown' ? { ...change, ...outcomeOf(change, done) } : change,
  );
  const beyond = done.filter((each) => !isJoin(each) || !changes.some((change) => isOf(each, change)));
  const joined = Map.groupBy(beyond.filter(isJoin), ({ group }) => group.name);
  const invited = Map.groupBy(
    beyond.filter((each) => !isJoin(each)),
    ({ person }) => person.email,
  );
  return {
    ...report,
    changes: [...changes, ...[...joined.values()].flatMap(joinOf)],
    invited: [...invited].map(([email, into]) => ({
      email,
      groups: into.map(({ group }) => group.name),
      outcome: into.every(isDone) ? 'applied' : 'awaited',
    })),
  };
}

/** So many runs that nobody noted are looked at: of an archive of earlier releases nobody noted any. */
const MOST = 20;
/** Runs that are looked back at, however long ago that is. */
const LOOKED_BACK = 100;

/**
 * Gives the runs of a deployment a report that were killed, so that they are listed by their lines like all others. One that may
 * still be at work is let be, and one of which nobody has looked yet what it did. `own`: the run that asks, which goes on: its plan
 * may be long. `now`: epoch milliseconds.
 */
export async function closeKilled(
  archive: Archive,
  { name, own }: { readonly name: string; readonly own: string },
  now: number,
  mayBeAlive: (holder: Holder) => boolean,
): Promise<readonly { readonly runId: string; readonly status: string; readonly request: OnWhoseWord }[]> {
  const closed = [];
  for (const runId of await unnotedLately(archive, now)) {
    if (runId === own) continue;
    if ((await archive.read(`${runId}/report.json`)) !== null) continue;
    const found = await readRun(archive, runId, overAt(now, mayBeAlive));
    if (found?.status !== 'interrupted' || found.name !== name || found.request === null) continue;
    const { done, open } = await accessBy(archive, found);
    if (open) continue;
    const report = { ...withAccess(found, done), durationMs: 0, name: null };
    const text = `${JSON.stringify(report, null, 2)}\n`;
    if ((await archive.swap(`${runId}/report.json`, text, null)) === null) continue;
    await noteRun(archive, report);
    closed.push({ runId, status: report.status, request: found.request });
  }
  return closed;
}

/** Runs of two days at least of which there is no line: by then each is over. */
async function unnotedLately(archive: Archive, now: number): Promise<readonly string[]> {
  const noted = new Set<string>();
  let after = '';
  for await (const chapter of notedRuns(archive)) {
    for (const { runId } of chapter) noted.add(runId);
    // Some of a chapter were killed and noted late: its middle tells of which time it is.
    const middle = chapter[Math.floor(chapter.length / 2)]?.runId ?? '';
    if (noted.size < LOOKED_BACK || middle > stampOf(now - 2 * LONGEST_RUN_MS)) continue;
    after = middle;
    break;
  }
  return (await unnotedRuns(archive, after, noted)).slice(-MOST);
}

type Done = Access & { readonly outcome: Fate };

/** What a run wanted of anybody's access and what became of it, and whether it left something open that nobody has closed. */
async function accessBy(archive: Archive, { name, runId, startedAt }: StoredReport) {
  const entries = await entriesSince(archive, name ?? '', startedAt);
  const own = entries.flatMap((entry) =>
    entry.kind !== 'end' && runId === (entry.kind === 'closed' ? entry.killed : entry.runId) ? [entry] : [],
  );
  const settled = new Set(own.flatMap((entry) => ('of' in entry ? entry.of : [])));
  const open = own.filter((entry) => !('of' in entry) && !settled.has(entry.number));
  const done = own.flatMap((entry): readonly Done[] => ('of' in entry ? entry.access : []));
  const unknown = open.flatMap(({ access }) => access.map((each): Done => ({ ...each, outcome: 'unknown' })));
  return { done: [...done, ...unknown], open: open.length > 0 };
}

function isJoin({ change }: Access): boolean {
  return change !== 'invited';
}

function isDone({ outcome }: Done): boolean {
  return outcome === 'applied' || outcome === 'seen';
}

function isOf({ group }: Access, change: StoredChange): boolean {
  return group.name === change.group.name && group.oktaIds.join() === change.group.oktaIds.join();
}

/** Before its intents are in the ledger, nothing of a change is written. A change of a name alone gives and takes nothing. */
function outcomeOf(change: StoredChange, done: readonly Done[]) {
  const people = [...change.add, ...change.remove];
  if (people.length === 0) return { outcome: 'unknown' };
  const own = done.filter((each) => isJoin(each) && isOf(each, change));
  if (own.some(({ outcome }) => outcome === 'unknown')) return { outcome: 'unknown' };
  const settled = new Set(own.filter(isDone).map(({ person }) => person.email));
  const unsettled = people.filter((email) => !settled.has(email));
  if (unsettled.length === 0) return { outcome: 'applied' };
  return settled.size === 0 ? { outcome: 'not-attempted' } : { outcome: 'unsettled', unsettled };
}

/** What an onboarding added to a group. */
function joinOf(done: readonly Done[]): readonly StoredChange[] {
  const [first] = done;
  if (first === undefined) return [];
  const change = changeShape.parse({
    action: 'update',
    group: first.group,
    add: done.map(({ person }) => person.email),
    remove: [],
    reason: 'onboarded',
    outcome: null,
  });
  return [{ ...change, ...outcomeOf(change, done) }];
}
