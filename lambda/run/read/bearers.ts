import pMap from 'p-map';
import type { Unasked } from '../../core/groups/doubted.ts';
import type { AskedFor, DirectorySnapshot, Person } from '../../core/model/directory.ts';
import { peopleOf } from '../../core/people/people-report.ts';
import type { PlanInput } from '../../core/plan/plan.ts';
import { unaskedIn } from '../../core/people/unasked.ts';
import { AccessError, SourceError } from '../../errors.ts';
import { OKTA_WIDTH, READING_MS } from './read-members.ts';
import type { Sources } from '../context.ts';

/**
 * Asks Okta who else bears the addresses of those who may leave a doubted group only where nobody eligible does. Whoever could
 * not be asked for stays: that takes a right of its own, and a role that sees all users.
 */
export async function askForAddresses(sources: Sources, input: PlanInput): Promise<DirectorySnapshot> {
  const { directory } = input;
  if ([...directory.memberships.values()].every(({ doubt }) => doubt === null)) return directory;
  const unasked = unaskedIn(input);
  return unasked.length === 0 ? directory : { ...directory, asked: await ask(sources, directory, unasked) };
}

async function ask(
  { directory, people, clock }: Sources,
  read: DirectorySnapshot,
  unasked: readonly Unasked[],
): Promise<AskedFor> {
  const bearers = new Map<string, readonly Person[]>();
  const until = clock.now() + READING_MS;
  try {
    const why = await directory.blindTo([...peopleOf(read.memberships.keys(), read)]);
    if (why !== null) return { bearers, why };
    await pMap(
      unasked,
      async ({ address, written }) => {
        if (clock.now() >= until) return;
        const found = await pMap(written, (text) => people.byEmail(text), { concurrency: 1 });
        bearers.set(address, found.flat());
      },
      { concurrency: OKTA_WIDTH },
    );
    const all = bearers.size === unasked.length;
    return { bearers, why: all ? null : 'there are too many of them for one run' };
  } catch (error) {
    if (error instanceof AccessError || error instanceof SourceError) return { bearers, why: error.message };
    throw error;
  }
}
