import type { Invitation, InviteOutcome } from '../../core/people/invitations.ts';
import type { Workflow } from '../../ports.ts';
import { inviteUnderLease } from './invite-lease.ts';
import type { ErrorRecord } from '../error-record.ts';
import type { InviteInput, InviteResult } from './invite-input.ts';

/** Turns taken in a row without a single call: somebody else uses up the whole write budget. */
const FRUITLESS_LEASES = 30;
/** All leases of a run: each is two operations of a durable execution, of which writing leaves a few hundred. */
const MOST_LEASES = 100;

/** Sends all invitations, in steps `invite-1`, `invite-2` …, with waits for the write budget between them. Never throws. */
export async function sendInvitations(
  input: InviteInput,
  invitations: readonly Invitation[],
  workflow: Workflow,
): Promise<InviteResult> {
  const outcomes = new Map<string, InviteOutcome>();
  let stop: ErrorRecord | null = null;
  let fruitless = 0;
  const left = () => invitationsWithout(invitations, outcomes);
  for (
    let n = 1;
    left().length > 0 && stop === null && fruitless < FRUITLESS_LEASES && n <= MOST_LEASES;
    n++
  ) {
    const pending = left();
    const result = await workflow.step(`invite-${n}`, () => inviteUnderLease(input, pending));
    for (const outcome of result.outcomes) outcomes.set(outcome.email, outcome);
    ({ stop } = result);
    fruitless = result.outcomes.length === 0 ? fruitless + 1 : 0;
    if (result.waitMs > 0) await workflow.wait(`invite-budget-${n}`, result.waitMs);
  }
  const error = stop?.message ?? 'the write budget was used up by others all the time';
  for (const email of left().flatMap(({ emails }) => emails))
    outcomes.set(email, { email, outcome: 'not-attempted', error });
  return { outcomes: [...outcomes.values()], stop };
}

function invitationsWithout(
  invitations: readonly Invitation[],
  outcomes: ReadonlyMap<string, InviteOutcome>,
): readonly Invitation[] {
  return invitations.flatMap(({ emails, groups }) => {
    const left = emails.filter((email) => !outcomes.has(email));
    return left.length === 0 ? [] : [{ emails: left, groups }];
  });
}
