import { type GroupBaseline, whyHeld } from '../groups/baseline.ts';
import { fightWarning, isFight, isSettled } from '../groups/settled-content.ts';
import { type Doubted, doubtWarning, sureMembers } from '../groups/doubted.ts';
import type { Wanted } from '../groups/mapping.ts';
import { describe, readMarker, whilePeopleStay } from '../groups/marker.ts';
import type { Located, Managed } from '../groups/match.ts';
import { byText, nameKey } from '../model/text.ts';
import { type Warning, warningOf } from '../model/warning.ts';
import type { GroupRef, WorkspaceGroup } from '../model/workspace.ts';
import type { Identity } from '../people/identity.ts';
import { planMembers } from '../people/members.ts';
import { peopleOf } from '../people/people-report.ts';
import type { Change, Frozen, NamedLosses, PlanInput, Skipped } from './change.ts';
import { creation, keptWarning, removal, update } from './changes.ts';
import { handoversOf, type Taker } from './waiting-removals.ts';

/** What a plan rests on, for deciding about one group of it. */
interface Planning extends PlanInput {
  readonly named: NamedLosses | null;
  readonly base: GroupBaseline;
  readonly identity: Identity;
  /** Whether Okta shows an address as switched off. */
  readonly isOut: (address: string) => boolean;
}

/** A wanted group, what it has to do with Secoda, and everyone it is to hold. */
interface Draft extends Taker {
  readonly match: Located;
}

/** What is decided about one group. */
interface GroupDecision {
  /** The Secoda group as it stands; `null` where none is to be changed. */
  readonly group: WorkspaceGroup | null;
  /** `null`: it holds just what it should, or is left alone. */
  readonly change: Change | null;
  readonly skipped?: readonly Skipped[];
  readonly warnings?: readonly Warning[];
  /** Of a wanted group that is not left alone. */
  readonly people?: Pick<Draft, 'wanted' | 'members'> & { readonly into: GroupRef };
  /** Nobody knows yet all that it should show. */
  readonly doubted?: true;
}

export function draftOf(wanted: Wanted, match: Located, { directory, identity, isOut, named }: Planning) {
  const { group } = match;
  const people = peopleOf(wanted.oktaIds, directory);
  const members = planMembers(people, group?.userIds ?? [], identity, isOut, named?.userIds);
  return { wanted, match, group, members };
}

/** What becomes of a wanted group: it is made or brought up to date, unless its name forbids it. */
export function decideOnWanted(draft: Draft, planning: Planning): GroupDecision {
  const { wanted, group, members } = draft;
  const { rules, base } = planning;
  const { names, own } = base;
  const { name, oktaIds } = wanted;
  if (group !== null) return decideOnMatched({ ...draft, group }, planning);
  const held = whyHeld(name, names, own, rules.name);
  if (held !== null) {
    const skipped = oktaIds.map((id) => ({ group: name, oktaIds: [id], reason: held }));
    return { group, change: null, skipped };
  }
  const warnings = names.holdersOf(name).map(({ id, description }) => {
    const message = `another Secoda group (${id}), managed via ${readMarker(description)?.via ?? 'nobody'}, has the same name`;
    return warningOf('name-held', { group: name, oktaIds }, message);
  });
  const change = creation(wanted, members, rules.name, names.waveOf(name));
  return { group, change, warnings, people: { wanted, members, into: { oktaIds, secodaId: null, name } } };
}

function decideOnMatched(
  { wanted, match, group, members }: Draft & { readonly group: WorkspaceGroup },
  { rules, base: { names }, memory, identity }: Planning,
): GroupDecision {
  const { name, oktaIds } = wanted;
  const wave = names.waves.get(group.id);
  const warnings: Warning[] = [];
  if (wave === undefined && nameKey(group.name) !== name) {
    const message = `it cannot be renamed to “${name}”: Secoda group ${names.holdersOf(name)[0]?.id ?? ''} holds that name; it stays “${group.name}”`;
    warnings.push(warningOf('name-held', { group: group.name, oktaIds }, message));
  }
  const described = describe({ oktaIds, via: rules.name }, wanted.description, group.description);
  const change = update(oktaIds, group, members, {
    description: members.waiting.length > 0 ? whilePeopleStay(group.description, described) : described,
    name: wave === undefined ? group.name : name,
    adopted: match.kind === 'inherited' || (match.kind === 'unmarked' && !match.known),
    known: match.kind !== 'managed' && memory.groups.has(group.id),
    wave: wave ?? 0,
    identity,
  });
  const into = { oktaIds, secodaId: group.id, name: group.name };
  return { group, change, warnings, people: { wanted, members, into } };
}

