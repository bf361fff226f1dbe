import type { Unmatched, Unsettled } from '../model/workspace.ts';
import type { Identity } from './identity.ts';
import type { Wanted } from '../groups/mapping.ts';
import type { MemberPlan } from './members.ts';
import type { GroupMemory } from '../model/memory.ts';
import type { DirectorySnapshot, Person } from '../model/directory.ts';
import { byText } from '../model/text.ts';
import { type Warning, warningOf } from '../model/warning.ts';

/** Everyone in these Okta groups, somebody in two of them twice. */
export function* peopleOf(oktaIds: Iterable<string>, { memberships }: DirectorySnapshot): Generator<Person> {
  for (const id of oktaIds) yield* memberships.get(id)?.people ?? [];
}

/** Tells whether Okta shows an address as no longer eligible, in any group that was read. Computed when first asked. */
export function outsiders(
  { memberships }: DirectorySnapshot,
  identity: Identity,
): (address: string) => boolean {
  let out: Set<string> | null = null;
  return (address) => {
    if (out === null) {
      out = new Set();
      const eligible = new Set<string>();
      for (const { people } of memberships.values()) {
        for (const person of people ?? []) {
          const { eligibility, address: found } = identity.recognise(person);
          if (found !== null) (eligibility === 'ineligible' ? out : eligible).add(found);
        }
      }
      for (const found of eligible) out.delete(found);
    }
    return out.has(address);
  };
}

/** Gathers, group by group, who is missing and why. */
export function peopleReport() {
  const unmatched = new Map<string, { email: string; groups: string[]; reason: Unmatched['reason'] }>();
  const unsettled = new Map<string, string[]>();
  const warnings: Warning[] = [];
  return {
    warnings,
    add({ name, oktaIds }: Wanted, members: MemberPlan): void {
      for (const { key, email, reason } of members.unmatched) {
        const found = unmatched.get(key);
        if (found) found.groups.push(name);
        else unmatched.set(key, { email, groups: [name], reason });
      }
      for (const { email, status } of members.held) {
        const message = `${email} has the status ${status}, which was never seen before: the membership stays as it is`;
        warnings.push(warningOf('unknown-status', { group: name, oktaIds }, message, { email }));
      }
      for (const { email, userId } of members.waiting) {
        const message = `no event names ${email ?? userId}, who would leave: that waits for the next full run`;
        warnings.push(warningOf('not-named', { group: name, oktaIds }, message, { email }));
      }
    },
    /** A group that is left as it is, because its unsettled people are remembered. */
    remember(name: string, memory: GroupMemory, identity: Identity): void {
      for (const { userId } of memory.unsettled) {
        const email = identity.addressOfUser(userId) ?? userId;
        unsettled.set(email, [...(unsettled.get(email) ?? []), name]);
      }
    },
    unmatched: (): Unmatched[] => [...unmatched.values()].sort((a, b) => byText(a.email, b.email)),
    unsettled: (): Unsettled[] =>
      [...unsettled].map(([email, groups]) => ({ email, groups })).sort((a, b) => byText(a.email, b.email)),
  };
}
