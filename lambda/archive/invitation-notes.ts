import { jsonOf } from '../core/model/json.ts';
import * as z from 'zod';
import { compareNotes, type InvitationNote, invitedBefore, WAITING_MS } from '../core/people/invitations.ts';
import type { WorkspaceUser } from '../core/model/workspace.ts';
import { byText } from '../core/model/text.ts';
import type { Archive } from '../ports.ts';
import { carriedIn, editFile, fitting } from './state-file.ts';

const KEY = 'invited.json';
const VERSION = 1;

/** What an earlier release noted for no longer than this, it was not sure of (milliseconds). */
const UNSURE_MS = 10 * 60_000;

/** `until` is for releases before 0.3, which know no `sure` and forget somebody at that time. */
const personShape = z.looseObject({
  via: z.string(),
  email: z.string(),
  at: z.number(),
  until: z.number(),
  sure: z.boolean().optional(),
});
const fileShape = z.object({ version: z.literal(VERSION), people: z.array(z.unknown()) });

/** Several deployments may share an archive, so each has its own notes. */
type Person = z.infer<typeof personShape>;

/** What this deployment noted. What cannot be read is as good as forgotten: the users list still shows who has an account. */
export async function invitationNotes(archive: Archive, via: string): Promise<readonly InvitationNote[]> {
  return notesIn(parse((await archive.read(KEY))?.text ?? ''), via);
}

/** Brings the notes up to a complete users list. Only for a run that may write. */
export async function settleInvited(archive: Archive, via: string, users: readonly WorkspaceUser[]) {
  return invitedBefore(await change(archive, via, (notes) => compareNotes(notes, users)));
}

/**
 * Notes that these people are about to be invited; `false`, with nothing noted, when one of them is noted already. Their own note may
 * be found where the answer to writing it was lost.
 */
export async function claimInvited(archive: Archive, via: string, emails: readonly string[], at: number) {
  const wanted = new Set(emails);
  let claimed = true;
  await change(archive, via, (notes) => {
    const noted = notes.filter(({ email }) => wanted.has(email));
    claimed = noted.every((note) => note.at === at && !note.sure);
    if (!claimed) return notes;
    const others = notes.filter(({ email }) => !wanted.has(email));
    return [...others, ...emails.map((email) => ({ email, at, sure: false }))];
  });
  return claimed;
}

/** Notes what came of inviting people who were claimed. `sure`: the answer showed them; otherwise nobody knows. */
export async function noteInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  at: number,
  sure: boolean,
): Promise<void> {
  const noted = new Set(emails);
  await change(archive, via, (notes) => {
    const others = notes.filter(({ email }) => !noted.has(email));
    return [...others, ...emails.map((email) => ({ email, at, sure }))];
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
  await change(archive, via, (notes) => notes.filter(({ email, at }) => at >= before || !gone.has(email)));
}

/** Forgets people who were claimed at that time and were not invited after all. */
export async function forgetInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  claimedAt: number,
): Promise<void> {
  const gone = new Set(emails);
  await change(archive, via, (notes) =>
    notes.filter(({ email, at, sure }) => sure || at !== claimedAt || !gone.has(email)),
  );
}

async function change(
  archive: Archive,
  via: string,
  edit: (notes: readonly InvitationNote[]) => readonly InvitationNote[],
): Promise<readonly InvitationNote[]> {
  let after: readonly InvitationNote[] = [];
  await editFile(archive, KEY, (stored) => {
    const before = parse(stored ?? '');
    after = edit(notesIn(before, via));
    const later = carriedIn(stored, fileShape);
    const text = written(before, via, after, later);
    return text === written(before, via, notesIn(before, via), later) ? null : text;
  });
  return after;
}

function notesIn(file: readonly Person[], via: string): readonly InvitationNote[] {
  return file
    .filter((each) => each.via === via)
    .map(({ email, at, until, sure = until - at > UNSURE_MS }) => ({ email, at, sure }));
}

/** The file with these notes for one deployment, and everybody else's and a later version's as they were. */
function written(file: readonly Person[], via: string, notes: readonly InvitationNote[], later: string) {
  const others = file.filter((each) => each.via !== via);
  const known = new Map(file.filter((each) => each.via === via).map((each) => [each.email, each]));
  const own = notes.map((note) => ({ ...known.get(note.email), via, ...note, until: note.at + WAITING_MS }));
  const people = [...others, ...own].sort((a, b) => byText(a.via, b.via) || byText(a.email, b.email));
  return `{"version":${VERSION},${later}"people":${JSON.stringify(people)}}\n`;
}

function parse(text: string): readonly Person[] {
  return fitting(personShape, fileShape.safeParse(jsonOf(text)).data?.people ?? []);
}
