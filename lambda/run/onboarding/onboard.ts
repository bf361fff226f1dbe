import { rulesIn } from '../../core/guard/guard.ts';
import { grownTooMuch } from '../../core/guard/guard-rules.ts';
import type { Recent } from '../../core/guard/recent.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { Baseline } from '../../core/plan/change.ts';
import type { Onboarding } from '../../core/plan/onboard.ts';
import { countInvited, type InvitedInto, type InviteOutcome } from '../../core/people/invitations.ts';
import { requested } from '../../core/model/request.ts';
import {
  type JoinOutcome,
  judgedJoin,
  NO_JOIN,
  type OnboardReport,
  onboardReport,
} from '../../core/report/onboard-report.ts';
import { UsageError } from '../../errors.ts';
import type { CheckpointRef } from '../../ports.ts';
import { recentlyDone } from '../../archive/recent.ts';
import { keepRefused, leftOutBy, recordOf, wordFor } from '../../archive/record.ts';
import { invitationNotes } from '../../archive/invitations.ts';
import { memoryOf, mergeMemory } from '../../archive/memory.ts';
import type { AddingTask, Ending, OnboardTask, RunContext, RunEnd } from '../context.ts';
import { requestsOf } from '../workflow.ts';
import { errorOf, type ErrorRecord, errorRecordOf, unforeseen } from '../error-record.ts';
import { type JudgedOnboarding, judgeOnboarding } from '../../core/guard/judge-plan.ts';
import { leaseByLease, mayGoOn } from '../write/lease-by-lease.ts';
import { findPeople } from './find.ts';
import { slicesOfJoins } from './joins.ts';
import { recheckByPeople } from '../read/recheck.ts';
import { fitting, outcomesOfLater } from '../invite/invite-everybody.ts';
import { type InviteResult, sendInvitations } from '../invite/invite.ts';
import type { Requests } from '../../core/report/report.ts';
import { endRun, type Reported } from '../report.ts';

/**
 * Adds people to the managed groups that mirror the Okta groups they are in: find them, write slice by slice under the
 * lease, invite, report. Whatever happens, it ends in a report, which is kept in the record; only a `UsageError` is thrown.
 */
export async function runOnboard(
  task: OnboardTask,
  context: RunContext & Ending<OnboardReport>,
): Promise<RunEnd> {
  const found = await context.workflow.step('find', () => find(task, context));
  const failure = found.stop === null ? null : errorOf(found.stop);
  const passed = failure === null && found.refusals.length === 0;
  const written =
    passed && task.mode === 'onboard' && found.onboarding !== null
      ? await write(task, context, found, found.onboarding)
      : { joined: [], invited: [], stopped: failure, why: failure?.message ?? null };
  const ends = { ...found, ...written, requests: requestsOf(context) };
  const { status, note } = await context.workflow.step('report', () => reportOnboarding(task, context, ends));
  return { status, failure: written.stopped ?? (note === null ? null : errorOf(note)) };
}

async function write(
  task: AddingTask,
  context: RunContext,
  found: OnboardingPlan,
  onboarding: CheckpointRef,
): Promise<OnboardWritten> {
  const { startedAt, invitations, passed } = found;
  const slices = slicesOfJoins(task, context, { ...found, onboarding });
  const { kept: joined, ...end } = await leaseByLease(context, task, slices);
  if (invitations === 0 || !mayGoOn(end.stopped)) return { ...end, joined, invited: [] };
  try {
    const { outcomes, stop } = await inviteFound(task, context, onboarding, joined, { startedAt, passed });
    return { joined, invited: outcomes, stopped: end.stopped ?? stop, why: stop?.message ?? end.why };
  } catch (error) {
    const stopped = unforeseen(error);
    return { joined, invited: [], stopped, why: stopped.message };
  }
}

/** Throws a mistake in usage, unless it is to be told in the report. */
async function find(task: OnboardTask, context: RunContext & Ending<OnboardReport>): Promise<OnboardingPlan> {
  const { archive, checkpoints, rules, sources } = context;
  const { emails, inviteAgain = false, approve = null } = task;
  const { name } = rules;
  const startedAt = sources.clock.now();
  const writes = task.mode === 'onboard';
  try {
    const memory = await memoryOf(archive, name);
    const notes = await invitationNotes(archive, name);
    const found = await findPeople(task, context, memory, notes);
    // Before there is a record of this run, which may be one of those that it is made from.
    const recent = await recentlyDone(archive, name, sources.clock.now(), writes);
    const request = requested(context.origin, { ...WHOLE, dryRun: !writes, approve });
    const approval = await wordFor(archive, approve);
    const due = await dueIn(found, recent, memory, context);
    const onboarding = { ...found, due };
    const judged = judgeOnboarding(onboarding, { ...context, recent, approval });
    const { runId } = task;
    const holder = context.holder(runId);
    const record = { runId, name, holder, mode: 'onboard', request, approve, ...judged };
    // Who is in the groups already is not its business.
    const joins = onboarding.joins.map(({ members, ...join }) => ({ ...join, before: members.length }));
    await recordOf(archive, runId).plan({ ...record, ...onboarding, joins });
    if (judged.refusals.length > 0) {
      const again = { scope: { groups: [], hints: null }, onboard: { emails, inviteAgain } };
      const refused = { harm: [], rules: rulesIn(judged.refusals), held: null, ...again };
      await keepRefused(archive, judged.digest, refused);
    }
    // Once a group was written, nothing tells what else was ours, and what a copy of it.
    if (writes) await mergeMemory(archive, { remember: [], forget: [], found: onboarding.ours });
    return {
      ...judged,
      startedAt,
      onboarding: await checkpoints.onboarding.put('onboarding', onboarding),
      joins: onboarding.joins.length,
      invitations: countInvited(onboarding.invitations),
      stop: null,
    };
  } catch (error) {
    if (error instanceof UsageError && context.usage === 'throw') throw error;
    const nothing = { onboarding: null, joins: 0, invitations: 0, refusals: [], digest: '', passed: [] };
    return { ...nothing, startedAt, stop: errorRecordOf(error) };
  }
}

