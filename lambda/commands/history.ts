import type { AccessChange } from '../core/report/worklist.ts';
import { normaliseAddress } from '../core/people/address.ts';
import { sameName } from '../core/model/order.ts';
import { listRuns, readRuns, type StoredReport } from '../archive/runs.ts';
import type { RunLine } from '../archive/run-index.ts';
import type { Archive } from '../ports.ts';

/** Runs that are listed unless a time is given. */
const LAST_RUNS = 50;

/** What is asked of history. */
export interface Window {
  /** Epoch milliseconds; `null` for the last runs, or, of a person or group, for all there is. */
  readonly since: number | null;
  readonly now: number;
}

/** The runs of an archive, the newest first. With a status, all there are of it unless a time is given. */
export async function runHistory(
  archive: Archive,
  { since, now }: Window,
  status: string | null,
): Promise<readonly RunLine[]> {
  const limit = since === null && status === null ? LAST_RUNS : Infinity;
  const runs = await listRuns(archive, { since, limit, now });
  return runs.filter((run) => status === null || run.status === status);
}

/** Every change of access of a person (by any of these addresses), or of a group (its name, or an id of either side), the newest first. */
export async function accessHistory(
  archive: Archive,
  { since, now }: Window,
  about: { readonly addresses: readonly string[] | null; readonly groups: readonly string[] },
): Promise<readonly AccessChange[]> {
  const runs = await listRuns(archive, { since, limit: Infinity, now });
  const reports = await readRuns(
    archive,
    runs.filter(mayHaveChanged).map(({ runId }) => runId),
    now,
  );
  const addresses = about.addresses && new Set(about.addresses.map((each) => normaliseAddress(each)));
  const isAbout = ({ person, group }: AccessChange) =>
    (addresses === null ||
      [person.email, person.okta].some((each) => addresses.has(normaliseAddress(each)))) &&
    (about.groups.length === 0 || about.groups.some((given) => isGroup(given, group)));
  return reports.flatMap((report) => changesIn(report, runs)).filter(isAbout);
}

/** Whether a text is the name or an id of this group. */
export function isGroup(given: string, { secodaId, oktaIds, name }: AccessChange['group']): boolean {
  return given === secodaId || oktaIds.includes(given) || sameName(given, name);
}

/** Who is without their groups, as the last run over everything that could write has it; `null` where there was none. */
export async function worklist(archive: Archive, { since, now }: Window): Promise<StoredReport | null> {
  const last = (await listRuns(archive, { since, limit: since === null ? LAST_RUNS : Infinity, now })).find(
    isComplete,
  );
  return last === undefined ? null : ((await readRuns(archive, [last.runId], now))[0] ?? null);
}

/** Whether a run could write and was over everything, as far as its record says. */
function isComplete({ mode, digest, request, error }: RunLine): boolean {
  const part = request !== null && (request.groups.length > 0 || request.trigger === 'event');
  return mode === 'apply' && digest !== null && error === null && !part;
}

/** Plans and refusals change nobody's access; neither does a run that found nothing to do. */
function mayHaveChanged({ mode, status, summary: { groups, ...summary } }: RunLine): boolean {
  const { create = 0, update = 0, delete: deleted = 0 } = groups;
  const invited = 'invited' in summary && summary['invited'] !== 0;
  return (
    mode !== 'plan' &&
    status !== 'refused' &&
    status !== 'planned' &&
    (create + update + deleted > 0 || invited)
  );
}

function changesIn(report: StoredReport, runs: readonly RunLine[]): AccessChange[] {
  const { runId, startedAt: at, request } = report;
  const digest = request?.approve ?? null;
  // The oldest of them: whoever asked for it first.
  const refused = runs
    .filter((run) => digest !== null && run.digest === digest && run.status !== 'applied')
    .at(-1);
  const common = {
    at,
    runId,
    requestedBy: refused?.request?.requestedBy ?? request?.requestedBy ?? null,
    approved: digest === null ? null : { digest, by: request?.requestedBy ?? null, runId },
  };
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
  const invited = report.invited.flatMap(({ email, groups, outcome }) =>
    outcome !== 'applied'
      ? []
      : groups.map((name): AccessChange => ({
          ...common,
          change: 'invited',
          person: { email, oktaId: null, okta: null },
          group: { oktaIds: [], secodaId: null, name },
          cause: null,
          outcome: 'applied',
        })),
  );
  return [...changed, ...invited];
}

/** `null`: nothing was sent. */
function endOf(outcome: string | null): AccessChange['outcome'] | null {
  if (outcome === null || outcome === 'held' || outcome === 'not-attempted') return null;
  return outcome === 'applied' || outcome === 'unsettled' ? 'applied' : 'unknown';
}
