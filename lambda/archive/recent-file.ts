import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import {
  COUNTING_MS,
  effectsOf,
  isNothing,
  isRecent,
  type Lately,
  type Recent,
  type RecentEntry,
  recentOf,
} from '../core/guard/recent.ts';
import type { Archive } from '../ports.ts';
import { carriedIn, editFile } from './state-file.ts';
import { RECENT } from '../names.ts';
import pMap from 'p-map';
import { isRunId, LONGEST_RUN_MS, stampOf, startOf } from './run-index.ts';

const VERSION = 1;

const ids = z.array(z.string());
const pairs = z.array(z.tuple([z.string(), ids]));
/** Nothing in it has a default: what is not understood must not count as nothing. */
const fileShape = z.object({
  version: z.literal(VERSION),
  entries: z.array(
    z.looseObject({
      at: z.number(),
      runId: z.string(),
      approved: z.boolean(),
      removed: pairs,
      out: ids,
      deleted: ids,
      granted: pairs,
      adopted: ids,
      invited: ids,
    }),
  ),
});

/** What a deployment did lately: as its file says, or, where there is none, as the records of its runs do. */
async function latelyIn(text: string | null, archive: Archive, name: string, now: number): Promise<Lately> {
  if (text !== null) return parsed(archive, name, text);
  const { entries, unreadable } = await recentInRecords(archive, name, now);
  const unknown =
    unreadable === null
      ? null
      : `${archive.address}${keyOf(name)} is missing, and ${archive.address}${unreadable}, from which it would be made again, cannot be read; move that record away, if nobody lost access by that run`;
  return { entries, unknown };
}

/** What counts along in a run that begins. `mayWrite`: a file that is missing is made, so that not each run has to read the records. */
export async function recentlyDone(
  archive: Archive,
  name: string,
  now: number,
  mayWrite: boolean,
): Promise<Recent> {
  const stored = await archive.read(keyOf(name));
  const found = await latelyIn(stored?.text ?? null, archive, name, now);
  if (mayWrite && stored === null && found.unknown === null)
    await archive.swap(keyOf(name), serialise(found.entries, now), null);
  return recentOf(found, now);
}

/**
 * Notes what is about to be written, in the place of `before`. `refuse` is told what the file says by then, and gives the
 * reasons against it: with any, nothing is noted. Only to be called under the lease.
 */
export async function noteRecent<Reason>(
  archive: Archive,
  name: string,
  { before, entry }: { readonly before: RecentEntry | null; readonly entry: RecentEntry },
  refuse: (lately: Lately) => readonly Reason[],
): Promise<readonly Reason[]> {
  const ours = JSON.stringify(before);
  let reasons: readonly Reason[] = [];
  await editFile(archive, keyOf(name), async (text) => {
    const found = await latelyIn(text, archive, name, entry.at);
    const others = found.entries.filter((each) => JSON.stringify(each) !== ours);
    reasons = refuse({ ...found, entries: others });
    // What cannot be read is left as it is: somebody may be able to fix it.
    if (reasons.length > 0 || found.unknown !== null) return null;
    return serialise(isNothing(entry) ? others : [...others, entry], entry.at, carriedIn(text, fileShape));
  });
  return reasons;
}

function keyOf(name: string): string {
  return `${RECENT}${name}.json`;
}

function parsed({ address }: Archive, name: string, text: string): Lately {
  const unknown = `${address}${keyOf(name)} cannot be read; delete it, and it is made again from the records of the last runs`;
  const file = fileShape.safeParse(jsonOf(text));
  return file.success ? { entries: file.data.entries, unknown: null } : { entries: [], unknown };
}

function serialise(entries: readonly RecentEntry[], now: number, later = ''): string {
  const lines = entries.filter((entry) => isRecent(entry, now)).map((entry) => JSON.stringify(entry));
  return `{"version":${VERSION},${later}"entries":[\n${lines.join(',\n')}\n]}\n`;
}

const WIDTH = 10;

const member = z.object({ userId: z.string(), ineligible: z.boolean().default(false) });

const changeShape = z.object({
  action: z.enum(['create', 'update', 'delete']),
  secodaId: z.string().nullable(),
  adopted: z.boolean(),
  known: z.boolean().default(false),
  held: z.boolean().default(false),
  approved: z.array(z.string()).optional(),
  add: z.array(member),
  remove: z.array(member),
});

const joinShape = z.object({
  secodaId: z.string(),
  add: z.array(z.object({ user: z.object({ id: z.string() }) })),
});