/** Who was due; looked up only where a group grows too much without, since that reads the report of another run. */
async function dueIn(
  { joins }: Onboarding,
  recent: Recent,
  { lastRuns }: Memory,
  { archive, guard, rules }: RunContext,
): Promise<NonNullable<Baseline['due']>> {
  const lastRun = lastRuns.get(rules.name);
  const baseline = { groupsInScope: 0, managedGroups: 0, memberships: 0 };
  const grown = grownTooMuch(joins.map(judgedJoin), { baseline, recent }, guard);
  return lastRun === undefined || grown.length === 0 ? [] : leftOutBy(archive, lastRun);
}

/** Invites whoever has no account, into the groups that are there and could be written if they had to be. */
async function inviteFound(
  task: AddingTask,
  context: RunContext,
  onboarding: CheckpointRef,
  joined: readonly CheckpointRef[],
  { startedAt, passed }: Pick<OnboardingPlan, 'startedAt' | 'passed'>,
): Promise<InviteResult> {
  const { checkpoints, workflow } = context;
  const { invitations, later, invitees } = await workflow.step('invitations', async () => {
    const found = await checkpoints.onboarding.get(onboarding);
    const outcomes = (await Promise.all(joined.map((kept) => checkpoints.joined.get(kept)))).flat();
    const lost = new Set(
      outcomes.flatMap(({ secodaId, outcome }) =>
        outcome === 'failed' || outcome === 'not-attempted' ? [secodaId] : [],
      ),
    );
    const idOf = ({ secodaId }: InvitedInto) => (lost.has(secodaId ?? '') ? null : secodaId);
    return { ...fitting(found.invitations, idOf), invitees: found.invitees };
  });
  const recheck = recheckByPeople(context, new Map(invitees));
  const anew = task.inviteAgain === true ? startedAt : null;
  const sent = await sendInvitations(task, context, {
    invitations,
    recheck,
    approved: passed.includes('invitations'),
    anew,
    startedAt,
  });
  return { ...sent, outcomes: [...sent.outcomes, ...outcomesOfLater(later)] };
}

/** What the first step found: all of it small, since thousands of joins are more than a step's result may hold. */
interface OnboardingPlan extends JudgedOnboarding {
  readonly startedAt: number;
  /** `null`: it was not found out. */
  readonly onboarding: CheckpointRef | null;
  readonly joins: number;
  readonly invitations: number;
  readonly stop: ErrorRecord | null;
}

/** What became of what was found. */
interface OnboardWritten {
  readonly joined: readonly CheckpointRef[];
  readonly invited: readonly InviteOutcome[];
  readonly stopped: Error | null;
  /** Why joins without an outcome were not attempted; `null` when nothing was to be. */
  readonly why: string | null;
}

/** What the run came to. */
interface Ends extends Omit<OnboardingPlan, 'stop'>, OnboardWritten {
  readonly requests: Requests;
}

/** An onboarding is about people: what else a run can be asked for does not concern it. */
const WHOLE = { groups: [], full: false } as const;

/** Reports an onboarding. */
function reportOnboarding(
  { runId, mode, approve = null }: OnboardTask,
  context: RunContext & Ending<OnboardReport>,
  { joined: kept, why, stopped, invited, startedAt, refusals, digest, requests, ...found }: Ends,
): Promise<Reported> {
  const { sources, checkpoints, fingerprint, origin } = context;
  const planned = mode === 'plan';
  let onboarding: Onboarding | null = null;
  const joined = new Map<string, JoinOutcome>();
  return endRun(runId, context, stopped, {
    async gather() {
      if (found.onboarding !== null) onboarding = await checkpoints.onboarding.get(found.onboarding);
      for (const place of kept)
        for (const outcome of await checkpoints.joined.get(place)) joined.set(outcome.secodaId, outcome);
    },
    build(failure) {
      for (const { secodaId } of why === null ? [] : (onboarding?.joins ?? []))
        if (!joined.has(secodaId))
          joined.set(secodaId, { ...NO_JOIN, secodaId, outcome: 'not-attempted', error: why });
      return onboardReport({
        ...{
          runId,
          planned,
          onboarding,
          digest,
          joined,
          invited,
          fingerprint,
          startedAt,
          refusals,
          requests,
        },
        endedAt: sources.clock.now(),
        request: requested(origin, { ...WHOLE, dryRun: planned, approve }),
        failure,
      });
    },
  });
}
