import * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import { byText } from '../core/model/text.ts';
import type { Archive } from '../ports.ts';
import { carriedIn, editFile } from './state-file.ts';
import { HISTORY } from '../names.ts';
import { createHash } from 'node:crypto';
import type { Holder } from './lease/lease-file.ts';

/** Runs of a chapter: few enough to be replaced at each run's end, and enough that a page of history is two reads. */
const CHAPTER = 100;
const HEAD = `${HISTORY}head.json`;

const text = z.string().nullable().default(null);
const counts = z.record(z.string(), z.number());
/** What `history` tells of a run. Records of earlier releases have no request. */
export const runShape = z.object({
  runId: z.string(),
  startedAt: z.iso.datetime(),
  mode: z.string(),
  status: z.string(),
  digest: text,
  request: z
    .looseObject({
      trigger: z.string(),
      requestedBy: text,
      reason: text,
      groups: z.array(z.string()).default([]),
      approve: text,
      awsRequestId: text,
    })
    .nullable()
    .default(null),
  summary: z.looseObject({ groups: counts, members: counts, unmatched: z.number().default(0) }),
  error: text,
});

/** A run in one line. */
export type RunLine = Readonly<z.infer<typeof runShape>>;

/** The numbers of a run; one that was killed or cannot be read has some of them only. */
export function countsOf({ summary: { groups, members, unmatched } }: Pick<RunLine, 'summary'>) {
  return {
    groups: { create: 0, update: 0, delete: 0, unchanged: 0, skipped: 0, ...groups },
    members: { add: 0, remove: 0, ...members },
    unmatched,
  };
}

/** How many groups a run changed, or was to change. */
export function groupsTouched(run: Pick<RunLine, 'summary'>): number {
  const { groups } = countsOf(run);
  return groups.create + groups.update + groups.delete;
}

/** What is listed of a run whose record cannot be read. */
export const UNREADABLE = 'unreadable';

/** How a run may be said to have ended, or not. */
export const ENDS: readonly string[] = [
  ...['in-sync', 'planned', 'applied', 'partial', 'held', 'refused', 'interrupted', 'failed'],
  ...['running', UNREADABLE],
];

/** The line of such a run, of which only the id is known. `problem`: in plain words. */
export function unreadableLine({ runId, problem }: Record<'runId' | 'problem', string>): RunLine {
  return {
    runId,
    startedAt: new Date(startOf(runId)).toISOString(),
    mode: 'unknown',
    status: UNREADABLE,
    digest: null,
    request: null,
    summary: { groups: {}, members: {}, unmatched: 0 },
    error: problem,
  };
}

const chapterShape = z.object({
  /** Key of the chapter before; `null` for the first. */
  before: z.string().nullable(),
  runs: z.array(z.looseObject(runShape.shape)),
});
type Chapter = z.infer<typeof chapterShape>;

/** Notes a run that has ended, so that nobody has to open its record to list it. A run that is noted twice counts once. */
export async function noteRun(archive: Archive, report: unknown): Promise<void> {
  const run = runShape.parse(report);
  await editFile(archive, HEAD, async (text) => {
    // What cannot be read is begun anew: the runs it named are still found by their records.
    const head = chapterOf(text);
    const later = carriedIn(text, chapterShape);
    const runs = [...head.runs.filter(({ runId }) => runId !== run.runId), run];
    if (runs.length <= CHAPTER) return serialise({ ...head, runs }, later);
    const old = runs.splice(0, CHAPTER / 2);
    const before = `${HISTORY}${old.at(-1)?.runId}.json`;
    await archive.write(before, serialise({ ...head, runs: old }));
    return serialise({ before, runs }, later);
  });
}

/** Runs that were noted, chapter by chapter, the newest first. */
export async function* notedRuns(archive: Archive): AsyncGenerator<readonly RunLine[]> {
  for (let key: string | null = HEAD; key !== null;) {
    const chapter = chapterOf((await archive.read(key))?.text ?? null);
    yield chapter.runs.toSorted((a, b) => byText(b.runId, a.runId));
    key = chapter.before;
  }
}

function chapterOf(stored: string | null): Chapter {
  return chapterShape.safeParse(jsonOf(stored ?? '')).data ?? { before: null, runs: [] };
}

function serialise({ before, runs }: Chapter, later = ''): string {
  const lines = runs.map((run) => JSON.stringify(run));
  return `{${later}"before":${JSON.stringify(before)},"runs":[\n${lines.join(',\n')}\n]}\n`;
}

/** Begins with the time, so that ids sort by it, and so that the archive's life-cycle rule knows a record by its first digit. */
export const FORM = /^2\d{7}T\d{6}Z-[0-9a-z]{4,40}$/;

/** No run goes on for longer, in milliseconds. */
export const LONGEST_RUN_MS = 24 * 3_600_000;

/** Whether a text (the name of an execution) has the form of a run id. */
export function isRunId(text: string): boolean {
  return FORM.test(text);
}

/** When a run of this id began, to the second, in epoch milliseconds; `NaN` where the id has no time. */
export function startOf(runId: string): number {
  const [, day = '', time = ''] = /^(\d{8})T(\d{6})Z/.exec(runId) ?? [];
  const dashed = day.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3');
  return Date.parse(`${dashed}T${time.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')}Z`);
}

/** A run's name: when it began, to the second, and something to tell it from another of that second. */
export function runIdAt(now: number, random: () => number): string {
  const tail = Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
  return `${stampOf(now)}-${tail}`;
}

/**
 * The name of a run that messages ask for: the same messages, whatever their order, always give the same name, so that a
 * batch delivered twice starts one run. `newest`: when the last of them was sent, in epoch milliseconds.
 */
export function runIdFor(messageIds: readonly string[], newest: number): string {
  const hash = createHash('sha256');
  for (const id of [...new Set(messageIds)].sort()) hash.update(`${id}\n`);
  return `${stampOf(newest)}-${hash.digest('hex').slice(0, 24)}`;
}

/** With what the ids of runs begin that began then. */
export function stampOf(now: number): string {
  return new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Whether a run without a report is over: it was killed. */
export type IsOver = (runId: string, holder: Holder | null) => boolean;

/** A run is over when its process is gone, and after a day: none may be longer. `now`: epoch milliseconds. */
export function overAt(now: number, mayBeAlive: (holder: Holder) => boolean): IsOver {
  return (runId, holder) => now - startOf(runId) > LONGEST_RUN_MS || (holder !== null && !mayBeAlive(holder));
}
