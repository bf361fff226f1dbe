import {
  type DurableContext,
  DurableExecutionApiClient,
  type DurableExecutionClient,
  DurableExecutionClientError,
} from '@aws/durable-execution-sdk-js';
import type { Workflow } from '../ports.ts';
import { errorOf, type ErrorRecord, errorRecordOf } from '../run/error-record.ts';
import { awsFailure } from '../services/aws-error.ts';

type Attempt<T> = { readonly value: T } | { readonly failure: ErrorRecord };

/**
 * A run over many invocations. An error is kept as words, so that a replay throws the same; the service itself retries no
 * step that failed, only those that were cut off.
 */
export function durableWorkflow(context: Pick<DurableContext, 'step' | 'wait'>): Workflow {
  return {
    async step(name, work) {
      const attempt = await context.step(name, () => attempted(work), {
        retryStrategy: () => ({ shouldRetry: false }),
      });
      if ('failure' in attempt) throw errorOf(attempt.failure);
      return attempt.value;
    },
    wait: async (name, ms) => context.wait(name, { seconds: Math.max(1, Math.ceil(ms / 1000)) }),
    rest: async (name) => context.wait(name, { seconds: 1 }),
  };
}

async function attempted<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { failure: errorRecordOf(error) };
  }
}

/** As the service says it, in whatever capitals (github.com/aws/aws-durable-execution-sdk-js/issues/917). */
export const STALE_TOKEN = /^invalid checkpoint token/i;

/**
 * The SDK's own client, with one answer understood: a checkpoint token that a newer invocation made stale ends this
 * invocation alone, and the run goes on in the newer one. SDK 2.4.0 looks for other capitals than the service sends, and
 * fails the whole run. To be removed with the first release that its test shows to be mended.
 */
export function checkpointClient(): DurableExecutionClient {
  const client = new DurableExecutionApiClient();
  return {
    getExecutionState: (...all) => client.getExecutionState(...all),
    async checkpoint(...all) {
      try {
        return await client.checkpoint(...all);
      } catch (error) {
        const { code, message } = awsFailure(error);
        if (code !== 'InvalidParameterValueException' || !STALE_TOKEN.test(message)) throw error;
        throw new DurableExecutionClientError(message, { scope: 'INVOCATION', cause: error });
      }
    },
  };
}
