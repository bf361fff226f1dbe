import { keyOf } from '../core/model/workspace.ts';
import { type Baseline, type Change, harmOf, type NamedLosses, type PlanInput } from '../core/plan/change.ts';
import { makePlan, nothingToDo } from '../core/plan/plan.ts';
import { inputOf, planFrom, type Snapshot } from '../core/plan/plan-again.ts';
import { type ApprovedPlan, rulesIn } from '../core/guard/guard.ts';
import { settledBy } from '../core/guard/hold.ts';
import { heldRecord, judgePlan, waitingSince } from '../core/guard/judge-plan.ts';
import { compareNotes, countInvited, invitedBefore, seatsToApprove } from '../core/people/invitations.ts';
import { createIdentity, forgetIdentity } from '../core/people/identity.ts';
import { goneFrom } from './read/event-targets.ts';
import { readMarker } from '../core/groups/marker.ts';
import { peopleOf } from '../core/people/people-report.ts';
import { grownTooMuch } from '../core/guard/guard-rules.ts';
import { measure, type Recent } from '../core/guard/recent.ts';
import type { Memory } from '../core/model/memory.ts';
import { jsonOf } from '../core/model/json.ts';
import { outlineOf } from '../core/report/difference.ts';
import { memoryOf, mergeMemory } from '../archive/state-file.ts';
import { readWorklist } from '../archive/unmatched.ts';
import { recentlyDone } from '../archive/recent-file.ts';
import { keepRefused, leftOutBy, readRefused, recordOf, wordFor } from '../archive/record.ts';
import { keepSnapshot } from '../archive/snapshot.ts';
import { requestedOf, type RunContext, type Sources, type Task } from './context.ts';
import { askForAddresses } from './read/recheck.ts';
import { checkListed } from './read/list.ts';
import {
  type Decision,
  type Judged,
  type Listing,
  type Members,
  type ReadEnd,
  type Reading,
  readingOf,
  type SlicePlace,
  type SliceTask,
} from './checkpoints.ts';
import { noteComplete } from '../archive/complete-run.ts';
import { completeRun, leftAloneBy } from '../core/groups/onboarding-basis.ts';
import { invitationNotes, settleInvited } from '../archive/invitation-notes.ts';
import { readsBefore, rememberReading } from './read/short-cuts.ts';
import { isMetered, SLICE_WRITES } from './write/slice.ts';

/** Plans, judges, writes the record, and puts what was approved into slices. */
export async function decide(task: Task, context: RunContext, read: ReadEnd): Promise<Decision> {
  const { sources, archive, rules, checkpoints } = context;
  const listing = await checkpoints.listing.get(read.listing);
  const users = await checkpoints.users.get(read.users);
  const lists = await Promise.all(read.members.map((kept) => checkpoints.members.get(kept)));
  const members = new Map(lists.flatMap((each) => [...each]));
  const reading = readingOf(listing, users, members);
  const found = await gather(task, context, reading);
  const { targets, mayGo } = listing;
  const before = inputOf(found, context, { targets, mayGo: mayGo && new Set(mayGo) });
  const directory = await askForAddresses(sources, before);
  const input = { ...before, directory };
  const named = await namedBy(listing, input, sources);
  const made = planFrom({ ...input, named }, rules);
  await rememberReading(context, listing.basis, listing.groups, members, before.moved);
  const { recent, approval, memory, now } = found;
  await checkListed(made, reading, memory, sources.workspace);
  const measured = measure(made.baseline, recent, reading.workspace.groups);
  const due = await dueIn(made.changes, { baseline: measured, recent }, memory, context);
  const baseline = due === null ? measured : { ...measured, due };
  const judged = judgePlan(made, { ...context, recent, baseline, approval, settled: settledBy(input), now });
  // Large plans are written down for long, and take most then.
  forgetIdentity(users.users);
  const { approved, refusals } = judged.verdict;
  const { digest } = judged.plan;
  const earlier = judged.held && ((await readRefused(archive, digest))?.held ?? null);
  const held = judged.held && heldRecord(judged.held, earlier, now);
  const warnings = [...waitingSince(held?.since ?? now, now), ...judged.plan.warnings];
  const plan = { ...judged.plan, warnings };
  const whole = listing.targets === null && listing.losses === null;
  sources.listen({ kind: 'planned', plan, refusals });
  const harm = harmOf(plan.changes);
  const { runId, mode } = task;
  const approve = mode === 'apply' ? task.approve : null;
  const request = requestedOf(task, context);
  const run = { runId, name: rules.name, holder: context.holder(runId), mode, request, approve };
  await recordOf(archive, runId).plan({ ...run, harm, due, ...plan, refusals });
  const heldBefore = held && { digest, since: held.since };
  const kept = { ...found, directory, due, heldBefore };
  const snapshot = whole ? await keep(runId, kept, { plan, refusals }, context) : null;
  if (refusals.length > 0) {
    const scope = { groups: task.groups, hints: task.hints };
    await keepRefused(archive, digest, { harm, rules: rulesIn(refusals), scope, held, onboard: null });
  }
  // Before anything is written: once a group was mapped anew, nothing tells what else was ours, and what a copy of it.
  if (task.mode === 'apply') {
    const ours = approved !== null || whole ? plan.ours : [];
    await mergeMemory(archive, { remember: [], forget: [], copies: plan.copies, found: ours });
    if (whole) await noteComplete(archive, rules.name, completeRun(context.origin, listing, plan));
  }
  const writes = task.mode === 'apply' && approved !== null && approved.plan.changes.length > 0;
  // While losses wait, nobody is lost for being refused by Secoda either.
  const mayLeave = held !== null && held.removed.length > 0 ? 'nobody' : named && [...named.userIds];
  const slices = writes
    ? await cut(approved, { ...reading, directory }, { baseline, mayLeave }, context)
    : [];
  return {
    plan: await checkpoints.plan.put('plan', { plan, refusals }),
    slices: slices.length > 0 ? await checkpoints.slices.put('slices', slices) : null,
    sliceCount: slices.length,
    changes: slices.reduce((sum, { changes }) => sum + changes, 0),
    invitations: task.mode === 'apply' && approved !== null ? countInvited(plan.invitations) : 0,
    seatsApproved:
      approve !== null && seatsToApprove(plan.invitations, rules.invite, recent.invited).length > 0,
    whole,
    snapshot,
  };
}

