import pMap from 'p-map';
import { type About, type AccessChange, isGroup } from '../core/report/worklist.ts';
import { fitsGlob, normaliseAddress } from '../core/people/address.ts';
import { fingerprint, byText } from '../core/model/text.ts';
import { listRuns, readRuns, type StoredReport } from '../archive/runs.ts';
import {
  groupsTouched,
  type IsOver,
  LONGEST_RUN_MS,
  type RunLine,
  stampOf,
  UNREADABLE,
} from '../archive/run-index.ts';
import { entryKey, ledgers, storedEntries } from '../archive/ledger.ts';
import { snapshotHash } from '../archive/snapshot.ts';
import { chainProblems, type OnWhoseWord, type Verified } from '../core/report/ledger-entry.ts';
import { UsageError } from '../errors.ts';
import type { Archive } from '../ports.ts';

/** Runs that are listed unless a time is given. */
const LAST_RUNS = 50;
const WIDTH = 10;

/** What is asked of history. */
export interface Window {
  /** Epoch milliseconds; `null` for the last runs, or, of a person or group, for all there is. */
  readonly since: number | null;
  readonly isOver: IsOver;
}

/** The runs of an archive, the newest first. With a status, all there are of it unless a time is given. */
export async function runHistory(archive: Archive, { since, isOver }: Window, status: string | null) {
  const limit = since === null && status === null ? LAST_RUNS : Infinity;
  const runs = await listRuns(archive, { since, limit, isOver });
  return runs.filter((run) => status === null || run.status === status);
}

/**
 * Every change of access of a person or of groups, the newest first; `all`: those of anybody, to find what was meant; `untold`: what
 * may tell of more and cannot be read, in plain words.
 */
export async function accessHistory(archive: Archive, { since, isOver }: Window, about: About) {
  const all = { since: null, limit: Infinity, isOver };
  const near = await listRuns(archive, { ...all, since: since === null ? null : since - LONGEST_RUN_MS });
  // By whose word something was approved, a run from long before may tell.
  const isApproval = ({ request }: RunLine) => (request?.approve ?? null) !== null;
  const runs = since !== null && near.some(isApproval) ? await listRuns(archive, all) : near;
  const ledger = await ledgerChanges(archive, runs);
  const lately = runs.filter(({ runId }) => since === null || runId >= stampOf(since));
  // Of runs before there was a ledger, the records tell.
  const unlisted = lately.filter((run) => mayHaveChanged(run) && !ledger.runIds.has(run.runId));
  const ids = unlisted.map(({ runId }) => runId);
  const { reports, unreadable } = await readRuns(archive, ids, isOver);
  const from = since === null ? '' : new Date(since).toISOString();
  const addresses = about.addresses && new Set(about.addresses.map((each) => normaliseAddress(each)));
  const isAbout = ({ person, group }: AccessChange) =>
    (addresses === null ||
      [person.email, person.okta].some((each) => addresses.has(normaliseAddress(each)))) &&
    (about.groups.length === 0 ||
      about.groups.some((given) => isGroup(given, group) || fitsGlob(given, group.name)));
  const told = [
    ...ledger.changes.filter(({ at }) => at >= from),
    ...reports.flatMap((each) => changesIn(each, runs)),
  ].sort((a, b) => byText(b.at, a.at));
  const listed = lately.flatMap(({ runId, status, error }) =>
    status === UNREADABLE && !ledger.runIds.has(runId) ? [{ runId, problem: error ?? '' }] : [],
  );
  const untold = [
    ...ledger.broken.map((key) => `What ${archive.address}${key} tells is not told here: it cannot be read`),
    ...[...listed, ...unreadable].map(
      ({ runId, problem }) => `What run ${runId} changed is not told here: ${problem}`,
    ),
  ];
  return { changes: told.filter(isAbout), all: told, untold };
}

/** Every change of access that the ledgers of an archive hold, and of which runs they tell. */
async function ledgerChanges(archive: Archive, runs: readonly RunLine[]) {
  const changes: AccessChange[] = [];
  const runIds = new Set<string>();
  const broken: string[] = [];
  for (const name of await ledgers(archive)) {
    const stored = await storedEntries(archive, name);
    const entries = stored.flatMap(([, , entry]) => entry ?? []);
    for (const [number, , entry] of stored) if (entry === null) broken.push(entryKey(name, number));
    const closed = new Set(entries.flatMap((entry) => ('of' in entry ? entry.of : [])));
    for (const entry of entries) {
      if (entry.kind === 'end') continue;
      const runId = entry.kind === 'closed' ? entry.killed : entry.runId;
      runIds.add(runId);
      if (closed.has(entry.number)) continue;
      const { at, request } = entry;
      for (const { change, person, group, cause, byRules, ...end } of entry.access) {
        const { email, oktaId, okta } = person;
        // Intents that nobody has closed yet: the run goes on, or was killed.
        const outcome = 'outcome' in end ? end.outcome : 'unknown';
        const word = wordOf(runId, byRules ? { ...request, approve: null } : request, runs);
        changes.push({ at, runId, change, person: { email, oktaId, okta }, group, cause, outcome, ...word });
      }
    }
  }
  return { changes, runIds, broken };
}

