import { jsonOf } from '../../core/model/json.ts';
import * as z from 'zod';
import type { EventTargets } from '../../core/model/request.ts';
import { eventTargetsOf, NOTHING } from './targets.ts';
import { addressIn, sorted } from './values.ts';

/** What a message in the queue says. */
export interface Message {
  readonly hints: EventTargets;
  /** People whom HR has hired. */
  readonly onboard: readonly string[];
  /** The type of the event. */
  readonly type: string;
  /** Why the message cannot be taken (in full), without any address in it; `null` if it can. */
  readonly problem: string | null;
}

const HR = 'hr.onboarding';
const OKTA = 'aws.partner/okta.com';

const envelope = z.object({
  source: z.string(),
  detail: z.unknown().optional(),
});
const hires = z.object({ emails: z.array(z.unknown()).min(1) });

/** Reads an EventBridge event as the rules put it into the queue: its JSON as it is. */
export function readMessage(body: string): Message {
  const event = envelope.safeParse(jsonOf(body));
  if (!event.success) return unreadable('no EventBridge event: JSON with source and detail was expected');
  const { source, detail } = event.data;
  if (source === HR) return onboarding(detail);
  if (source !== OKTA && !source.startsWith(`${OKTA}/`)) {
    return unreadable(`unknown source; expected ${HR} or ${OKTA}/…`);
  }
  // `detail-type` is not the same everywhere: “SystemLog”, “Okta Log Event”.
  const found = eventTargetsOf(detail);
  if (found === null) return unreadable('no event of the System Log, although it comes from Okta');
  return { hints: found.hints, onboard: [], type: found.eventType, problem: null };
}

/** Valid addresses are taken even if others in the list are not; those are a problem that somebody has to see. */
function onboarding(detail: unknown): Message {
  const parsed = hires.safeParse(detail);
  if (!parsed.success) return unreadable(`${HR} without detail.emails, a list of e-mail addresses`);
  const { emails } = parsed.data;
  const found = emails.flatMap((email) => addressIn(email) ?? []);
  const wrong = emails.length - found.length;
  const problem =
    wrong === 0 ? null : `${wrong} of ${emails.length} in detail.emails are no e-mail addresses`;
  return { hints: NOTHING, onboard: sorted(found), type: HR, problem };
}

function unreadable(problem: string): Message {
  return { hints: NOTHING, onboard: [], type: 'unreadable', problem };
}
