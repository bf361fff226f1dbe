/** Ends a refused run, the same once more, and one that failed, as the function does: over the SNS that its environment names. */
import { announce, snsTopic } from '../../lambda/aws/announce.ts';
import { createLog } from '../../lambda/aws/log.ts';
import { report, reportedChange } from './reports.ts';

const refused = report({
  status: 'refused',
  changes: [reportedChange({ action: 'delete' })],
  refusals: [{ rule: 'groupDeletions', message: 'delete 1 of 1', count: 1, limit: 0 }],
});
let told = false;
const to = {
  stack: 'sync-a',
  startFunctionName: 'sync-a-start',
  plan: 's3://bucket/run/plan.json',
  report: 's3://bucket/run/report.json',
  groups: [],
  full: true,
  log: createLog({ stack: 'sync-a', runId: refused.runId }),
  send: snsTopic('arn:aws:sns:eu-west-1:123456789012:notices'),
  told: {
    before: () => Promise.resolve(told),
    add: () => {
      told = true;
      return Promise.resolve();
    },
  },
};
await announce(refused, to);
await announce(refused, to);
await announce(report({ status: 'failed', error: 'it broke' }), to);
