import { type DurableExecutionConfig, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkpointClient } from '../../lambda/aws/durable-workflow.ts';
import { type LambdaEmulator, startLambda } from '../emulators/aws/lambda.ts';
import { HeldClock } from '../time/clock.ts';
import { takeLines } from '../printed-lines.ts';
import { anEnvironment } from './aws-setup.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:Sync:live';

let lambda: LambdaEmulator;
// One for all: the SDK makes its client once for a process.
beforeAll(async () => {
  lambda = await startLambda({ clock: new HeldClock() });
  lambda.define(ARN, () => undefined);
});
afterAll(() => lambda.close());
beforeEach(() => {
  anEnvironment({ AWS_ENDPOINT_URL_LAMBDA: lambda.url });
  takeLines();
});

/** One invocation of a durable function with one step. `superseded`: the service has begun another one since. */
function invocation(
  config: DurableExecutionConfig,
  { superseded = false, result = 'done' }: { readonly superseded?: boolean; readonly result?: string },
): unknown {
  const execution = lambda.start(ARN, '{}');
  const input = execution.begin({ again: false });
  if (superseded) execution.begin({ again: true });
  const handler = withDurableExecution(
    (_: unknown, context) => context.step('plan', () => Promise.resolve(result)),
    config,
  );
  const surroundings = { awsRequestId: 'request', getRemainingTimeInMillis: () => 900_000 };
  const answer: unknown = Reflect.apply(handler, undefined, [input, surroundings]);
  return answer;
}

const ours = { durableExecutionClient: checkpointClient() };

describe('a checkpoint with a token that a newer invocation made stale', () => {
  it('ends the invocation and not the run', async () => {
    await expect(invocation(ours, { superseded: true })).rejects.toThrow('Invalid checkpoint token');
  });

  it('ends the whole run with the client of the SDK: once it does not, ours is to be removed', async () => {
    expect(await invocation({}, { superseded: true })).toMatchObject({ Status: 'FAILED' });
  });
});

describe('a checkpoint that is refused for another reason', () => {
  it('still ends the run', async () => {
    const error: unknown = expect.stringContaining('too large');
    expect(await invocation(ours, { result: 'x'.repeat(300_000) })).toMatchObject({
      Status: 'FAILED',
      Error: { ErrorMessage: error },
    });
  });
});
