import { SourceError } from '../../errors.ts';
import type { SecodaAnswer, SecodaConnection } from './connection.ts';
import { isHtml } from './words.ts';

/** The JSON of a 2xx answer. Throws `SourceError` for any other status, a page of HTML, or text that is not JSON. */
export function jsonOf(connection: SecodaConnection, answer: SecodaAnswer, where: string): unknown {
  if (!isOk(answer)) {
    throw new SourceError(`${where} answered ${answer.status}, Secoda said: ${connection.words(answer)}`);
  }
  const json = parsed(answer);
  if (json !== undefined) return json;
  throw new SourceError(
    `${where} answered ${answer.status} without JSON: ${connection.words(answer)}. Check that the address is Secoda's API, with no proxy or sign-in page in between.`,
  );
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
function parsed(answer: SecodaAnswer): unknown {
  if (isHtml(answer)) return undefined;
  try {
    const value: unknown = JSON.parse(answer.text);
    return value;
  } catch {
    return undefined;
  }
}
