import { jsonOf } from '../../core/model/json.ts';
import { oneLine } from '../http/checked.ts';
import type { HttpAnswer } from '../http/send.ts';
import * as z from 'zod';

export interface SecodaRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As published: without a slash at its end. */
  readonly path: string;
  /** Without the question mark; empty for none. */
  readonly query?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For errors; method and path unless given. */
  readonly where?: string;
}

/** An answer, and whether it only asks for the other form of the path (see `Habits`). */
export interface SecodaAnswer extends HttpAnswer {
  /** Whether the path was asked for with a slash at its end. */
  readonly slash: boolean;
  readonly otherSlash: boolean;
  /** The number of the key it was sent with (see `Renewal`). */
  readonly keyNumber: number;
}

/** Whether the status is one of success. */
export function isOk({ status }: SecodaAnswer): boolean {
  return status >= 200 && status < 300;
}

/**
 * Whether Secoda itself says that there is no such thing. A 404 in HTML comes from something in front of it, or from a
 * path it does not serve, and says nothing about the group.
 */
export function isAbsent(answer: SecodaAnswer): boolean {
  return answer.status === 404 && parsed(answer) !== undefined;
}

/** `undefined` where the text is not JSON. */
export function parsed(answer: SecodaAnswer): unknown {
  return isHtml(answer) ? undefined : jsonOf(answer.text);
}

/** Enough to recognise a cause by; a page of HTML or a list of every member is not wanted in an error. */
const LONGEST = 200;

const Detail = z.strictObject({ detail: z.string() });

/**
 * What Secoda said, fit for one line of an error: without control characters, and never with one of `secrets` in it. `longest`:
 * in characters.
 */
export function wordsOf(
  answer: Pick<HttpAnswer, 'headers' | 'text'>,
  secrets: readonly string[],
  longest = LONGEST,
): string {
  return isHtml(answer) ? 'an HTML page' : oneLine(essence(answer.text), secrets, longest) || 'nothing';
}

/** Whether a page for people came in the place of Secoda's JSON, as from a proxy or a sign-in page; some send it without its type. */
export function isHtml({ headers, text }: Pick<HttpAnswer, 'headers' | 'text'>): boolean {
  return (headers.get('content-type') ?? '').includes('text/html') || text.trimStart().startsWith('<');
}

/**
 * Django REST puts what concerns a whole request under `detail`, and what concerns a field under the field's name. Where both are
 * there, whom a refusal is about may stand in either.
 */
function essence(text: string): string {
  const body = jsonOf(text);
  return Detail.safeParse(body).data?.detail ?? (body === undefined ? text : JSON.stringify(body));
}
