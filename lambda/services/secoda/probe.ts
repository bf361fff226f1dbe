import type { GroupContent, WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import { bad, type Finding, fine, untold } from '../../core/report/finding.ts';
import type { WriteGate } from '../../ports.ts';
import { groupPath, SecodaConnection, type SecodaOptions } from './connection.ts';
import { createGroup, updateGroup } from './write-group.ts';
import { broken, look } from './diagnose.ts';
import { removeGroup } from './writer.ts';
import { readGroup, readGroups, secodaWorkspace } from './workspace.ts';
import { SourceError, WriteError } from '../../errors.ts';
import { markerLine, readMarker, sameText } from '../../core/groups/marker.ts';

interface ProbeOptions extends SecodaOptions {
  readonly gate: WriteGate;
  /** Makes the scratch group's name unique. */
  readonly id: string;
}

/** What the scratch group of the probe with this id is called. */
export function scratchName(id: string): string {
  return `okta-secoda-sync probe ${id}`;
}

const REMOVAL = 'Secoda: delete a group';

/** Finds out what Secoda makes of about ten writes, on a scratch group that is deleted again, whatever happens in between. */
export async function probeSecoda(options: ProbeOptions): Promise<readonly Finding[]> {
  const { gate, id } = options;
  const connection = new SecodaConnection(options);
  const name = scratchName(id);
  const before = await look(async () => ({
    users: await secodaWorkspace(connection).users(),
    known: new Set((await readGroups(connection)).map((group) => group.id)),
  }));
  const check = 'Secoda: create a group';
  if ('error' in before) return [broken(check, before.error, 'See the findings of doctor without --probe.')];
  const { users, known } = before.seen;
  // Whatever could show how people are invited could make one.
  const findings = [untold('Secoda: invitations', 'not tried: even a trial could make a person')];
  try {
    const content = { name, description: 'A trial of okta-secoda-sync. It may be deleted.', userIds: [] };
    const created = await look(async () => (await createGroup(connection, content, known, gate)).group);
    if ('error' in created) {
      findings.push(broken(check, created.error, 'See what Secoda said.'));
    } else {
      findings.push(creationFinding(check, created.seen, name));
      findings.push(...(await probeMembers(connection, created.seen, users, gate)));
      findings.push(...(await probeDescriptions(connection, created.seen, gate)));
    }
  } finally {
    findings.push(...(await cleanUp(connection, name, known, gate)));
  }
  return findings;
}

function creationFinding(check: string, group: WorkspaceGroup, name: string): Finding {
  if (group.name === name) return fine(check, `${group.id} is shown as it was asked for`);
  const fix = 'Compare the names of groups in Okta and in Secoda.';
  return bad(check, `${group.id} is shown with another name`, fix);
}

/** Looks for the scratch group instead of trusting what was answered, so that an uncertain creation leaves nothing. */
async function cleanUp(
  connection: SecodaConnection,
  name: string,
  known: ReadonlySet<string>,
  gate: WriteGate,
): Promise<readonly Finding[]> {
  const byHand = (what: string) => `Delete ${what} in Secoda by hand.`;
  const listed = await look(() => readGroups(connection));
  if ('error' in listed)
    return [broken(REMOVAL, listed.error, byHand(`the group "${name}", if it is there,`))];
  const left = listed.seen.filter((group) => group.name === name && !known.has(group.id));
  if (left.length === 0) return [untold(REMOVAL, 'there was no scratch group to delete')];
  const findings: Finding[] = [];
  for (const { id } of left) {
    const removed = await look(async () => {
      await removeGroup(connection, id, gate);
      return readGroup(connection, id);
    });
    const why = 'error' in removed ? removed.error.message : `${id} is still there after it was deleted`;
    findings.push(
      'seen' in removed && removed.seen === null
        ? fine(REMOVAL, 'the scratch group is gone')
        : bad(REMOVAL, why, byHand(`the group "${name}" (${id})`)),
    );
  }
  return findings;
}

const MEMBERS = 'Secoda: members of a group';
const OTHERS = 'Secoda: fields left out of a PATCH';
const STAMP = 'Secoda: updated_at';
const NOT_UNDERSTOOD = 'Do not let a sync write before this is understood: ask Secoda about PATCH and users.';

/** A time stamp of whole seconds moves only when so much has passed, in milliseconds. */
const TICK_MS = 1_100;

/** Puts one person who is not known to be inactive into the scratch group and takes them out again, and sees what else changes. */
async function probeMembers(
  connection: SecodaConnection,
  group: WorkspaceGroup,
  users: readonly WorkspaceUser[],
  gate: WriteGate,
): Promise<readonly Finding[]> {
  const possible = users.filter(({ active, service }) => active !== false && service !== true);
  const user = possible.find(({ active }) => active) ?? possible[0];
  if (user === undefined)
    return [MEMBERS, OTHERS, STAMP].map((check) => untold(check, 'nobody who could be active is listed'));
  await connection.clock.sleep(TICK_MS);
  const steps = await look(async () => ({
    joined: await patchAndRead(connection, group, { userIds: [user.id] }, gate),
    emptied: await patchAndRead(connection, group, { userIds: [] }, gate),
  }));
  if ('error' in steps) {
    return [broken(MEMBERS, steps.error, 'See what Secoda said.'), untold(OTHERS), untold(STAMP)];
  }
  const { joined, emptied } = steps.seen;
  return [
    membersFinding(joined, emptied, user.id),
    othersFinding(group, joined, connection),
    stampFinding(group, joined),
  ];
}

function membersFinding(joined: WorkspaceGroup, emptied: WorkspaceGroup, userId: string): Finding {
  if (!joined.userIds.includes(userId))
    return bad(MEMBERS, `the user ${userId} was not kept as a member`, NOT_UNDERSTOOD);
  if (emptied.userIds.includes(userId))
    return bad(MEMBERS, 'an empty list of users did not empty the group', NOT_UNDERSTOOD);
  const others = emptied.userIds.length;
  if (others > 0)
    return fine(MEMBERS, `a list of users replaces the one before, but for ${others} whom Secoda keeps`);
  return fine(MEMBERS, 'a list of users replaces the one before, and an empty one empties the group');
}

function othersFinding(before: WorkspaceGroup, after: WorkspaceGroup, { habits }: SecodaConnection): Finding {
  if (after.name !== before.name || after.description !== before.description)
    return bad(OTHERS, 'a PATCH of the users changes name or description', NOT_UNDERSTOOD);
  const name = habits.patchNeedsName ? '; one without the name is refused, so a sync sends it along' : '';
  return fine(OTHERS, `a PATCH of the users keeps name and description${name}`);
}

function stampFinding(before: WorkspaceGroup, after: WorkspaceGroup): Finding {
  if (before.updatedAt === null || after.updatedAt === null) return untold(STAMP, 'is not shown');
  if (before.updatedAt === after.updatedAt)
    return fine(STAMP, 'does not move with the members; nothing depends on it');
  return fine(STAMP, 'moves with the members');
}

const CHECK = 'Secoda: length of a description';
const LINES = 'Secoda: lines of a description';
/** In characters, ascending. */
const LENGTHS = [200, 1_200, 4_000, 10_000];
/** A marker of a few groups with the longest description that is copied from Okta below it, in characters. */
const NEEDED = 1_200;

/** Writes longer and longer descriptions, as a marker on the first line and text below, until one is not kept. */
export async function probeDescriptions(
  connection: SecodaConnection,
  group: WorkspaceGroup,
  gate: WriteGate,
): Promise<readonly Finding[]> {
  let kept = 0;
  let lines: Finding | null = null;
  const found = (beyond: string) => {
    const length = lengthFinding(`${kept} characters are kept; ${beyond}`, kept >= NEEDED);
    return lines === null ? [length] : [length, lines];
  };
  for (const length of LENGTHS) {
    const description = textOf(length);
    const tried = await look(() => patchAndRead(connection, group, { description }, gate));
    if ('error' in tried) {
      const refused = tried.error instanceof WriteError && !tried.error.server;
      if (!refused) return [broken(CHECK, tried.error, 'Run the probe again later.')];
      return found(`${length} characters are refused: ${tried.error.message}`);
    }
    const shown = tried.seen.description;
    lines ??= linesFinding(shown, description);
    if (shown.trim().length < description.length)
      return found(`of ${length} characters ${shown.length} are kept`);
    kept = length;
  }
  return found('longer ones were not tried');
}

/** Of a deployment that does not exist: no sync takes it for its own, so that one that runs meanwhile leaves it alone. */
const MARKER = markerLine({ oktaIds: ['00gprobe'], via: 'probe-of-a-marker' });

function textOf(length: number): string {
  return `${MARKER}\nA text (from Okta) with <signs> & *others*: a_b, "c".\n`.padEnd(length, '.');
}

function lengthFinding(detail: string, enough: boolean): Finding {
  if (enough) return fine(CHECK, detail);
  const fix = 'Keep the descriptions of groups in Okta short, and map fewer Okta groups to one Secoda name.';
  return bad(CHECK, detail, fix);
}

function linesFinding(shown: string, asked: string): Finding {
  if (shown === asked) return fine(LINES, 'are kept as they are');
  const [first] = shown.split('\n');
  if (first?.trim() === MARKER && sameText(asked, shown))
    return fine(LINES, 'are kept but for white space and escapes');
  const marker = readMarker(shown);
  const beginning = JSON.stringify(shown.slice(0, 60));
  if (marker !== null && markerLine(marker) === MARKER)
    return fine(LINES, `the marker line is recognised; the description begins with ${beginning}`);
  const fix = 'Do not let a sync write before this is understood: it knows its groups by that line.';
  return bad(LINES, 'the marker line does not come back so that it can be recognised', fix);
}

/** Sends a part of the scratch group's fields, and returns the group as a GET shows it afterwards. */
export async function patchAndRead(
  connection: SecodaConnection,
  group: WorkspaceGroup,
  fields: Partial<GroupContent>,
  gate: WriteGate,
): Promise<WorkspaceGroup> {
  await updateGroup(connection, group, fields, gate);
  const shown = await readGroup(connection, group.id);
  if (shown !== null) return shown;
  throw new SourceError(`GET ${groupPath(group.id)}: the scratch group is gone (404)`);
}
