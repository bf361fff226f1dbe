import { SourceError, WriteError } from '../../errors.ts';
import { bad, type Finding, fine } from '../../core/report/finding.ts';
import { markerLine, readMarker, sameText } from '../../core/groups/marker.ts';
import type { GroupContent, WorkspaceGroup } from '../../core/model/workspace.ts';
import type { WriteGate } from '../../ports.ts';
import { groupPath, type SecodaConnection } from './connection.ts';
import { broken, look } from './diagnose.ts';
import { updateGroup } from './write-group.ts';
import { readGroup } from './workspace.ts';

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
  const [first] = shown.split('\n', 1);
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
