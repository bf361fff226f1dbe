import { digestOf, harmOf, type Plan, type PlanInput, type Skipped } from './change.ts';
import {
  decideOnDoubted,
  decideOnGone,
  decideOnWanted,
  draftOf,
  frozenGroups,
  proposalOf,
} from './group-decision.ts';
import { isNews, memoryOfFound } from '../groups/settled-content.ts';
import { skippedCopy } from '../groups/copies.ts';
import { doubtsIn, sureMembers, type Unasked } from '../groups/doubted.ts';
import type { Wanted } from '../groups/mapping.ts';
import type { Located } from '../groups/match.ts';
import { inWritingOrder } from './waiting-removals.ts';
import { createIdentity } from '../people/identity.ts';
import { invitationsBy, seatsToApprove } from '../people/invitations.ts';
import { lookAlikes } from '../groups/name-decisions.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import { byText } from '../model/text.ts';
import { outsiders, peopleReport } from '../people/people-report.ts';
import { baselineOf, type GroupBaseline } from '../groups/baseline.ts';
import type { Warning } from '../model/warning.ts';

/** Compares both sides and lists what must change. Pure: the same input gives the same plan, in the same order. */
export function makePlan(input: PlanInput): Plan {
  const planning = planningOf(input);
  const { rules, directory, memory, now, groups, base, identity, areTargets } = planning;
  const targeted = [...base.found].filter(([wanted]) => areTargets(wanted));
  // A slice knows the members of its own groups: one that has just come together with another is for the next run.
  const unreadOf = ({ oktaIds }: Wanted) => oktaIds.filter((id) => !directory.memberships.has(id));
  const unread = targeted.flatMap(([wanted]) =>
    unreadOf(wanted).map((id): Skipped => {
      return { group: wanted.name, oktaIds: [id], reason: 'its members were not read' };
    }),
  );
  const drafts = targeted
    .filter(([wanted]) => unreadOf(wanted).length === 0)
    .map(([wanted, match]) => draftOf(wanted, match, planning));
  const takers = new Map(drafts.flatMap((draft) => draft.wanted.oktaIds.map((id) => [id, draft] as const)));
  const decisions = [
    ...drafts.map((draft) => decideOnWanted(draft, planning)),
    ...base.gone.filter(({ marker }) => areTargets(marker)).map((each) => decideOnGone(each, planning)),
    ...base.doubted.filter(areTargets).map((each) => decideOnDoubted(each, planning)),
  ];
  const proposals = decisions.map((each) => proposalOf(each, takers, planning));
  const agreeing = new Set(proposals.flatMap(({ group, agrees }) => (agrees ? (group?.id ?? []) : [])));

  const people = peopleReport();
  const inviting = invitationsBy(rules.invite, input.invited ?? new Map(), identity, now);
  for (const { people: each } of decisions)
    if (each !== undefined)
      people.add(each.wanted, { ...each.members, unmatched: inviting.take(each.into, each.members) });
  for (const { group, left } of proposals)
    if (group !== null && left !== null) people.remember(group.name, left, identity);

  const changes = inWritingOrder(proposals.flatMap(({ change }) => change ?? []));
  const invitations = inviting.invitations();
  const seats = seatsToApprove(invitations, rules.invite, input.recentlyInvited ?? new Set());
  const adopted = targeted.flatMap(([, match]) => (match.kind === 'unmarked' ? [match.group] : []));
  const before = [...base.own.managed.map(({ group }) => group), ...adopted];
  const copies = base.own.copies.filter(({ marker }) => areTargets(marker));
  const warnings = [
    ...decisions.flatMap((each) => each.warnings ?? []),
    ...proposals.flatMap((each) => each.warnings),
    ...lookAlikesIn(input, groups, targeted, base),
    ...people.warnings,
    ...inviting.warnings(),
  ];
  return {
    digest: digestOf(harmOf(changes), seats),
    changes,
    unchanged: proposals.filter(({ group, change }) => group !== null && change === null).length,
    skipped: [
      ...base.skipped.filter((each) => each.because !== 'frozen'),
      ...unread,
      ...decisions.flatMap((each) => each.skipped ?? []),
      ...copies.map(skippedCopy),
    ],
    frozen: frozenGroups(planning),
    warnings: warnings.sort((a, b) => byText(a.group ?? '', b.group ?? '') || byText(a.message, b.message)),
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
    fighting: proposals.flatMap(({ group, fights }) => (fights ? (group?.id ?? []) : [])),
    copies: base.own.copyNotes,
    ours: base.own.managed
      .filter(({ marker }) => areTargets(marker))
      .map((each) => memoryOfFound(each, agreeing.has(each.group.id)))
      .filter((found) => isNews(found, memory.groups.get(found.secodaId))),
  };
}

/** What a plan rests on. */
function planningOf(input: PlanInput) {
  const { rules, directory, targets, named = null } = input;
  // In one order, so that what is told does not depend on the one they were read in.
  const groups = input.workspace.groups.toSorted((a, b) => byText(a.id, b.id));
  const identity = createIdentity(rules.people, input.workspace.users);
  const isTarget = (id: string) => targets === null || targets.has(id);
  const areTargets = ({ oktaIds }: Pick<Wanted, 'oktaIds'>) => oktaIds.some(isTarget);
  const base = baselineOf({ ...input, groups, identity, isTarget });
  return { ...input, named, groups, base, identity, areTargets, isOut: outsiders(directory, identity) };
}

/** Names that are easily taken for another. A slice says nothing new of them. */
function lookAlikesIn(
  { leftAlone }: PlanInput,
  groups: readonly WorkspaceGroup[],
  targeted: readonly (readonly [Wanted, Located])[],
  { found }: GroupBaseline,
): readonly Warning[] {
  if (leftAlone !== undefined) return [];
  const taken = new Set([...found.values()].map(({ group }) => group));
  return lookAlikes(
    targeted.map(([wanted]) => wanted),
    groups.filter((group) => !taken.has(group)),
  );
}

/** The addresses that Okta has to be asked for before anybody may leave a doubted group. */
export function unaskedIn(input: PlanInput): readonly Unasked[] {
  const { base, directory, identity, isOut, areTargets } = planningOf(input);
  const unasked = base.doubted
    .filter(areTargets)
    .flatMap((each) => sureMembers(each, directory, identity, isOut).unasked);
  return [...new Map(unasked.map((each) => [each.address, each])).values()];
}

/** Whether a run of this plan would send nothing at all. */
export function nothingToDo({ changes, invitations }: Plan): boolean {
  return changes.length === 0 && invitations.length === 0;
}
