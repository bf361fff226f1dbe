import { idSets, spread } from './absence.ts';
import type { Identity } from '../people/identity.ts';
import { normaliseAddress } from '../people/address.ts';
import type { Wanted } from './mapping.ts';
import { type Managed, matchManaged } from './match.ts';
import { type MemberPlan, planMembers } from '../people/members.ts';
import type { Memory } from '../model/memory.ts';
import type { DirectorySnapshot } from '../model/directory.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { peopleOf } from '../people/people-report.ts';
import { type Warning, warningOf } from '../model/warning.ts';

/** Two nights are further apart than this. */
const NIGHT_MS = 20 * 60 * 60 * 1000;

/** A wanted group, the managed one that it has, or both, for which Okta lists fewer people than it counts: some may be missing. */
export interface Doubted {
  /** `null`: no wanted group takes this managed one. */
  readonly wanted: Wanted | null;
  /** `null`: the wanted group has none. */
  readonly group: WorkspaceGroup | null;
  /** Of the wanted group, or else of the marker. */
  readonly oktaIds: readonly string[];
  /** Those of the marker, too: everything that the group may hold people of. */
  readonly sources: readonly string[];
  /** What is the matter, in plain words. */
  readonly reason: string;
  /** When a complete run saw it first (epoch milliseconds); `null` for one that none has seen yet. */
  readonly since: number | null;
}

/** The Okta groups whose lists are doubted, each with what is the matter. */
export function doubtsIn({ memberships }: DirectorySnapshot): ReadonlyMap<string, string> {
  return new Map(
    [...memberships].flatMap(([id, { doubt }]) => (doubt === null ? [] : [[id, doubt] as const])),
  );
}

/** Everything that shares an Okta id with a doubted list, by however many steps, but for what is left alone anyway (`blocked`). */
export function doubtedGroups(
  doubts: ReadonlyMap<string, string>,
  blocked: ReadonlyMap<string, string>,
  wanted: readonly Wanted[],
  managed: readonly Managed[],
  memory: Memory,
): readonly Doubted[] {
  const reached = spread(doubts.keys(), idSets(wanted, managed));
  const isTouched = (ids: readonly string[]) =>
    ids.some((id) => reached.has(id)) && !ids.some((id) => blocked.has(id));
  const theirs = wanted.filter(({ oktaIds }) => isTouched(oktaIds));
  const ours = managed.filter(({ marker }) => isTouched(marker.oktaIds));
  const matches = matchManaged(theirs, ours);
  const taken = new Set(matches.values());
  const doubted = (each: Wanted | null, mirror: Managed | null): Doubted => {
    const marked = mirror?.marker.oktaIds ?? [];
    const oktaIds = each?.oktaIds ?? marked;
    const list = oktaIds.map((id) => reached.get(id)).find((seed) => seed !== undefined) ?? '';
    return {
      wanted: each,
      group: mirror?.group ?? null,
      oktaIds,
      sources: [...new Set([...oktaIds, ...marked])],
      reason: doubts.get(list) ?? '',
      since: memory.doubtedSince.get(list) ?? null,
    };
  };
  return [
    ...theirs.map((each) => doubted(each, matches.get(each) ?? null)),
    ...ours.filter((each) => !taken.has(each)).map((each) => doubted(null, each)),
  ];
}

/** An address that Okta has to be asked for, as it is written in Okta, and in Secoda. */
export interface Unasked {
  readonly address: string;
  readonly written: readonly string[];
}

/**
 * The members of a doubted group, as far as they are sure: whoever is listed is added; whoever is listed with an ineligible
 * status is removed where Okta, asked for the address, shows nobody else who could be meant. `mayLeave`: as in `planMembers`.
 * `unasked`: of those who leave as soon as Okta, asked for their address, shows nobody eligible who bears it.
 */
export function sureMembers(
  { wanted, group, oktaIds, sources }: Doubted,
  directory: DirectorySnapshot,
  identity: Identity,
  isOut: (address: string) => boolean,
  mayLeave: ReadonlySet<string> | null = null,
): MemberPlan & { readonly unasked: readonly Unasked[] } {
  const current = group?.userIds ?? [];
  const members = planMembers(peopleOf(oktaIds, directory), current, identity, isOut);
  const out = new Map<string, Map<string | null, string>>();
  for (const person of peopleOf(sources, directory)) {
    const { eligibility, address } = identity.recognise(person);
    if (eligibility !== 'ineligible' || address === null) continue;
    const written = out.get(address) ?? new Map<string | null, string>();
    for (const text of [...identity.sourcesOf(address), person.email, person.login])
      if (text !== null) written.set(normaliseAddress(text), text);
    out.set(address, written);
  }
  const leavers = members.remove.filter(({ email }) => out.has(email ?? ''));
  const surelyOut = leavers.filter(({ email }) => isSurelyOut(email ?? '', directory, identity));
  const remove = surelyOut.filter(({ userId }) => mayLeave?.has(userId) !== false);
  const leaving = new Set(remove.map(({ userId }) => userId));
  const add = wanted === null ? [] : members.add;
  return {
    ...members,
    add,
    remove,
    waiting: surelyOut.filter((each) => !remove.includes(each)),
    userIds: [...current.filter((id) => !leaving.has(id)), ...add.map(({ userId }) => userId)],
    unasked: leavers.flatMap(({ email }) =>
      email === null || directory.asked?.bearers.has(email) === true
        ? []
        : [{ address: email, written: [...(out.get(email)?.values() ?? [])] }],
    ),
  };
}

/** Whether Okta was asked for this address, and showed somebody who bears it and nobody who could be eligible. */
function isSurelyOut(address: string, { asked }: DirectorySnapshot, identity: Identity): boolean {
  const theirs = (asked?.bearers.get(address) ?? []).filter(
    (person) => identity.addressOf(person) === address || identity.couldBe(person) === address,
  );
  return theirs.length > 0 && theirs.every((person) => identity.eligibilityOf(person) === 'ineligible');
}

/** What to say of a doubted group. `staying`: people who would leave if Okta could be asked for their addresses. */
export function doubtWarning(
  { wanted, group, oktaIds, reason, since }: Doubted,
  staying: number,
  { asked }: DirectorySnapshot,
  now: number,
): Warning {
  const effect =
    group === null
      ? 'no Secoda group is made for it, and none of its name deleted, until they agree'
      : wanted === null
        ? 'the Secoda group stays as it is until they agree, but for people whom Okta shows as out'
        : 'whoever is missing stays, and the group keeps its name and its marker until they agree';
  const left =
    staying === 0 || !asked?.why
      ? ''
      : `; ${staying} whom Okta shows as out stay, since it cannot be asked for their addresses: ${asked.why}`;
  const long = since !== null && now - since >= 2 * NIGHT_MS;
  const when = long ? new Date(since).toISOString() : null;
  const advice =
    when === null
      ? ''
      : `; it has been so since ${when}: look for a proxy that changes Okta's answers, and have Okta's support look at the group`;
  return warningOf(
    'doubted',
    { group: group?.name ?? wanted?.name ?? null, oktaIds },
    `${reason}: ${effect}${left}${advice}`,
    { since: when },
  );
}
