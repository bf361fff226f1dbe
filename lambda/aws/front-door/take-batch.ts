import { isEmpty } from '../events/targets.ts';
import { readMessage } from '../events/message.ts';
import { begunBy } from '../events/origin.ts';
import { eventOf } from '../events/request.ts';
import { sorted } from '../events/values.ts';
import type { Launcher } from '../../ports.ts';
import { printable } from '../../render/escape.ts';
import { type Delivery, fold, type Folded } from './fold.ts';
import type { Log } from './answer.ts';

/** What SQS is answered: these messages come again, and in the end go to the dead-letter queue; the others are done. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Begins the runs that a batch of messages asks for, and does not wait for them. A message that cannot be understood fails
 * alone; where a run could not be begun, its messages fail.
 */
export async function takeBatch(
  deliveries: readonly Delivery[],
  launcher: Launcher,
  log: Log,
): Promise<BatchAnswer> {
  const messages = deliveries.map((delivery) => ({ delivery, message: readMessage(delivery.body) }));
  const failed: string[] = [];
  const ignored = new Map<string, number>();
  for (const { delivery, message } of messages) {
    const { problem, hints, onboard } = message;
    if (problem !== null) {
      failed.push(delivery.messageId);
      log('warn', 'message not understood', { messageId: delivery.messageId, problem });
    } else if (isEmpty(hints) && onboard.length === 0) {
      const type = printable(message.type, 100);
      ignored.set(type, (ignored.get(type) ?? 0) + 1);
    }
  }
  const runs = fold(messages);
  const begun = await Promise.all(runs.map((run) => begin(run, launcher, log)));
  const itemIdentifiers = sorted([...failed, ...begun.flat()]);
  log('info', 'batch taken', {
    messages: deliveries.length,
    runs: runs.length,
    ignored: Object.fromEntries(ignored),
    failed: itemIdentifiers.length,
  });
  return { batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** The messages that have to come again because their run could not be begun. */
async function begin(
  { runId, request, messageIds }: Folded,
  launcher: Launcher,
  log: Log,
): Promise<readonly string[]> {
  const fields = { runId, kind: request.kind, messages: messageIds.length };
  try {
    const { executionArn, started } = await launcher.launch(runId, {
      ...eventOf(request),
      ...begunBy({}, null),
    });
    // The name is made of these very messages: a run that bears it was begun for them, if perhaps by an older version.
    log('info', started ? 'run started' : 'run was started before', { ...fields, executionArn });
    return [];
  } catch (error) {
    log('error', 'run not started', { ...fields, error: error instanceof Error ? error.message : 'unknown' });
    return messageIds;
  }
}
