import type { Baseline, Plan } from './change.ts';
import type { GroupRef, Unmatched, WorkspaceGroup } from '../model/workspace.ts';
import { isNews, isWaitedFor, memoryOfFound } from '../groups/settled-content.ts';
import type { Identity } from '../people/identity.ts';
import {
  type Awaited,
  byGroups,
  type InvitedBefore,
  mayBeInvited,
  NOT_KNOWN,
  unansweredWarning,
} from '../people/invitations.ts';
import type { Managed } from '../groups/match.ts';
import { type Moved, movedText } from '../people/moved.ts';
import type { Memory } from '../model/memory.ts';
import { answer, type Answer } from '../report/onboard-answer.ts';
import { byText } from '../model/text.ts';
import type { InviteRules } from '../model/rules.ts';
import type { GroupBaseline } from '../groups/baseline.ts';
import { type Join, type Joiner, joinsOf, type Place, type Placed, placeOf, type Sought } from './join.ts';
import type { Wanted } from '../groups/mapping.ts';
import type { Warning } from '../model/warning.ts';

/** What onboarding these people comes to, as a plan has it. Plain data. `unchanged`: their managed groups that hold them already. */
export interface Onboarding extends Pick<
  Plan,
  'unchanged' | 'skipped' | 'unmatched' | 'warnings' | 'invitations' | 'awaited' | 'ours'
> {
  /** In the order they were asked for, and as they were. */
  readonly people: readonly { readonly email: string; readonly answers: readonly Answer[] }[];
  /** By group name. */
  readonly joins: readonly Join[];
  /** What stands in managed groups: the guard's measure. */
  readonly memberships: number;
  /** Who was due before in groups that grow too much without. */
  readonly due?: Baseline['due'];
  /** By the address that is invited: the Okta records that say so. */
  readonly invitees: readonly (readonly [email: string, personIds: readonly string[]])[];
}

interface OnboardInput {
  readonly sought: readonly Sought[];
  /** People who were asked of Secoda before and are not shown yet: they go along, since a PATCH replaces the whole list. */
  readonly companions: readonly Sought[];
  readonly identity: Identity;
  readonly baseline: GroupBaseline;
  readonly memory: Memory;
  readonly invite: InviteRules | null;
  readonly invited: InvitedBefore;
  readonly moved: readonly Moved[];
  /** An operator wants these people invited, whatever became of an earlier invitation. */
  readonly inviteAgain: boolean;
  readonly warnings: Plan['warnings'];
  readonly now: number;
}

/** What is decided about one person, and what they are told. */
interface Decision {
  readonly answers: readonly Answer[];
  readonly joins?: readonly Place[];
  /** Ids of managed groups that hold them already. */
  readonly holds?: readonly string[];
  readonly unmatched?: Unmatched;
  readonly invite?: Pick<Placed, 'email' | 'personIds'> & { readonly into: readonly GroupRef[] };
  readonly awaited?: Awaited;
  readonly warning?: Warning;
}

/** Decides who joins which managed group. Pure, and it can only add: groups, names and other members are not its business. */
export function planOnboarding(input: OnboardInput): Onboarding {
  const { baseline, memory } = input;
  const decided = input.sought.map((each) => ({ email: each.email, ...decideOn(each, input) }));
  const asked = joinsOf(decided.flatMap(({ joins = [] }) => joins));
  const joined = new Set(asked.map(({ secodaId }) => secodaId));
  const along = input.companions.flatMap((each) => goingAlong(each, joined, input));
  const joins = joinsOf([...decided.flatMap((each) => each.joins ?? []), ...along]);
  const invited = new Map(decided.flatMap((each) => each.invite ?? []).map((each) => [each.email, each]));
  const awaited = new Map(decided.flatMap((each) => each.awaited ?? []).map((each) => [each.email, each]));
  return {
    people: decided.map(({ email, answers }) => ({ email, answers })),
    joins,
    unchanged: new Set(decided.flatMap(({ holds = [] }) => holds)).difference(joined).size,
    memberships: baseline.own.managed.reduce((sum, { group }) => sum + group.userIds.length, 0),
    skipped: baseline.skipped,
    warnings: [...input.warnings, ...decided.flatMap(({ warning }) => warning ?? [])],
    unmatched: decided.flatMap(({ unmatched }) => unmatched ?? []).sort((a, b) => byText(a.email, b.email)),
    invitations: byGroups(new Map([...invited].map(([email, { into }]) => [email, into]))),
    awaited: [...awaited.values()],
    invitees: [...invited].map(([email, { personIds }]) => [email, personIds]),
    ours: newsOf(baseline.own.managed, joined, memory),
  };
}

/** Decides about one person. */
function decideOn({ email: asked, records }: Sought, input: OnboardInput): Decision {
  const { identity, baseline, moved } = input;
  const placed = placeOf(asked, records, identity);
  if ('kind' in placed) return { answers: [placed] };
  const { email, personIds } = placed;
  const isTheirs = ({ oktaIds }: { readonly oktaIds: readonly string[] }) =>
    oktaIds.some((id) => placed.groupIds.has(id));
  const wanted = baseline.mapped.wanted.filter(isTheirs);
  const unclear = baseline.mapped.skipped.filter(isTheirs);
  if (wanted.length + unclear.length === 0) return { answers: [answer('no-group')] };
  const change = moved.find(({ oktaId }) => personIds.includes(oktaId));
  if (change !== undefined) return { answers: [answer('not-invited', null, movedText(change))] };
  const account = identity.account(email);
  if (typeof account === 'string')
    return withoutAccount(placed, account === 'none' ? 'no-account' : 'ambiguous', wanted, input);
  const user = identity.user(account.userId) ?? { id: account.userId, email, active: null };
  const joiner = { userId: user.id, user, email, personIds };
  const each = wanted.map((group) => decideOnGroup(joiner, group, input));
  return {
    answers: [
      ...unclear.map(({ group, reason }) => answer('left-alone', group, reason)),
      ...each.flatMap(({ answers }) => answers),
      ...(user.active === false ? [answer(user.disabled === true ? 'disabled' : 'invited')] : []),
    ],
    joins: each.flatMap(({ joins = [] }) => joins),
    holds: each.flatMap(({ holds = [] }) => holds),
  };
}

