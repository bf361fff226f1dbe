import type { Membership, OktaGroup, Person } from '../../core/model/directory.ts';
import type { Sources } from '../context.ts';

/** How many Okta reads are under way at once: more would be impolite, and the pace decides anyway. */
export const OKTA_WIDTH = 5;

/** So long a step reads at most: an invocation has 15 minutes, and a single group can take a few of them. */
export const READING_MS = 8 * 60_000;

/**
 * Reads one group's members. Okta's lists bear no total, so a list that was cut short looks like people who left: one that
 * is shorter than Okta's own count is believed only when the group's membership has changed since it was counted.
 */
export async function readMembership({ directory, clock }: Sources, group: OktaGroup): Promise<Membership> {
  const readAt = clock.now();
  const people = await directory.members(group.id);
  if (people === null || group.usersCount === null || people.length >= group.usersCount) {
    return { readAt, people, doubt: null };
  }
  const now = await directory.group(group.id);
  if (now === null) return { readAt, people: null, doubt: null };
  if (now.lastMembershipUpdated !== group.lastMembershipUpdated) return { readAt, people, doubt: null };
  return doubted({ readAt, people, doubt: null }, group.id, group.usersCount, people.length);
}

/** A list that is shorter than Okta's own count. */
export function doubted(read: Membership, id: string, count: number, listed: number): Membership {
  return { ...read, doubt: `Okta counts ${count} people in ${id} and listed ${listed}` };
}

/** The rows of people whom an earlier run read, by Okta id; whoever it did not is missing. */
export type Recall = (personIds: ReadonlySet<string>) => Promise<readonly Person[]>;
