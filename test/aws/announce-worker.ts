/** Ends a refused run, one that failed, one that went well and the refused one again, each twice, two that are no nights, and one whose metrics cannot be made, as the function does: over the SNS that its environment names. */
import { announce, snsTopic, toldIn } from '../../lambda/aws/announce.ts';
import { defaultBus } from '../../lambda/aws/event-bus.ts';
import { createLog } from '../../lambda/aws/log.ts';
import { systemClock } from '../../lambda/services/clock.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { report, reportedChange } from './reports.ts';

const refused = report({
  status: 'refused',
  changes: [reportedChange({ action: 'delete' })],
  refusals: [{ rule: 'groupDeletions', message: 'delete 1 of 1', count: 1, limit: 0 }],
});
const to = {
  stack: 'sync-a',
  startFunctionName: 'sync-a-start',
  plan: `s3://bucket/${refused.runId}/plan.json`,
  report: `s3://bucket/${refused.runId}/report.json`,
  full: true,
  log: createLog({ stack: 'sync-a', runId: refused.runId }),
  send: snsTopic('arn:aws:sns:eu-west-1:123456789012:notices'),
  put: defaultBus(process.env),
  told: toldIn(memoryArchive(), systemClock),
};
await announce(refused, to);
await announce(refused, to);
const failed = report({ runId: '20260101T030405Z-1a2b3c4d', status: 'failed', error: 'it broke' });
await announce(failed, to);
await announce(failed, to);
await announce(report({ status: 'applied' }), to);
await announce(report({ status: 'in-sync' }), to);
// Neither a small run nor a dry one is a night.
await announce(failed, { ...to, full: false });
await announce({ ...failed, mode: 'plan' }, to);
// It is refused again, which is news by now, and once more.
await announce(refused, to);
await announce(refused, to);
// A number that is none is what the metrics' library throws at.
const { summary } = report();
await announce(report({ summary: { ...summary, unmatched: JSON.parse('"7"') as number } }), to);
