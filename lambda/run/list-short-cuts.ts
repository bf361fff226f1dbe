import type { World } from '../sync.ts';
import type { Listing, Members, UsersList } from './kept.ts';
import { memoryOf } from './missed.ts';
import { planReading } from './short-cuts.ts';

/** The listing with only those groups needed whose members must be read, and the members of the others. */
export async function withShortCuts(
  listing: Listing,
  { users }: UsersList,
  full: boolean,
  world: World,
): Promise<Listing & { readonly quiet: Members }> {
  const memory = await memoryOf(world.archive, world.rules.name);
  const { toRead, quiet, basis } = await planReading({
    ...world,
    full,
    memory,
    listed: listing,
    users,
  });
  return { ...listing, needed: toRead, basis, quiet };
}
