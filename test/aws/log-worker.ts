/** Prints the lines of a run that has something of everything, and of steps that end well, badly, and in a replay. */
import { createLog, errorFields, logEvents, logReport, logSteps } from '../../lambda/aws/log.ts';
import type { ChangeOutcome } from '../../lambda/core/report/report.ts';
import { AccessError } from '../../lambda/errors.ts';
import type { Workflow } from '../../lambda/ports.ts';
import { change, member, plan, removal } from '../render/plans.ts';
import { HeldClock } from '../time/clock.ts';
import { report } from './reports.ts';

const log = createLog({ stack: 'sync-a', runId: '20260102T030405Z-1a2b3c4d' });
const listen = logEvents(log);
const update = change({
  action: 'update',
  name: 'Fin\u202eance\n{"level":"ERROR"}',
  renamedFrom: 'ceo@acme.com and friends',
  add: [member('ada@acme.com'), member('bob@acme.com')],
  remove: [removal('dora@acme.com')],
});
const applied: ChangeOutcome = {
  outcome: 'applied',
  written: null,
  unsettled: [],
  news: false,
  error: null,
};

listen({ kind: 'read', what: 'okta-groups', done: 3, total: 3 });
listen({ kind: 'waiting', ms: 2_000, reason: 'budget' });
listen({ kind: 'waiting', ms: 3_600_000, reason: 'secoda-throttled' });
listen({
  kind: 'planned',
  plan: plan({ changes: [update] }),
  refusals: [{ rule: 'memberRemovals', message: 'remove 1 of 2', count: 1, limit: 0 }],
});
listen({ kind: 'outcome', change: update, outcome: applied, done: 1, total: 3 });
listen({
  kind: 'outcome',
  change: update,
  outcome: {
    ...applied,
    outcome: 'failed',
    error: 'PATCH /x was refused, Secoda said: "eve@acme.com" is unknown',
  },
  done: 2,
  total: 3,
});
listen({
  kind: 'outcome',
  change: update,
  outcome: { ...applied, outcome: 'unsettled', unsettled: ['ada@acme.com'] },
  done: 3,
  total: 3,
});

/** Takes the results of steps that are in its history from there, as a replay does. */
const history = new Map<string, unknown>([['replayed', null]]);
const workflow: Workflow = {
  async step(name, work) {
    const result = await work();
    history.set(name, result);
    return result;
  },
  wait: () => Promise.resolve(),
  rest: () => Promise.resolve(),
};
const replaying: Workflow = {
  ...workflow,
  step: (name, work) => (history.has(name) ? new Promise(() => undefined) : workflow.step(name, work)),
};
const clock = new HeldClock(1_000);
await logSteps(workflow, log, clock).step('list', () => {
  clock.advance(250.4);
  return Promise.resolve(null);
});
void logSteps(replaying, log, clock).step('replayed', () => Promise.resolve());
const failing = (error: Error) =>
  logSteps(workflow, log, clock)
    .step('plan', () => Promise.reject(error))
    .catch(() => undefined);
await failing(new AccessError('GET /api/v1/users/ada%40acme.com: 401'));
await failing(new TypeError('cannot read frank@acme.com'));
logReport(log, report({ status: 'failed', error: 'eve@acme.com' }), 's3://bucket/run/report.json');
log.warn('odd', errorFields('thrown by eve@acme.com'));
