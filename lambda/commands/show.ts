import * as z from 'zod';
import type { Window } from './history.ts';
import { readAs } from '../archive/state-file.ts';
import { readMarker } from '../core/groups/marker.ts';
import { readSnapshot } from '../archive/snapshot.ts';
import { findRun, listRuns, readRun, readRuns, type StoredReport } from '../archive/runs.ts';
import { groupsTouched, type IsOver, type RunLine } from '../archive/run-index.ts';
import { withOutcomes } from '../archive/killed.ts';
import { UsageError } from '../errors.ts';
import type { Archive } from '../ports.ts';
import { isGroup } from '../core/report/worklist.ts';

/** The record of a run: by its id or how that begins; else, or for `last`, the last one that could write. Throws `UsageError`. */
export async function showRun(archive: Archive, named: string | null, isOver: IsOver): Promise<StoredReport> {
  const runId =
    named === null || named === 'last'
      ? await lastThatCouldWrite(archive, isOver)
      : await findRun(archive, named);
  const found = await readRun(archive, runId, isOver);
  if (found !== null) return withOutcomes(archive, found);
  throw new UsageError([`${archive.address}${runId}/ holds neither a report nor a plan`]);
}

async function lastThatCouldWrite(archive: Archive, isOver: IsOver): Promise<string> {
  for (const limit of [50, Infinity]) {
    const runs = await listRuns(archive, { since: null, limit, isOver });
    const last = runs.find(({ mode }) => mode === 'apply' || mode === 'onboard');
    if (last !== undefined) return last.runId;
  }
  throw new UsageError([
    `${archive.address} holds no run that could write; npm run sync -- history lists what there is`,
  ]);
}

/**
 * The last run over everything that could write and has ended, of those whose record can be read: it tells who is without their
 * groups, and what was left alone. Of the deployment of this name; `null` for whichever. `null` where there was none.
 */
export async function lastComplete(archive: Archive, { since }: Pick<Window, 'since'>, name: string | null) {
  // A run without a report goes on or was killed: it is not complete.
  const isOver = () => true;
  // Many runs of events may lie between.
  for (const limit of [50, Infinity])
    for (const { runId } of (await listRuns(archive, { since, limit, isOver })).filter(isComplete)) {
      if (name !== null && ((await nameOf(archive, runId)) ?? name) !== name) continue;
      const [found] = (await readRuns(archive, [runId], isOver)).reports;
      if (found !== undefined) return found;
    }
  return null;
}

const named = z.object({ name: z.string() });

/** The deployment of a run; `null` where its record does not say. */
async function nameOf(archive: Archive, runId: string): Promise<string | null> {
  return (await readAs(archive, `${runId}/plan.json`, named))?.name ?? null;
}

/** Whether a run could write and was over everything, as far as its record says. */
function isComplete({ mode, digest, request, error }: RunLine): boolean {
  const part = request !== null && (request.groups.length > 0 || request.trigger === 'event');
  return mode === 'apply' && digest !== null && error === null && !part;
}

/**
 * Who was in a group after this run. A record names the members of the groups it changed, and a snapshot those of all others. Where
 * there is none, the next run that changed the group tells who was in it before, or the last one before who was in it after. `null`
 * where none did. `members`: addresses; `toldBy`: the run whose record, or snapshot, tells; `lacks`: what the run itself lacks to
 * tell, in plain words, `null` where it tells.
 */
export async function membersThen(archive: Archive, report: StoredReport, group: string, isOver: IsOver) {
  const runs = (await listRuns(archive, { since: null, limit: Infinity, isOver })).toReversed();
  const wrote = runs.filter((run) => run.mode !== 'plan' && groupsTouched(run) > 0).map(({ runId }) => runId);
  const later = wrote.filter((runId) => runId > report.runId);
  const earlier = wrote.filter((runId) => runId <= report.runId).toReversed();
  let lacks = LACKS;
  for (const [ids, when] of [
    [[report.runId], 'after'],
    [later, 'before'],
    [earlier, 'after'],
  ] as const) {
    if (ids === later) {
      const found = lacks === KILLED ? null : await inSnapshot(archive, report.runId, group);
      if (found !== null) return found;
    }
    for (const runId of ids) {
      const own = runId === report.runId;
      const [found] = own ? [report] : (await readRuns(archive, [runId], isOver)).reports;
      const change = found?.changes.find((each) => isGroup(group, each.group) || each.renamedFrom === group);
      if (change === undefined || ['held', 'not-attempted', null].includes(change.outcome)) continue;
      if (change.before === null && change.action !== 'create') continue;
      if (when === 'after' && change.outcome === 'unknown' && change.add.length + change.remove.length > 0) {
        if (!own || lacks === KILLED) return null;
        lacks = KILLED;
        continue;
      }
      const was = (change.before?.members ?? []).map(({ email, userId }) => email ?? userId);
      const unsettled = new Set(change.unsettled);
      const left = new Set(change.remove.filter((email) => !unsettled.has(email)));
      const came = change.add.filter((email) => !unsettled.has(email));
      const is = change.outcome === 'failed' ? was : [...was.filter((email) => !left.has(email)), ...came];
      const then = { group: change.group.name, members: (when === 'before' ? was : is).toSorted() };
      return { ...then, toldBy: runId, source: 'record', lacks: own ? null : lacks };
    }
  }
  return null;
}

const LACKS = 'that run did not change the group, and kept no snapshot';
const KILLED = 'that run was killed, and nobody knows what it wrote';

/** The members of a group as a run read it; `null` where it kept no snapshot, or there was no such group. */
async function inSnapshot(archive: Archive, runId: string, named: string) {
  const kept = await readSnapshot(archive, runId);
  const { groups, users } = kept?.snapshot.workspace ?? { groups: [], users: [] };
  const found = groups.find(({ id, name, description }) =>
    isGroup(named, { secodaId: id, name, oktaIds: readMarker(description)?.oktaIds ?? [] }),
  );
  if (found === undefined) return null;
  const addresses = new Map(users.map(({ id, email }) => [id, email]));
  const members = found.userIds.map((id) => addresses.get(id) ?? id).toSorted();
  return { group: found.name, members, toldBy: runId, source: 'snapshot', lacks: null };
}
