import type { CheckpointRef } from '../../ports.ts';
import type { RunContext, Task } from '../context.ts';
import type { Listing, ReadEnd, UsersList } from '../checkpoints.ts';
import { recallFrom, withShortCuts } from './short-cuts.ts';
import { askUnlisted, listBoth } from './list.ts';
import { readMembers } from './read-members.ts';

/** After so much work an invocation is ended, in milliseconds: a step of reading can take 8 minutes, and an invocation has 15. */
const WORK_MS = 60_000;

/** Lists both sides and reads the members, for as long as a step may take at a time. */
export async function readBoth(task: Task, context: RunContext): Promise<ReadEnd> {
  const { sources, rules, checkpoints, workflow } = context;
  let lists = await workflow.step('list', async () => {
    const { listing, users } = await listBoth(sources, rules, task, recallFrom(context));
    return keepLists(task, context, await askUnlisted(sources, rules, listing), users);
  });
  for (let n = 2; lists.toAsk > 0; n++) {
    const name = `list-${n}`;
    const kept: { readonly listing: CheckpointRef; readonly users: CheckpointRef } = lists;
    await workflow.rest(`before-${name}`, WORK_MS);
    lists = await workflow.step(name, async () => {
      const listing = await askUnlisted(sources, rules, await checkpoints.listing.get(kept.listing));
      return keepLists(task, context, listing, await checkpoints.users.get(kept.users));
    });
  }
  const members: CheckpointRef[] = lists.quiet === null ? [] : [lists.quiet];
  for (let next = 0; next < lists.needed;) {
    const name = `members-${members.length + 1}`;
    await workflow.rest(`before-${name}`, WORK_MS);
    const read = await workflow.step(name, async () => {
      const some = await readMembers(sources, await checkpoints.listing.get(lists.listing), next);
      return { kept: await checkpoints.members.put(name, some.members), next: some.next };
    });
    members.push(read.kept);
    ({ next } = read);
  }
  await workflow.rest('before-plan', WORK_MS);
  return { listing: lists.listing, users: lists.users, members };
}

/** Keeps what was listed; once everything was asked, with the groups whose members need not be read. */
async function keepLists({ full }: Task, context: RunContext, listing: Listing, users: UsersList) {
  const { checkpoints } = context;
  const whole = listing.toAsk.length === 0;
  const { quiet, ...reading } = whole
    ? await withShortCuts(listing, users, full, context)
    : { ...listing, quiet: new Map() };
  return {
    listing: await checkpoints.listing.put('listing', reading),
    users: await checkpoints.users.put('users', users),
    quiet: quiet.size > 0 ? await checkpoints.members.put('quiet', quiet) : null,
    needed: reading.needed.length,
    toAsk: reading.toAsk.length,
  };
}
