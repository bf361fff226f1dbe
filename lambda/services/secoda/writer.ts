import type { Adder, Invitee, Inviter, WorkspaceWriter, WriteGate } from '../../ports.ts';
import { groupPath, type SecodaConnection, USERS_PATH } from './connection.ts';
import { createGroup, lookAt, updateGroup } from './write-group.ts';
import { RefusedWrite, WriteError } from '../../errors.ts';
import { forWrite } from './get.ts';
import { readGroup } from './workspace.ts';
import { attemptWrite, refusal, Uncertain } from './attempt-write.ts';
import { isAbsent, isHtml, isOk, parsed, type SecodaAnswer } from './answer.ts';
import type { InvitationForm } from './learned-habits.ts';
import * as z from 'zod';
import { normaliseAddress } from '../../core/people/address.ts';

/** The writing side of a workspace. Whoever is not to change anything is not given one. */
export function secodaWriter(connection: SecodaConnection): WorkspaceWriter {
  return {
    create: (content, known, gate) => createGroup(connection, content, known, gate),
    update: (group, fields, gate) => updateGroup(connection, group, fields, gate),
    remove: (id, gate) => removeGroup(connection, id, gate),
  };
}

/** Adds people to groups, and can do nothing else. */
export function secodaAdder(connection: SecodaConnection): Adder {
  return {
    async add(groupId, userIds, leftOut, gate, read) {
      const nothing = (why: string) => `Nothing was written: ${why}`;
      const group = read ?? (await forWrite(readGroup(connection, groupId), nothing));
      if (group === null) throw new WriteError(`${groupPath(groupId)} is gone, so nobody was added`, false);
      const asked = [...new Set([...group.userIds, ...userIds])].filter((id) => !leftOut.has(id));
      if (new Set(asked).symmetricDifference(new Set(group.userIds)).size === 0)
        return { group, doubt: null };
      return updateGroup(connection, group, { userIds: asked }, gate);
    },
  };
}

/** A group that is gone stays gone however often it is deleted. */
const REPEATS = 2;
/** How a deletion is answered, by the specification. */
const NO_CONTENT = 204;

/** Deletes a group. One that is gone already counts as deleted. */
export async function removeGroup(connection: SecodaConnection, id: string, gate: WriteGate): Promise<void> {
  const request = { method: 'DELETE', path: groupPath(id) } as const;
  try {
    const answer = await attemptWrite(connection, request, gate, REPEATS);
    if (answer.status === NO_CONTENT || isAbsent(answer)) return;
    const where = `DELETE ${groupPath(id)}`;
    if (!isOk(answer)) throw refusal(connection, answer, where);
    // Whatever else says 200 may be a page of something in between.
    if (await isGone(connection, id)) return;
    const said = `${where} was answered ${answer.status} (${connection.words(answer)})`;
    throw new WriteError(`${said}, and the group is not seen to be gone`, true);
  } catch (error) {
    if (!(error instanceof Uncertain)) throw error;
    if (await isGone(connection, id)) return;
    if (error.lease !== undefined) throw error.lease;
    throw new WriteError(`${error.message}; whether it took effect is unknown`, true);
  }
}

async function isGone(connection: SecodaConnection, id: string): Promise<boolean> {
  return (await lookAt(connection, id)) === null;
}

/** How often an invitation is sent again that could not be sent at all. */
const UNSENT_REPEATS = 2;
/** Before that, in milliseconds. */
const PAUSE_MS = 1_000;
const WHERE = `POST ${USERS_PATH}`;

/** What is said of the person, and what is said of the form: a field that is missing or not known. */
const ABOUT_CONTENT = /\b(e-?mail|role|teams?|user_groups|domain|address)\b/i;
const ABOUT_FORM = /\b(emails|unknown|not known|unexpected|unrecogni[sz]ed)\b/i;

/**
 * Invites people one by one. The reference has one person a call; an older guide has a list. A server that ignores what it does
 * not know could make a person without an address of the wrong one, so the second is tried only where the first was refused
 * (400, 422) for no fault of what it says, and only until one was accepted.
 */
export function secodaInviter(connection: SecodaConnection): Inviter {
  const { habits } = connection;
  const invite = async (form: InvitationForm, person: Invitee, gate: WriteGate) => {
    const answer = await post(connection, bodyIn(form, person), gate);
    if (typeof answer === 'string') return answer;
    if (!isOk(answer)) throw refusal(connection, answer, WHERE);
    if (!shows(answer, person.email)) {
      const what = isHtml(answer) ? 'an HTML page' : connection.words(answer);
      return `${WHERE} was answered ${answer.status} without that address (${what})`;
    }
    habits.invitationForm = form;
    return null;
  };
  return {
    async invite(person, gate) {
      try {
        return await invite(habits.invitationForm ?? 'reference', person, gate);
      } catch (error) {
        if (habits.invitationForm !== null || !(error instanceof RefusedWrite) || !mindsForm(error, person))
          throw error;
        return invite('guide', person, gate);
      }
    },
  };
}

/** Whether the form itself may be what is minded. */
function mindsForm({ status, said }: RefusedWrite, { email }: Invitee): boolean {
  if (status !== 400 && status !== 422) return false;
  return ABOUT_FORM.test(said) || !(ABOUT_CONTENT.test(said) || said.toLowerCase().includes(email));
}

function bodyIn(form: InvitationForm, { email, role, teams, groupIds }: Invitee): unknown {
  const into = teams.length > 0 ? { teams } : {};
  if (form === 'guide') return { emails: [email], role, groups: groupIds, ...into };
  return { email, role, user_groups: groupIds, ...into };
}

const Person = z.object({ email: z.string() });

/** A person alone, or a list of them, by itself or as a page shows it. */
const Shown = z.union([
  z.array(Person),
  z.object({ results: z.array(Person) }).transform(({ results }) => results),
  Person.transform((person) => [person]),
]);

function shows(answer: SecodaAnswer, email: string): boolean {
  const people = Shown.safeParse(parsed(answer)).data ?? [];
  return people.some((person) => normaliseAddress(person.email) === normaliseAddress(email));
}

/** Sends it, again only if it never left: an e-mail cannot be taken back. A text says why nobody knows what came of it. */
async function post(connection: SecodaConnection, body: unknown, gate: WriteGate) {
  for (let repeat = 0; ; repeat += 1) {
    try {
      return await attemptWrite(connection, { method: 'POST', path: USERS_PATH, body }, gate, 0);
    } catch (error) {
      if (!(error instanceof Uncertain)) throw error;
      if (!error.unsent) return error.message;
      if (repeat === UNSENT_REPEATS) throw error;
    }
    connection.willRetry('failure', PAUSE_MS);
    await connection.clock.sleep(PAUSE_MS);
  }
}
