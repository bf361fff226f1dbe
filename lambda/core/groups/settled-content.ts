import type { Identity } from '../people/identity.ts';
import type { Managed } from './match.ts';
import type { GroupMemory, Memory } from '../model/memory.ts';
import type { GroupContent, WorkspaceGroup, WorkspaceUser } from '../model/workspace.ts';
import { fingerprint, ascending } from '../model/text.ts';
import { warningOf } from '../model/warning.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The content as one text in which the order of members does not matter, made short. */
export function fingerprintOf(content: GroupContent): string {
  return fingerprint(JSON.stringify([content.name, content.description, ascending(content.userIds)]));
}

/** What of a group a write can change. */
export function contentOf(group: WorkspaceGroup): GroupContent {
  return { name: group.name, description: group.description, userIds: group.userIds };
}

/** What is to be remembered of a group of ours as it was found. `agrees`: that is all it should show; else nobody knows what was asked. */
export function memoryOfFound({ group, marker: { oktaIds, via } }: Managed, agrees: boolean): GroupMemory {
  const answered = fingerprintOf(group);
  const asked = agrees ? answered : '';
  return { secodaId: group.id, via, oktaIds, asked, answered, unsettled: [], shortfall: null, triedAt: 0 };
}

/** Whether memory knows less: nothing of the group, or it waits for people although all that is wanted stands by now. */
export function isNews(found: GroupMemory, known: GroupMemory | undefined): boolean {
  if (known === undefined) return true;
  const { asked, answered } = found;
  return asked === answered && known.answered === answered && known.asked !== asked;
}

/** What of a user's row could change Secoda's mind about a membership. */
export function rowOf(user: WorkspaceUser | undefined): string {
  if (user === undefined) return '';
  const { email, active, service } = user;
  return JSON.stringify(service === true ? [email, active, 'service'] : [email, active]);
}

/** Whether asking for this again changes nothing. People not honoured are tried again when their row changes, or after a week. */
export function isSettled(
  memory: GroupMemory | undefined,
  current: GroupContent,
  wanted: GroupContent,
  identity: Identity,
  now: number,
): boolean {
  if (memory === undefined) return false;
  if (memory.answered !== fingerprintOf(current)) return false;
  if (memory.asked !== fingerprintOf(wanted)) return false;
  if (memory.unsettled.length === 0 && !memory.shortfall) return true;
  if (now - memory.triedAt >= WEEK_MS) return false;
  return memory.unsettled.every(({ userId, row }) => rowOf(identity.user(userId)) === row);
}

/** Whether a group stands otherwise than Secoda last answered, while just what was asked then is wanted: somebody else writes to it. */
export function isFight(memory: GroupMemory | undefined, group: WorkspaceGroup, wanted: GroupContent | null) {
  if (memory === undefined || wanted === null) return false;
  const stands = memory.answered === fingerprintOf(group);
  return !stands && memory.asked === fingerprintOf(wanted);
}

/** A warning after so many complete runs in a row. */
const FIGHTS = 3;

/** What is to be said of a group that this run, too, finds changed: nothing before it is a fight. */
export function fightWarning({ id, name }: WorkspaceGroup, oktaIds: readonly string[], { fights }: Memory) {
  const runs = (fights.get(id) ?? 0) + 1;
  if (runs < FIGHTS) return [];
  const message = `${runs} runs in a row found it changed in Secoda, and wanted just what the last one had written: something else writes to it. Look for SAML attributes (secodaGroupMembership), SCIM group push and another deployment`;
  return [warningOf('fight', { group: name, oktaIds }, message)];
}

/** Whether Secoda was asked for this person and did not take them, and stands where it stood after that. */
export function isWaitedFor(
  memory: GroupMemory | undefined,
  current: GroupContent,
  userId: string,
  identity: Identity,
  now: number,
): boolean {
  if (memory?.answered !== fingerprintOf(current) || now - memory.triedAt >= WEEK_MS) return false;
  const row = rowOf(identity.user(userId));
  return memory.unsettled.some((each) => each.userId === userId && each.row === row);
}
