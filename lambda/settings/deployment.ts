import * as z from 'zod';
import { ADDRESS, closed, list, oneOf, wholeNumber, yesOrNo } from './values.ts';

const EMAIL = 'an e-mail address';
const SECRET = 'the ARN of a Secrets Manager secret';
const EVENT_SOURCE = "the name of Okta's partner event source, such as aws.partner/okta.com/acme/sync";

const TOPIC = 'the ARN of an SNS topic';

export const notify = closed({
  /** Instead of a topic of the stack's own: one that is there, in the same region. Who hears of it is its owner's business. */
  topicArn: z
    .string({ error: TOPIC })
    .trim()
    .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, { error: TOPIC })
    .optional(),
  /** Who is told by e-mail when an alarm goes off. */
  emails: list(
    z.string({ error: EMAIL }).trim().regex(ADDRESS, { error: EMAIL }),
    'a list of e-mail addresses',
  ).default([]),
}).refine(({ topicArn, emails }) => topicArn === undefined || emails.length === 0, {
  error: 'no emails beside topicArn: subscribe them to that topic',
});

export const events = closed({
  /** Okta's Log Streaming into this account. */
  okta: closed({
    /** The partner event source as EventBridge shows it. */
    eventSource: z
      .string({ error: EVENT_SOURCE })
      .trim()
      .regex(/^aws\.partner\/okta\.com\/[\w./-]+$/, { error: EVENT_SOURCE }),
    /** Hours without any event after which somebody is told; CloudWatch looks back no more than seven days. */
    silentHours: wholeNumber(1)
      .max(168, { error: 'a whole number of hours, 168 (seven days) at most' })
      .default(24),
  }).optional(),
  /** Whether `hr.onboarding` events on the default bus are listened to. */
  hr: yesOrNo().default(false),
});

export const secrets = closed({
  /** An existing secret with Okta's credentials; without it the stack makes one. */
  okta: secretArn().optional(),
  /** An existing secret with Secoda's API key; without it the stack makes one. */
  secoda: secretArn().optional(),
});

export const archive = closed({
  /** How long records are kept. */
  days: wholeNumber(1).default(400),
  /** Which full runs keep a snapshot: those that changed, held or refused something, all of them, or none. */
  snapshots: oneOf(['changed', 'all', 'none']).default('changed'),
  /** How long snapshots are kept. */
  snapshotDays: wholeNumber(1).default(30),
  /** How long the ledger is kept, which no one can shorten for what is in it. */
  ledgerDays: wholeNumber(1).default(1100),
});

function secretArn() {
  return z
    .string({ error: SECRET })
    .trim()
    .regex(/^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/, { error: SECRET });
}
