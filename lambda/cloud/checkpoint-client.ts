import {
  DurableExecutionApiClient,
  type DurableExecutionClient,
  DurableExecutionClientError,
} from '@aws/durable-execution-sdk-js';
import { awsFailure } from '../edges/aws-error.ts';

/** As the service says it, in whatever capitals (github.com/aws/aws-durable-execution-sdk-js/issues/917). */
const STALE_TOKEN = /^invalid checkpoint token/i;

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
