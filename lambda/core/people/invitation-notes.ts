import { addressOfAccount } from './identity.ts';
import type { WorkspaceUser } from '../model/workspace.ts';

/** A POST whose answer was lost takes effect within so long, or not at all (milliseconds). */
export const UNSURE_MS = 10 * 60_000;
/** A list that misses somebody says so long that it hides invited people; later, that somebody took the invitation back (milliseconds). */
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
}

/** What one deployment remembers of its invitations. */
export interface InvitationNotes {
  readonly people: readonly InvitationNote[];
  /** The users list was seen to show people who were invited and had not signed in, and not to hide any since. */
  readonly listShows: boolean;
}

/** Whom earlier runs invited and who has not signed in since, and those of whom that is not known. By address. */
export type InvitedBefore = ReadonlyMap<string, 'invited' | 'unknown'>;

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
  const wasInvited = ({ sure, at }: InvitationNote) => sure || !tells || readAt - at < UNSURE_MS;
  return { people: waiting.filter(wasInvited), listShows };
}

/** Everybody of whom something is noted. */
export function invitedBefore({ people }: InvitationNotes): InvitedBefore {
  return new Map(people.map(({ email, sure }) => [email, sure ? 'invited' : 'unknown']));
}

/** Whether they have signed in, by address; of several rows with one address, the one that has. */
function rowsOf(users: readonly WorkspaceUser[]): ReadonlyMap<string, boolean | null> {
  const rows = new Map<string, boolean | null>();
  for (const user of users) {
    const address = addressOfAccount(user);
    if (address !== null && rows.get(address) !== true) rows.set(address, user.active);
  }
  return rows;
}
