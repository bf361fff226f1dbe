import pMap from 'p-map';
import * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import { readAs } from './state-file.ts';
import { byText } from '../core/model/text.ts';
import { UsageError } from '../errors.ts';
import type { Archive } from '../ports.ts';
import { holderShape } from './lease/lease-file.ts';
import {
  type IsOver,
  isRunId,
  notedRuns,
  type RunLine,
  runShape,
  stampOf,
  startOf,
  unreadableLine,
} from './run-index.ts';

const WIDTH = 10;
/** So many of the runs that were noted last may have begun long before. */
const LATE = 20;

const cause = z.object({ cause: z.string(), oktaId: z.string().nullable(), okta: z.string().nullable() });
const group = z.object({ oktaIds: z.array(z.string()), secodaId: z.string().nullable(), name: z.string() });
const member = z.object({ userId: z.string(), email: z.string().nullable() });
/** What some releases did not say. */
const text = z.string().nullable().default(null);
const before = z
  .object({ members: z.array(member) })
  .nullable()
  .default(null);
const names = z.array(z.string());
const count = z.number().default(0);
export const changeShape = z.looseObject({
  action: z.enum(['create', 'update', 'delete']),
  group,
  renamedFrom: text,
  add: names,
  remove: names,
  causes: z.record(z.string(), cause).default({}),
  reason: z.string().default(''),
  outcome: z.string().nullable(),
  unsettled: names.default([]),
  error: text,
  before,
});
const inGroups = z.looseObject({ email: z.string(), groups: names });
const invited = inGroups.extend({ outcome: z.string().nullable() });
const unmatched = z.object({ ...inGroups.shape, reason: z.string(), since: text, runs: count });
const oneSide = z.looseObject({ reads: count, writes: count, throttled: count, retries: count });
const reportShape = z.looseObject({
  ...runShape.shape,
  /** The deployment's, where all there is is a plan. */
  name: text,
  changes: z.array(changeShape),
  refusals: z.array(z.looseObject({ rule: z.string(), message: z.string() })).default([]),
  skipped: z.array(z.looseObject({ group: z.string(), reason: z.string() })).default([]),
  invited: z.array(invited).default([]),
  unmatched: z.array(unmatched).default([]),
  resolved: z.array(z.object({ email: z.string(), since: z.string() })).default([]),
  unsettled: z.array(inGroups).default([]),
  frozen: z.array(z.looseObject({ group: z.string(), wouldRemove: names.default([]) })).default([]),
  warnings: z.array(z.looseObject({ message: z.string(), group: text })).default([]),
  requests: z.looseObject({ okta: oneSide, secoda: oneSide }).nullable().default(null),
  durationMs: z.number().nullable().default(null),
});
const person = member.extend({ why: cause.optional() });
const planned = z.object({
  ...group.shape,
  ...changeShape.pick({ action: true, renamedFrom: true, reason: true, before: true }).shape,
  held: z.boolean().default(false),
  add: z.array(person),
  remove: z.array(person),
});
/** Of a run without a report. */
const planShape = z.object({
  mode: z.string(),
  name: text,
  /** The process that is at work on it. */
  holder: holderShape.nullable().default(null),
  request: runShape.shape.request,
  digest: text,
  refusals: z.array(z.unknown()).default([]),
  changes: z.array(planned).default([]),
});

/** A report as far as it is shown and searched, of whatever release. */
export type StoredReport = Readonly<z.infer<typeof reportShape>>;
export type StoredChange = StoredReport['changes'][number];

/** A report as far as it is shown; `null` for anything else. */
export function storedReport(content: unknown): StoredReport | null {
  return reportShape.safeParse(content).data ?? null;
}

/** The record of a run, or else its plan, each change of which may have been made; `null` without either. Throws `UsageError` for one of another form. */
export async function readRun(archive: Archive, runId: string, isOver: IsOver): Promise<StoredReport | null> {
  const stored = await archive.read(`${runId}/report.json`);
  if (stored !== null) {
    const report = storedReport(jsonOf(stored.text));
    if (report !== null) return report;
    throw new UsageError([`${archive.address}${runId}/report.json cannot be read: it is no report of a run`]);
  }
  const plan = await readAs(archive, `${runId}/plan.json`, planShape);
  return plan && ofPlan(runId, plan, isOver);
}

