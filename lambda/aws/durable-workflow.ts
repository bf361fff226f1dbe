import {
  type DurableContext,
  DurableExecutionApiClient,
  type DurableExecutionClient,
  DurableExecutionClientError,
} from '@aws/durable-execution-sdk-js';
import { AskLater } from '../errors.ts';
import type { Clock, Workflow } from '../ports.ts';
import { NO_REQUESTS, type Requests } from '../core/report/report.ts';
import { errorOf, type ErrorRecord, errorRecordOf } from '../run/error-record.ts';
import { combine } from '../run/workflow.ts';
import { PATIENCE_MS } from '../services/http/backoff.ts';
import { awsFailure } from '../services/aws-error.ts';

type Attempt<T> = ({ readonly value: T } | { readonly failure: ErrorRecord; readonly later?: number }) &
  Spent;

/** What an attempt took: nothing else knows of it once its invocation has ended. */
interface Spent {
  readonly requests: Requests;
  readonly ms: number;
}

/**
 * How often a step is begun before the run is given up. The service itself begins one that was cut off again until the execution
 * ends, for a whole day; three of 15 minutes each, and the alarm goes off within an hour.
 */
const MOST_BEGINS = 3;

/** Counts that something begins, and says how often it has by now. */
export type CountBegins = (name: string) => Promise<number>;

/**
 * A run over many invocations. An error is kept as words, so that a replay throws the same; the service itself retries no
 * step that failed, only those that were cut off. A step that was asked to wait begins anew after a wait that costs nothing.
 */
export function durableWorkflow(
  context: Pick<DurableContext, 'step' | 'wait'>,
  begins: CountBegins,
  clock: Pick<Clock, 'now'>,
  requests: () => Requests = () => NO_REQUESTS,
): Workflow {
  let [total, workedMs] = [NO_REQUESTS, 0];
  const attempted = async <T>(work: () => Promise<T>): Promise<Attempt<T>> => {
    const [before, startedAt] = [requests(), clock.now()];
    const spent = () => ({
      requests: combine(requests(), before, (a, b) => a - b),
      ms: clock.now() - startedAt,
    });
    try {
      return { value: await work(), ...spent() };
    } catch (error) {
      const failure = errorRecordOf(error);
      return { failure, ...(error instanceof AskLater ? { later: error.ms } : {}), ...spent() };
    }
  };
  return {
    requests: () => total,
    async step(name, work) {
      for (let waitedMs = 0, n = 1; ; n++) {
        const bounded = async () => {
          if ((await begins(`${name}-${n}`)) > MOST_BEGINS)
            throw new Error(
              `the step ${name} was begun ${MOST_BEGINS} times and cut off each time: its process was killed, ran out of memory or took longer than 15 minutes; the run is given up`,
            );
          return work();
        };
        const attempt = await context.step(name, () => attempted(bounded), {
          retryStrategy: () => ({ shouldRetry: false }),
        });
        workedMs += attempt.ms;
        total = combine(total, attempt.requests, (a, b) => a + b);
        if ('value' in attempt) return attempt.value;
        const { failure, later } = attempt;
        if (later === undefined || waitedMs >= PATIENCE_MS) throw errorOf(failure);
        waitedMs += later;
        await context.wait(`asked-to-wait-in-${name}`, { seconds: Math.ceil(later / 1000) });
      }
    },
    wait: async (name, ms) => context.wait(name, { seconds: Math.max(1, Math.ceil(ms / 1000)) }),
    async rest(name, afterMs = 0) {
      if (workedMs < afterMs) return;
      workedMs = 0;
      await context.wait(name, { seconds: 1 });
    },
  };
}

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
