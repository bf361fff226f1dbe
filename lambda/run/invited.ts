import * as z from 'zod';
import { byText } from '../core/order.ts';
import type { WorkspaceUser } from '../core/model.ts';
import type { Archive } from '../ports.ts';

const KEY = 'invited.json';
const VERSION = 1;
const TRIES = 50;
/** An invitation whose answer is not known is held for so long: the users list shows it by then, or it was none. */
export const UNSURE_MS = 10 * 60_000;
/** Somebody who does not follow an invitation is invited again after so long, unless they have an account. */
export const SURE_MS = 30 * 24 * 60 * 60_000;

const personShape = z.object({ via: z.string(), email: z.string(), at: z.number(), until: z.number() });
const fileShape = z.object({ version: z.literal(VERSION), people: z.array(z.unknown()) });

/** Somebody who was invited: by which deployment, when, and until when they are not invited again (epoch milliseconds). */
export type InvitedPerson = z.infer<typeof personShape>;

/**
 * Addresses that this deployment invited and that are not to be invited again. Several may share an archive, so each has
 * its own. What cannot be read is as good as forgotten: the users list still shows who has an account.
 */
export async function invitedBy(archive: Archive, via: string, now: number): Promise<ReadonlySet<string>> {
  const people = parse((await archive.read(KEY))?.text ?? '');
  return new Set(people.filter((each) => each.via === via && each.until > now).map(({ email }) => email));
}

/** Notes that these people are being (`unsure`) or were invited. */
export async function noteInvited(
  archive: Archive,
  via: string,
  emails: readonly string[],
  now: number,
  forMs: number,
): Promise<void> {
  await change(archive, (people) => {
    const noted = new Set(emails);
    const others = people.filter((each) => each.via !== via || !noted.has(each.email));
    return [...others, ...emails.map((email) => ({ via, email, at: now, until: now + forMs }))];
  });
}

/** Forgets people who were not invited after all. */
export async function forgetInvited(archive: Archive, via: string, emails: readonly string[]): Promise<void> {
  const gone = new Set(emails);
  await change(archive, (people) => people.filter((each) => each.via !== via || !gone.has(each.email)));
}

/** Forgets whoever has signed in since, and whose time is over. To be called at the end of a run that may write. */
export async function tidyInvited(
  archive: Archive,
  via: string,
  users: readonly WorkspaceUser[],
  now: number,
): Promise<void> {
  const signedIn = new Set(
    users.flatMap(({ email, active }) =>
      active === false ? [] : [email?.trim().normalize('NFC').toLowerCase()],
    ),
  );
  await change(archive, (people) =>
    people.filter((each) => each.via !== via || (each.until > now && !signedIn.has(each.email))),
  );
}

async function change(
  archive: Archive,
  edit: (people: readonly InvitedPerson[]) => readonly InvitedPerson[],
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await archive.read(KEY);
    const before = parse(stored?.text ?? '');
    const after = [...edit(before)].sort((a, b) => byText(a.via, b.via) || byText(a.email, b.email));
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    const text = `${JSON.stringify({ version: VERSION, people: after })}\n`;
    if ((await archive.swap(KEY, text, stored?.tag ?? null)) !== null) return;
  }
  throw new Error(`${archive.address}${KEY} could not be written: other runs kept changing it`);
}

function parse(text: string): InvitedPerson[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const file = fileShape.safeParse(json);
  if (!file.success) return [];
  return file.data.people.flatMap((each) => {
    const person = personShape.safeParse(each);
    return person.success ? [person.data] : [];
  });
}
