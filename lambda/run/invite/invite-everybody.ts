import type { Change, Plan } from '../../core/plan/change.ts';
import type { InvitedInto, InviteOutcome } from '../../core/people/invitations.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import type { ApplyTask, RunContext } from '../context.ts';
import { recheckByMembers } from '../read/recheck.ts';
import type { Decision } from '../checkpoints.ts';
import { fitting, outcomesOfLater } from './fitting.ts';
import { type InviteResult, sendInvitations } from './invite.ts';
import { outcomesOf, type WriteEnd } from '../write/write.ts';

/** Sends a plan's invitations once its groups are as they are to be: only then are the ids of new groups known. */
export async function inviteEverybody(
  task: ApplyTask,
  context: RunContext,
  decision: Decision,
  writing: WriteEnd | null,
  startedAt: number,
): Promise<InviteResult> {
  const { workflow, checkpoints } = context;
  const invitations = await workflow.step('invitations', async () => {
    const { plan } = await checkpoints.plan.get(decision.plan);
    const outcomes = writing === null ? new Map() : await outcomesOf(plan, writing, checkpoints);
    return fitting(plan.invitations, idsAfter(outcomes)).invitations;
  });
  const recheck = recheckByMembers(context);
  const approved = decision.seatsApproved;
  return sendInvitations(task, context, { invitations, recheck, approved, anew: null, startedAt });
}

/** The outcome of everybody who was to be invited, also of those who have to wait for the next run. */
export function everyInviteOutcome(
  { invitations }: Plan,
  { outcomes }: InviteResult,
): readonly InviteOutcome[] {
  const told = new Set(outcomes.map(({ email }) => email));
  const left = invitations.flatMap(({ emails }) => emails).filter((email) => !told.has(email));
  return [...outcomes, ...outcomesOfLater(left)];
}

/** The Secoda ids of groups after these changes: of those that are there, and were written if they had to be. */
function idsAfter(outcomes: ReadonlyMap<Change, ChangeOutcome>): (group: InvitedInto) => string | null {
  const byKey = new Map(
    [...outcomes].flatMap(([change, outcome]) => [
      [change.oktaIds.join(), outcome] as const,
      ...(change.secodaId === null ? [] : [[change.secodaId, outcome] as const]),
    ]),
  );
  return ({ oktaIds, secodaId }) => {
    const result = byKey.get(secodaId ?? oktaIds.join());
    if (result === undefined) return secodaId;
    const written = result.outcome === 'applied' || result.outcome === 'unsettled';
    return written ? (result.written?.secodaId ?? secodaId) : null;
  };
}
