import { Logger } from '@aws-lambda-powertools/logger';
import { AccessError, LeaseOver, SourceError, UsageError, WriteError } from '../errors.ts';
import { safeText } from '../core/model/json.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Writes one line of JSON a call to the function's standard output. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/**
 * The log of one run of one deployment, whose names stand in each line. `POWERTOOLS_LOG_LEVEL` says how much is told (`INFO`
 * unless set). Every text is made discreet, wherever in a line it stands.
 *
 * What is written outside a durable step is written again with each replay: write from inside.
 */
export function createLog(about: { readonly stack: string; readonly runId: string }): Log {
  const logger = new Logger({
    serviceName: 'okta-secoda-sync',
    persistentKeys: { stack: about.stack, runId: about.runId },
    jsonReplacerFn: (_, value: unknown) => (typeof value === 'string' ? redact(value) : value),
  });
  return {
    debug: (message, fields = {}) => logger.debug(message, { ...fields }),
    info: (message, fields = {}) => logger.info(message, { ...fields }),
    warn: (message, fields = {}) => logger.warn(message, { ...fields }),
    error: (message, fields = {}) => logger.error(message, { ...fields }),
  };
}

/** The errors whose message says it all; of any other it matters where it came from. */
const FORESEEN = [UsageError, SourceError, AccessError, WriteError, LeaseOver];

/** An error as fields of a line. Its cause is left out: what a library says may quote anything. */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: String(error) };
  const told = { error: error.message, errorName: error.name };
  if (FORESEEN.some((kind) => error instanceof kind)) return told;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { ...told, trace: frames.map((line) => line.trim()) };
}

/** Of a text, so many characters are looked at, and so many stand in a line of the log. */
const LOOKED_AT = 10_000;

const LONGEST = 2_000;

/** As it stands in texts and, encoded, in paths. */
const ADDRESS = /[^\s@"'<>()[\]{},;:/=]+(?:@|%40)[^\s@"'<>()[\]{},;:/=]+/gi;

/**
 * A text as a log may hold it: without the addresses of people, which stand in the run's record, where fewer can read them; on
 * one line, with what is unsafe to show escaped; and of a bounded length.
 */
export function redact(text: string): string {
  const safe = safeText(text.slice(0, LOOKED_AT).replace(ADDRESS, '[address]'));
  return safe.length <= LONGEST ? safe : `${safe.slice(0, LONGEST)}…`;
}
