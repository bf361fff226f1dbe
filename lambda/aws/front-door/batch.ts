import * as z from 'zod';

const batch = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:sqs'),
        messageId: z.string().min(1),
        body: z.string(),
        /** Epoch milliseconds: when the message came into the queue. */
        attributes: z.object({ SentTimestamp: z.coerce.number().int().positive() }),
      }),
    )
    .min(1),
});

/** One message as the queue delivers it. */
export interface Delivery {
  readonly messageId: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly sentAt: number;
}

/** The messages of a batch from SQS; `null` for any other event. */
export function readBatch(event: unknown): readonly Delivery[] | null {
  const parsed = batch.safeParse(event);
  if (!parsed.success) return null;
  return parsed.data.Records.map(({ messageId, body, attributes }) => ({
    messageId,
    body,
    sentAt: attributes.SentTimestamp,
  }));
}
