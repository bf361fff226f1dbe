import type { Plan } from '../plan/change.ts';
import { byText } from '../model/order.ts';
import { type InviteOutcome, NOT_KNOWN } from '../people/invitations.ts';

/** Everybody who is invited, by e-mail. */
export function reportedInvitations(
  plan: Pick<Plan, 'invitations' | 'awaited'> | null,
  outcomes: readonly InviteOutcome[],
): readonly Invited[] {
  const ends = new Map(outcomes.map((each) => [each.email, each]));
  const now = (plan?.invitations ?? []).flatMap(({ emails, groups }) =>
    emails.map((email): Invited => {
      const { outcome = null, error = null } = ends.get(email) ?? {};
      return { email, groups: groups.map(({ name }) => name), outcome, error };
    }),
  );
  const earlier = (plan?.awaited ?? []).map(({ email, groups, known }): Invited => ({
    email,
    groups,
    outcome: 'awaited',
    error: known ? null : NOT_KNOWN,
  }));
  return [...now, ...earlier].sort((a, b) => byText(a.email, b.email));
}

/** As the report shows somebody invited. */
export interface Invited {
  readonly email: string;
  readonly groups: readonly string[];
  /** `null` in a plan; `awaited`: invited by an earlier run and not signed in yet. With an `error`, that is not known. */
  readonly outcome: InviteOutcome['outcome'] | 'awaited' | null;
  readonly error: string | null;
}