/** Decides about somebody who has no account that is certainly theirs: whether they are invited, or waited for. */
function withoutAccount(
  { email, personIds }: Placed,
  reason: 'no-account' | 'ambiguous',
  wanted: readonly Wanted[],
  { baseline, invite, invited, inviteAgain, now }: OnboardInput,
): Decision {
  const groups = wanted.map(({ name }) => name);
  const unmatched = { email, groups, reason };
  const mayBe = mayBeInvited(reason, email);
  const before = mayBe && !inviteAgain ? invited.get(email) : undefined;
  if (before !== undefined) {
    const warning = unansweredWarning(before, now, false);
    if (warning !== null)
      return { answers: [answer('not-invited', null, warning.message)], warning, unmatched };
    const known = before.sure;
    const told = known ? answer('invited') : answer('not-invited', null, NOT_KNOWN);
    return { answers: [told], awaited: { email, groups, known } };
  }
  const into = wanted.flatMap((each): GroupRef[] => {
    const ours = baseline.matches.get(each)?.group;
    return ours === undefined ? [] : [{ oktaIds: each.oktaIds, secodaId: ours.id, name: ours.name }];
  });
  if (mayBe && invite !== null && into.length > 0)
    return { answers: [{ ...answer('invites'), email }], invite: { email, personIds, into } };
  return { answers: [answer(reason)], unmatched };
}

/** Decides about somebody who has an account, and one group that they are wanted in. */
function decideOnGroup(
  joiner: Joiner,
  wanted: Wanted,
  { identity, baseline, memory, now }: OnboardInput,
): Decision {
  const { oktaIds, name } = wanted;
  const { userId } = joiner;
  const group = baseline.matches.get(wanted)?.group;
  const left = baseline.skipped.find((each) => each.oktaIds.some((id) => oktaIds.includes(id)));
  if (left !== undefined) return { answers: [answer('left-alone', name, left.reason)] };
  if (group === undefined) return { answers: [answer('not-created', name)] };
  if (group.userIds.includes(userId))
    return { answers: [answer('already-there', group.name)], holds: [group.id] };
  const known = memory.groups.get(group.id);
  if (isWaitedFor(known, group, userId, identity, now)) return { answers: [answer('unsettled', group.name)] };
  const told = { ...answer('joins', group.name), join: { secodaId: group.id, userId } };
  return { answers: [told], joins: [{ group, oktaIds, joiner }] };
}

/** Where somebody goes along whom Secoda was asked to take before: into the groups that others join anyway. */
function goingAlong(
  { email: asked, records }: Sought,
  joined: ReadonlySet<string>,
  { identity, baseline }: OnboardInput,
): readonly Place[] {
  const placed = placeOf(asked, records, identity);
  if ('kind' in placed) return [];
  const { email, personIds, groupIds } = placed;
  const account = identity.account(email);
  const user = typeof account === 'string' ? undefined : identity.user(account.userId);
  if (user === undefined) return [];
  const joiner = { userId: user.id, user, email, personIds };
  return [...baseline.matches].flatMap(([{ oktaIds }, { group }]) =>
    joined.has(group.id) && !group.userIds.includes(user.id) && oktaIds.some((id) => groupIds.has(id))
      ? [{ group, oktaIds, joiner }]
      : [],
  );
}

/** Managed groups that share an Okta group with one that is joined: else they would be taken for copies of it once it is known. */
function newsOf(managed: readonly Managed[], joined: ReadonlySet<string>, memory: Memory): Plan['ours'] {
  const theirs = managed.filter(({ group }) => joined.has(group.id));
  const ids = new Set(theirs.flatMap(({ marker }) => marker.oktaIds));
  return managed
    .filter(({ marker }) => marker.oktaIds.some((id) => ids.has(id)))
    .map((each) => memoryOfFound(each, false))
    .filter((found) => isNews(found, memory.groups.get(found.secodaId)));
}

/** Okta addresses of people whom Secoda was asked to take into the joined groups and does not show there yet. */
export function companionsOf(
  { joins }: Onboarding,
  groups: readonly WorkspaceGroup[],
  memory: Memory,
  identity: Identity,
): readonly string[] {
  const shown = new Map(groups.map(({ id, userIds }) => [id, userIds]));
  const addresses = joins.flatMap(({ secodaId, add }) => {
    const there = new Set([...(shown.get(secodaId) ?? []), ...add.map(({ userId }) => userId)]);
    const waiting = memory.groups.get(secodaId)?.unsettled.filter(({ userId }) => !there.has(userId)) ?? [];
    const written = waiting.flatMap(({ userId }) => identity.addressOfUser(userId) ?? []);
    return written.flatMap((address) => identity.sourcesOf(address));
  });
  return [...new Set(addresses)].sort(byText);
}