/** All that a plan is made from and judged by, with what earlier runs left behind for this one. */
async function gather(
  task: Task,
  context: RunContext,
  { directory, workspace }: Reading,
): Promise<Omit<Snapshot, 'due' | 'heldBefore'>> {
  const { archive, nextRunAt, sources } = context;
  const { name } = context.rules;
  const memory = await memoryOf(archive, name);
  // A run that may not write keeps to itself what this users list says of invitations.
  const invited =
    task.mode === 'apply'
      ? await settleInvited(archive, name, workspace.users)
      : invitedBefore(compareNotes(await invitationNotes(archive, name), workspace.users));
  const now = sources.clock.now();
  const approve = task.mode === 'apply' ? task.approve : null;
  return {
    ...{ now, nextRunAt, directory, workspace, memory, invited },
    recent: await recentlyDone(archive, name, now, task.mode === 'apply'),
    reads: await readsBefore(context),
    worklist: await readWorklist(archive, name),
    approval: await wordFor(archive, approve),
  };
}

/** Keeps the whole input of a full run's plan, where that is asked for. */
async function keep(
  runId: string,
  { due, ...snapshot }: Omit<Snapshot, 'due'> & { readonly due: Snapshot['due'] | null },
  { plan, refusals }: Judged,
  { archive, rules, snapshots, origin }: RunContext,
): Promise<string | null> {
  const quiet = nothingToDo(plan) && refusals.length === 0;
  if (snapshots.keep === 'none' || (snapshots.keep === 'changed' && quiet)) return null;
  const lastRun = snapshot.memory.lastRuns.get(rules.name);
  return keepSnapshot(archive, {
    runId,
    version: origin.version,
    config: jsonOf(snapshots.config),
    // By another configuration a group may grow too much that does not by this one.
    snapshot: { ...snapshot, due: due ?? (lastRun === undefined ? [] : await leftOutBy(archive, lastRun)) },
    outline: outlineOf(plan, refusals),
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

/** Who was due; looked up only where a group grows too much without, since that reads the report of another run. */
export async function dueIn(
  changes: readonly Change[],
  judged: { readonly baseline: Baseline; readonly recent: Recent },
  { lastRuns }: Memory,
  { archive, guard, rules }: RunContext,
): Promise<Snapshot['due'] | null> {
  const lastRun = lastRuns.get(rules.name);
  if (lastRun === undefined || grownTooMuch(changes, judged, guard).length === 0) return null;
  return leftOutBy(archive, lastRun);
}

/** Each slice takes along what it was planned from, and every doubted list: doubt reaches whatever shares an Okta id with it. */
async function cut(
  plan: ApprovedPlan,
  { directory, workspace: { groups } }: Reading,
  bounds: Pick<SliceTask, 'baseline' | 'mayLeave'>,
  { checkpoints }: RunContext,
): Promise<readonly SlicePlace[]> {
  const mirrors = new Map(groups.map((group) => [group, readMarker(group.description)?.oktaIds ?? []]));
  const { changes } = plan.plan;
  const positions = new Map(changes.map((change, position) => [keyOf(change), position]));
  const leftAlone = leftAloneBy(plan.plan);
  const places: SlicePlace[] = [];
  for (const [index, approved] of plan.slices(SLICE_WRITES).entries()) {
    const ids = new Set(approved.changes.flatMap(({ oktaIds }) => oktaIds));
    const memberships: Members = new Map(
      [...directory.memberships].filter(([id, { doubt }]) => ids.has(id) || doubt !== null),
    );
    const before = groups.filter((group) => mirrors.get(group)?.some((id) => ids.has(id)));
    const own = approved.changes.flatMap((change) => positions.get(keyOf(change)) ?? []);
    const slice = { approved, ...bounds, positions: own, memberships, leftAlone, before };
    places.push({
      kept: await checkpoints.slice.put(`slice-of-plan-${index + 1}`, slice),
      metered: isMetered(approved.changes[0]),
      changes: approved.changes.length,
    });
  }
  return places;
}
