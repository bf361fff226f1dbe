import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import config from '#sync.config';
import { checkpointClient } from './aws/durable-workflow.ts';
import { openSync } from './aws/open-sync.ts';
import { systemClock } from './services/clock.ts';
import { parseSettings } from './settings.ts';

let sync: ReturnType<typeof openSync> | null = null;

/** `Sync`, the only writer: one event, one run, over as many invocations as it takes. */
export const handler = withDurableExecution(
  (event: unknown, context: DurableContext) => {
    sync ??= openSync({
      settings: parseSettings(config),
      environment: process.env,
      clock: systemClock,
      random: Math.random,
    });
    return sync(event, context);
  },
  { durableExecutionClient: checkpointClient() },
);
