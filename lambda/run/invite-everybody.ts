import type { Change, Plan } from '../core/change.ts';
import type { InvitedInto, InviteOutcome } from '../core/invitations.ts';
import type { ChangeOutcome } from '../core/outcome.ts';
import type { Journey } from '../ports.ts';
import type { Task, World } from '../sync.ts';
import { belongingByMembers } from './belonging.ts';
import type { Step } from './counted.ts';
import type { Decision } from './decide.ts';
import { outcomesOfLater, portion } from './invite-portion.ts';
import { type InviteInput, type InviteResult, sendInvitations } from './invite.ts';
import { outcomesOf } from './outcomes.ts';
import type { WriteEnd } from './write.ts';

/** Sends a plan's invitations once its groups are as they are to be: only then are the ids of new groups known. */
export async function inviteEverybody(
  task: Extract<Task, { readonly mode: 'apply' }>,
  world: World,
  { step, journey }: { readonly step: Step; readonly journey: Journey },
  { decision, writing }: { readonly decision: Decision; readonly writing: WriteEnd | null },
): Promise<InviteResult> {
  const { invite } = world.rules;
  if (invite === null) return { outcomes: [], stop: null };
  const invitations = await step('invitations', async () => {
    const { plan } = await world.drawers.plan.get(decision.plan);
    const outcomes = writing === null ? new Map() : await outcomesOf(plan, writing, world.drawers);
    return portion(plan.invitations, idsAfter(outcomes)).invitations;
  });
  const belonging = belongingByMembers(world.sources.directory, world.rules);
  const idOf = ({ secodaId }: InvitedInto) => secodaId;
  const input = { ...world, ...task, invite, belonging, idOf, approved: decision.seatsApproved };
  return sendInvitations(input, invitations, { ...journey, step });
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
function idsAfter(outcomes: ReadonlyMap<Change, ChangeOutcome>): InviteInput['idOf'] {
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
