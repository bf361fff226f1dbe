import * as z from 'zod';
import { readAs } from './state-file.ts';
import type { Unmatched } from '../core/model/workspace.ts';
import { nextWorklist, resolvedBy, type Worklist } from '../core/report/worklist.ts';
import type { Archive } from '../ports.ts';
import { UNMATCHED } from '../names.ts';

export const worklistShape = z.object({
  runId: z.string(),
  waiting: z.array(z.object({ email: z.string(), since: z.string(), runs: z.number() })),
  resolved: z.array(z.object({ email: z.string(), since: z.string() })),
});

/** Who was unmatched in the last complete run; `null` where that is not known: then everybody is from now on. */
export function readWorklist(archive: Archive, name: string): Promise<Worklist | null> {
  return readAs(archive, keyOf(name), worklistShape);
}

/** The worklist as a run's report shows it. A complete run keeps its own for the next; one over a part tells of nobody who was resolved. */
export async function worklistOf(
  archive: Archive,
  name: string,
  unmatched: readonly Pick<Unmatched, 'email'>[],
  run: {
    readonly runId: string;
    /** Epoch milliseconds. */
    readonly startedAt: number;
    readonly whole: boolean;
    readonly complete: boolean;
  },
): Promise<Worklist | null> {
  const before = await readWorklist(archive, name);
  if (run.complete) {
    const worklist = nextWorklist(before, unmatched, run.runId, run.startedAt);
    await archive.write(keyOf(name), `${JSON.stringify(worklist, null, 1)}\n`);
    return worklist;
  }
  return before && { ...before, resolved: run.whole ? resolvedBy(before, unmatched) : [] };
}

function keyOf(name: string): string {
  return `${UNMATCHED}${name}.json`;
}
