import type { PlanInput } from '../../core/plan/change.ts';
import type { GroupRef } from '../../core/model/workspace.ts';
import pMap from 'p-map';
import { createIdentity, type Identity } from '../../core/people/identity.ts';

import type { PersonCache } from '../../ports.ts';
import type { RunContext, Sources } from '../context.ts';
import { OKTA_WIDTH, READING_MS } from './read-members.ts';
import type { Unasked } from '../../core/groups/doubted.ts';
import type { AskedFor, DirectorySnapshot, Person } from '../../core/model/directory.ts';
import { peopleOf } from '../../core/people/people-report.ts';
import { unaskedIn } from '../../core/plan/plan.ts';
import { AccessError, SourceError } from '../../errors.ts';

/** Who of these people belongs into a group as Okta has it now. */
type Recheck = (emails: readonly string[], group: GroupRef) => Promise<ReadonlySet<string>>;

/** A new look at Okta, taken just before these people are invited: it asks for nothing twice. */
export type RecheckInvited = (about: ReadonlySet<string>) => Recheck;

/** Reads the members of the Okta groups again: for a run over groups, which may not read single people. */
export function recheckByMembers({ sources: { directory }, rules }: RunContext): RecheckInvited {
  const identity = createIdentity(rules.people, []);
  return (about) => {
    const inGroup = once(async (id) => {
      const people = (await directory.members(id)) ?? [];
      const eligible = people.filter((person) => identity.eligibilityOf(person) === 'eligible');
      const addresses = eligible.map((person) => identity.addressOf(person));
      return new Set(addresses.filter((address) => address !== null && about.has(address)));
    });
    return async (emails, { oktaIds }) => {
      const lists = await pMap(oktaIds, inGroup, { concurrency: OKTA_WIDTH });
      return new Set(emails.filter((email) => lists.some((list) => list.has(email))));
    };
  };
}

/** Asks for the people again: for an onboarding, which knows their Okta ids. */
export function recheckByPeople(
  { sources: { people }, rules }: RunContext,
  personIds: ReadonlyMap<string, readonly string[]>,
): RecheckInvited {
  const identity = createIdentity(rules.people, []);
  return () => {
    const groupsOf = once((email) => groupsByAddress(email, personIds.get(email) ?? [], people, identity));
    return async (emails, { oktaIds }) => {
      const found = await pMap(emails, groupsOf, { concurrency: OKTA_WIDTH });
      return new Set(emails.filter((_, index) => oktaIds.some((id) => found[index]?.has(id) === true)));
    };
  };
}

/** All groups of whoever is eligible under this address. */
async function groupsByAddress(
  email: string,
  ids: readonly string[],
  people: PersonCache,
  identity: Identity,
): Promise<ReadonlySet<string>> {
  const groups = new Set<string>();
  for (const id of ids) {
    const person = await people.person(id);
    if (person === null || identity.eligibilityOf(person) !== 'eligible') continue;
    if (identity.addressOf(person) !== email) continue;
    for (const group of (await people.groupsOf(id)) ?? []) groups.add(group.id);
  }
  return groups;
}

/** Asks once for each key, however often it is asked. */
function once<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (key) => {
    let answer = answers.get(key);
    if (answer === undefined) answers.set(key, (answer = ask(key)));
    return answer;
  };
}

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
