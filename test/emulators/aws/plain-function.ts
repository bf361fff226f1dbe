import { randomUUID } from 'node:crypto';
import { type Ended, ExecutionEnvironment } from './environment.ts';
import type { HeldClock } from '../../time/clock.ts';

export interface PlainFunctionOptions {
  readonly clock: HeldClock;
  /** The bundled `index.mjs`, which exports `handler`. */
  readonly bundle: string;
  /** Of the child process, whole. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functionArn?: string;
  /** In milliseconds by the world's clock; a minute unless said otherwise. */
  readonly timeoutMs?: number;
}

/** Invokes a function that is not durable, in a process of its own; also says what it printed. */
export async function invokePlain(
  options: PlainFunctionOptions,
  event: unknown,
): Promise<Ended & { readonly printed: string }> {
  const { clock, bundle, timeoutMs = 60_000 } = options;
  const functionArn = options.functionArn ?? 'arn:aws:lambda:eu-west-1:123456789012:function:Start';
  const functionName = functionArn.split(':')[6] ?? '';
  const environment = new ExecutionEnvironment(clock, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not-to-be-seen',
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    ...options.environment,
  });
  try {
    const context = {
      awsRequestId: randomUUID(),
      functionName,
      invokedFunctionArn: functionArn,
      endsAt: clock.now() + timeoutMs,
    };
    const ended = await environment.invoke(bundle, event, context);
    await environment.kill();
    return { ...ended, printed: environment.printed };
  } finally {
    await environment.kill();
  }
}
