import { createHash } from 'node:crypto';
import type { Holder } from './lease/lease-file.ts';

/** Begins with the time, so that ids sort by it, and so that the archive's life-cycle rule knows a record by its first digit. */
const FORM = /^2\d{7}T\d{6}Z-[0-9a-z]{4,40}$/;

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