/** What becomes of a managed group whose Okta groups are gone. A run of events deletes only what one of them says was deleted. */
export function decideOnGone(
  { group, marker }: Managed,
  { rules: { whenGone }, base, identity, isOut, named }: Planning,
): GroupDecision {
  const { oktaIds } = marker;
  const reason = oktaIds.map((id) => `${id} ${WHY_GONE[base.absence(id)]}`).join(', ');
  const superseded = oktaIds.some((id) => base.absence(id) === 'present');
  const change = removal(group, { whenGone, oktaIds, superseded, reason, identity, isOut });
  if (change === null) return { group, change, warnings: keptWarning(group, { whenGone, oktaIds, reason }) };
  const isNamed = oktaIds.every((id) => base.absence(id) === 'deleted');
  if (named === null || (isNamed && oktaIds.some((id) => named.deletedIds.has(id)))) return { group, change };
  const message = `${reason}; no event says that it was deleted, so it waits for the next full run`;
  return {
    group,
    change: null,
    warnings: [warningOf('not-named', { group: group.name, oktaIds }, message)],
  };
}

/** What becomes of a group of which Okta counts more people than it lists: only what is certain in spite of that. */
export function decideOnDoubted(
  doubted: Doubted,
  { directory, identity, isOut, named, now }: Planning,
): GroupDecision {
  const { wanted, group, oktaIds } = doubted;
  const members = sureMembers(doubted, directory, identity, isOut, named?.userIds);
  const warnings = [doubtWarning(doubted, members.unasked.length, directory, now)];
  if (group === null) return { group, change: null, warnings };
  const { name, description } = group;
  const options = { name, description, adopted: false, known: false, wave: 0, identity };
  const change = update(oktaIds, group, members, options);
  const people = wanted && { wanted, members, into: { oktaIds, secodaId: group.id, name } };
  return { group, change, warnings, doubted: true, ...(people && { people }) };
}

/** Groups that are frozen, and who would lose access in them, as far as that was read. */
export function frozenGroups(planning: Planning): readonly Frozen[] {
  const { base, directory, rules, targets, identity, isOut } = planning;
  const { absence } = base;
  const ours = base.frozen.filter(({ marker }) => marker.oktaIds.some((id) => targets?.has(id) ?? true));
  const named = new Set(ours.flatMap(({ marker }) => marker.oktaIds));
  const others = base.skipped.filter(
    ({ because, oktaIds }) => because === 'frozen' && !oktaIds.some((id) => named.has(id)),
  );
  const all = ours.map(({ group, marker: { oktaIds } }) => {
    const read = oktaIds.filter((id) => absence(id) === 'present');
    const kept = read.length > 0 || rules.whenGone !== 'keep';
    const whole = read.every((id) => Boolean(directory.memberships.get(id)?.people));
    const { remove } = planMembers(peopleOf(read, directory), group.userIds, identity, isOut);
    const wouldRemove = kept && whole ? remove.map(({ email, userId }) => email ?? userId) : [];
    return { group: group.name, oktaIds, wouldRemove };
  });
  return [...all, ...others.map(({ group, oktaIds }) => ({ group, oktaIds, wouldRemove: [] }))].sort((a, b) =>
    byText(a.group, b.group),
  );
}

/**
 * What is written of a decision: `null` where there is nothing to do, or Secoda already stands where this very request left it.
 * `fights`: somebody changed the group since it was written, with nothing else wanted of it than before; `left`: what is known of
 * one that is left as it is, although it does not show all that it should; `agrees`: it holds just what it should. `takers`: by Okta id.
 */
export function proposalOf(
  { group, change, doubted }: GroupDecision,
  takers: ReadonlyMap<string, Draft>,
  { memory, identity, now, named }: Planning,
) {
  const nothing = { group, change: null, warnings: [], fights: false, left: null, agrees: false };
  if (group === null) return { ...nothing, change };
  const known = memory.groups.get(group.id);
  if (change === null) return { ...nothing, agrees: named === null && doubted === undefined };
  const { content } = change;
  if (content !== null && isSettled(known, group, content, identity, now)) {
    const { shortfall, oktaIds = [] } = known ?? {};
    const kept = shortfall ? [warningOf('not-kept', { group: group.name, oktaIds }, shortfall)] : [];
    return { ...nothing, warnings: kept, left: known ?? null };
  }
  const fights = isFight(known, group, content);
  const mirrored = readMarker(group.description)?.oktaIds ?? known?.oktaIds ?? [];
  return {
    ...nothing,
    change: { ...change, handovers: handoversOf(change, mirrored, takers, identity) },
    warnings: fights ? fightWarning(group, change.oktaIds, memory) : [],
    fights,
  };
}

const WHY_GONE = {
  deleted: 'no longer exists in Okta',
  excluded: 'is left out by include/exclude',
  unlisted: 'has left the selection, seen by two complete runs',
  present: 'is mirrored by another Secoda group now',
  missed: 'has left the selection',
  unasked: 'was not asked for',
} as const;
