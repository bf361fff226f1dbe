import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import {
  compareNotes,
  type InvitationNotes,
  invitedBefore,
  type InvitedBefore,
  TELLING_MS,
  UNSURE_MS,
} from '../core/people/invitation-notes.ts';
import type { WorkspaceUser } from '../core/model/workspace.ts';
import { byText } from '../core/model/order.ts';
import type { Archive, NotShown } from '../ports.ts';
import { editFile } from './edit-file.ts';

const KEY = 'invited.json';
const VERSION = 1;

/** `until` is for releases before 0.3, which know no `sure` and forget somebody at that time. */
const personShape = z.object({
  via: z.string(),
  email: z.string(),
  at: z.number(),
  until: z.number(),
  sure: z.boolean().optional(),
  accepted: z.boolean().optional(),
});
const fileShape = z.object({
  version: z.literal(VERSION),
  people: z.array(z.unknown()),
  /** Deployments whose users list is known to show invited people. */
  shows: z.array(z.string()).catch([]),
});

/** Several deployments may share an archive, so each has its own notes. */
interface File {
  readonly people: readonly z.infer<typeof personShape>[];
  readonly shows: readonly string[];
}

/** What this deployment noted. What cannot be read is as good as forgotten: the users list still shows who has an account. */
export async function invitationNotes(archive: Archive, via: string): Promise<InvitationNotes> {
  return notesIn(parse((await archive.read(KEY))?.text ?? ''), via);
}

/** Brings the notes up to a complete users list that was asked for at `readAt`. Only for a run that may write. */
export async function settleInvited(
  archive: Archive,
  via: string,
  users: readonly WorkspaceUser[],
  readAt: number,
): Promise<InvitedBefore> {
  return invitedBefore(await change(archive, via, (notes) => compareNotes(notes, users, readAt)));
}

/**
 * Notes that these people are about to be invited; `false`, and nothing is noted, when one of them is noted already. (Their
 * own note may be found where the answer to writing it was lost.)
 */
export async function claimInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  at: number,
): Promise<boolean> {
  const wanted = new Set(emails);
  let claimed = true;
  await change(archive, via, ({ people, listShows }) => {
    const noted = people.filter(({ email }) => wanted.has(email));
    claimed = noted.every((note) => note.at === at && !note.sure);
    if (!claimed) return { people, listShows };
    const others = people.filter(({ email }) => !wanted.has(email));
    return { people: [...others, ...emails.map((email) => ({ email, at, sure: false }))], listShows };
  });
  return claimed;
}

/** Notes what came of inviting people who were claimed: an answer showed them, or nobody knows. */
export async function noteInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  at: number,
  end: 'shown' | Pick<NotShown, 'accepted'>,
): Promise<void> {
  const noted = new Set(emails);
  const note = end === 'shown' ? { at, sure: true } : { at, sure: false, accepted: end.accepted };
  await change(archive, via, ({ people, listShows }) => {
    const others = people.filter(({ email }) => !noted.has(email));
    return { people: [...others, ...emails.map((email) => ({ email, ...note }))], listShows };
  });
}

/** Forgets what was noted of these people before a time: an operator asks for them anew. */
export async function forgetEarlier(
  archive: Archive,
  via: string,
  emails: readonly string[],
  before: number,
): Promise<void> {
  const gone = new Set(emails);
  await change(archive, via, ({ people, listShows }) => ({
    people: people.filter(({ email, at }) => at >= before || !gone.has(email)),
    listShows,
  }));
}

/** Forgets people who were claimed at that time and were not invited after all. */
export async function forgetInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  claimedAt: number,
): Promise<void> {
  const gone = new Set(emails);
  await change(archive, via, ({ people, listShows }) => ({
    people: people.filter(({ email, at, sure }) => sure || at !== claimedAt || !gone.has(email)),
    listShows,
  }));
}

async function change(
  archive: Archive,
  via: string,
  edit: (notes: InvitationNotes) => InvitationNotes,
): Promise<InvitationNotes> {
  let after: InvitationNotes = { people: [], listShows: false };
  await editFile(archive, KEY, (stored) => {
    const before = parse(stored ?? '');
    after = edit(notesIn(before, via));
    const text = written(before, via, after);
    return text === written(before, via, notesIn(before, via)) ? null : text;
  });
  return after;
}

function notesIn(file: File, via: string): InvitationNotes {
  const people = file.people
    .filter((each) => each.via === via)
    // What an earlier release noted for ten minutes only, it was not sure of.
    .map(({ email, at, until, sure = until - at > UNSURE_MS, accepted }) =>
      accepted === true ? { email, at, sure, accepted } : { email, at, sure },
    );
  return { people, listShows: file.shows.includes(via) };
}

/** The file with these notes for one deployment, and everybody else's as they were. */
function written(file: File, via: string, { people, listShows }: InvitationNotes): string {
  const others = file.people.filter((each) => each.via !== via);
  const own = people.map(({ accepted = false, ...note }) => {
    const known = { via, ...note, until: note.at + TELLING_MS };
    return accepted ? { ...known, accepted } : known;
  });
  const all = [...others, ...own].sort((a, b) => byText(a.via, b.via) || byText(a.email, b.email));
  const shows = [...file.shows.filter((each) => each !== via), ...(listShows ? [via] : [])].sort(byText);
  return `${JSON.stringify({ version: VERSION, people: all, shows })}\n`;
}

function parse(text: string): File {
  const nothing = { people: [], shows: [] };
  const file = fileShape.safeParse(jsonOf(text));
  if (!file.success) return nothing;
  const people = file.data.people.flatMap((each) => {
    const person = personShape.safeParse(each);
    return person.success ? [person.data] : [];
  });
  return { people, shows: file.data.shows };
}
