import { type Change, countGroups, type Plan } from '../core/plan/change.ts';
import type { GuardRefusal } from '../core/guard/guard-rules.ts';
import type { ChangeOutcome, Outcome, Report, Status } from '../core/report/report.ts';
import { type Clock, type Listener, LONG_WAIT_MS, type Workflow } from '../ports.ts';
import { errorFields, type Fields, type Log } from './log.ts';

type Level = 'info' | 'warn' | 'error';

const OUTCOME_LEVELS: Readonly<Record<Outcome, Level>> = {
  applied: 'info',
  unsettled: 'warn',
  held: 'warn',
  'not-attempted': 'warn',
  failed: 'error',
};

const STATUS_LEVELS: Readonly<Record<Status, Level>> = {
  'in-sync': 'info',
  planned: 'info',
  applied: 'info',
  partial: 'warn',
  held: 'warn',
  refused: 'warn',
  failed: 'error',
};

/** One line for each change, as soon as its fate is known, and one for the plan; what is read and waited for at level DEBUG. */
export function logEvents(log: Log): Listener {
  return (event) => {
    if (event.kind === 'outcome') {
      log[OUTCOME_LEVELS[event.outcome.outcome]]('change', changeFields(event.change, event.outcome));
    } else if (event.kind === 'planned') {
      log[event.refusals.length === 0 ? 'info' : 'warn']('plan', planFields(event.plan, event.refusals));
    } else {
      const { kind, ...fields } = event;
      log[event.kind === 'waiting' && event.ms > LONG_WAIT_MS ? 'warn' : 'debug'](kind, fields);
    }
  };
}

/**
 * The same workflow, with a line for each step when it has ended, well or not. The line is written inside the step: a replay,
 * which takes the result from the history, does not write it again.
 */
export function logSteps(workflow: Workflow, log: Log, clock: Clock): Workflow {
  return {
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
    wait: (name, ms) => workflow.wait(name, ms),
    rest: (name) => workflow.rest(name),
  };
}

/** The last line of a run. `address`: where its report is found. */
export function logReport(log: Log, report: Report, address: string): void {
  const { status, mode, digest, summary, requests, durationMs, ledger, error } = report;
  const fields = { status, mode, digest, ...summary, requests, durationMs, ledger, report: address };
  log[STATUS_LEVELS[status]]('run', error === null ? fields : { ...fields, error });
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
