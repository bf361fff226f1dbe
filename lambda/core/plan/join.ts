import type { Person } from '../model/directory.ts';
import type { Member, WorkspaceGroup, WorkspaceUser } from '../model/workspace.ts';
import { byText } from '../model/text.ts';
import type { Identity } from '../people/identity.ts';
import { answer, type Answer } from '../report/onboard-answer.ts';
import type { BeforeImage, Change } from './change.ts';
import { AS_IT_IS } from './changes.ts';

/** Someone in Okta who bears an address that was asked for, and all groups they are in. */
export interface OktaRecord {
  readonly person: Person;
  readonly groupIds: readonly string[];
}

/** An address and what Okta knows of it. */
export interface Sought {
  readonly email: string;
  readonly records: readonly OktaRecord[];
}

/** Somebody's place in Okta: eligible, with one address to match by. */
export interface Placed {
  readonly email: string;
  readonly personIds: readonly string[];
  readonly groupIds: ReadonlySet<string>;
}

/** Someone to be added, and the Okta records that say so: they are asked again before the write. */
export interface Joiner extends Member {
  /** Their row on Secoda's users list. */
  readonly user: WorkspaceUser;
  /** The address they were matched by. */
  readonly email: string;
  readonly personIds: readonly string[];
}

/** A change that can only add people to a managed group that is there. There is no word in it for anything else. */
export interface Join extends Change {
  readonly action: 'update';
  readonly secodaId: string;
  readonly adopted: false;
  readonly renamedFrom: null;
  /** By e-mail. */
  readonly add: readonly Joiner[];
  readonly remove: readonly [];
  /** As it was found, its members by their ids: how much it may grow is held against them. */
  readonly before: BeforeImage;
  readonly content: null;
}

/** Somebody's place in a managed group: they join it. */
export interface Place {
  readonly group: WorkspaceGroup;
  readonly oktaIds: readonly string[];
  readonly joiner: Joiner;
}

/** A change for each group, by its name, with everybody who joins it, each once. */
export function joinsOf(places: readonly Place[]): readonly Join[] {
  return [...Map.groupBy(places, ({ group }) => group.id).values()]
    .flatMap((into) => {
      const joiners = new Map(into.toReversed().map(({ joiner }) => [joiner.userId, joiner]));
      const add = [...joiners.values()].sort((a, b) => byText(a.email, b.email));
      return into.slice(0, 1).map(({ group, oktaIds }) => joinOf(group, oktaIds, add));
    })
    .sort((a, b) => byText(a.name, b.name) || byText(a.secodaId, b.secodaId));
}

function joinOf(
  { id, name, userIds }: WorkspaceGroup,
  oktaIds: readonly string[],
  add: readonly Joiner[],
): Join {
  const members = userIds.map((userId) => ({ userId, email: null }));
  const before = { name, description: '', members };
  const change = { action: 'update', secodaId: id, name, oktaIds, add, remove: [], before } as const;
  return { ...AS_IT_IS, ...change, reason: 'onboarding', content: null };
}

/** Which person an address means, and where they are; or the answer that ends it. */
export function placeOf(asked: string, records: readonly OktaRecord[], identity: Identity): Placed | Answer {
  if (records.length === 0) return answer('not-in-okta');
  const meant = identity.addressOf({ id: '', status: '', email: asked, login: asked });
  const same = records.filter(({ person }) => identity.addressOf(person) === meant);
  const chosen = same.length > 0 ? same : records;
  const eligible = chosen.filter(({ person }) => identity.eligibilityOf(person) === 'eligible');
  if (eligible.length === 0) {
    const odd = chosen.find(({ person }) => identity.eligibilityOf(person) === 'unknown');
    if (odd !== undefined) return answer('unknown-status', null, odd.person.status);
    return answer('not-eligible', null, chosen[0]?.person.status ?? '');
  }
  const [address, another] = [...new Set(eligible.map(({ person }) => identity.addressOf(person)))];
  if (another !== undefined) return answer('several');
  if (address === null || address === undefined) return answer('no-address');
  return {
    email: address,
    personIds: eligible.map(({ person }) => person.id).sort(byText),
    groupIds: new Set(eligible.flatMap(({ groupIds }) => groupIds)),
  };
}

/** Whether an Okta record, asked again just before the write, still says that its person belongs into the group. */
export function stillBelongs(join: Join, joiner: Joiner, record: OktaRecord, identity: Identity): boolean {
  return (
    identity.eligibilityOf(record.person) === 'eligible' &&
    identity.addressOf(record.person) === joiner.email &&
    record.groupIds.some((id) => join.oktaIds.includes(id))
  );
}
