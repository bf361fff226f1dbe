import { keyOf, type Plan } from '../core/change.ts';
import { harmOf } from '../core/digest.ts';
import { type ApprovedPlan, judge, type Verdict } from '../core/guard.ts';
import { countRemovals, type LossMeasure } from '../core/guard-rules.ts';
import { compareNotes, invitedBefore, type InvitedBefore } from '../core/invitation-notes.ts';
import { createIdentity } from '../core/identity.ts';
import { goneFrom } from './hints.ts';
import { countInvited, nothingToDo } from '../core/invitations.ts';
import { readMarker } from '../core/marker.ts';
import { idleRules } from '../core/matches-nothing.ts';
import { peopleOf } from '../core/people.ts';
import { makePlan, type NamedLosses, type PlanInput } from '../core/plan.ts';
import { mergeMemory } from '../memory-file.ts';
import type { Kept } from '../ports.ts';
import { keepRefused, recordOf, refusedHarm } from '../record.ts';
import type { Task, World } from '../sync.ts';
import { askForAddresses } from './bearers.ts';
import { checkListed } from './check-listed.ts';
import type { Listing, Members, SlicePlace, UsersList } from './kept.ts';
import { invitationNotes, settleInvited } from './invited.ts';
import { memoryOf } from './missed.ts';
import { type Reading, readingOf, type Sources } from './read.ts';
import { rememberReading } from './short-cuts.ts';
import { isMetered, SLICE_WRITES } from './slice.ts';

/** What both sides came to, where it is kept between the steps. */
export interface ReadEnd {
  readonly listing: Kept;
  readonly users: Kept;
  readonly members: readonly Kept[];
}

/** What came of planning: all of it small. */
export interface Decision {
  readonly plan: Kept;
  /** Where the slices are named; `null` when nothing is to be written. */
  readonly slices: Kept | null;
  readonly sliceCount: number;
  readonly changes: number;
  /** People to be invited; 0 unless that was approved. */
  readonly invitations: number;
  /** Nothing was left out: the run was not told to look at some groups only. */
  readonly whole: boolean;
}

/** Plans, judges, writes the record, and puts what was approved into slices. */
export async function decide(task: Task, world: World, read: ReadEnd): Promise<Decision> {
  const { sources, archive, rules, drawers } = world;
  const memory = await memoryOf(archive, rules.name);
  const listing = await drawers.listing.get(read.listing);
  const users = await drawers.users.get(read.users);
  const members = new Map(
    (await Promise.all(read.members.map((kept) => drawers.members.get(kept)))).flatMap((each) => [...each]),
  );
  await rememberReading(world, listing.basis, listing.groups, members);
  const invited = await invitedUntil(users, task, world);
  const { targets } = listing;
  const lists = readingOf(listing, users, members);
  const now = sources.clock.now();
  const before = { ...world, ...lists, targets, memory, invited, now };
  const reading = { ...lists, directory: await askForAddresses(sources, before) };
  const input = { ...before, ...reading };
  const named = await namedBy(listing, input, sources);
  const made = makePlan({ ...input, named });
  const plan = { ...made, warnings: [...idleRules(rules, reading), ...made.warnings] };
  await checkListed(plan, reading, memory, sources.workspace);
  const { approved, refusals } = await judgeIt(plan, task, world);
  const whole = listing.targets === null && listing.losses === null;
  sources.listen({ kind: 'planned', plan, refusals });
  const harm = harmOf(plan.changes);
  await recordOf(archive, task.runId).plan({ runId: task.runId, mode: task.mode, harm, ...plan, refusals });
  if (refusals.length > 0) await keepRefused(archive, plan.digest, harm);
  // Before anything is written: once a group was mapped anew, nothing tells what else was ours, and what a copy of it.
  if (task.mode === 'apply') {
    const found = approved !== null || whole ? plan.ours : [];
    await mergeMemory(archive, { remember: [], forget: [], copies: plan.copies, found });
  }
  const writes = task.mode === 'apply' && approved !== null && plan.changes.length > 0;
  const measure = {
    memberships: plan.baseline.memberships,
    removals: task.mode === 'apply' && task.approve !== null ? null : countRemovals(plan.changes),
    mayLeave: named === null ? null : [...named.userIds],
  };
  const slices = writes ? await cut(approved, measure, listing, reading, world) : [];
  return {
    plan: await drawers.plan.put('plan', { plan, refusals }),
    slices: slices.length > 0 ? await drawers.slices.put('slices', slices) : null,
    sliceCount: slices.length,
    changes: slices.reduce((sum, { changes }) => sum + changes, 0),
    invitations: task.mode === 'apply' && approved !== null ? countInvited(plan.invitations) : 0,
    whole,
  };
}

