import { randomUUID } from 'node:crypto';
import type { HeldClock } from '../../time/clock.ts';
import { type Ended, ExecutionEnvironment } from './environment.ts';
import type { DurableExecution, Outcome } from './execution.ts';
import type { LambdaEmulator } from './lambda.ts';
import { InvalidParameterValue } from './operations.ts';
import type { InvocationInput } from './wire.ts';

export interface RunnerOptions {
  readonly clock: HeldClock;
  readonly lambda: LambdaEmulator;
  /** The bundled `index.mjs`, which exports `handler`. */
  readonly bundle: string;
  /** Of the child processes: nothing of this process's environment is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Qualified; `Sync:live` unless said otherwise. The alias `approve` beside it is another name for the same. */
  readonly functionArn?: string;
  /** What invocations after an execution's first are told was invoked: nobody says whether it is the alias, or the version behind it. */
  readonly laterArn?: 'alias' | 'version';
  /** Lambda may use a process again when it answered, and often does; by default every invocation gets a new one. */
  readonly warm?: boolean;
  /** Of one invocation and of a whole execution, in milliseconds by the world's clock: 15 minutes and 24 hours. */
  readonly timeoutMs?: number;
  readonly executionTimeoutMs?: number;
  /** After so many invocations the execution is taken for one that never ends; 1,000. */
  readonly maxInvocations?: number;
  /** Whether the nth invocation (from 1) is killed before it does anything. */
  readonly stillborn?: (invocation: number) => boolean;
}

/** An execution that came to its end, and how. */
export interface Ran {
  readonly outcome: Outcome;
  readonly execution: DurableExecution;
  readonly invocations: readonly Ended[];
  /** What all its processes printed, in order. */
  readonly printed: string;
}

export interface DurableRunner {
  readonly functionArn: string;
  /** Starts an execution, or finds the one of the same name and payload, and sees it through. */
  run(payload: unknown, name?: string): Promise<Ran>;
  /** Sees through an execution that somebody else started by invoking the function. Rejects when it never ends. */
  ended(execution: DurableExecution): Promise<Ran>;
  /** Kills every process that is at work; resolves when they are gone. How many there were. */
  kill(): Promise<number>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** An invocation that throws is tried again; one that throws so often in a row will never do anything else. */
const MOST_THROWN = 5;
/** Between the end of an invocation by force and the next, in milliseconds. */
const RETRY_MS = 1_000;

/** Acts as the durable execution service: runs each invocation in a child process, waits, and begins the next. */
export function durableRunner(options: RunnerOptions): DurableRunner {
  const { clock, lambda, bundle, timeoutMs = 900_000, executionTimeoutMs = 86_400_000 } = options;
  const functionArn = options.functionArn ?? 'arn:aws:lambda:eu-west-1:123456789012:function:Sync:live';
  const functionName = functionArn.split(':').at(-2) ?? '';
  const running = new Map<DurableExecution, Promise<Ran>>();
  const atWork = new Set<ExecutionEnvironment>();
  const environments = new Set<ExecutionEnvironment>();
  const closing = new AbortController();
  const closed = new Promise<void>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve());
  });
  let count = 0;
  const variables = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not-to-be-seen',
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    ...options.environment,
  };

  async function invocation(
    environment: ExecutionEnvironment,
    event: object,
    invokedFunctionArn: string,
  ): Promise<Ended> {
    const context = {
      awsRequestId: randomUUID(),
      functionName,
      invokedFunctionArn,
      endsAt: clock.now() + timeoutMs,
    };
    atWork.add(environment);
    try {
      const ended = environment.invoke(bundle, event, context);
      if (options.stillborn?.(++count) === true) await environment.kill();
      return await ended;
    } finally {
      atWork.delete(environment);
    }
  }

  async function seeThrough(execution: DurableExecution): Promise<Ran> {
    const actor = clock.enter();
    const invocations: Ended[] = [];
    const used: ExecutionEnvironment[] = [];
    const environmentFor = (): ExecutionEnvironment => {
      const last = used.at(-1);
      if (options.warm === true && last?.alive === true) return last;
      const environment = new ExecutionEnvironment(clock, variables);
      environments.add(environment);
      used.push(environment);
      return environment;
    };
    const ran = (outcome: Outcome): Ran => ({
      outcome: (execution.outcome = outcome),
      execution,
      invocations,
      printed: used.map(({ printed }) => printed).join(''),
    });
    try {
      for (let again = false; invocations.length < (options.maxInvocations ?? 1_000);) {
        if (closing.signal.aborted) throw new Error('The runner was closed');
        if (clock.now() - execution.startedAt >= executionTimeoutMs) {
          return ran({ status: 'TIMED_OUT', error: `Not ended after ${executionTimeoutMs} ms` });
        }
        const event = begun(execution, again);
        if ('status' in event) return ran(event);
        const environment = environmentFor();
        const [startedArn = ''] = execution.arn.split('/durable-execution/');
        const isLater = invocations.length > 0 && options.laterArn === 'version';
        const invoked = invocation(
          environment,
          event,
          isLater ? startedArn.replace(/[^:]+$/, '1') : startedArn,
        );
        actor.rest(Infinity);
        const ended = await invoked;
        actor.rest(-Infinity);
        invocations.push(ended);
        if (options.warm !== true || ended.by !== 'returned') await environment.kill();
        again = ended.by !== 'returned';
        const due = ended.by === 'returned' ? execution.end(ended.value) : clock.now() + RETRY_MS;
        if (execution.outcome !== null) return ran(execution.outcome);
        if (invocations.slice(-MOST_THROWN).filter(({ by }) => by === 'threw').length === MOST_THROWN) break;
        actor.rest(Infinity);
        await Promise.race([clock.sleep((due ?? 0) - clock.now()), closed]);
        actor.rest(-Infinity);
      }
      const last = invocations.at(-1);
      const count = `has not ended after ${invocations.length} invocations`;
      throw new Error(`${execution.arn} ${count}: ${JSON.stringify(last)}\n${used.at(-1)?.printed ?? ''}`);
    } finally {
      actor.leave();
      await Promise.all(used.map((environment) => environment.kill()));
      for (const environment of used) environments.delete(environment);
    }
  }

  for (const arn of [functionArn, functionArn.replace(/[^:]+$/, 'approve')])
    lambda.define(arn, (execution) => {
      const done = seeThrough(execution);
      // Whoever waits for it is told; without anybody it must not end the process.
      done.catch(() => undefined);
      running.set(execution, done);
    });

  const ended = (execution: DurableExecution): Promise<Ran> =>
    running.get(execution) ?? Promise.reject(new Error(`${execution.arn} is not run here`));
  return {
    functionArn,
    run: (payload, name) => ended(lambda.start(functionArn, JSON.stringify(payload), name)),
    ended,
    async kill() {
      const victims = [...atWork];
      await Promise.all(victims.map((environment) => environment.kill()));
      return victims.length;
    },
    async close() {
      closing.abort();
      await Promise.all([...environments].map((environment) => environment.kill()));
      await Promise.allSettled(running.values());
    },
  };
}

/** The input of the next invocation, or the end of an execution that has used up its operations. */
function begun(execution: DurableExecution, again: boolean): InvocationInput | Outcome {
  try {
    return execution.begin({ again });
  } catch (error) {
    if (error instanceof InvalidParameterValue) return { status: 'FAILED', error: error.message };
    throw error;
  }
}
