import * as z from 'zod';
import type { Origin } from '../../core/model/request.ts';
import { APPROVE_ALIAS } from '../../names.ts';
import { text } from '../../settings/values.ts';

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

/**
 * An event as it came to `Sync`: what is asked for, and where it comes from. What `Start` did not begin, the schedule did.
 * `context`: Lambda's, of this invocation.
 */
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
