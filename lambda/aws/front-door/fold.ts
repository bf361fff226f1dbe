import { isEmpty, merged } from '../events/targets.ts';
import { LIMITS, sorted } from '../events/values.ts';
import type { Message } from '../events/message.ts';
import type { RunRequest } from '../../core/model/request.ts';
import { runIdFor } from '../../archive/run-id.ts';
import * as z from 'zod';

interface Read {
  readonly delivery: Delivery;
  readonly message: Message;
}

/** One run that messages ask for together. */
export interface Folded {
  readonly request: RunRequest;
  readonly runId: string;
  /** The messages that are done with when the run has begun. */
  readonly messageIds: readonly string[];
}

const EVERYTHING: RunRequest = { kind: 'run', dryRun: null, groups: [], full: false };

/**
 * The fewest runs that do what these messages ask for: one for all hints of Okta, one for all hires of HR. When they name
 * more than an event may, a run over everything takes their place; it does what HR asked for as well.
 */
export function fold(messages: readonly Read[]): readonly Folded[] {
  const hinting = messages.filter(({ message }) => !isEmpty(message.hints));
  const hiring = messages.filter(({ message }) => message.onboard.length > 0);
  const hints = merged(hinting.map(({ message }) => message.hints));
  const hires = sorted(hiring.flatMap(({ message }) => message.onboard));
  if (hires.length > LIMITS.people) return [run(EVERYTHING, [...hinting, ...hiring])];

  const { oktaGroupIds, oktaUserIds, emails, leaverIds } = hints;
  const people = Math.max(oktaUserIds.length, emails.length, leaverIds.length);
  const many = oktaGroupIds.length > LIMITS.groups || people > LIMITS.people;
  const runs: Folded[] = [];
  if (hiring.length > 0) runs.push(run({ kind: 'onboard', emails: hires }, hiring));
  if (hinting.length > 0) runs.push(run(many ? EVERYTHING : { kind: 'follow', hints }, hinting));
  return runs;
}

function run(request: RunRequest, from: readonly Read[]): Folded {
  const messageIds = sorted(from.map(({ delivery }) => delivery.messageId));
  const newest = Math.max(...from.map(({ delivery }) => delivery.sentAt));
  return { request, runId: runIdFor(messageIds, newest), messageIds };
}

export const batch = z.object({
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
