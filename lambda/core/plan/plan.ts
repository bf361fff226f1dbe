import { type Change, digestOf, harmOf, type Plan, type Skipped } from './change.ts';
import { creation, keptWarning, removal, update } from './changes.ts';
import { contentOf, fightWarning, isFight, isNews, isSettled, memoryOfFound } from '../groups/content.ts';
import { skippedCopy } from '../groups/copies.ts';
import { doubtsIn, doubtWarning, sureMembers } from '../groups/doubted.ts';
import { frozenGroups } from '../groups/frozen.ts';
import { handoversOf, inWritingOrder } from './handover.ts';
import { createIdentity } from '../people/identity.ts';
import { invitationsBy, type InvitedBefore, seatsToApprove } from '../people/invitations.ts';
import { describe, readMarker, whilePeopleStay } from '../groups/marker.ts';
import { lookAlikes } from '../groups/names.ts';
import { planMembers } from '../people/members.ts';
import type { Fingerprint, Memory } from '../model/memory.ts';
import type { DirectorySnapshot } from '../model/directory.ts';
import type { WorkspaceGroup, WorkspaceSnapshot } from '../model/workspace.ts';
import { byText, nameKey } from '../model/text.ts';
import { outsiders, peopleOf, peopleReport } from '../people/people-report.ts';
import type { SyncRules } from '../model/rules.ts';
import { baselineOf, whyHeld } from '../groups/baseline.ts';
import { type Warning, warningOf } from '../model/warning.ts';

export interface PlanInput {
  readonly rules: SyncRules;
  readonly directory: DirectorySnapshot;
  readonly workspace: WorkspaceSnapshot;
  readonly memory: Memory;
  /** Okta ids of the only groups that may change; `null` for all. */
  readonly targets: ReadonlySet<string> | null;
  /** Okta ids, and Secoda ids, of the only groups that may go; `null`, and unless given, for all (see `Targets.named`). */
  readonly mayGo?: ReadonlySet<string> | null;
  /** Okta ids that the approved plan leaves alone, for a slice of it: what it reads does not tell. */
  readonly leftAlone?: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** When the next scheduled run is due, for the date of a deferred deletion; `null` when nobody knows. */
  readonly nextRunAt: number | null;
  readonly fingerprint: Fingerprint;
  readonly invited?: InvitedBefore;
  /** Addresses that were invited lately, which counts along. */
  readonly recentlyInvited?: ReadonlySet<string>;
  /** `null`, and unless given: the run may take away whatever is to be taken away. */
  readonly named?: NamedLosses | null;
}

/** All that a run of events may take away: the rest waits for a run over everything. */
export interface NamedLosses {
  /** Secoda ids of the people whom its events name. */
  readonly userIds: ReadonlySet<string>;
  /** Ids of the Okta groups that its events say were deleted. */
  readonly deletedIds: ReadonlySet<string>;
}

