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

/** Whether Secoda itself says that there is none: a 404 in HTML is of something in front of it, or of a path it does not serve. */
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

/** What Secoda said, fit for an error, without any of `secrets`; of `longest` characters. */
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

/** Django REST puts what concerns a request under `detail`, or a field under its name. Either may say whom it is about. */
function essence(text: string): string {
  const body = jsonOf(text);
  return Detail.safeParse(body).data?.detail ?? (body === undefined ? text : JSON.stringify(body));
}