/** What a run of events may take away; `null` for any other run. */
async function namedBy(
  { losses }: Listing,
  input: PlanInput,
  { directory, people }: Sources,
): Promise<NamedLosses | null> {
  if (losses === null) return null;
  const named = { userIds: new Set(losses.userIds), deletedIds: new Set(losses.deletedIds) };
  if (losses.untraced === 0) return named;
  // That Okta shows nobody who bears an address means nothing where its list of users leaves out people who are there.
  const known = peopleOf(input.directory.memberships.keys(), input.directory);
  if ((await directory.blindTo([...known])) !== null) return named;
  const removals = makePlan(input).changes.flatMap(({ remove }) => remove);
  const others = new Map(removals.map((each) => [each.userId, each]));
  for (const id of named.userIds) others.delete(id);
  const identity = createIdentity(input.rules.people, input.workspace.users);
  const gone = await goneFrom(people, [...others.values()], losses.untraced, identity);
  return { ...named, userIds: named.userIds.union(new Set(gone)) };
}

/** What is noted of invitations, as this users list has it. A run that may not write keeps that to itself. */
async function invitedUntil(
  { users, readAt }: UsersList,
  { mode }: Task,
  { archive, rules: { name } }: World,
): Promise<InvitedBefore> {
  if (mode === 'apply') return settleInvited(archive, name, users, readAt);
  return invitedBefore(compareNotes(await invitationNotes(archive, name), users, readAt));
}

/** An approval with nothing left to approve is no mistake: both sides agree already, so it stands for whatever is planned. */
async function judgeIt(plan: Plan, task: Task, { guard, archive }: World): Promise<Verdict> {
  if (task.mode !== 'apply' || task.approve === null) return judge(plan, guard, null);
  if (nothingToDo(plan)) return judge(plan, guard, { digest: plan.digest, harm: null });
  return judge(plan, guard, { digest: task.approve, harm: await refusedHarm(archive, task.approve) });
}

/**
 * Each slice takes along what it was planned from, so that writing it needs nothing else of the plan; and every doubted list,
 * since doubt reaches whatever shares an Okta id with it.
 */
async function cut(
  plan: ApprovedPlan,
  measure: LossMeasure,
  { workspaceGroups }: Listing,
  { directory }: Reading,
  { drawers }: World,
): Promise<readonly SlicePlace[]> {
  const mirrors = new Map(
    workspaceGroups.map((group) => [group, readMarker(group.description)?.oktaIds ?? []] as const),
  );
  const { changes, skipped } = plan.plan;
  const positions = new Map(changes.map((change, position) => [keyOf(change), position]));
  const leftAlone = skipped.flatMap(({ secodaId, oktaIds }) => (secodaId === undefined ? oktaIds : []));
  const places: SlicePlace[] = [];
  for (const [index, approved] of plan.slices(SLICE_WRITES).entries()) {
    const ids = new Set(approved.changes.flatMap(({ oktaIds }) => oktaIds));
    const memberships: Members = new Map(
      [...directory.memberships].filter(([id, { doubt }]) => ids.has(id) || doubt !== null),
    );
    const before = workspaceGroups.filter((group) => mirrors.get(group)?.some((id) => ids.has(id)));
    const key = `slice-of-plan-${index + 1}`;
    places.push({
      kept: await drawers.slice.put(key, {
        approved,
        positions: approved.changes.flatMap((change) => positions.get(keyOf(change)) ?? []),
        memberships,
        leftAlone,
        before,
        measure,
      }),
      metered: isMetered(approved.changes[0]),
      changes: approved.changes.length,
    });
  }
  return places;
}
