import type { Baseline, Plan, Skipped } from './change.ts';
import type { Unmatched, WorkspaceGroup } from '../model/workspace.ts';
import { contentOf, isNews, isWaitedFor, memoryOfFound } from '../groups/content.ts';
import type { Identity } from '../people/identity.ts';
import {
  type Awaited,
  byGroups,
  type Invitation,
  type InvitedBefore,
  type InvitedInto,
  mayBeInvited,
  NOT_KNOWN,
  unansweredWarning,
} from '../people/invitations.ts';
import type { Managed } from '../groups/match.ts';
import { type Moved, movedText } from '../people/moved.ts';
import type { Fingerprint, Memory } from '../model/memory.ts';
import { answer, type Answer } from '../report/onboard-answer.ts';
import { byText } from '../model/text.ts';
import type { InviteRules } from '../model/rules.ts';
import type { GroupBaseline } from '../groups/baseline.ts';
import type { Join, Joiner, OktaRecord } from './join.ts';

/** An address and what Okta knows of it. */
export interface Sought {
  readonly email: string;
  readonly records: readonly OktaRecord[];
}

interface OnboardPerson {
  /** As it was asked for. */
  readonly email: string;
  readonly answers: readonly Answer[];
}

/** What onboarding these people comes to. Plain data. */
export interface Onboarding {
  /** In the order they were asked for. */
  readonly people: readonly OnboardPerson[];
  /** By group name. */
  readonly joins: readonly Join[];
  /** Managed groups of these people that hold them already. */
  readonly unchanged: number;
  /** What stands in managed groups: the guard's measure. */
  readonly memberships: number;
  /** Who was due before in groups that grow too much without. */
  readonly due?: Baseline['due'];
  readonly skipped: readonly Skipped[];
  readonly unmatched: readonly Unmatched[];
  readonly warnings: Plan['warnings'];
  /** Those of them who are invited, where the configuration says so. */
  readonly invitations: readonly Invitation[];
  /** People whom an earlier run invited and who have no account yet. */
  readonly awaited: readonly Awaited[];
  /** By the address that is invited: the Okta records that say so. */
  readonly invitees: readonly (readonly [email: string, personIds: readonly string[]])[];
  /** What is to be remembered, before anything is written, of groups of ours of which memory does not know it. */
  readonly ours: Plan['ours'];
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
  readonly fingerprint: Fingerprint;
}

/** Somebody's place in Okta: eligible, with one address to match by. */
interface Placed {
  readonly email: string;
  readonly personIds: readonly string[];
  readonly groupIds: ReadonlySet<string>;
}

