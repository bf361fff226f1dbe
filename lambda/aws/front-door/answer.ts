import * as z from 'zod';
import { LIMITS } from '../events/targets.ts';
import { isObject } from '../../settings/values.ts';
import { printable } from '../../render/escape.ts';
import { AccessError } from '../../errors.ts';
import type { Archive, Clock } from '../../ports.ts';

/** A run that was begun. */
interface Begun {
  readonly runId: string;
  readonly executionArn: string | null;
  /** Where the report will be: `s3://bucket/RUN/report.json`. */
  readonly report: string;
}

/** An answer of Lambda may have 6 MB; a character may take 6 of them in JSON. */
const MOST_REFUSALS = 100;
const LONGEST_TEXT = 2_000;
const MOST_ANSWERS = 20;
const LONGEST_ANSWER = 200;

const count = z.number().nullable();
const head = z.object({
  status: z.string(),
  digest: z.string().nullable(),
  summary: z.record(z.string(), z.unknown()),
  refusals: z.array(z.object({ rule: z.string(), message: z.string(), count, limit: count })),
  error: z.string().nullable(),
  /** With an onboarding alone: what became of whom. */
  people: z.array(z.object({ email: z.string(), answers: z.array(z.string()) })).optional(),
  /** Where it was asked for; `null` where it could not be had. */
  explanation: z.unknown().optional(),
});

/**
 * The head of a stored report, with texts escaped, and of refusals, people and their answers no more than an answer has room for; the
 * report has them all. Throws when the text is no report of this version.
 */
export function finished(text: string, { runId, executionArn, report }: Begun) {
  const parsed = head.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new Error(`The run ${runId} is over, but ${report} has another form; read it there`);
  }
  const { status, digest, summary, refusals, error, people, explanation } = parsed.data;
  return {
    ...{ status, runId, executionArn, digest },
    summary,
    refusals: refusals
      .slice(0, MOST_REFUSALS)
      .map((refusal) => ({ ...refusal, message: printable(refusal.message, LONGEST_TEXT) })),
    error: error === null ? null : printable(error, LONGEST_TEXT),
    report,
    ...(people === undefined ? {} : { people: people.slice(0, LIMITS.people).map(answered) }),
    ...(explanation === undefined ? {} : { explanation: escaped(explanation) }),
  };
}

function answered({ email, answers }: { readonly email: string; readonly answers: readonly string[] }) {
  return {
    email: printable(email, LIMITS.address),
    answers: answers.slice(0, MOST_ANSWERS).map((text) => printable(text, LONGEST_ANSWER)),
  };
}

/** The same with every text in it escaped. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return printable(value, LONGEST_TEXT);
  if (Array.isArray(value)) return value.map(escaped);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escaped(each)]));
}

/** In milliseconds: most runs over few groups are done within seconds. */
const FIRST_LOOK = 500;
const LONGEST_PAUSE = 2_000;

/** Looks for a text until it is there, or `null` at `until` (epoch milliseconds). What cannot be read is looked for again. */
export async function watchFor(
  key: string,
  until: number,
  { archive, clock, log }: { readonly archive: Archive; readonly clock: Clock; readonly log: Log },
): Promise<string | null> {
  const over = new AbortController();
  const deadline = clock.sleep(Math.max(0, until - clock.now()), over.signal).then(
    () => null,
    () => null,
  );
  try {
    for (let pause = FIRST_LOOK; clock.now() < until; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
      await clock.sleep(Math.min(pause, until - clock.now()));
      const look = archive.read(key).catch((error: unknown) => {
        if (error instanceof AccessError) throw error;
        log('warn', 'report not readable yet', { key, error: String(error) });
        return null;
      });
      const stored = await Promise.race([look, deadline]);
      if (stored !== null) return stored.text;
    }
    return null;
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    log('error', 'report not readable', { key, error: error.message });
    return null;
  } finally {
    over.abort();
  }
}

/** One line of the log. Ids and counts only: names and addresses are in the record. */
export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;
