import { addressOfAccount } from './identity.ts';
import type { WorkspaceUser } from '../model/workspace.ts';

/** A POST whose answer was lost takes effect within so long, or not at all (milliseconds). */
export const UNSURE_MS = 10 * 60_000;
/**
 * A list that misses somebody says so long that it hides invited people; later, that somebody took the invitation back. Nobody is
 * waited for any longer either (milliseconds).
 */
export const TELLING_MS = 30 * 24 * 60 * 60_000;
/** Nobody signs in and is switched off again within so long of being invited (milliseconds). */
const UNSIGNED_MS = 60 * 60_000;

/** An invitation that was sent. */
export interface InvitationNote {
  /** As addresses are compared. */
  readonly email: string;
  /** When it was accepted, or given up without an answer (epoch milliseconds). */
  readonly at: number;
  /** Secoda accepted it, or a users list showed the person. `false`: nobody knows whether they were invited. */
  readonly sure: boolean;
  /** Secoda said yes without showing them, so that only an operator has them invited again. */
  readonly accepted?: boolean;
}

/** What one deployment remembers of its invitations. */
export interface InvitationNotes {
  readonly people: readonly InvitationNote[];
  /** The users list was seen to show people who were invited and had not signed in, and not to hide any since. */
  readonly listShows: boolean;
}

/** Whom earlier runs invited, or perhaps invited, and who has not signed in since. By address. */
export type InvitedBefore = ReadonlyMap<string, InvitationNote>;

/**
 * What a complete users list says about those who were noted: `readAt` is when it was asked for. Secoda may list invited
 * people or not, so that somebody who is missing was not invited only where the list is known to show such people.
 */
export function compareNotes(
  { people, listShows: before }: InvitationNotes,
  users: readonly WorkspaceUser[],
  readAt: number,
): InvitationNotes {
  const rows = rowsOf(users);
  let [seen, missing, hidden] = [false, false, false];
  const waiting = people.flatMap((note) => {
    const age = readAt - note.at;
    const active = rows.get(note.email);
    if (active === true) return [];
    if (active !== undefined) {
      seen ||= active === false && age <= UNSIGNED_MS;
      return [{ ...note, sure: true }];
    }
    const telling = note.sure && age < TELLING_MS;
    missing ||= telling && age > 0;
    hidden ||= telling && age >= UNSURE_MS;
    return [note];
  });
  const listShows = !hidden && (seen || before);
  const tells = listShows && !missing;
  const wasInvited = ({ sure, at, accepted = false }: InvitationNote) =>
    sure || accepted || !tells || readAt - at < UNSURE_MS;
  return { people: waiting.filter(wasInvited), listShows };
}

/** Everybody of whom something is noted. */
export function invitedBefore({ people }: InvitationNotes): InvitedBefore {
  return new Map(people.map((note) => [note.email, note]));
}

/** What is to be said of an invitation that nobody answered in all this time; `null` while they are waited for. */
export function unanswered({ email, at, sure }: InvitationNote, now: number, listed: boolean): string | null {
  if (now - at < TELLING_MS) return null;
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
