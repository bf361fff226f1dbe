import * as z from 'zod';
import type { EventTargets, Origin } from '../../core/model/request.ts';
import { APPROVE_ALIAS } from '../../names.ts';
import { text } from '../../settings/values.ts';
import { jsonOf } from '../../core/model/json.ts';
import { addressIn, eventTargetsOf, NOTHING, sorted } from './targets.ts';

const WHO = 'a text of up to 200 characters';
const WHY = 'a text of up to 1,000 characters';

/** What may be stated with any event: not verified, and kept in the run's record. */
export const stated = {
  requestedBy: text(WHO).max(200, { error: WHO }).optional(),
  reason: text(WHY).max(1_000, { error: WHY }).optional(),
};

const statement = z.object(stated);
const begun = z.object({
  startedBy: z.object({
    trigger: z.enum(['invoke', 'event']),
    awsRequestId: z.string().nullable(),
    functionArn: z.string().nullable(),
  }),
});

type RunOrigin = Omit<Origin, 'version' | 'config'>;

const invocation = z.object({ awsRequestId: z.string(), invokedFunctionArn: z.string() });

/** What an invocation of Lambda tells of itself. */
export type Invocation = Readonly<z.infer<typeof invocation>>;

/** Whether what was invoked is the alias for approvals, of either function. */
export function isForApprovals(functionArn: string): boolean {
  return functionArn.endsWith(`:${APPROVE_ALIAS}`);
}

/** What `Start` adds to an event for `Sync`; with what was stated in it. `by`: `null` where messages ask, which may come twice and have to ask alike. */
export function begunBy(event: unknown, by: Invocation | null): Readonly<Record<string, unknown>> {
  const startedBy = {
    trigger: by === null ? 'event' : 'invoke',
    awsRequestId: by?.awsRequestId ?? null,
    functionArn: by?.invokedFunctionArn ?? null,
  } satisfies z.infer<typeof begun>['startedBy'];
  return { ...statement.parse(event), startedBy };
}

/** What an invocation says was invoked. `context`: Lambda's. */
export function invokedArn(context: unknown): string {
  return invocation.parse(context).invokedFunctionArn;
}

/** What an event that came to `Sync` asks for, and where it comes from: from the schedule, unless `Start` says that it began it. */
export function openEvent(
  event: unknown,
  context: unknown,
): { readonly event: unknown; readonly origin: RunOrigin } {
  const { requestedBy = null, reason = null } = statement.safeParse(event).data ?? {};
  const start = z.looseObject(begun.shape).safeParse(event);
  if (!start.success) {
    const { awsRequestId, invokedFunctionArn: functionArn } = invocation.parse(context);
    return { event, origin: { trigger: 'schedule', requestedBy, reason, awsRequestId, functionArn } };
  }
  const { startedBy, ...rest } = start.data;
  return { event: rest, origin: { ...startedBy, requestedBy, reason } };
}

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

export const hires = z.object({ emails: z.array(z.unknown()).min(1) });

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
export function onboarding(detail: unknown): Message {
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
