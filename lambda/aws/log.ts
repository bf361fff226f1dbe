import { Logger } from '@aws-lambda-powertools/logger';
import { AccessError, LeaseOver, SourceError, UsageError, WriteError } from '../errors.ts';
import { safeText } from '../core/model/json.ts';
import type { ChangeOutcome, Outcome, Report, Status } from '../core/report/report.ts';
import { type Clock, type Listener, LONG_WAIT_MS, type Workflow } from '../ports.ts';
import { type Change, countGroups, type Plan } from '../core/plan/change.ts';
import type { GuardRefusal } from '../core/guard/guard-rules.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Writes one line of JSON a call to the function's standard output. */
export type Log = Readonly<Record<'debug' | Level, (message: string, ...fields: Fields[]) => void>>;

/**
 * The log of one run of one deployment, whose names stand in each line. `POWERTOOLS_LOG_LEVEL` says how much is told (`INFO`
 * unless set). Every text is made discreet, wherever in a line it stands.
 *
 * What is written outside a durable step is written again with each replay: write from inside.
 */
export function createLog(about: { readonly stack: string; readonly runId: string }): Log {
  return new Logger({
    serviceName: 'okta-secoda-sync',
    persistentKeys: { stack: about.stack, runId: about.runId },
    jsonReplacerFn: (_, value: unknown) => (typeof value === 'string' ? redact(value) : value),
  });
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

/** A text as a log may hold it: on one line, escaped, of bounded length, and without addresses, which the record has. */
export function redact(text: string): string {
  const safe = safeText(text.slice(0, LOOKED_AT).replace(ADDRESS, '[address]'));
  return safe.length <= LONGEST ? safe : `${safe.slice(0, LONGEST)}…`;
}

type Level = 'info' | 'warn' | 'error';

/** How loud an outcome, or the status of a run, is told. */
function levelOf(word: Outcome | Status): Level {
  if (word === 'failed') return 'error';
  return word === 'applied' || word === 'planned' || word === 'in-sync' ? 'info' : 'warn';
}

/** One line for each change, as soon as its fate is known, and one for the plan; what is read and waited for at level DEBUG. */
export function logEvents(log: Log): Listener {
  return (event) => {
    if (event.kind === 'outcome') {
      log[levelOf(event.outcome.outcome)]('change', changeFields(event.change, event.outcome));
    } else if (event.kind === 'planned') {
      log[event.refusals.length === 0 ? 'info' : 'warn']('plan', planFields(event.plan, event.refusals));
    } else {
      const { kind, ...fields } = event;
      log[event.kind === 'waiting' && event.ms > LONG_WAIT_MS ? 'warn' : 'debug'](kind, fields);
    }
  };
}

/** The same workflow, with a line for each step when it has ended, written inside the step, so that no replay writes it again. */
export function logSteps(workflow: Workflow, log: Log, clock: Clock): Workflow {
  return {
    ...workflow,
    step: (name, work) =>
      workflow.step(name, async () => {
        const startedAt = clock.now();
        const took = () => ({ step: name, durationMs: Math.round(clock.now() - startedAt) });
        try {
          const result = await work();
          log.info('step', took());
          return result;
        } catch (error) {
          log.error('step failed', { ...took(), ...errorFields(error) });
          throw error;
        }
      }),
  };
}

/** The last line of a run. `address`: where its report is found. */
export function logReport(log: Log, report: Report, address: string): void {
  const { status, mode, digest, summary, requests, durationMs, ledger, error } = report;
  const fields = { status, mode, digest, ...summary, requests, durationMs, ledger, report: address };
  log[levelOf(status)]('run', error === null ? fields : { ...fields, error });
}

/** Who joined and left is in the record; a log that many can read holds numbers. */
function changeFields(planned: Change, { outcome, written, unsettled, error }: ChangeOutcome): Fields {
  const change = written ?? planned;
  return {
    action: change.action,
    outcome,
    group: change.name,
    oktaIds: change.oktaIds,
    secodaId: change.secodaId,
    added: change.add.length,
    removed: change.remove.length,
    unsettled: unsettled.length,
    ...(change.adopted ? { adopted: true } : {}),
    ...(change.renamedFrom === null ? {} : { renamedFrom: change.renamedFrom }),
    ...(error === null ? {} : { error }),
  };
}

function planFields(plan: Plan, refusals: readonly GuardRefusal[]): Fields {
  return {
    digest: plan.digest,
    ...countGroups(plan.changes),
    unchanged: plan.unchanged,
    skipped: plan.skipped.length,
    added: plan.changes.reduce((sum, { add }) => sum + add.length, 0),
    removed: plan.changes.reduce((sum, { remove }) => sum + remove.length, 0),
    unmatched: plan.unmatched.length,
    ...(refusals.length === 0 ? {} : { refusals }),
  };
}
