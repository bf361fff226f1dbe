/**
 * A child process that stands for a Lambda execution environment: takes `{bundle, event, context}` from its parent, calls the
 * bundle's `handler` as Lambda would, and sends back `{kind: 'returned', value}` or `{kind: 'threw', error}`. It may be asked again
 * (a warm environment) and ends with its parent. Imports no package: every child process would pay for it.
 */
import { flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';

type Handler = (event: unknown, context: object) => unknown;

async function handlerIn(bundle: string): Promise<Handler> {
  const module: unknown = await import(pathToFileURL(bundle).href);
  const handler =
    typeof module === 'object' && module !== null && 'handler' in module ? module.handler : null;
  if (typeof handler !== 'function') throw new Error(`${bundle} exports no handler`);
  return (event, context): unknown => Reflect.apply(handler, undefined, [event, context]);
}

async function invoke(bundle: string, event: unknown, context: object, endsAt: number): Promise<void> {
  const lambdaContext = { ...context, getRemainingTimeInMillis: () => endsAt - Date.now() };
  try {
    const handler = await handlerIn(bundle);
    flushCompileCache();
    process.send?.({ kind: 'returned', value: await handler(event, lambdaContext) });
  } catch (error) {
    process.send?.({ kind: 'threw', error: error instanceof Error ? (error.stack ?? '') : String(error) });
  }
}

process.on('message', (sent) => {
  if (typeof sent !== 'object' || sent === null || !('bundle' in sent) || !('context' in sent)) return;
  const { bundle, context } = sent;
  const event = 'event' in sent ? sent.event : undefined;
  if (typeof context !== 'object' || context === null || !('endsAt' in context)) return;
  void invoke(String(bundle), event, context, Number(context.endsAt));
});
process.on('disconnect', () => process.exit());
process.send?.({ kind: 'ready' });
