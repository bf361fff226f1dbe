import type { Plan } from '../core/change.ts';
import type { Invitation, InvitedInto, InviteOutcome } from '../core/invitations.ts';
import type { Journey } from '../ports.ts';
import type { Task, World } from '../sync.ts';
import { belongingByMembers } from './belonging.ts';
import type { Step } from './counted.ts';
import type { Decision } from './decide.ts';
import { idsAfter, type InviteResult, sendInvitations } from './invite.ts';
import { outcomesOf } from './outcomes.ts';
import type { WriteEnd } from './write.ts';

/**
 * So many at most in one run, and the next one goes on: a step's result has to stay below 256 KB, and in one step the
 * members of all groups behind the invitations are read again.
 */
const MOST_PEOPLE = 500;
const MOST_LISTS = 200;
const MOST_TEXT = 100_000;

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
    return portion(plan.invitations, idsAfter(outcomes));
  });
  const belonging = belongingByMembers(world.sources.directory, world.rules);
  const idOf = ({ secodaId }: InvitedInto) => secodaId;
  const input = { ...world, ...task, invite, belonging, idOf };
  return sendInvitations(input, invitations, { ...journey, step });
}

/** The outcome of everybody who was to be invited, also of those who have to wait for the next run. */
export function everyInviteOutcome(
  { invitations }: Plan,
  { outcomes }: InviteResult,
): readonly InviteOutcome[] {
  const told = new Set(outcomes.map(({ email }) => email));
  const error = 'so many people are invited over several runs; the next one goes on';
  const left = invitations.flatMap(({ emails }) => emails).filter((email) => !told.has(email));
  return [...outcomes, ...left.map((email): InviteOutcome => ({ email, outcome: 'not-attempted', error }))];
}

/** The first of the invitations, with the ids their groups have by now. */
export function portion(
  all: readonly Invitation[],
  idOf: (group: InvitedInto) => string | null,
): readonly Invitation[] {
  const portioned: Invitation[] = [];
  let [people, lists, text] = [0, 0, 0];
  for (const { emails, groups } of all) {
    const invitation = { emails, groups: groups.map((group) => ({ ...group, secodaId: idOf(group) })) };
    people += emails.length;
    lists += groups.reduce((sum, { oktaIds }) => sum + oktaIds.length, 0);
    text += JSON.stringify(invitation).length;
    const much = people > MOST_PEOPLE || lists > MOST_LISTS || text > MOST_TEXT;
    if (much && portioned.length > 0) break;
    portioned.push(invitation);
  }
  return portioned;
}
