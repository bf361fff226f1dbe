import type { InvitedInto } from '../../core/people/invitations.ts';
import type { CheckpointRef } from '../../ports.ts';
import type { AddingTask, RunContext } from '../context.ts';
import { recheckByPeople } from '../read/recheck.ts';
import { outcomesOfLater, fitting } from '../invite/fitting.ts';
import { type InviteResult, sendInvitations } from '../invite/invite.ts';

/** Invites whoever has no account, into the groups that are there and could be written if they had to be. */
export async function inviteFound(
  task: AddingTask,
  context: RunContext,
  onboarding: CheckpointRef,
  joined: readonly CheckpointRef[],
  startedAt: number,
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
    approved: false,
    anew,
    startedAt,
  });
  return { ...sent, outcomes: [...sent.outcomes, ...outcomesOfLater(later)] };
}
