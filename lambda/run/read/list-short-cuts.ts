import type { RunContext } from '../context.ts';
import type { Listing, Members, UsersList } from '../checkpoints.ts';
import { memoryOf } from '../../archive/memory.ts';
import { planReading } from './short-cuts.ts';

/** The listing with only those groups needed whose members must be read, and the members of the others. */
export async function withShortCuts(
  listing: Listing,
  { users }: UsersList,
  full: boolean,
  context: RunContext,
): Promise<Listing & { readonly quiet: Members }> {
  const memory = await memoryOf(context.archive, context.rules.name);
  const { toRead, quiet, basis } = await planReading({
    ...context,
    full,
    memory,
    listed: listing,
    users,
  });
  return { ...listing, needed: toRead, basis, quiet };
}
