import type { InvitedInto } from '../../core/people/invitations.ts';
import type { Workflow, CheckpointRef } from '../../ports.ts';
import { recheckByPeople } from '../read/recheck.ts';
import { outcomesOfLater, fitting } from '../invite/fitting.ts';
import type { InviteResult } from '../invite/invite-input.ts';
import { sendInvitations } from '../invite/invite.ts';
import type { OnboardContext, OnboardTask } from './context.ts';

/** Invites whoever has no account, into the groups that are there and could be written if they had to be. */
export async function inviteFound(
  context: OnboardContext,
  workflow: Workflow,
  {
    onboarding,
    joined,
    startedAt,
  }: {
    readonly onboarding: CheckpointRef;
    readonly joined: readonly CheckpointRef[];
    readonly startedAt: number;
  },
  { runId, inviteAgain = false }: OnboardTask,
): Promise<InviteResult> {
  const { checkpoints, rules } = context;
  const { invite } = rules;
  if (invite === null) return { outcomes: [], stop: null };
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
  const idOf = ({ secodaId }: InvitedInto) => secodaId;
  const input = {
    ...context,
    runId,
    invite,
    idOf,
    recheck,
    approved: false,
    anew: inviteAgain ? startedAt : null,
  };
  const sent = await sendInvitations(input, invitations, workflow);
  return { ...sent, outcomes: [...sent.outcomes, ...outcomesOfLater(later)] };
}
