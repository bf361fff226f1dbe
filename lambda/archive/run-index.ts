import * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import { byText } from '../core/model/order.ts';
import type { Archive } from '../ports.ts';
import { carriedIn } from './edit-file.ts';
import { HISTORY } from '../settings.ts';

/** Runs of a chapter: few enough to be replaced at each run's end, and enough that a page of history is two reads. */
const CHAPTER = 100;
/** Swaps lost in a row before giving up: other runs note themselves in milliseconds. */
const TRIES = 50;
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

const chapterShape = z.object({
  /** Key of the chapter before; `null` for the first. */
  before: z.string().nullable(),
  runs: z.array(z.looseObject(runShape.shape)),
});
type Chapter = z.infer<typeof chapterShape>;

/** Notes a run that has ended, so that nobody has to open its record to list it. A run that is noted twice counts once. */
export async function noteRun(archive: Archive, report: unknown): Promise<void> {
  const run = runShape.parse(report);
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await archive.read(HEAD);
    // What cannot be read is begun anew: the runs it named are still found by their records.
    const head = chapterOf(stored?.text);
    const later = carriedIn(stored?.text, chapterShape);
    let { before } = head;
    let runs = [...head.runs.filter(({ runId }) => runId !== run.runId), run];
    if (runs.length > CHAPTER) {
      const old = runs.slice(0, CHAPTER / 2);
      const key = `${HISTORY}${old.at(-1)?.runId}.json`;
      await archive.write(key, serialise({ before, runs: old }));
      [before, runs] = [key, runs.slice(CHAPTER / 2)];
    }
    if ((await archive.swap(HEAD, serialise({ before, runs }, later), stored?.tag ?? null)) !== null) return;
  }
  throw new Error(`${archive.address}${HEAD} could not be written: other runs kept changing it`);
}

/** Runs that were noted, chapter by chapter, the newest first. */
export async function* notedRuns(archive: Archive): AsyncGenerator<readonly RunLine[]> {
  for (let key: string | null = HEAD; key !== null;) {
    const chapter = chapterOf((await archive.read(key))?.text);
    yield chapter.runs.toSorted((a, b) => byText(b.runId, a.runId));
    key = chapter.before;
  }
}

function chapterOf(stored: string | undefined): Chapter {
  return chapterShape.safeParse(jsonOf(stored ?? '')).data ?? { before: null, runs: [] };
}

function serialise({ before, runs }: Chapter, later = ''): string {
  const lines = runs.map((run) => JSON.stringify(run));
  return `{${later}"before":${JSON.stringify(before)},"runs":[\n${lines.join(',\n')}\n]}\n`;
}
