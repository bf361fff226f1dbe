import { addressOfAccount } from './identity.ts';
import type { WorkspaceUser } from '../model/workspace.ts';

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
export function compareNotes(
  notes: readonly InvitationNote[],
  users: readonly WorkspaceUser[],
): readonly InvitationNote[] {
  const rows = rowsOf(users);
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

/** What is to be said of an invitation that nobody answered in all this time; `null` while they are waited for. */
export function unanswered({ email, at, sure }: InvitationNote, now: number, listed: boolean): string | null {
  if (now - at < WAITING_MS) return null;
  const day = new Date(at).toISOString().slice(0, 10);
  const what = sure
    ? `${email} was invited on ${day} and has not signed in since`
    : `it is not known whether the invitation of ${day} reached ${email}`;
  return `${what}; ${listed ? 'remind them, or send it again under Members in Secoda' : INVITE_AGAIN}`;
}

/** What an operator can do for somebody of whom it is not known whether they were invited, or who did not follow. */
export const INVITE_AGAIN =
  'look under Members in Secoda, and if they are missing there, run onboard for them with --invite-again';

/** Whether they have signed in, by address; of several rows with one address, the one that has. */
function rowsOf(users: readonly WorkspaceUser[]): ReadonlyMap<string, boolean | null> {
  const rows = new Map<string, boolean | null>();
  for (const user of users) {
    const address = addressOfAccount(user);
    if (address !== null && rows.get(address) !== true) rows.set(address, user.active);
  }
  return rows;
}
