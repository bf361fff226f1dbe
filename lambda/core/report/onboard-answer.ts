import type { Plan } from '../plan/change.ts';
import { byText } from '../model/text.ts';
import { type InviteOutcome, NOT_KNOWN } from '../people/invitations.ts';

/** The words of the report: their beginnings are a promise, so that scripts can look for them. */
const WORDS = {
  joins: (group: string) => `not added to ${group}: the run ended before`,
  added: (group: string) => `added to ${group}`,
  'already-there': (group: string) => `already there: ${group}`,
  'not-added': (group: string, why: string) => `not added to ${group}: ${why}`,
  unsettled: (group: string) =>
    `not taken by Secoda: ${group}; asked for again when their account changes, or after a week`,
  'not-created': (group: string) => `group not yet created: ${group}; the next full run does it`,
  'left-alone': (group: string, why: string) => `group left alone: ${group}: ${why}`,
  invites: () => 'no Secoda account; the run ended before the invitation',
  invited: () => 'invited',
  disabled: () => 'account disabled in Secoda: an Admin has to enable it there',
  'not-invited': (_: string, why: string) => `no Secoda account; not invited: ${why}`,
  'no-account': () => 'no Secoda account',
  ambiguous: () => 'ambiguous: several Secoda accounts have this address',
  'not-in-okta': () => 'not in Okta',
  several: () => 'ambiguous: several people in Okta have this address',
  'not-eligible': (_: string, why: string) => `not eligible: Okta says ${why}`,
  'unknown-status': (_: string, why: string) => `not eligible: Okta says ${why}, a status never seen before`,
  'no-address': () => 'no address in Okta to match by',
  'no-group': () => 'in no synced group',
};

/** What became of a person, in one respect. Plain data; `answerText` says it in words. */
export interface Answer {
  readonly kind: keyof typeof WORDS;
  /** The Secoda group concerned; `null` where it is about the person alone. */
  readonly group: string | null;
  readonly detail: string | null;
  /** With `joins`: whom to look for among the outcomes. */
  readonly join: { readonly secodaId: string; readonly userId: string } | null;
  /** With `invites`: likewise. */
  readonly email: string | null;
}

export function answer(
  kind: Answer['kind'],
  group: string | null = null,
  detail: string | null = null,
): Answer {
  return { kind, group, detail, join: null, email: null };
}

export function answerText({ kind, group, detail }: Answer): string {
  return WORDS[kind](group ?? '', detail ?? '');
}

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
