/** Prints the metrics of one run of each kind, as the function does. */
import { emitMetrics } from '../../lambda/aws/metrics.ts';
import { report, reportedChange } from './reports.ts';

const changes = [
  reportedChange({ action: 'create', outcome: 'applied', add: ['a@b.c', 'd@e.f'] }),
  reportedChange({ outcome: 'unsettled', add: ['g@h.i', 'j@k.l'], remove: ['m@n.o'], unsettled: ['g@h.i'] }),
  reportedChange({ outcome: 'failed', add: ['never@b.c'], error: 'refused (400)' }),
  reportedChange({ outcome: 'not-attempted', remove: ['never@d.e'] }),
  // Another number than those that did not happen.
  reportedChange({ action: 'delete', outcome: 'applied', remove: ['p@q.r', 's@t.u'] }),
  reportedChange({ action: 'delete', outcome: 'applied' }),
  reportedChange({ action: 'delete', outcome: 'applied' }),
  reportedChange({ action: 'delete', outcome: 'not-attempted' }),
  reportedChange({ action: 'delete', outcome: 'unsettled', remove: ['v@w.x'], unsettled: ['v@w.x'] }),
];
const invited = (['applied', 'failed', 'awaited', null] as const).map((outcome) => ({
  email: 'y@z.a',
  groups: ['Finance'],
  outcome,
  error: null,
}));
const unsettled = [{ email: 'g@h.i', groups: ['Finance'] }];
emitMetrics(report({ status: 'partial', changes, invited, unsettled }), {
  stack: 'sync-a',
  full: true,
});
for (const status of ['in-sync', 'planned', 'applied', 'refused', 'failed'] as const) {
  emitMetrics(report({ status }), { stack: 'sync-b', full: status === 'applied' });
}
emitMetrics(report({ status: 'held', changes: [reportedChange({ outcome: 'held' })] }), {
  stack: 'sync-b',
  full: true,
});
emitMetrics(report({ status: 'held', changes }), { stack: 'sync-b', full: true });