/** Earlier releases said neither whose record it is nor what was approved: it counts. */
const planShape = z.object({
  mode: z.enum(['plan', 'apply', 'onboard']),
  name: z.string().optional(),
  approve: z.string().nullable().default(null),
  digest: z.string().nullable().default(null),
  refusals: z.array(z.object({ rule: z.string().catch('') })).default([]),
  changes: z.array(changeShape).default([]),
  joins: z.array(joinShape).default([]),
  invitations: z.array(z.object({ emails: z.array(z.string()) })).default([]),
});

const outcome = z.string().nullable();

const reportShape = z.object({
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  status: z.string(),
  changes: z.array(z.object({ group: z.object({ secodaId: z.string().nullable() }), outcome })),
  invited: z.array(z.object({ email: z.string(), outcome })).default([]),
});

/**
 * What the runs of a deployment did lately, by their records: rather too much than too little. A run without a report was
 * killed, or is under way: it counts as having done all of its plan. `unreadable`: the key of a record that tells nothing, and
 * might have.
 */
async function recentInRecords(
  archive: Archive,
  name: string,
  now: number,
): Promise<{ readonly entries: readonly RecentEntry[]; readonly unreadable: string | null }> {
  const runIds = (await archive.folders(stampOf(now - COUNTING_MS - LONGEST_RUN_MS))).filter(isRunId);
  let unreadable: string | null = null;
  /** Of what was refused: digests whose approval lets people be invited as well. */
  const seats = new Set<string>();
  const runs = await pMap(
    runIds,
    async (runId) => {
      const read = async <T>(key: string, shape: z.ZodType<T>): Promise<T | null> => {
        const stored = await archive.read(key);
        const found = stored === null ? null : shape.safeParse(jsonOf(stored.text));
        if (found?.success === false) unreadable ??= key;
        return found?.data ?? null;
      };
      const plan = await read(`${runId}/plan.json`, planShape);
      if (plan === null || (plan.name ?? name) !== name) return [];
      if (plan.digest !== null && plan.refusals.some(({ rule }) => rule === 'invitations'))
        seats.add(plan.digest);
      const { mode, refusals, changes } = plan;
      if (mode === 'plan' || (refusals.length > 0 && !changes.some(({ held }) => held))) return [];
      const report = await read(`${runId}/report.json`, reportShape);
      return [{ approve: plan.approve, mode, entry: entryOf(runId, plan, report, now) }];
    },
    { concurrency: WIDTH },
  );
  const entries = runs.flat().flatMap(({ approve, mode, entry }) => {
    const seatsApproved = approve !== null && seats.has(approve);
    // What is approved of an onboarding are its invitations alone.
    const approved = entry.approved && mode !== 'onboard';
    if (approve === null || approved === seatsApproved) return [{ ...entry, approved }];
    return [
      { ...entry, approved, invited: [] },
      { ...entry, ...effectsOf([], entry.invited), approved: seatsApproved },
    ];
  });
  return { entries: entries.filter((each) => !isNothing(each) && isRecent(each, now)), unreadable };
}

function entryOf(
  runId: string,
  plan: z.infer<typeof planShape>,
  report: z.infer<typeof reportShape> | null,
  now: number,
): RecentEntry {
  const at =
    report === null
      ? Math.min(now, startOf(runId) + LONGEST_RUN_MS)
      : Date.parse(report.startedAt) + report.durationMs;
  const undone = (what: string | null) => what === null || what === 'not-attempted';
  const changesLeft = new Set(
    report?.changes.flatMap(({ group, outcome: end }) => (undone(end) ? group.secodaId : [])),
  );
  const peopleLeft = new Set(
    report?.invited.flatMap(({ email, outcome: end }) => (undone(end) ? email : [])),
  );
  const joins = plan.joins.map(({ add, ...join }) => ({
    ...join,
    action: 'update' as const,
    adopted: false,
    known: false,
    add: add.map(({ user }) => ({ userId: user.id })),
    remove: [],
  }));
  const sent = plan.changes.filter(({ held }) => !held);
  const done = [...sent, ...joins].filter(({ secodaId }) => !changesLeft.has(secodaId));
  const emails = plan.invitations.flatMap((each) => each.emails).filter((email) => !peopleLeft.has(email));
  // Where a part was approved apart, all of it counts: rather too much than too little.
  const inPart = plan.changes.some((change) => change.approved !== undefined);
  return { at, runId, approved: plan.approve !== null && !inPart, ...effectsOf(done, emails) };
}
