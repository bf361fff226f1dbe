import * as z from 'zod';
import { fingerprint } from '../compose.ts';
import { digestOf } from '../core/plan/digest.ts';
import type { Report } from '../core/report/report.ts';
import type { Archive, Clock } from '../ports.ts';

/** What people were told before: a run every ten minutes must not send the same notice every ten minutes. */
export interface SentNotices {
  /** Whether they were told of this refused plan, and it has been refused again and again since. */
  before(report: Report): Promise<boolean>;
  add(report: Report): Promise<void>;
}

/** A plan that was not refused for so long is news again. */
const FORGOTTEN_MS = 10 * 24 * 3_600_000;

const HARMLESS = digestOf([], fingerprint);

const note = z.object({ refusedAt: z.number() });

/** Remembers in the archive, beside the refused plans, which of them people were told of, and when they last came. */
export function toldIn(archive: Archive, clock: Clock): SentNotices {
  const write = (key: string) =>
    archive.write(key, `${JSON.stringify({ refusedAt: Math.round(clock.now()) })}\n`);
  return {
    async before(report) {
      const key = keyOf(report);
      const stored = key === null ? null : await archive.read(key);
      if (key === null || stored === null) return false;
      await write(key);
      const told = note.safeParse(JSON.parse(stored.text));
      return told.success && clock.now() - told.data.refusedAt < FORGOTTEN_MS;
    },
    async add(report) {
      const key = keyOf(report);
      if (key !== null) await write(key);
    },
  };
}

/**
 * The digest names the harm. All plans without any share one, so that these are told apart by what they break. Each
 * onboarding is asked for on its own: `null`, since nobody would hear of the second.
 */
function keyOf({ mode, digest, refusals }: Report): string | null {
  if (mode === 'onboard' || digest === null) return null;
  const rules = digest === HARMLESS ? [...new Set(refusals.map(({ rule }) => rule))].sort() : [];
  return `refused/${[digest, ...rules].join('-')}-told.json`;
}
