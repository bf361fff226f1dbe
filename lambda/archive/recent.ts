import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import {
  isNothing,
  isRecent,
  type Lately,
  type Recent,
  type RecentEntry,
  recentOf,
} from '../core/guard/recent.ts';
import type { Archive } from '../ports.ts';
import { carriedIn, editFile } from './edit-file.ts';
import { recentInRecords } from './recent-records.ts';
import { RECENT } from '../settings.ts';

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
  const ours = before === null ? null : JSON.stringify(before);
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
