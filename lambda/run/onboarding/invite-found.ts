import type { InvitedInto } from '../../core/invitations.ts';
import type { Journey, Kept } from '../../ports.ts';
import { belongingByPeople } from '../belonging.ts';
import { outcomesOfLater, portion } from '../invite-portion.ts';
import { type InviteResult, sendInvitations } from '../invite.ts';
import type { OnboardWorld } from './onboard.ts';

/** Invites whoever has no account, into the groups that are there and could be written if they had to be. */
export async function inviteFound(
  world: OnboardWorld,
  journey: Journey,
  onboarding: Kept,
  joined: readonly Kept[],
  runId: string,
): Promise<InviteResult> {
  const { drawers, rules } = world;
  const { invite } = rules;
  if (invite === null) return { outcomes: [], stop: null };
  const { invitations, later, invitees } = await journey.step('invitations', async () => {
    const found = await drawers.onboarding.get(onboarding);
    const outcomes = (await Promise.all(joined.map((kept) => drawers.joined.get(kept)))).flat();
    const lost = new Set(
      outcomes.flatMap(({ secodaId, outcome }) =>
        outcome === 'failed' || outcome === 'not-attempted' ? [secodaId] : [],
      ),
    );
    const idOf = ({ secodaId }: InvitedInto) => (lost.has(secodaId ?? '') ? null : secodaId);
    return { ...portion(found.invitations, idOf), invitees: found.invitees };
  });
  const belonging = belongingByPeople(world, new Map(invitees));
  const idOf = ({ secodaId }: InvitedInto) => secodaId;
  const input = { ...world, runId, invite, idOf, belonging, approved: false };
  const sent = await sendInvitations(input, invitations, journey);
  return { ...sent, outcomes: [...sent.outcomes, ...outcomesOfLater(later)] };
}
