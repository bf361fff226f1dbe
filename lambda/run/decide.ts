import { type Baseline, keyOf, type Plan } from '../core/plan/change.ts';
import { NO_READS, peopleIn } from '../core/model/reads.ts';
import { mayHaveMoved, movedPeople, movedWarnings, withMoved } from '../core/people/moved.ts';
import { strangersIn, withCauses } from '../core/plan/causes.ts';
import { makePlan, type NamedLosses, type PlanInput } from '../core/plan/plan.ts';
import { harmOf } from '../core/plan/digest.ts';
import { type ApprovedPlan, rulesIn } from '../core/guard/guard.ts';
import { settledBy } from '../core/guard/hold.ts';
import { compareNotes, invitedBefore, type InvitedBefore } from '../core/people/invitation-notes.ts';
import { createIdentity } from '../core/people/identity.ts';
import { goneFrom } from './read/event-targets.ts';
import { countInvited, seatsToApprove } from '../core/people/invitations.ts';
import { readMarker } from '../core/groups/marker.ts';
import { idleRules } from '../core/report/matches-nothing.ts';
import { peopleOf } from '../core/people/people-report.ts';
import { grownTooMuch } from '../core/guard/guard-rules.ts';
import type { Memory } from '../core/model/memory.ts';
import { measure, type Recent } from '../core/guard/recent.ts';
import { memoryOf, mergeMemory } from '../archive/memory.ts';
import { readWorklist } from '../archive/unmatched.ts';
import { recentlyDone } from '../archive/recent.ts';
import { keepRefused, leftOutBy, recordOf } from '../archive/record.ts';
import { requestedOf, type RunContext, type Sources, type Task } from './context.ts';
import { judgeIt } from './judge-plan.ts';
import { askForAddresses } from './read/recheck.ts';
import { checkListed } from './read/list.ts';
import {
  type Decision,
  type Listing,
  type Members,
  type ReadEnd,
  type SlicePlace,
  type SliceTask,
  type UsersList,
  type Reading,
  readingOf,
} from './checkpoints.ts';
import { invitationNotes, settleInvited } from '../archive/invitations.ts';
import { readsBefore, rememberReading } from './read/short-cuts.ts';
import { isMetered, SLICE_WRITES } from './write/slice.ts';

/** Plans, judges, writes the record, and puts what was approved into slices. */
export async function decide(task: Task, context: RunContext, read: ReadEnd): Promise<Decision> {
  const { sources, archive, rules, checkpoints } = context;
  const memory = await memoryOf(archive, rules.name);
  const listing = await checkpoints.listing.get(read.listing);
  const users = await checkpoints.users.get(read.users);
  const members = new Map(
    (await Promise.all(read.members.map((kept) => checkpoints.members.get(kept)))).flatMap((each) => [
      ...each,
    ]),
  );
  const invited = await invitedUntil(users, task, context);
  const { targets } = listing;
  const mayGo = listing.mayGo === null ? null : new Set(listing.mayGo);
  const lists = readingOf(listing, users, members);
  const inOkta = () => peopleOf(members.keys(), lists.directory);
  const moved = mayHaveMoved(rules.people, users.users, inOkta())
    ? movedPeople(rules.people, users.users, inOkta(), await readsBefore(context))
    : [];
  const now = sources.clock.now();
  const recent = await recentlyDone(archive, rules.name, now, task.mode === 'apply');
  const before = {
    ...context,
    ...lists,
    rules: { ...rules, people: withMoved(rules.people, moved) },
    targets,
    mayGo,
    memory,
    invited,
    recentlyInvited: recent.invited,
    now,
  };
  const reading = { ...lists, directory: await askForAddresses(sources, before) };
  const input = { ...before, ...reading };
  const named = await namedBy(listing, input, sources);
  const made = await explained(makePlan({ ...input, named }), input, context);
  await rememberReading(context, listing.basis, listing.groups, members, moved);
  await checkListed(made, reading, memory, sources.workspace);
  const baseline = await baselineFor(made, recent, listing, context, memory);
  const told = [...idleRules(rules, reading), ...movedWarnings(moved), ...made.warnings];
  const settled = settledBy(input);
  const { plan, verdict, held } = await judgeIt({ ...made, warnings: told }, task, context, {
    recent,
    baseline,
    settled,
    now,
  });
  const { approved, refusals } = verdict;
  const whole = listing.targets === null && listing.losses === null;
  sources.listen({ kind: 'planned', plan, refusals });
  const harm = harmOf(plan.changes);
  const { runId, mode } = task;
  const approve = mode === 'apply' ? task.approve : null;
  const request = requestedOf(task, context);
  const record = { runId, name: rules.name, mode, request, approve, harm, ...plan, refusals };
  await recordOf(archive, runId).plan(record);
  if (refusals.length > 0) {
    const { groups, hints } = task;
    await keepRefused(archive, plan.digest, {
      harm,
      rules: rulesIn(refusals),
      scope: { groups, hints },
      held,
    });
  }
  // Before anything is written: once a group was mapped anew, nothing tells what else was ours, and what a copy of it.
  if (task.mode === 'apply') {
    const found = approved !== null || whole ? plan.ours : [];
    await mergeMemory(archive, { remember: [], forget: [], copies: plan.copies, found });
  }
  const writes = task.mode === 'apply' && approved !== null && approved.plan.changes.length > 0;
  // While losses wait, nobody is lost for being refused by Secoda either.
  const mayLeave = held !== null && held.removed.length > 0 ? 'nobody' : named && [...named.userIds];
  const slices = writes ? await cut(approved, { listing, reading }, { baseline, mayLeave }, context) : [];
  return {
    plan: await checkpoints.plan.put('plan', { plan, refusals }),
    slices: slices.length > 0 ? await checkpoints.slices.put('slices', slices) : null,
    sliceCount: slices.length,
    changes: slices.reduce((sum, { changes }) => sum + changes, 0),
    invitations: task.mode === 'apply' && approved !== null ? countInvited(plan.invitations) : 0,
    seatsApproved:
      approve !== null && seatsToApprove(plan.invitations, rules.invite, recent.invited).length > 0,
    whole,
  };
}