function ofPlan(runId: string, plan: z.infer<typeof planShape>, isOver: IsOver): StoredReport {
  const address = ({ email, userId }: z.infer<typeof person>) => email ?? userId;
  const wrote = plan.mode !== 'plan' && (plan.refusals.length === 0 || plan.changes.some(({ held }) => held));
  const changes = plan.changes.map(({ oktaIds, secodaId, name, add, remove, held, ...change }) => ({
    ...change,
    group: { oktaIds, secodaId, name },
    add: add.map(address),
    remove: remove.map(address),
    causes: Object.fromEntries(
      [...add, ...remove].flatMap((each) => (each.why ? [[address(each), each.why]] : [])),
    ),
    outcome: held ? 'held' : wrote ? 'unknown' : null,
  }));
  const count = (action: StoredChange['action']) => changes.filter((each) => each.action === action).length;
  const sum = (of: (change: (typeof changes)[number]) => readonly string[]) =>
    changes.reduce((total, change) => total + of(change).length, 0);
  const over = isOver(runId, plan.holder);
  // What a plan does not say is as in a report of a release that did not say it either.
  return reportShape.parse({
    runId,
    name: plan.name,
    startedAt: new Date(startOf(runId)).toISOString(),
    mode: plan.mode,
    status: over ? 'interrupted' : 'running',
    digest: plan.digest,
    request: plan.request,
    summary: {
      groups: { create: count('create'), update: count('update'), delete: count('delete') },
      members: { add: sum(({ add }) => add), remove: sum(({ remove }) => remove) },
    },
    error: over ? 'it left no report: it was killed' : null,
    changes,
  });
}

/**
 * Runs by their lines, the newest first: those since a time (epoch milliseconds), or the last `limit`. Three reads of the archive
 * for fifty runs, one for each further fifty, and one for each run that nobody noted: it was killed, goes on, or is of an earlier
 * release.
 */
export async function listRuns(
  archive: Archive,
  asked: { readonly since: number | null; readonly limit: number; readonly isOver: IsOver },
): Promise<readonly RunLine[]> {
  const { since, limit, isOver } = asked;
  const from = since === null ? '' : stampOf(since);
  const noted = new Map<string, RunLine>();
  let oldest = from;
  for await (const chapter of notedRuns(archive)) {
    for (const run of chapter) noted.set(run.runId, run);
    const [newest] = chapter;
    if (newest !== undefined && since !== null && newest.runId < from) break;
    // Runs that were killed are noted late: there are some among the newest that began much earlier.
    if (since === null && noted.size >= limit + LATE) {
      oldest = [...noted.keys()].sort(byText).at(-limit) ?? '';
      break;
    }
  }
  const unnoted = (await unnotedRuns(archive, oldest, noted)).slice(-limit);
  const { reports, unreadable } = await readRuns(archive, unnoted, isOver);
  return [...noted.values(), ...reports, ...unreadable.map(unreadableLine)]
    .filter(({ runId }) => runId >= from)
    .sort((a, b) => byText(b.runId, a.runId))
    .slice(0, limit);
}

/** Runs behind an id of which there is a record and no line. */
export async function unnotedRuns(
  archive: Archive,
  after: string,
  noted: { readonly has: (runId: string) => boolean },
): Promise<readonly string[]> {
  return (await archive.folders(after)).filter((runId) => isRunId(runId) && !noted.has(runId));
}

/** The whole records of these runs, and those of them that cannot be read: one of these keeps nobody from the others. */
export async function readRuns(archive: Archive, runIds: readonly string[], isOver: IsOver) {
  const unreadable: Parameters<typeof unreadableLine>[0][] = [];
  const read = (runId: string) =>
    readRun(archive, runId, isOver).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      unreadable.push({ runId, problem: error.message });
      return null;
    });
  const found = await pMap(runIds, read, { concurrency: WIDTH });
  return { reports: found.filter((each) => each !== null), unreadable };
}

/** The only run whose id begins so. Throws `UsageError` where there is none, or several. */
export async function findRun(archive: Archive, prefix: string): Promise<string> {
  // Ids sort by their beginning, so that what sorts just before it is a place to begin.
  const all = (await archive.folders(prefix.slice(0, -1))).filter(
    (id) => isRunId(id) && id.startsWith(prefix),
  );
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  const many = all.length > 5 ? `, … (${all.length})` : '';
  throw new UsageError([
    only === undefined
      ? `no run in ${archive.address} has an id that begins with ${prefix}; npm run sync -- history lists them`
      : `several runs have an id that begins with ${prefix}: ${all.slice(0, 5).join(', ')}${many}`,
  ]);
}
