import type { IncomingMessage } from 'node:http';
import type { Route, Served } from './exchange.ts';
import { type Json, parseJson } from './json.ts';

const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' };

/** A request as the log keeps it, read to its end. */
export async function received(
  request: IncomingMessage,
  url: URL,
  at: number,
  route: string,
): Promise<Served> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct))
    headers[name] = values?.join(', ') ?? '';
  return {
    at,
    route,
    method: request.method ?? '',
    path: url.pathname,
    search: url.search,
    query: Object.fromEntries(url.searchParams),
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
    status: null,
    fault: null,
  };
}

/** What is wrong with a request before its route looks at it, in words for its sender; `undefined` if nothing is. */
export function complaint(route: Route, { headers, body }: Served, url: URL): string | undefined {
  const known = route.query ?? [];
  const seen = new Set<string>();
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) {
      return `The query parameter '${name}' is not known here. Known: ${known.join(', ') || 'none'}.`;
    }
    if (seen.has(name)) return `The query parameter '${name}' is given more than once.`;
    seen.add(name);
  }
  if (route.body === undefined) return body === '' ? undefined : 'This request takes no body.';
  const expected = mediaTypes[route.body];
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== expected) return `Expected the content type ${expected}, got '${mediaType}'.`;
  if (route.body === 'json' && parseJson(body) === undefined) return 'The body is not valid JSON.';
  return undefined;
}

/** The body in the form its route declares; `undefined` where there is none or it cannot be read. */
export function parsedBody(route: Route, { body }: Served): Json | undefined {
  if (route.body === undefined) return undefined;
  return route.body === 'json' ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
}
