import { byText } from '../model/order.ts';

/**
 * The first line of a managed group's description. It tells people what they look at, and tells us which Okta groups
 * the Secoda group mirrors and which deployment (`via`) looks after it.
 */
export interface Marker {
  /** Okta group ids, ascending, each once. */
  readonly oktaIds: readonly string[];
  readonly via: string;
}

const MARKER =
  /^Managed by Okta \(([A-Za-z0-9_-]+(?:, [A-Za-z0-9_-]+)*)\) via ([A-Za-z0-9-]+)\. Changes made in Secoda are overwritten\.$/;
/** Anything a person could take for a marker, or that could become one by a small change of white space. */
const LOOKS_LIKE_A_MARKER = /^\s*managed\s+by\s+okta\s*\(.*\)\s*via\b/i;
/** Everything that some program shows as a new line, so that no text can smuggle one in. */
const LINE_BREAKS = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const LONGEST_DESCRIPTION = 1_000;

/** The line that says whose a group is: the same for the same ids in any order. */
export function markerLine(marker: Marker): string {
  const ids = [...new Set(marker.oktaIds)].sort(byText).join(', ');
  return `Managed by Okta (${ids}) via ${marker.via}. Changes made in Secoda are overwritten.`;
}

/** The marker a description begins with, whoever's it is; `null` when there is none. */
export function readMarker(description: string): Marker | null {
  const line = description.split(LINE_BREAKS, 1)[0] ?? '';
  const found = MARKER.exec(line.trim());
  if (found?.[1] === undefined || found[2] === undefined) return null;
  return { oktaIds: [...new Set(found[1].split(', '))].sort(byText), via: found[2] };
}

/**
 * The description a managed group is to have: our marker, and below it the Okta description. Without one (none in Okta,
 * or several groups feed this one) the text found in Secoda stays.
 */
export function describe(marker: Marker, oktaDescription: string | null, found: string): string {
  const body = clip(withoutMarkers(oktaDescription ?? '')) || withoutMarkers(found);
  const line = markerLine(marker);
  const wanted = body === '' ? line : `${line}\n${body}`;
  return sameText(wanted, found) ? found : wanted;
}

/**
 * The description of a group in which people stay for now who are to leave: where its marker would change, it stays as well, so that
 * it tells the next run what they are there for.
 */
export function whilePeopleStay(found: string, wanted: string): string {
  const [before, after] = [readMarker(found), readMarker(wanted)];
  const changes = before?.oktaIds.join() !== after?.oktaIds.join();
  return changes && before !== null && before.via === after?.via ? found : wanted;
}

function withoutMarkers(text: string): string {
  const lines = text.split(LINE_BREAKS).filter((line) => !LOOKS_LIKE_A_MARKER.test(visible(line)));
  return lines.join('\n').trim();
}

/** Invisible characters must not hide a line from the test above. */
function visible(line: string): string {
  return line.normalize('NFKC').replace(/[\p{Cf}\p{Cc}]/gu, '');
}

function clip(text: string): string {
  if (text.length <= LONGEST_DESCRIPTION) return text;
  return Array.from(text).slice(0, LONGEST_DESCRIPTION).join('').trimEnd();
}

/** Line ends and surrounding white space are a matter of taste of whoever stored the text: not worth a write. */
function sameText(a: string, b: string): boolean {
  return a.split(LINE_BREAKS).join('\n').trim() === b.split(LINE_BREAKS).join('\n').trim();
}
