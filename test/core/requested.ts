import { type Origin, requested } from '../../lambda/core/model/request.ts';

/** Where the runs of tests come from that are not about it. */
export const ORIGIN: Omit<Origin, 'version' | 'config'> = {
  trigger: 'terminal',
  requestedBy: 'ada@laptop',
  reason: null,
  awsRequestId: null,
  functionArn: null,
};

/** What such a run was asked for. */
export const REQUESTED = requested(
  { ...ORIGIN, version: '1.0.0', config: 'c0ffee' },
  { groups: [], full: false, dryRun: false, approve: null },
);
