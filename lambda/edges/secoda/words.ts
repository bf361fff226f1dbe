import * as z from 'zod';
import type { HttpAnswer } from '../http/send.ts';

/** Enough to recognise a cause by; a page of HTML or a list of every member is not wanted in an error. */
const LONGEST = 200;

const Detail = z.object({ detail: z.string() });

/**
 * What Secoda said, fit for one line of an error: without control characters, and never with one of `secrets` in it. `longest`:
 * in characters.
 */
export function wordsOf(
  answer: Pick<HttpAnswer, 'headers' | 'text'>,
  secrets: readonly string[],
  longest = LONGEST,
): string {
  if (isHtml(answer)) return 'an HTML page';
  const said = secrets
    .reduce((text, secret) => text.replaceAll(secret, '[hidden]'), essence(answer.text))
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  if (said === '') return 'nothing';
  const letters = Array.from(said);
  return letters.length <= longest ? said : `${letters.slice(0, longest).join('')}…`;
}

/** Whether a page for people came in the place of Secoda's JSON, as from a proxy or a sign-in page; some send it without its type. */
export function isHtml({ headers, text }: Pick<HttpAnswer, 'headers' | 'text'>): boolean {
  return (headers.get('content-type') ?? '').includes('text/html') || text.trimStart().startsWith('<');
}

/** Django REST puts what concerns a whole request under `detail`, and what concerns a field under the field's name. */
function essence(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const known = Detail.safeParse(body);
    return known.success ? known.data.detail : JSON.stringify(body);
  } catch {
    return text;
  }
}
