import pMap from 'p-map';
import { AccessError, AskLater, SourceError } from '../../errors.ts';
import type { Membership, OktaGroup, Person } from '../../core/model/directory.ts';
import type { Listing } from '../checkpoints.ts';
import type { Sources } from '../context.ts';

/** Reads members from this group on, for as long as a step may take. Throws at the first it cannot read: no half snapshots. */
export async function readMembers(sources: Sources, { groups, needed }: Listing, from: number) {
  const { clock, listen } = sources;
  const until = clock.now() + READING_MS;
  const listed = new Map(groups.map((group) => [group.id, group]));
  const members = new Map<string, Membership>();
  let begun = from;
  await pMap(
    needed.slice(from),
    async (id) => {
      // Begun one after the other, so what was read is always the first part of the list.
      if (begun > from && clock.now() >= until) return;
      begun++;
      const group = listed.get(id);
      if (group === undefined) throw new Error(`Okta group ${id} is needed, and not listed`);
      members.set(id, await readMembership(sources, group));
      listen({ kind: 'read', what: 'okta-members', done: from + members.size, total: needed.length });
    },
    { concurrency: OKTA_WIDTH },
  );
  return { members, next: begun };
}

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
  const people = await directory.members(group.id).catch((error: unknown) => {
    throw naming(group, error);
  });
  if (people === null || group.usersCount === null || people.length >= group.usersCount) {
    return { readAt, people, doubt: null };
  }
  const now = await directory.group(group.id);
  if (now === null) return { readAt, people: null, doubt: null };
  if (now.lastMembershipUpdated !== group.lastMembershipUpdated) return { readAt, people, doubt: null };
  return doubted({ readAt, people, doubt: null }, group.id, group.usersCount, people.length);
}

/** An error about one group, with the name that people know it by. */
function naming({ id, name }: OktaGroup, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AskLater || !error.message.includes(id)) return error;
  const message = `${error.message} (the Okta group ${JSON.stringify(name)})`;
  const { cause } = error;
  if (error instanceof AccessError) return new AccessError(message, { cause });
  return error instanceof SourceError ? new SourceError(message, { cause }) : error;
}

/** A list that is shorter than Okta's own count. */
export function doubted(read: Membership, id: string, count: number, listed: number): Membership {
  return { ...read, doubt: `Okta counts ${count} people in ${id} and listed ${listed}` };
}

/** The rows of people whom an earlier run read, by Okta id; whoever it did not is missing. */
export type Recall = (personIds: ReadonlySet<string>) => Promise<readonly Person[]>;
