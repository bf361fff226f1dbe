import pMap from 'p-map';
import type { Membership } from '../../core/model/directory.ts';
import type { Listing, Members } from '../checkpoints.ts';
import type { Sources } from '../context.ts';
import { OKTA_WIDTH, READING_MS, readMembership } from './read-membership.ts';

/**
 * Reads the members of the needed groups from this one on, for as long as a step may take. Throws at the first that
 * cannot be read: there are no half snapshots.
 */
export async function readMembers(
  sources: Sources,
  { groups, needed }: Listing,
  from: number,
): Promise<{ readonly members: Members; readonly next: number }> {
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
