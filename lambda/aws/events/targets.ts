import * as z from 'zod';
import type { EventTargets } from '../../core/model/request.ts';
import { addressIn, idIn, sorted } from './values.ts';

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

interface TargetsOfEvent {
  readonly hints: EventTargets;
  readonly eventType: string;
}

/**
 * What an event of Okta's System Log names; nothing when it concerns us not, failed in Okta, or names nobody. `null` when
 * it is no such event at all.
 */
export function eventTargetsOf(detail: unknown): TargetsOfEvent | null {
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
