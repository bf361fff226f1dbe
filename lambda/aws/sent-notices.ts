import * as z from 'zod';
import { fingerprint } from '../compose.ts';
import { digestOf } from '../core/plan/digest.ts';
import { jsonOf } from '../core/model/json.ts';
import type { Report } from '../core/report/report.ts';
import type { Archive, Clock } from '../ports.ts';

/** What people were told before: a run every ten minutes must not send the same notice every ten minutes. */
export interface SentNotices {
  /** Whether they were told of this refused plan, and it has been refused again and again since. */
  before(report: Report): Promise<boolean>;
  add(report: Report): Promise<void>;
  /** How the last run over everything ended, as far as people were told; `null` before the first. */
  lastNight(): Promise<Night | null>;
  keepNight(night: Night): Promise<void>;
}

/** How a run over everything ended, and whether that is news. */
type Night = z.infer<typeof nightShape>;

const nightShape = z.object({
  runId: z.string(),
  status: z.string(),
  /** What went wrong, without what differs from night to night; empty where nothing did. */
  reason: z.string(),
});
const LAST_NIGHT = 'refused/last-night-told.json';

export function isBad({ status }: Night): boolean {
  return status === 'refused' || status === 'held' || status === 'failed' || status === 'partial';
}

/** A run over everything as it is compared with the one before. */
export function nightOf({ runId, status, digest, error, changes, skipped }: Report): Night {
  if (status === 'refused' || status === 'held') return { runId, status, reason: digest ?? '' };
  if (status === 'failed')
    return { runId, status, reason: (error ?? '').replaceAll(/\d+/g, '#').slice(0, 300) };
  if (status !== 'partial') return { runId, status, reason: '' };
  const undone = changes.flatMap(({ group, outcome }) =>
    outcome === 'applied' || outcome === null ? [] : [`${group.name} ${outcome}`],
  );
  const reasons = [...undone, ...skipped.map(({ group }) => `${group} skipped`)].sort();
  return { runId, status, reason: fingerprint(JSON.stringify(reasons)) };
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
    async lastNight() {
      const stored = await archive.read(LAST_NIGHT);
      return nightShape.safeParse(jsonOf(stored?.text ?? '')).data ?? null;
    },
    keepNight: (night) => archive.write(LAST_NIGHT, `${JSON.stringify(night)}\n`),
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