/** By whose word a run changed something: for what was approved, of whoever asked for the run that first refused it. */
function wordOf(
  runId: string,
  request: Pick<OnWhoseWord, 'approve' | 'requestedBy'> | null,
  runs: readonly RunLine[],
): Pick<AccessChange, 'requestedBy' | 'approved'> {
  const digest = request?.approve ?? null;
  const by = request?.requestedBy ?? null;
  // The oldest of them: whoever asked for it first.
  const refused = runs
    .filter((run) => digest !== null && run.digest === digest && run.status !== 'applied')
    .at(-1);
  return {
    requestedBy: refused?.request?.requestedBy ?? by,
    approved: digest === null ? null : { digest, by, runId },
  };
}

/**
 * Walks the ledger of a deployment: whether each entry follows the one before, whether one has this hash, and whether plans and reports
 * are what they were when their runs ended. `name`: `null` for the only one there is. Throws `UsageError` where there are several.
 */
export async function verifyLedger(
  archive: Archive,
  { name, hash }: { readonly name: string | null; readonly hash: string | null },
): Promise<Verified> {
  const all = await ledgers(archive);
  if (name === null && all.length > 1)
    throw new UsageError([
      `${archive.address} holds the ledgers of several deployments (${all.join(', ')}): name the configuration of one with --config`,
    ]);
  const of = name ?? all[0];
  const entries = of === undefined ? [] : await storedEntries(archive, of);
  const ends = new Map(
    entries.flatMap(([, , entry]) => (entry?.kind === 'end' ? [[entry.runId, entry] as const] : [])),
  );
  const files = [...ends.values()].flatMap(({ runId, plan, report, snapshot = null }) => [
    { what: `${runId}/plan.json`, was: plan, is: () => archive.hash(`${runId}/plan.json`) },
    { what: `${runId}/report.json`, was: report, is: () => archive.hash(`${runId}/report.json`) },
    { what: `the snapshot of ${runId}`, was: snapshot, is: () => snapshotHash(archive, runId) },
  ]);
  const altered = await pMap(
    files,
    async ({ what, was, is }) => {
      // One that is not there any more is as old as records get.
      const now = was === null ? null : await is();
      return now === null || now === was ? [] : [`${what} is not what it was when its run ended`];
    },
    { concurrency: WIDTH },
  );
  const problems = [...chainProblems(entries, hash), ...altered.flat()];
  const [from = 0] = entries[0] ?? [];
  const [to = 0, text = null] = entries.at(-1) ?? [];
  return { ok: problems.length === 0, from, to, hash: text === null ? null : fingerprint(text), problems };
}

/** Plans and refusals change nobody's access; neither does a run that found nothing to do. */
function mayHaveChanged(run: RunLine): boolean {
  const { mode, status, summary } = run;
  const invited = (summary['invited'] ?? 0) !== 0;
  return (
    mode !== 'plan' && status !== 'planned' && status !== 'refused' && (groupsTouched(run) > 0 || invited)
  );
}

function changesIn(report: StoredReport, runs: readonly RunLine[]): AccessChange[] {
  const { runId, startedAt: at, request } = report;
  const common = { at, runId, ...wordOf(runId, request, runs) };
  const changed = report.changes.flatMap(({ add, remove, group, causes, outcome, unsettled }) => {
    const ended = endOf(outcome);
    if (ended === null) return [];
    const one = (email: string, change: 'granted' | 'revoked'): AccessChange => {
      const { cause = null, oktaId = null, okta = null } = causes[email] ?? {};
      const inGroup = change === 'granted' && request !== null ? 'in-group' : null;
      return {
        ...common,
        change,
        person: { email, oktaId, okta },
        group,
        cause: cause ?? inGroup,
        outcome: unsettled.includes(email) ? 'not-seen' : ended,
      };
    };
    return [...add.map((email) => one(email, 'granted')), ...remove.map((email) => one(email, 'revoked'))];
  });
  const invited = report.invited.filter(({ outcome }) => outcome === 'applied');
  const into = invited.flatMap(({ email, groups }) =>
    groups.map((name): AccessChange => ({
      ...common,
      change: 'invited',
      person: { email, oktaId: null, okta: null },
      group: { oktaIds: [], secodaId: null, name },
      cause: null,
      outcome: 'applied',
    })),
  );
  return [...changed, ...into];
}

/** `null`: nothing was sent. */
function endOf(outcome: string | null): AccessChange['outcome'] | null {
  if (outcome === null || outcome === 'held' || outcome === 'not-attempted') return null;
  return outcome === 'applied' || outcome === 'unsettled' ? 'applied' : 'unknown';
}
