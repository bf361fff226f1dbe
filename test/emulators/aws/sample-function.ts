/**
 * A durable function that proves the driver: steps with an effect that can be counted (an object in S3), waits, pauses, a large
 * result, a step that fails at first.
 */
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

const eventShape = z.object({
  steps: z.int(),
  waitSeconds: z.int().default(60),
  /** Inside each step, in milliseconds. */
  pauseMs: z.number().default(0),
  /** Of each step's result, in characters. */
  size: z.int().default(0),
  /** Each step fails so many times. */
  failures: z.int().default(0),
});

/** Leaves a trace in S3 and says at what time. */
async function effect(name: string, body: string): Promise<string> {
  const at = new Date().toISOString();
  const address = `${process.env['AWS_ENDPOINT_URL_S3'] ?? ''}/effects/${name}`;
  await fetch(address, { method: 'PUT', body, headers: { 'x-amz-meta-at': at } });
  return at;
}

export const handler = withDurableExecution(async (event: unknown, context) => {
  const { steps, waitSeconds, pauseMs, size, failures } = eventShape.parse(event);
  const times: string[] = [];
  for (let n = 1; n <= steps; n++) {
    const once = async ({ attempt }: { attempt: number }) => {
      await sleep(pauseMs);
      const time = await effect(`step-${n}`, String(attempt));
      if (attempt <= failures) throw new Error(`Attempt ${attempt} fails`);
      return `${time}${'x'.repeat(size)}`;
    };
    const retryStrategy = (_: Error, attempt: number) => ({
      shouldRetry: attempt <= 2,
      delay: { seconds: 30 },
    });
    times.push((await context.step(`step-${n}`, once, { retryStrategy })).slice(0, 24));
    if (waitSeconds > 0) await context.wait(`wait-${n}`, { seconds: waitSeconds });
  }
  process.stdout.write('the end\n');
  return { times };
});
