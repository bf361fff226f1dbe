import { fingerprint } from '../core/model/text.ts';
import type { Report } from '../core/report/report.ts';
import { errorFields, type Log, logReport } from './log.ts';
import { type RunEnded, runEnded } from './event-bus.ts';
import { emitMetrics } from './metrics.ts';
import {
  type Notice,
  type NoticeContext,
  recoveryNotice,
  refusalNotice,
  troubleNotice,
} from '../render/notice.ts';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { awsFailure } from '../services/aws-error.ts';
import * as z from 'zod';
import { digestOf } from '../core/plan/change.ts';
import { readAs } from '../archive/state-file.ts';
import type { Archive, Clock } from '../ports.ts';

interface Announcement extends NoticeContext {
  /** Where the report is found: `s3://bucket/<runId>/report.json`. */
  readonly report: string;
  /** Whether the run was over everything. */
  readonly full: boolean;
  readonly log: Log;
  readonly send: (notice: Notice) => Promise<void>;
  /** Tells whatever listens for the ends of runs. */
  readonly put: (event: RunEnded) => Promise<void>;
  readonly told: SentNotices;
}

/** The guard kept the run from all it planned, or from a part of it. */
function isLimited({ status }: Report): boolean {
  return status === 'refused' || status === 'held';
}

/**
 * Tells the world how a run ended: a line in the log, the metrics, an event, and a notice to people when it was refused, when a run
 * over everything failed or was partial, once for each reason, and when one ends well again. What cannot be sent is logged and
 * thrown at nobody: the alarms stand in for it.
 *
 * Made for a step of its own, the last one. A step is repeated when its function is killed before its result is kept, and
 * none of this can be taken back: then the log has the line twice, the metrics count the run twice (with the same stamp), the
 * event comes twice, and people get the same notice twice. Nothing that is written depends on it.
 */
export async function announce(report: Report, to: Announcement): Promise<void> {
  const { log } = to;
  const sent = async (what: string, send: () => void | Promise<void>): Promise<void> => {
    try {
      await send();
    } catch (error) {
      log.error(`${what} not sent`, errorFields(error));
    }
  };
  logReport(log, report, to.report);
  await sent('metrics', () => emitMetrics(report, to));
  await sent('event', () => to.put(runEnded(report, { stack: to.stack, address: to.report })));
  await sent('notice', async () => {
    const isNight = to.full && report.mode === 'apply';
    const last = isNight ? await to.told.lastNight() : null;
    // Of a plan that people were told of they hear again where the nights went otherwise meanwhile.
    const isNews = last !== null && !isSame(last, nightOf(report));
    if (isLimited(report) && (!(await to.told.before(report)) || isNews)) {
      await to.send(refusalNotice(report, to));
      log.info('notice sent');
      await to.told.add(report);
    }
    if (isNight) await announceNight(report, last, to);
  });
}

/** Tells of a night that failed or was partial, once for its reason, and of the first good one after a bad one. */
async function announceNight(
  report: Report,
  before: Night | null,
  { told, send, log, ...context }: Announcement,
): Promise<void> {
  const night = nightOf(report);
  const bad = before !== null && isBad(before) ? before : null;
  if (isBad(night)) {
    if (bad !== null && isSame(bad, night)) return;
    if (!isLimited(report)) await send(troubleNotice(report, context));
  } else {
    if (bad === null) return;
    await send(recoveryNotice(report, bad.runId, context));
  }
  await told.keepNight(night);
  if (!isLimited(report)) log.info('notice sent');
}

/** In milliseconds, for each of at most three attempts. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** Sends a notice to the subscribers of a topic. Rejects in words when SNS did not take it. `client`: the usual one unless given. */
export function snsTopic(topicArn: string, client?: SNSClient): (notice: Notice) => Promise<void> {
  let opened = client;
  return async ({ subject, message }) => {
    opened ??= new SNSClient({ requestHandler: TIMEOUTS, maxAttempts: 3 });
    try {
      await opened.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
    } catch (error) {
      const { status, code, message: words } = awsFailure(error);
      const reason = status === null ? words : `SNS answered ${status} (${code})`;
      const needed =
        '. Needed are sns:Publish on the topic, and kms:GenerateDataKey and kms:Decrypt on its key if it has one';
      const fix = status === 403 ? needed : '';
      throw new Error(`The notice could not be sent to ${topicArn}: ${reason}${fix}`, { cause: error });
    }
  };
}

/** What people were told before: a run every ten minutes must not send the same notice every ten minutes. */
type SentNotices = ReturnType<typeof toldIn>;

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

function isSame(some: Night, other: Night): boolean {
  return some.status === other.status && some.reason === other.reason;
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

const HARMLESS = digestOf([]);

const note = z.object({ refusedAt: z.number() });

/** Remembers in the archive, beside the refused plans, which of them people were told of, and when they last came. */
export function toldIn(archive: Archive, clock: Clock) {
  const write = (key: string) =>
    archive.write(key, `${JSON.stringify({ refusedAt: Math.round(clock.now()) })}\n`);
  return {
    /** Whether they were told of this refused plan, and it has been refused again and again since. */
    async before(report: Report): Promise<boolean> {
      const key = keyOf(report);
      const told = key === null ? null : await readAs(archive, key, note);
      if (key === null || told === null) return false;
      await write(key);
      return clock.now() - told.refusedAt < FORGOTTEN_MS;
    },
    async add(report: Report): Promise<void> {
      const key = keyOf(report);
      if (key !== null) await write(key);
    },
    /** How the last run over everything ended, as far as people were told; `null` before the first. */
    lastNight: (): Promise<Night | null> => readAs(archive, LAST_NIGHT, nightShape),
    keepNight: (night: Night) => archive.write(LAST_NIGHT, `${JSON.stringify(night)}\n`),
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
