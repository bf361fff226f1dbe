import type { Fingerprint } from '../core/model.ts';
import type { Invitation, InvitedInto, InviteOutcome } from '../core/invitations.ts';
import type { GuardRules, InviteRules, SyncRules } from '../core/rules.ts';
import type { Archive, Inviter, Journey, Turns } from '../ports.ts';
import { inviteInTurn } from './invite-turn.ts';
import type { Note } from './note.ts';
import type { Sources } from './read.ts';

/** Turns taken in a row without a single call: somebody else uses up the whole write budget. */
const FRUITLESS_TURNS = 30;
/** All turns of a run: each is two operations of a durable execution, of which writing leaves a few hundred. */
const MOST_TURNS = 100;

/** Who of these people belongs into a group as Okta has it now. */
export type Belonging = (emails: readonly string[], group: InvitedInto) => Promise<ReadonlySet<string>>;
/** A new look at Okta, taken just before these people are invited: it asks for nothing twice. */
export type Look = (about: ReadonlySet<string>) => Belonging;

export interface InviteInput {
  readonly sources: Pick<Sources, 'workspace' | 'clock'>;
  readonly rules: SyncRules;
  readonly invite: InviteRules;
  readonly archive: Archive;
  readonly fingerprint: Fingerprint;
  readonly inviter: Inviter;
  readonly turns: Turns;
  readonly runId: string;
  readonly guard: GuardRules;
  /** An operator approved these very people. */
  readonly approved: boolean;
  readonly belonging: Look;
  /** The Secoda id of a group by now; `null` where it could not be made or written, so that nobody is invited into it. */
  readonly idOf: (group: InvitedInto) => string | null;
}

export interface InviteResult {
  /** One for each person. Plain data. */
  readonly outcomes: readonly InviteOutcome[];
  readonly stop: Note | null;
}

/** Sends all invitations, in steps `invite-1`, `invite-2` …, with waits for the write budget between them. Never throws. */
export async function sendInvitations(
  input: InviteInput,
  invitations: readonly Invitation[],
  journey: Journey,
): Promise<InviteResult> {
  const outcomes = new Map<string, InviteOutcome>();
  let stop: Note | null = null;
  let fruitless = 0;
  const left = () => invitationsWithout(invitations, outcomes);
  for (let n = 1; left().length > 0 && stop === null && fruitless < FRUITLESS_TURNS && n <= MOST_TURNS; n++) {
    const pending = left();
    const result = await journey.step(`invite-${n}`, () => inviteInTurn(input, pending));
    for (const outcome of result.outcomes) outcomes.set(outcome.email, outcome);
    ({ stop } = result);
    fruitless = result.outcomes.length === 0 ? fruitless + 1 : 0;
    if (result.waitMs > 0) await journey.wait(`invite-budget-${n}`, result.waitMs);
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
