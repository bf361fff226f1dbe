import type { Wanted } from './mapping.ts';
import type { OktaGroup } from '../model/directory.ts';
import type { Reads, RememberedList } from '../model/reads.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Okta's times and lists can lag behind a change; nothing that happened within so long of a read is believed to be in it. */
export const SETTLED_MS = 10 * MINUTE_MS;

/** Why a group's members are read although they were read before. */
export type WhyRead =
  | 'not remembered'
  | 'Okta gives no time or no count for it'
  | 'it changed in Okta'
  | 'it had only just changed when it was read'
  | 'it was read too long ago'
  | 'it is united with one that is read'
  | 'it would be changed in Secoda';

/** Whether Okta shows a group exactly as it did when its members were last read; `null` when so. `now` by Okta's clock. */
export function whyRead(
  group: OktaGroup,
  list: RememberedList | undefined,
  now: number,
  fullReadDays: number,
): WhyRead | null {
  if (list === undefined) return 'not remembered';
  const changedAt = Date.parse(group.lastMembershipUpdated ?? '');
  if (Number.isNaN(changedAt) || group.usersCount === null) return 'Okta gives no time or no count for it';
  // Equal, not “not newer”: a time that goes back is a change like any other.
  const same =
    group.lastMembershipUpdated === list.lastMembershipUpdated &&
    group.lastUpdated === list.lastUpdated &&
    group.usersCount === list.usersCount;
  if (!same) return 'it changed in Okta';
  if (list.readAt - changedAt < SETTLED_MS) return 'it had only just changed when it was read';
  if (isFuture(list.readAt, now)) return 'not remembered';
  return now - list.readAt >= fullReadDays * DAY_MS ? 'it was read too long ago' : null;
}

/** A time that another clock made cannot be believed. How far Okta's clock is from ours is only known to the second. */
export function isFuture(time: number, now: number): boolean {
  return time > now + MINUTE_MS;
}

/** Why each of the needed Okta groups has to be read, if it has to. A wanted group takes the short cut as a whole or not at all. */
export function whyReadAny(
  needed: readonly OktaGroup[],
  wanted: readonly Wanted[],
  reads: Reads,
  now: number,
  fullReadDays: number,
): Map<string, WhyRead> {
  const reasons = new Map<string, WhyRead>();
  for (const group of needed) {
    const why = whyRead(group, reads.lists.get(group.id), now, fullReadDays);
    if (why !== null) reasons.set(group.id, why);
  }
  return united(reasons, wanted, 'it is united with one that is read');
}

/** Adds the partners of every group that is read already. */
export function united(reasons: Map<string, WhyRead>, wanted: readonly Wanted[], why: WhyRead) {
  for (const { oktaIds } of wanted) {
    if (!oktaIds.some((id) => reasons.has(id))) continue;
    for (const id of oktaIds) if (!reasons.has(id)) reasons.set(id, why);
  }
  return reasons;
}
