import * as z from 'zod';
import type { GuardRefusal } from '../../core/guard/guard-rules.ts';
import { LIMITS } from '../events/limits.ts';
import { printable } from '../../render/escape.ts';

/** What a person is told whose run is not over yet. */
export interface Running {
  readonly status: 'running';
  readonly runId: string;
  readonly executionArn: string | null;
  /** Where the report will be: `s3://bucket/RUN/report.json`. */
  readonly report: string;
}

/** What a person is told of a run that is over: the head of its report. Texts are escaped. */
export interface Finished {
  readonly status: string;
  readonly runId: string;
  readonly executionArn: string | null;
  readonly digest: string | null;
  readonly summary: unknown;
  /** At most 100; the report has them all. */
  readonly refusals: readonly GuardRefusal[];
  readonly error: string | null;
  readonly report: string;
  /** With an onboarding alone: what became of whom. At most 200 people, with 20 answers each; the report has them all. */
  readonly people?: readonly { readonly email: string; readonly answers: readonly string[] }[];
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
  people: z.array(z.object({ email: z.string(), answers: z.array(z.string()) })).optional(),
});

/** The head of a stored report. Throws when the text is no report of this version. */
export function finished(text: string, run: Omit<Running, 'status'>): Finished {
  const parsed = head.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new Error(`The run ${run.runId} is over, but ${run.report} has another form; read it there`);
  }
  const { status, digest, summary, refusals, error, people } = parsed.data;
  return {
    status,
    runId: run.runId,
    executionArn: run.executionArn,
    digest,
    summary,
    refusals: refusals
      .slice(0, MOST_REFUSALS)
      .map((refusal) => ({ ...refusal, message: printable(refusal.message, LONGEST_TEXT) })),
    error: error === null ? null : printable(error, LONGEST_TEXT),
    report: run.report,
    ...(people === undefined ? {} : { people: people.slice(0, LIMITS.people).map(answered) }),
  };
}

function answered({ email, answers }: { readonly email: string; readonly answers: readonly string[] }) {
  return {
    email: printable(email, LIMITS.address),
    answers: answers.slice(0, MOST_ANSWERS).map((text) => printable(text, LONGEST_ANSWER)),
  };
}
