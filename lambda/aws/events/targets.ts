import * as z from 'zod';
import type { EventTargets } from '../../core/model/request.ts';
import { normaliseAddress } from '../../core/people/address.ts';
import { UNSAFE } from '../../core/model/json.ts';
import { ADDRESS } from '../../settings/values.ts';
import { byText } from '../../core/model/text.ts';

const anything = z.unknown().optional();

/** The parts of Okta's LogEvent that say what changed. `target` may be null, and its entries come in any order. */
const logEvent = z.object({
  eventType: z.string().min(1),
  outcome: z.object({ result: z.string().nullish() }).nullish(),
  target: z.array(z.object({ id: anything, type: anything, alternateId: anything }).nullable()).nullish(),
});

/**
 * Okta's event types that can change who is in a synced group, or what it is called, by how they begin. A membership
 * event names person and group: the group is enough to find out who is in it, as its members are read again.
 */
const TYPES: readonly { readonly begins: string; readonly names: 'UserGroup' | 'User' }[] = [
  { begins: 'group.user_membership.', names: 'UserGroup' },
  { begins: 'group.lifecycle.', names: 'UserGroup' },
  { begins: 'group.profile.update', names: 'UserGroup' },
  // Where the groups of an app are synced, they change what is in scope.
  { begins: 'group.application_assignment.', names: 'UserGroup' },
  { begins: 'user.lifecycle.', names: 'User' },
  { begins: 'user.account.update_profile', names: 'User' },
];

/** What an event names that is about nothing of ours. */
export const NOTHING: EventTargets = {
  oktaGroupIds: [],
  oktaUserIds: [],
  emails: [],
  leaverIds: [],
  deletedGroupIds: [],
};
/** Only of these is anybody told that access may end: a run of events takes it from nobody else. */
const LEFT = 'group.user_membership.remove';
const DELETED = 'group.lifecycle.delete';

/** What an event of the System Log names; nothing when it concerns us not or failed in Okta; `null` when it is no such event. */
export function eventTargetsOf(detail: unknown) {
  const parsed = logEvent.safeParse(detail);
  if (!parsed.success) return null;
  const { eventType, outcome, target } = parsed.data;
  const type = TYPES.find(({ begins }) => eventType.startsWith(begins));
  if (type === undefined || outcome?.result !== 'SUCCESS') return { hints: NOTHING, eventType };
  const named = (kind: typeof type.names) => (target ?? []).filter((each) => each?.type === kind);
  const idsOf = (kind: typeof type.names) => sorted(named(kind).flatMap((each) => idIn(each?.id) ?? []));
  const ids = idsOf(type.names);
  if (type.names === 'UserGroup') {
    const leaverIds = eventType === LEFT && ids.length > 0 ? idsOf('User') : [];
    const deletedGroupIds = eventType === DELETED ? ids : [];
    return { hints: { ...NOTHING, oktaGroupIds: ids, leaverIds, deletedGroupIds }, eventType };
  }
  const emails = sorted(named('User').flatMap((each) => addressIn(each?.alternateId) ?? []));
  return { hints: { ...NOTHING, oktaUserIds: ids, emails }, eventType };
}

/** All of them as one: the same whatever their order and however often each came. */
export function merged(all: readonly EventTargets[]): EventTargets {
  return {
    oktaGroupIds: sorted(all.flatMap(({ oktaGroupIds }) => oktaGroupIds)),
    oktaUserIds: sorted(all.flatMap(({ oktaUserIds }) => oktaUserIds)),
    emails: sorted(all.flatMap(({ emails }) => emails)),
    leaverIds: sorted(all.flatMap(({ leaverIds }) => leaverIds)),
    deletedGroupIds: sorted(all.flatMap(({ deletedGroupIds }) => deletedGroupIds)),
  };
}

/** Whether nothing is named. (Whoever left, and what was deleted, is named beside its group.) */
export function isEmpty({ oktaGroupIds, oktaUserIds, emails }: EventTargets): boolean {
  return oktaGroupIds.length + oktaUserIds.length + emails.length === 0;
}

const EMAIL = 'an e-mail address';

/** An address in the form in which addresses are compared; `null` when the text is none. */
export function addressIn(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > LIMITS.address) return null;
  const normal = normaliseAddress(text);
  return normal !== null && ADDRESS.test(normal) && !UNSAFE.test(normal) ? normal : null;
}

/** An id as Okta gives them; `null` when the value cannot be one. In Okta's paths `me` stands for whoever asks. */
function idIn(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LIMITS.id || value === 'me') return null;
  return /^\w[\w-]*$/.test(value) ? value : null;
}

/** The schema of an address; the result is in the form in which addresses are compared. */
export function address() {
  return z.string({ error: EMAIL }).transform((text, context): string => {
    const found = addressIn(text);
    if (found !== null) return found;
    context.issues.push({ code: 'custom', message: EMAIL, input: text });
    return z.NEVER;
  });
}

/** The schema of an id of Okta. */
export function id() {
  return z.string({ error: 'an Okta id' }).refine((text) => idIn(text) !== null, { error: 'an Okta id' });
}

/** 1 to `most` texts; whatever their order and however often each is said, the result is the same. */
export function someOf<Item extends z.ZodType<string>>(item: Item, most: number, what: string) {
  const error = `a list of 1 to ${most} ${what}`;
  return z
    .array(item, { error })
    .min(1, { error })
    .max(most, { error })
    .transform((found): string[] => sorted(found));
}

/** Each once, in an order that does not depend on the one they came in. */
export function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(byText);
}

/** How much one event may name: an asynchronous invocation takes 256 KB, and a run over everything is sooner done with more. */
export const LIMITS = {
  groups: 100,
  people: 200,
  /** Characters of a group's name, of an id, and of an address (RFC 5321). */
  name: 400,
  id: 100,
  address: 254,
} as const;