/** Decides who joins which managed group. Pure, and it can only add: groups, names and other members are not its business. */
export function planOnboarding(input: OnboardInput): Onboarding {
  const { identity, baseline, memory, now, fingerprint } = input;
  const joins = new Map<string, Join>();
  const held = new Set<string>();
  const unmatched: Unmatched[] = [];
  const warnings = [...input.warnings];
  const into = new Map<string, InvitedInto[]>();
  const awaited = new Map<string, Awaited>();
  const invitees = new Map<string, readonly string[]>();

  const isWaiting = (group: WorkspaceGroup, userId: string): boolean =>
    isWaitedFor(memory.groups.get(group.id), contentOf(group), userId, identity, now, fingerprint);
  const join = (group: WorkspaceGroup, oktaIds: readonly string[], joiner: Joiner): void => {
    const known = joins.get(group.id)?.add ?? [];
    if (known.some(({ user }) => user.id === joiner.user.id)) return;
    const add = [...known, joiner].sort((a, b) => byText(a.email, b.email));
    joins.set(group.id, { secodaId: group.id, name: group.name, oktaIds, add, members: group.userIds });
  };

  const answersFor = ({ email: asked, records }: Sought): Answer[] => {
    const placed = placeOf(asked, records, identity);
    if ('kind' in placed) return [placed];
    const { email, personIds, groupIds } = placed;
    const wanted = baseline.mapped.wanted.filter(({ oktaIds }) => oktaIds.some((id) => groupIds.has(id)));
    const unclear = baseline.mapped.skipped.filter(({ oktaIds }) => oktaIds.some((id) => groupIds.has(id)));
    if (wanted.length + unclear.length === 0) return [answer('no-group')];
    const account = identity.account(email);
    const moved = input.moved.find(({ oktaId }) => personIds.includes(oktaId));
    if (moved !== undefined) return [answer('not-invited', null, movedText(moved))];
    if (typeof account === 'string') {
      const reason = account === 'none' ? 'no-account' : 'ambiguous';
      const there = wanted.flatMap((each): InvitedInto[] => {
        const ours = baseline.matches.get(each)?.group;
        return ours === undefined ? [] : [{ oktaIds: each.oktaIds, secodaId: ours.id, name: ours.name }];
      });
      const before = mayBeInvited(reason, email) && !input.inviteAgain ? input.invited.get(email) : undefined;
      const late = before === undefined ? null : unansweredWarning(before, now, false);
      if (late !== null) {
        warnings.push(late);
        unmatched.push({ email, groups: wanted.map(({ name }) => name), reason });
        return [answer('not-invited', null, late.message)];
      }
      if (before !== undefined) {
        const known = before.sure;
        awaited.set(email, { email, groups: wanted.map(({ name }) => name), known });
        return [known ? answer('invited') : answer('not-invited', null, NOT_KNOWN)];
      }
      if (mayBeInvited(reason, email) && input.invite !== null && there.length > 0) {
        into.set(email, there);
        invitees.set(email, personIds);
        return [{ ...answer('invites'), email }];
      }
      unmatched.push({ email, groups: wanted.map(({ name }) => name), reason });
      return [answer(reason)];
    }
    const { userId } = account;
    const user = identity.user(userId) ?? { id: userId, email, active: null };
    const answers = unclear.map(({ group, reason }) => answer('left-alone', group, reason));
    for (const each of wanted) {
      const ours = baseline.matches.get(each)?.group;
      const left = baseline.skipped.find(({ oktaIds }) => oktaIds.some((id) => each.oktaIds.includes(id)));
      if (left !== undefined) answers.push(answer('left-alone', each.name, left.reason));
      else if (ours === undefined) answers.push(answer('not-created', each.name));
      else if (ours.userIds.includes(userId)) {
        held.add(ours.id);
        answers.push(answer('already-there', ours.name));
      } else if (isWaiting(ours, userId)) answers.push(answer('unsettled', ours.name));
      else {
        join(ours, each.oktaIds, { user, email, personIds });
        const place = { secodaId: ours.id, userId };
        answers.push({ kind: 'joins', group: ours.name, detail: null, join: place, email: null });
      }
    }
    if (user.active !== false) return answers;
    return [...answers, answer(user.disabled === true ? 'disabled' : 'invited')];
  };
  const people = input.sought.map((each) => ({ email: each.email, answers: answersFor(each) }));

  for (const { email: asked, records } of input.companions) {
    const placed = placeOf(asked, records, identity);
    if ('kind' in placed) continue;
    const account = identity.account(placed.email);
    const user = typeof account === 'string' ? undefined : identity.user(account.userId);
    if (user === undefined) continue;
    for (const [wanted, { group }] of baseline.matches) {
      if (!joins.has(group.id) || group.userIds.includes(user.id)) continue;
      if (!wanted.oktaIds.some((id) => placed.groupIds.has(id))) continue;
      join(group, wanted.oktaIds, { user, email: placed.email, personIds: placed.personIds });
    }
  }

  return {
    people,
    joins: [...joins.values()].sort((a, b) => byText(a.name, b.name) || byText(a.secodaId, b.secodaId)),
    unchanged: [...held].filter((id) => !joins.has(id)).length,
    memberships: baseline.own.managed.reduce((sum, { group }) => sum + group.userIds.length, 0),
    skipped: baseline.skipped,
    warnings,
    unmatched: unmatched.sort((a, b) => byText(a.email, b.email)),
    invitations: byGroups(into),
    awaited: [...awaited.values()],
    invitees: [...invitees],
    ours: newsOf(baseline.own.managed, joins, memory, fingerprint),
  };
}

/** Managed groups that share an Okta group with one that is joined: else they would be taken for copies of it once it is known. */
function newsOf(
  managed: readonly Managed[],
  joins: ReadonlyMap<string, Join>,
  memory: Memory,
  fingerprint: Fingerprint,
): Plan['ours'] {
  const joined = managed.filter(({ group }) => joins.has(group.id));
  const ids = new Set(joined.flatMap(({ marker }) => marker.oktaIds));
  return managed
    .filter(({ marker }) => marker.oktaIds.some((id) => ids.has(id)))
    .map((each) => memoryOfFound(each, false, fingerprint))
    .filter((found) => isNews(found, memory.groups.get(found.secodaId)));
}

/** Okta addresses of people whom Secoda was asked to take into the joined groups and does not show there yet. */
export function companionsOf(
  { joins }: Onboarding,
  groups: readonly WorkspaceGroup[],
  memory: Memory,
  identity: Identity,
): readonly string[] {
  const shown = new Map(groups.map(({ id, userIds }) => [id, new Set(userIds)]));
  const addresses = joins.flatMap(({ secodaId, add }) => {
    const waiting = memory.groups.get(secodaId)?.unsettled.map(({ userId }) => userId) ?? [];
    const others = waiting.filter(
      (id) => shown.get(secodaId)?.has(id) !== true && !add.some(({ user }) => user.id === id),
    );
    return others.flatMap((id) => {
      const address = identity.addressOfUser(id);
      return address === null ? [] : identity.sourcesOf(address);
    });
  });
  return [...new Set(addresses)].sort(byText);
}

/** Which person an address means, and where they are; or the answer that ends it. */
function placeOf(asked: string, records: readonly OktaRecord[], identity: Identity): Placed | Answer {
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
