import type { Kept } from '../ports.ts';
import type { Task, World } from '../sync.ts';
import type { CountedSteps } from './counted.ts';
import type { ReadEnd } from './decide.ts';
import type { Listing, UsersList } from './kept.ts';
import { withShortCuts } from './list-short-cuts.ts';
import { askUnlisted, listBoth } from './list.ts';
import { readMembers } from './read.ts';
import { recallFrom } from './short-cuts.ts';

/** Lists both sides and reads the members, for as long as a step may take at a time. */
export async function readBoth(task: Task, world: World, { step, rest }: CountedSteps): Promise<ReadEnd> {
  const { sources, rules, drawers } = world;
  let lists = await step('list', async () => {
    const { listing, users } = await listBoth(sources, rules, task, recallFrom(world));
    return keepLists(task, world, await askUnlisted(sources, rules, listing), users);
  });
  for (let n = 2; lists.toAsk > 0; n++) {
    const name = `list-${n}`;
    const kept: { readonly listing: Kept; readonly users: Kept } = lists;
    await rest(`before-${name}`);
    lists = await step(name, async () => {
      const listing = await askUnlisted(sources, rules, await drawers.listing.get(kept.listing));
      return keepLists(task, world, listing, await drawers.users.get(kept.users));
    });
  }
  const members: Kept[] = lists.quiet === null ? [] : [lists.quiet];
  for (let next = 0; next < lists.needed;) {
    const name = `members-${members.length + 1}`;
    await rest(`before-${name}`);
    const read = await step(name, async () => {
      const some = await readMembers(sources, await drawers.listing.get(lists.listing), next);
      return { kept: await drawers.members.put(name, some.members), next: some.next };
    });
    members.push(read.kept);
    ({ next } = read);
  }
  await rest('before-plan');
  return { listing: lists.listing, users: lists.users, members };
}

/** Keeps what was listed; once everything was asked, with the groups whose members need not be read. */
async function keepLists({ full }: Task, world: World, listing: Listing, users: UsersList) {
  const { drawers } = world;
  const whole = listing.toAsk.length === 0;
  const { quiet, ...reading } = whole
    ? await withShortCuts(listing, users, full, world)
    : { ...listing, quiet: new Map() };
  return {
    listing: await drawers.listing.put('listing', reading),
    users: await drawers.users.put('users', users),
    quiet: quiet.size > 0 ? await drawers.members.put('quiet', quiet) : null,
    needed: reading.needed.length,
    toAsk: reading.toAsk.length,
  };
}
