import { byText } from '../model/text.ts';

/** The first line of a managed group's description: which Okta groups it mirrors, and which deployment (`via`) looks after it. */
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

/** The marker a description begins with, whoever's it is, however it is decorated; `null` when there is none. */
export function readMarker(description: string): Marker | null {
  const found = MARKER.exec(firstLine(description).trim()) ?? MARKER.exec(decoratedMarker(description));
  if (found?.[1] === undefined || found[2] === undefined) return null;
  return { oktaIds: [...new Set(found[1].split(', '))].sort(byText), via: found[2] };
}

/** The description a managed group is to have: our marker, and below it Okta's, or without one the text found in Secoda. */
export function describe(marker: Marker, oktaDescription: string | null, found: string): string {
  const line = markerLine(marker);
  const own = clip(withoutMarkers(oktaDescription ?? ''));
  const body = own === '' ? withoutMarkers(asTyped(found)) : own;
  const wanted = body === '' ? line : `${line}\n${body}`;
  // Where a line without words stands above it, the marker is not read.
  return sameText(wanted, found) && readMarker(found) !== null ? found : wanted;
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
  const lines = text.split(LINE_BREAKS).filter((line) => !LOOKS_LIKE_A_MARKER.test(visible(bare(line))));
  return lines.join('\n').trim();
}

/** Invisible characters must not hide a line from the test above. */
function visible(line: string): string {
  return line.normalize('NFKC').replace(/[\p{Cf}\p{Cc}]/gu, '');
}

function clip(text: string): string {
  return Array.from(text).slice(0, LONGEST_DESCRIPTION).join('').trimEnd();
}

/** Line ends, white space and decoration are a matter of taste of whoever stored the text: not worth a write. */
export function sameText(wanted: string, found: string): boolean {
  return linesOf(wanted) === linesOf(found) || skeleton(wanted) === skeleton(found);
}

/** A text without all that a server may have put around its words, once or several times. */
function skeleton(text: string): string {
  const undone = undecorated(text);
  if (undone !== text) return skeleton(undone);
  const [head = '', ...rest] = linesOf(text).split('\n');
  return [bare(head), ...rest].join('\n');
}

function firstLine(text: string): string {
  const [line = ''] = text.split(LINE_BREAKS);
  return line;
}

function linesOf(text: string): string {
  const lines = text.split(LINE_BREAKS).map((line) => line.trim());
  return lines.filter((line) => line !== '').join('\n');
}

/**
 * What a server that keeps descriptions as HTML or Markdown, or escapes what it shows, makes of a text is not known of Secoda. This
 * undoes one layer of it: tags, entities, backslashes before punctuation.
 */
function undecorated(text: string): string {
  return entities(untagged(text)).replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

function untagged(text: string): string {
  if (!/^\s*<[a-z]/i.test(text)) return text;
  return text
    .replace(/<br\s*\/?>|<\/(p|div|li|h\d)>/gi, '\n')
    .replace(/<\/?[a-z][^>]*>/gi, '')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function entities(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole;
    const code =
      typeof decimal === 'string' ? Number.parseInt(decimal, 10) : Number.parseInt(String(hex), 16);
    return code > 0 ? String.fromCodePoint(code) : whole;
  });
}

/** A line without the signs of a heading, a quotation, emphasis or code around it, and without tags. */
function bare(line: string): string {
  return undecorated(line).replace(/^[\s#>*_`~]+|[\s*_`~]+$/g, '');
}

/** The line in which a decorated marker would stand. */
function decoratedMarker(description: string): string {
  if (!/managed by okta/i.test(description.slice(0, 200))) return '';
  return bare(firstLine(undecorated(description)));
}

/**
 * A text found in Secoda as it goes back there below a new marker: without what the server added, which would grow with each write.
 * Whether it adds tags or backslashes shows in the marker; entities are what nobody types.
 */
function asTyped(found: string): string {
  const decorated = MARKER.exec(firstLine(found).trim()) === null && readMarker(found) !== null;
  return decorated ? undecorated(found) : entities(found);
}
