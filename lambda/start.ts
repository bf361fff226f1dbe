import { Logger } from '@aws-lambda-powertools/logger';
import { s3Archive } from './services/store/s3.ts';
import { systemClock } from './services/clock.ts';
import { syncFunction } from './aws/sync-function.ts';
import type { Clock } from './ports.ts';
import { ENVIRONMENT, type Environment, required, variable } from './names.ts';
import { type Invocation, isForApprovals } from './aws/events/origin.ts';
import type { Log } from './aws/front-door/answer.ts';
import { readBatch, takeBatch } from './aws/front-door/fold.ts';
import { takeRequest } from './aws/front-door/take-request.ts';

interface Surroundings {
  readonly environment: Environment;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
}

/** Puts the front door together: batches of a queue and events of people come through the same function. */
export function openFrontDoor({ environment, clock, random, log }: Surroundings) {
  const { syncFunctionArn, syncApproveArn, archiveBucket } = ENVIRONMENT;
  const value = required(environment, [syncFunctionArn, syncApproveArn, archiveBucket]);
  const live = syncFunction(value(syncFunctionArn));
  const approvals = syncFunction(value(syncApproveArn));
  const archive = s3Archive({ bucket: value(archiveBucket), prefix: '' });
  return async (event: unknown, invocation: Invocation) => {
    const forApprovals = isForApprovals(invocation.invokedFunctionArn);
    const batch = forApprovals ? null : readBatch(event);
    if (batch !== null) return takeBatch(batch, live, log);
    const launcher = forApprovals ? approvals : live;
    return takeRequest(event, invocation, { launcher, archive, clock, random, log });
  };
}

const logger = new Logger({ serviceName: 'start' });
const log: Log = (level, message, fields) => {
  logger[level](message, { stack: variable(process.env, ENVIRONMENT.stackName) ?? null, ...fields });
};

let door: ReturnType<typeof openFrontDoor> | null = null;

/** `Start`: checks what it is asked for, begins runs of `Sync`, and answers within 50 seconds. */
export async function handler(event: unknown, context: Invocation): Promise<unknown> {
  door ??= openFrontDoor({ environment: process.env, clock: systemClock, random: Math.random, log });
  return door(event, context);
}