/** The plan with why people come and go, as far as this run's lists and what earlier runs knew tell. */
async function explained(plan: Plan, input: PlanInput, context: RunContext): Promise<Plan> {
  const worklist = await readWorklist(context.archive, context.rules.name);
  const unmatched = new Set(worklist?.waiting.map(({ email }) => email));
  const reads = strangersIn(plan, input) ? await readsBefore(context) : NO_READS;
  return withCauses(plan, input, {
    unmatched,
    people: reads.people,
    peopleIn(oktaId) {
      const list = reads.lists.get(oktaId);
      return list === undefined ? null : peopleIn(reads, list);
    },
  });
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

/** What the limits are held against. Who was due is only looked up where a group grows too much with them. */
async function baselineFor(
  plan: Plan,
  recent: Recent,
  { workspaceGroups }: Listing,
  { archive, guard, rules: { name } }: RunContext,
  { lastRuns }: Memory,
): Promise<Baseline> {
  const baseline = measure(plan.baseline, recent, workspaceGroups);
  const lastRun = lastRuns.get(name);
  const grown = grownTooMuch(plan.changes, { baseline, recent }, guard);
  return lastRun === undefined || grown.length === 0
    ? baseline
    : { ...baseline, due: await leftOutBy(archive, lastRun) };
}

/** What is noted of invitations, as this users list has it. A run that may not write keeps that to itself. */
async function invitedUntil(
  { users }: UsersList,
  { mode }: Task,
  { archive, rules: { name } }: RunContext,
): Promise<InvitedBefore> {
  if (mode === 'apply') return settleInvited(archive, name, users);
  return invitedBefore(compareNotes(await invitationNotes(archive, name), users));
}

/**
 * Each slice takes along what it was planned from, so that writing it needs nothing else of the plan; and every doubted list,
 * since doubt reaches whatever shares an Okta id with it.
 */
async function cut(
  plan: ApprovedPlan,
  from: { readonly listing: Listing; readonly reading: Reading },
  bounds: Pick<SliceTask, 'baseline' | 'mayLeave'>,
  { checkpoints }: RunContext,
): Promise<readonly SlicePlace[]> {
  const { workspaceGroups } = from.listing;
  const { directory } = from.reading;
  const mirrors = new Map(
    workspaceGroups.map((group) => [group, readMarker(group.description)?.oktaIds ?? []] as const),
  );
  const { changes, skipped, frozen } = plan.plan;
  const positions = new Map(changes.map((change, position) => [keyOf(change), position]));
  const leftAlone = [...skipped.filter(({ secodaId }) => secodaId === undefined), ...frozen].flatMap(
    ({ oktaIds }) => oktaIds,
  );
  const places: SlicePlace[] = [];
  for (const [index, approved] of plan.slices(SLICE_WRITES).entries()) {
    const ids = new Set(approved.changes.flatMap(({ oktaIds }) => oktaIds));
    const memberships: Members = new Map(
      [...directory.memberships].filter(([id, { doubt }]) => ids.has(id) || doubt !== null),
    );
    const before = workspaceGroups.filter((group) => mirrors.get(group)?.some((id) => ids.has(id)));
    const key = `slice-of-plan-${index + 1}`;
    places.push({
      kept: await checkpoints.slice.put(key, {
        approved,
        ...bounds,
        positions: approved.changes.flatMap((change) => positions.get(keyOf(change)) ?? []),
        memberships,
        leftAlone,
        before,
      }),
      metered: isMetered(approved.changes[0]),
      changes: approved.changes.length,
    });
  }
  return places;
}
