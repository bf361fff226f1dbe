import { absenceOf } from '../groups/absence.ts';
import { fingerprintOf } from '../groups/settled-content.ts';
import { mapGroups } from '../groups/mapping.ts';
import { readMarker } from '../groups/marker.ts';
import type { Person } from '../model/directory.ts';
import type { Cause, CauseWord, Member, Removal } from '../model/workspace.ts';
import { createIdentity, type Identity } from '../people/identity.ts';
import type { Change, Plan, PlanInput } from './change.ts';

/** What was known before this run, as far as it tells why something changes. */
export interface KnownBefore {
  /** Addresses of people who were unmatched in the last complete run. */
  readonly unmatched: ReadonlySet<string>;
  /** Everybody in an Okta group as it was read before; `null` where that is not remembered. */
  readonly peopleIn: (oktaId: string) => readonly Person[] | null;
  /** Everybody who was read before. */
  readonly people: readonly Person[];
}

/** Somebody as Okta showed them: in this run, or only in an earlier one. */
interface Shown {
  readonly person: Person;
  readonly now: boolean;
}

/** Whether somebody is named in `causes` at all: whoever leaves, and whoever comes for another reason than that Okta says so. */
export function causesOf({
  add,
  remove,
}: Pick<Change, 'add' | 'remove'>): readonly (Member & { why: Cause })[] {
  return [...add, ...remove].flatMap((member) =>
    member.why === undefined ? [] : [{ ...member, why: member.why }],
  );
}

/** The same plan, with the cause of each removal, and of each addition that has another one than `in-group`. Pure. */
export function withCauses(plan: Plan, input: PlanInput, before: KnownBefore): Plan {
  const { rules, workspace } = input;
  const identity = createIdentity(rules.people, workspace.users);
  const isAsked = askedBefore(input);
  const changes = plan.changes.map((change) => ({ change, asked: isAsked(change) }));
  const whyComes = ({ email }: Member, asked: boolean): CauseWord | null => {
    if (email !== null && before.unmatched.has(email)) return 'account-appeared';
    return asked ? 'restored' : null;
  };
  const concerned = new Set<string>();
  for (const { change, asked } of changes)
    for (const member of [...change.remove, ...change.add.filter((each) => whyComes(each, asked) !== null)])
      if (member.email !== null) concerned.add(member.email);
  const shown = shownNow(concerned, input, identity);
  for (const person of before.people) {
    const address = identity.addressOf(person);
    if (address !== null && concerned.has(address) && !shown.has(address))
      shown.set(address, [{ person, now: false }]);
  }
  const trace = (cause: CauseWord, { email }: Member): Cause => {
    const [first] = shown.get(email ?? '') ?? [];
    return { cause, oktaId: first?.person.id ?? null, okta: first?.person[rules.people.match] ?? null };
  };
  const whyLeave = departures(input, before, identity, shown);
  const explained = ({ change, asked }: (typeof changes)[number]): Change => {
    const whyLeaves = whyLeave(change, asked);
    return {
      ...change,
      // Millions come because Okta says so: their lists stay as they are.
      add: change.add.every((member) => whyComes(member, asked) === null)
        ? change.add
        : change.add.map((member) => {
            const cause = whyComes(member, asked);
            return cause === null ? member : { ...member, why: trace(cause, member) };
          }),
      remove: change.remove.map((member) => ({ ...member, why: trace(whyLeaves(member), member) })),
    };
  };
  return { ...plan, changes: changes.map(explained) };
}

/** Whether what is wanted of a group is what was asked of it before: whoever differs then, differs in Secoda. */
function askedBefore({ workspace, memory }: PlanInput): (change: Change) => boolean {
  const standing = new Set(workspace.groups.map(({ id }) => id));
  return ({ secodaId, oktaIds, content }) => {
    if (content === null) return false;
    const asked = fingerprintOf(content);
    if (secodaId !== null) return memory.groups.get(secodaId)?.asked === asked;
    return [...memory.groups.values()].some(
      (each) =>
        !standing.has(each.secodaId) && each.oktaIds.join() === oktaIds.join() && each.asked === asked,
    );
  };
}

/** Why those leave a group who are taken out of it, the first word that fits. */
function departures(
  { rules, directory, memory }: PlanInput,
  before: KnownBefore,
  identity: Identity,
  shown: ReadonlyMap<string, readonly Shown[]>,
) {
  const absence = absenceOf(directory, mapGroups(directory.groups, rules.mapping), rules.mapping, memory);
  const lists = new Map<string, ReadonlySet<string | null> | null>();
  /** Whether somebody is, or was when it was last read, in an Okta group; `null` where nobody knows. */
  const wasIn = (oktaId: string, email: string): boolean | null => {
    let list = lists.get(oktaId);
    if (list === undefined) {
      const people = directory.memberships.get(oktaId)?.people ?? before.peopleIn(oktaId);
      list = people && new Set(people.map((person) => identity.addressOf(person)));
      lists.set(oktaId, list);
    }
    return list?.has(email) ?? null;
  };
  return (change: Change, asked: boolean) => {
    const { oktaIds, before: image, superseded, content } = change;
    const feeding = new Set(superseded ? [] : oktaIds.filter((id) => absence(id) === 'present'));
    const mirrored = readMarker(image?.description ?? '')?.oktaIds ?? [];
    const known = memory.groups.get(change.secodaId ?? '')?.oktaIds ?? [];
    const dropped = [...new Set([...oktaIds, ...mirrored, ...known])].filter((id) => !feeding.has(id));
    const inHere = new Set<string>();
    for (const id of change.remove.length === 0 ? [] : feeding)
      for (const person of directory.memberships.get(id)?.people ?? []) inHere.add(person.id);
    return (member: Removal): CauseWord => {
      const email = member.email ?? '';
      const records = (shown.get(email) ?? []).filter(({ now }) => now);
      const here = records.filter(({ person }) => inHere.has(person.id));
      const out = (here.length > 0 ? here : records).find(
        ({ person }) => identity.eligibilityOf(person) === 'ineligible',
      );
      const isOut = out !== undefined && (here.length > 0 || member.ineligible);
      // Where nobody knows who was in a group, whoever Okta does not show as out was there.
      const left = (...kinds: readonly string[]) =>
        dropped.some((id) => kinds.includes(absence(id)) && (wasIn(id, email) ?? !isOut));
      if (left('deleted', 'unlisted', 'missed')) return 'group-gone';
      if (left('excluded')) return 'group-excluded';
      if (isOut) return `status:${out.person.status}`;
      if (left('present', 'unasked')) return 'mapping-changed';
      if (change.adopted && !change.known) return 'before-adoption';
      return asked && content !== null ? 'added-by-hand' : 'not-in-group';
    };
  };
}

/** Everyone of these addresses whom the lists of this run show. */
function shownNow(
  addresses: ReadonlySet<string>,
  { directory }: PlanInput,
  identity: Identity,
): Map<string, readonly Shown[]> {
  const found = new Map<string, Map<string, Shown>>();
  if (addresses.size === 0) return new Map();
  for (const { people } of directory.memberships.values()) {
    for (const person of people ?? []) {
      const address = identity.addressOf(person);
      if (address === null || !addresses.has(address)) continue;
      const records = found.get(address) ?? new Map<string, Shown>();
      found.set(address, records);
      if (!records.has(person.id)) records.set(person.id, { person, now: true });
    }
  }
  return new Map([...found].map(([address, records]) => [address, [...records.values()]]));
}
