import { isEmpty, LIMITS, merged, sorted } from '../events/targets.ts';
import { begunBy, type Message, readMessage } from '../events/origin.ts';
import type { RunRequest } from '../../core/model/request.ts';
import { runIdFor } from '../../archive/run-index.ts';
import * as z from 'zod';
import { messageOf } from '../../errors.ts';
import type { Launcher } from '../../ports.ts';
import { printable } from '../../render/escape.ts';
import type { Log } from './answer.ts';
import { eventOf } from '../events/invocation.ts';

interface Read {
  readonly delivery: Delivery;
  readonly message: Message;
}

const EVERYTHING: RunRequest = { kind: 'run', dryRun: null, groups: [], full: false };

/**
 * The fewest runs that do what these messages ask for: one for all events of Okta, one for all hires of HR. When they name
 * more than an event may, a run over everything takes their place; it does what HR asked for as well.
 */
export function fold(messages: readonly Read[]) {
  const ofOkta = messages.filter(({ message }) => !isEmpty(message.hints));
  const hiring = messages.filter(({ message }) => message.onboard.length > 0);
  const hints = merged(ofOkta.map(({ message }) => message.hints));
  const hires = sorted(hiring.flatMap(({ message }) => message.onboard));
  if (hires.length > LIMITS.people) return [run(EVERYTHING, [...ofOkta, ...hiring])];

  const { oktaGroupIds, oktaUserIds, emails, leaverIds } = hints;
  const people = Math.max(oktaUserIds.length, emails.length, leaverIds.length);
  const many = oktaGroupIds.length > LIMITS.groups || people > LIMITS.people;
  const runs: ReturnType<typeof run>[] = [];
  if (hiring.length > 0) runs.push(run({ kind: 'onboard', emails: hires }, hiring));
  if (ofOkta.length > 0) runs.push(run(many ? EVERYTHING : { kind: 'follow', hints }, ofOkta));
  return runs;
}

/** One run that messages ask for together: they are done with when it has begun. */
function run(request: RunRequest, from: readonly Read[]) {
  const messageIds = sorted(from.map(({ delivery }) => delivery.messageId));
  const newest = Math.max(...from.map(({ delivery }) => delivery.sentAt));
  return { request, runId: runIdFor(messageIds, newest), messageIds };
}

/** A batch as SQS delivers it. */
const batch = z.object({
  Records: z
    .array(
      z
        .object({
          eventSource: z.literal('aws:sqs'),
          messageId: z.string().min(1),
          body: z.string(),
          /** Epoch milliseconds: when the message came into the queue. */
          attributes: z.object({ SentTimestamp: z.coerce.number().int().positive() }),
        })
        .transform(({ messageId, body, attributes }) => ({
          messageId,
          body,
          sentAt: attributes.SentTimestamp,
        })),
    )
    .min(1),
});

/** One message. */
type Delivery = z.infer<typeof batch>['Records'][number];

/** The messages of a batch from SQS; `null` for any other event. */
export function readBatch(event: unknown): readonly Delivery[] | null {
  return batch.safeParse(event).data?.Records ?? null;
}

/**
 * Begins the runs that a batch of messages asks for, and does not wait for them. A message that cannot be understood fails
 * alone; where a run could not be begun, its messages fail. Those that failed come again, and in the end go to the dead-letter queue.
 */
export async function takeBatch(deliveries: readonly Delivery[], launcher: Launcher, log: Log) {
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
async function begin({ runId, request, messageIds }: ReturnType<typeof run>, launcher: Launcher, log: Log) {
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
    log('error', 'run not started', { ...fields, error: messageOf(error) });
    return messageIds;
  }
}
