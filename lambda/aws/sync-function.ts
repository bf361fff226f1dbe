import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AccessError, UsageError } from '../errors.ts';
import type { Launcher } from '../ports.ts';

/** In milliseconds. Three attempts stay below the time in which a person is answered. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Starts the durable function `functionArn` (qualified by its alias) by asynchronous invocations. The execution's name makes
 * repeating one harmless: the same name and payload stand for the execution that is there already
 * (docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html). Throws `AccessError` when it may not, and
 * `UsageError` when there is no such function.
 */
export function syncFunction(functionArn: string): Launcher {
  const lambda = new LambdaClient({ requestHandler: TIMEOUTS, maxAttempts: 3 });
  return {
    async launch(name, event) {
      const command = new InvokeCommand({
        FunctionName: functionArn,
        InvocationType: 'Event',
        DurableExecutionName: name,
        Payload: JSON.stringify(event),
      });
      try {
        const { DurableExecutionArn } = await lambda.send(command);
        return { executionArn: DurableExecutionArn ?? null, started: true };
      } catch (error) {
        if (error instanceof Error && error.name === 'DurableExecutionAlreadyStartedException') {
          return { executionArn: null, started: false };
        }
        throw launchError(functionArn, error);
      }
    },
  };
}

function launchError(functionArn: string, error: unknown): Error {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const where = `Invoke ${functionArn}`;
  if (name === 'AccessDeniedException') {
    return new AccessError(`${where}: Lambda refused. Needed is lambda:InvokeFunction on this very alias`, {
      cause: error,
    });
  }
  if (name === 'ResourceNotFoundException') {
    return new UsageError([`${where}: there is no such function or alias; deploy the stack again`]);
  }
  return new Error(`${where}: ${name}: ${message}. Asking again does no harm`, { cause: error });
}
