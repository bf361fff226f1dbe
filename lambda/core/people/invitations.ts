import { type GroupRef, keyOf, type UnmatchedReason, type WorkspaceUser } from '../model/workspace.ts';
import { addressOfAccount, type Identity } from './identity.ts';
import type { MemberPlan } from './members.ts';
import { byText } from '../model/text.ts';
import type { InviteRules } from '../model/rules.ts';
import { type Warning, warningOf } from '../model/warning.ts';

/** People to be invited, one call each, who belong into the same groups: all of these are made before. */
export interface Invitation {
  /** Ascending. */
  readonly emails: readonly string[];
  /** By name. */
  readonly groups: readonly GroupRef[];
}

/** Somebody who was invited by an earlier run and has not signed in since. */
export interface Awaited {
  readonly email: string;
  readonly groups: readonly string[];
  /** `false`: Secoda did not answer, and no list has told since whether they were invited. */
  readonly known: boolean;
}

/** What an operator can do for somebody of whom it is not known whether they were invited, or who did not follow. */
export const INVITE_AGAIN =
  'look under Members in Secoda, and if they are missing there, run onboard for them with --invite-again';

/** Why somebody is not invited again, and what an operator can do. */
export const NOT_KNOWN = `it is not known whether an earlier invitation reached them, so none is sent again; ${INVITE_AGAIN}`;

/** A login that people are matched by need not be an address, and only an address can be written to. */
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/**
 * Finds out who is to be invited, group by group. Only those without any account are; Okta's eligible people alone get so far.
 * `rules`: `null` invites nobody. `now`: epoch milliseconds.
 */
export function invitationsBy(
  rules: InviteRules | null,
  invited: InvitedBefore,
  identity: Identity,
  now: number,
) {
  const into = new Map<string, GroupRef[]>();
  const awaited = new Map<string, Awaited>();
  const warnings = new Map<string, Warning>();
  /** Whether they are still waited for. */
  const wait = (note: InvitationNote, { name }: GroupRef, listed: boolean): boolean => {
    const { email, sure } = note;
    const late = unansweredWarning(note, now, listed);
    if (late === null)
      awaited.set(email, { email, groups: [...(awaited.get(email)?.groups ?? []), name], known: sure });
    else warnings.set(email, late);
    return late === null;
  };
  return {
    /** Whoever of a group is invited, now or earlier, is no longer unmatched: what is left is returned. */
    take(group: GroupRef, { unmatched, userIds }: MemberPlan): MemberPlan['unmatched'] {
      for (const id of userIds) {
        const note = invited.get(identity.addressOfUser(id) ?? '');
        if (note !== undefined && identity.user(id)?.active === false) wait(note, group, true);
      }
      return unmatched.filter(({ key: email, reason }) => {
        if (!mayBeInvited(reason, email)) return true;
        const note = invited.get(email);
        if (note !== undefined) return !wait(note, group, false);
        if (rules === null) return true;
        into.set(email, [...(into.get(email) ?? []), group]);
        return false;
      });
    },
    invitations: () => byGroups(into),
    awaited: () => [...awaited.values()].sort((a, b) => byText(a.email, b.email)),
    /** About those who have been waited for long enough. */
    warnings: () => [...warnings.values()],
  };
}

/** The warning about an invitation that nobody answered in all this time; `null` while somebody is waited for. */
export function unansweredWarning({ email, at, sure }: InvitationNote, now: number, listed: boolean) {
  if (now - at < WAITING_MS) return null;
  const since = new Date(at).toISOString();
  const day = since.slice(0, 10);
  const what = sure
    ? `${email} was invited on ${day} and has not signed in since`
    : `it is not known whether the invitation of ${day} reached ${email}`;
  const message = `${what}; ${listed ? 'remind them, or send it again under Members in Secoda' : INVITE_AGAIN}`;
  return warningOf('unanswered', { group: null, oktaIds: [] }, message, { email, since });
}

/** Whether somebody unmatched could be helped by an invitation at all. */
export function mayBeInvited(reason: UnmatchedReason, email: string): boolean {
  return reason === 'no-account' && ADDRESS.test(email);
}

/** People with the same groups stand together. */
export function byGroups(into: ReadonlyMap<string, readonly GroupRef[]>): readonly Invitation[] {
  const calls = new Map<string, { emails: string[]; groups: readonly GroupRef[] }>();
  for (const [email, unsorted] of [...into].sort(([a], [b]) => byText(a, b))) {
    const groups = [...unsorted].sort((a, b) => byText(a.name, b.name) || byText(keyOf(a), keyOf(b)));
    const key = JSON.stringify(groups.map(keyOf));
    const call = calls.get(key);
    if (call) call.emails.push(email);
    else calls.set(key, { emails: [email], groups });
  }
  return [...calls.values()];
}

/** People, not calls. */
export function countInvited(invitations: readonly Invitation[]): number {
  return invitations.reduce((sum, { emails }) => sum + emails.length, 0);
}

/**
 * The people whom an approval has to be given for: everybody when they are, with those `recently` invited, more than the
 * guard lets pass, else nobody, so that a new hire does not change what an approval of something else is for.
 */
export function seatsToApprove(
  invitations: readonly Invitation[],
  rules: InviteRules | null,
  recently: ReadonlySet<string>,
): string[] {
  const emails = invitations.flatMap((each) => each.emails);
  if (rules === null || emails.length === 0) return [];
  return recently.union(new Set(emails)).size <= rules.max ? [] : emails.sort(byText);
}

/** What became of inviting one person. */
export interface InviteOutcome {
  readonly email: string;
  readonly outcome: 'applied' | 'failed' | 'not-attempted';
  readonly error: string | null;
}

/** So long somebody is waited for who was invited (milliseconds). */
export const WAITING_MS = 30 * 24 * 60 * 60_000;

/** An invitation that was sent. */
export interface InvitationNote {
  /** As addresses are compared. */
  readonly email: string;
  /** When it was accepted, or given up without an answer (epoch milliseconds). */
  readonly at: number;
  /** Secoda's answer or a users list showed the person. `false`: nobody knows whether they were invited. */
  readonly sure: boolean;
}

/** Whom earlier runs invited, or perhaps invited, and who has not signed in since. By address. */
export type InvitedBefore = ReadonlyMap<string, InvitationNote>;

/**
 * What a complete users list says about those who were noted: whoever is listed was invited, and whoever is active has signed in.
 * Nothing is said of who is missing: Secoda may list invited people or not.
 */
export function compareNotes(notes: readonly InvitationNote[], users: readonly WorkspaceUser[]) {
  // Whether they have signed in, by address; of several rows with one address, the one that has.
  const rows = new Map<string, boolean | null>();
  for (const user of users) {
    const address = addressOfAccount(user);
    if (address !== null && rows.get(address) !== true) rows.set(address, user.active);
  }
  return notes.flatMap((note) => {
    const active = rows.get(note.email);
    if (active === true) return [];
    return active === undefined ? [note] : [{ ...note, sure: true }];
  });
}

/** Everybody of whom something is noted. */
export function invitedBefore(notes: readonly InvitationNote[]): InvitedBefore {
  return new Map(notes.map((note) => [note.email, note]));
}
