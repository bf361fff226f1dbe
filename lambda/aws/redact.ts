import { safeText } from '../core/model/unsafe.ts';

/** Of a text, so many characters are looked at, and so many stand in a line of the log. */
const LOOKED_AT = 10_000;
const LONGEST = 2_000;

/** As it stands in texts and, encoded, in paths. */
const ADDRESS = /[^\s@"'<>()[\]{},;:/=]+(?:@|%40)[^\s@"'<>()[\]{},;:/=]+/gi;

/**
 * A text as a log may hold it: without the addresses of people, which stand in the run's record, where fewer can read them; on
 * one line, with what is unsafe to show escaped; and of a bounded length.
 */
export function redact(text: string): string {
  const safe = safeText(text.slice(0, LOOKED_AT).replace(ADDRESS, '[address]'));
  return safe.length <= LONGEST ? safe : `${safe.slice(0, LONGEST)}…`;
}
