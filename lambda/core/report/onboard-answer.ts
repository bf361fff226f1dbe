import type { Plan } from '../plan/change.ts';
import { byText } from '../model/text.ts';
import { type InviteOutcome, NOT_KNOWN } from '../people/invitations.ts';

/** What became of a person, in one respect. Plain data; `answerText` says it in words. */
export interface Answer {
  readonly kind:
    | 'joins'
    | 'added'
    | 'already-there'
    | 'not-added'
    | 'unsettled'
    | 'not-created'
    | 'left-alone'
    | 'invites'
    | 'invited'
    | 'disabled'
    | 'not-invited'
    | 'no-account'
    | 'ambiguous'
    | 'not-in-okta'
    | 'several'
    | 'not-eligible'
    | 'unknown-status'
    | 'no-address'
    | 'no-group';
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

/** The words of the report: their beginnings are a promise, so that scripts can look for them. */
export function answerText({ kind, group, detail }: Answer): string {
  const name = group ?? '';
  const why = detail ?? '';
  switch (kind) {
    case 'joins':
      return `not added to ${name}: the run ended before`;
    case 'added':
      return `added to ${name}`;
    case 'already-there':
      return `already there: ${name}`;
    case 'not-added':
      return `not added to ${name}: ${why}`;
    case 'unsettled':
      return `not taken by Secoda: ${name}; asked for again when their account changes, or after a week`;
    case 'not-created':
      return `group not yet created: ${name}; the next full run does it`;
    case 'left-alone':
      return `group left alone: ${name}: ${why}`;
    case 'invited':
      return 'invited';
    case 'disabled':
      return 'account disabled in Secoda: an Admin has to enable it there';
    case 'invites':
      return 'no Secoda account; the run ended before the invitation';
    case 'not-invited':
      return `no Secoda account; not invited: ${why}`;
    case 'no-account':
      return 'no Secoda account';
    case 'ambiguous':
      return 'ambiguous: several Secoda accounts have this address';
    case 'not-in-okta':
      return 'not in Okta';
    case 'several':
      return 'ambiguous: several people in Okta have this address';
    case 'not-eligible':
      return `not eligible: Okta says ${why}`;
    case 'unknown-status':
      return `not eligible: Okta says ${why}, a status never seen before`;
    case 'no-address':
      return 'no address in Okta to match by';
    case 'no-group':
      return 'in no synced group';
  }
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