/** Compares both sides and lists what must change. Pure: the same input gives the same plan, in the same order. */
export function makePlan(input: PlanInput): Plan {
  const { rules, directory, memory, targets, fingerprint, named = null } = input;
  // In one order, so that what is told does not depend on the one they were read in.
  const groups = input.workspace.groups.toSorted((a, b) => byText(a.id, b.id));
  const identity = createIdentity(rules.people, input.workspace.users);
  const isTarget = (id: string) => targets === null || targets.has(id);
  const base = baselineOf({ ...input, groups, identity, isTarget });
  const { names } = base;
  const gone = base.gone.filter(({ marker }) => marker.oktaIds.some(isTarget));
  const isOut = outsiders(directory, identity);
  const people = peopleReport();
  const inviting = invitationsBy(rules.invite, input.invited ?? new Map(), identity, input.now);
  const copies = base.own.copies.filter(({ marker }) => marker.oktaIds.some(isTarget));
  const skipped: Skipped[] = base.skipped.filter((each) => each.because !== 'frozen');
  const warnings: Warning[] = [];
  const proposed: Change[] = [];
  /** Ids of groups that hold just what they should. */
  const agreeing = new Set<string>();
  const fights = new Map<string, readonly Warning[]>();
  let unchanged = 0;

  /** Keeps a change unless Secoda already stands where this very request left it. */
  const propose = (change: Change | null, group: WorkspaceGroup) => {
    const remembered = memory.groups.get(group.id);
    if (
      change !== null &&
      (change.content === null ||
        !isSettled(remembered, contentOf(group), change.content, identity, input.now, fingerprint))
    ) {
      if (isFight(remembered, group, change.content, fingerprint))
        fights.set(group.id, fightWarning(group, change.oktaIds, memory));
      const mirrored = readMarker(group.description)?.oktaIds ?? remembered?.oktaIds ?? [];
      proposed.push({ ...change, handovers: handoversOf(change, mirrored, takers, identity) });
      return;
    }
    unchanged++;
    if (change === null && named === null) agreeing.add(group.id);
    if (change === null || remembered === undefined) return;
    people.remember(group.name, remembered, identity);
    const { shortfall: message, oktaIds } = remembered;
    if (message) warnings.push(warningOf('not-kept', { group: group.name, oktaIds }, message));
  };

  const mayGo = (oktaIds: readonly string[]) =>
    named === null ||
    (oktaIds.every((id) => base.absence(id) === 'deleted') && oktaIds.some((id) => named.deletedIds.has(id)));
  const removalsOfGone = gone.map(({ group, marker }) => {
    const { whenGone } = rules;
    const { oktaIds } = marker;
    const reason = oktaIds.map((id) => `${id} ${WHY_GONE[base.absence(id)]}`).join(', ');
    const superseded = oktaIds.some((id) => base.absence(id) === 'present');
    const change = removal(group, { whenGone, oktaIds, superseded, reason, identity, isOut });
    if (change === null) warnings.push(...keptWarning(group, { whenGone, oktaIds, reason }));
    if (change === null || mayGo(oktaIds)) return { group, change };
    const message = `${reason}; no event says that it was deleted, so it waits for the next full run`;
    warnings.push(warningOf('not-named', { group: group.name, oktaIds }, message));
    return { group, change: null };
  });
  const targeted = [...base.found].filter(([{ oktaIds }]) => oktaIds.some(isTarget));
  const drafts = targeted.flatMap(([wanted, match]) => {
    // A slice knows the members of its own groups: one that has just come together with another is for the next run.
    const unread = wanted.oktaIds.filter((id) => !directory.memberships.has(id));
    for (const id of unread)
      skipped.push({ group: wanted.name, oktaIds: [id], reason: 'its members were not read' });
    if (unread.length > 0) return [];
    const group = match.kind === 'none' ? null : match.group;
    const current = group?.userIds ?? [];
    const members = planMembers(
      peopleOf(wanted.oktaIds, directory),
      current,
      identity,
      isOut,
      named?.userIds,
    );
    return [{ wanted, match, group, members }];
  });
  // A slice says nothing new of names.
  if (input.leftAlone === undefined) {
    const taken = new Set(
      [...base.found.values()].map((match) => (match.kind === 'none' ? null : match.group)),
    );
    const others = groups.filter((group) => !taken.has(group));
    warnings.push(
      ...lookAlikes(
        targeted.map(([wanted]) => wanted),
        others,
      ),
    );
  }
  const takers = new Map(drafts.flatMap((draft) => draft.wanted.oktaIds.map((id) => [id, draft] as const)));

  for (const { wanted, match, group, members } of drafts) {
    const { name, oktaIds } = wanted;
    const holders = names.holdersOf(name);
    const held = group === null ? whyHeld(name, names, base.own, rules.name) : null;
    if (held !== null) {
      for (const id of oktaIds) skipped.push({ group: name, oktaIds: [id], reason: held });
      continue;
    }
    if (group === null) {
      for (const { id, description } of holders) {
        const message = `another Secoda group (${id}), managed via ${readMarker(description)?.via ?? 'nobody'}, has the same name`;
        warnings.push(warningOf('name-held', { group: name, oktaIds }, message));
      }
      proposed.push(creation(wanted, members, rules.name, names.waveOf(name)));
    } else {
      const wave = names.waves.get(group.id);
      const renamed = wave !== undefined;
      if (!renamed && nameKey(group.name) !== name) {
        const message = `it cannot be renamed to “${name}”: Secoda group ${holders[0]?.id ?? ''} holds that name; it stays “${group.name}”`;
        warnings.push(warningOf('name-held', { group: group.name, oktaIds }, message));
      }
      const adopted = match.kind === 'inherited' || (match.kind === 'unmarked' && !match.known);
      const known = match.kind !== 'managed' && memory.groups.has(group.id);
      const described = describe({ oktaIds, via: rules.name }, wanted.description, group.description);
      const options = {
        description: members.waiting.length > 0 ? whilePeopleStay(group.description, described) : described,
        name: renamed ? name : group.name,
        adopted,
        known,
        wave: wave ?? 0,
        identity,
      };
      propose(update(oktaIds, group, members, options), group);
    }
    const into = { oktaIds, secodaId: group?.id ?? null, name: group?.name ?? name };
    people.add(wanted, { ...members, unmatched: inviting.take(into, members) });
  }
  for (const { group, change } of removalsOfGone) propose(change, group);

  for (const doubted of base.doubted) {
    const { wanted, group, oktaIds } = doubted;
    if (!oktaIds.some(isTarget)) continue;
    const members = sureMembers(doubted, directory, identity, isOut, named?.userIds);
    warnings.push(doubtWarning(doubted, members.unasked.length, directory, input.now));
    if (group === null) continue;
    const { name, description } = group;
    const options = { name, description, adopted: false, known: false, wave: 0, identity };
    propose(update(oktaIds, group, members, options), group);
    // Nobody knows yet all that it should show.
    agreeing.delete(group.id);
    if (wanted === null) continue;
    const into = { oktaIds, secodaId: group.id, name };
    people.add(wanted, { ...members, unmatched: inviting.take(into, members) });
  }

  const changes = inWritingOrder(proposed);
  const invitations = inviting.invitations();
  const seats = seatsToApprove(invitations, rules.invite, input.recentlyInvited ?? new Set());
  const adopted = targeted.flatMap(([, match]) => (match.kind === 'unmarked' ? [match.group] : []));
  const before = [...base.own.managed.map(({ group }) => group), ...adopted];
  return {
    digest: digestOf(harmOf(changes), fingerprint, seats),
    changes,
    unchanged,
    skipped: [...skipped, ...copies.map(skippedCopy)],
    frozen: frozenGroups(base, input, identity, isOut),
    warnings: [...warnings, ...people.warnings, ...inviting.warnings(), ...[...fights.values()].flat()].sort(
      (a, b) => byText(a.group ?? '', b.group ?? '') || byText(a.message, b.message),
    ),
    unmatched: people.unmatched(),
    invitations,
    awaited: inviting.awaited(),
    unsettled: people.unsettled(),
    baseline: {
      groupsInScope: base.mapped.inScope.size,
      managedGroups: before.length,
      memberships: before.reduce((sum, { userIds }) => sum + userIds.length, 0),
    },
    inScope: [...base.mapped.inScope].sort(byText),
    missed: base.missed,
    doubted: [...doubtsIn(directory).keys()].sort(),
    fighting: [...fights.keys()],
    copies: base.own.copyNotes,
    ours: base.own.managed
      .filter(({ marker }) => marker.oktaIds.some(isTarget))
      .map((each) => memoryOfFound(each, agreeing.has(each.group.id), fingerprint))
      .filter((found) => isNews(found, memory.groups.get(found.secodaId))),
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

/** Whether a run of this plan would send nothing at all. */
export function nothingToDo({ changes, invitations }: Plan): boolean {
  return changes.length === 0 && invitations.length === 0;
}
