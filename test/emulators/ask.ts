import type { OktaEmulator } from './okta.ts';
import type { SecodaEmulator } from './secoda.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from './json.ts';

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null where the body is empty or not JSON. */
  readonly json: Json;
}

/** Asks with plain `fetch`, no more and no less than what a tool would send; redirects are not followed. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseJson(text) ?? null };
}

export function askOkta(okta: OktaEmulator, path: string, signal?: AbortSignal): Promise<Answer> {
  const headers = { authorization: `SSWS ${okta.credentials.apiToken}` };
  return ask(`${okta.url}${path}`, { headers, ...(signal === undefined ? {} : { signal }) });
}

export function askSecoda(
  secoda: SecodaEmulator,
  method: string,
  path: string,
  body?: Json,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${secoda.credentials.apiKey}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return ask(`${secoda.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The address of the next page in the `Link` headers of an answer. */
export function nextPage({ headers }: Answer): string | undefined {
  return /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
}

/** The rows of a page, Okta's or Secoda's. */
export function rows({ json }: Answer): JsonObject[] {
  const list = isJsonObject(json) ? json.results : json;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
