import type { Json } from './json.ts';

/** One request as it came in, and what became of it. */
export interface Served {
  /** By the emulator's clock, milliseconds since the epoch. */
  readonly at: number;
  /** The route's name, such as `secoda.group.update`; `redirect` and `unknown` where no route was reached. */
  readonly route: string;
  readonly method: string;
  /** As asked for, still encoded, without the query. */
  readonly path: string;
  /** As asked for, still encoded, with its question mark. */
  readonly search: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The status that was sent; null until then, and for ever where no answer was given. */
  status: number | null;
  /** The name of the fault that was played, if any. */
  fault: string | null;
}

export type Header = readonly [name: string, value: string];

/** An answer before it is put on the wire. The same header may occur several times, as `Link` does at Okta. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  /** An object or a list is sent as JSON, a string as it stands; `undefined` sends no body. */
  readonly body: Json | undefined;
}

export function reply(status: number, body?: Json, headers: readonly Header[] = []): Reply {
  return { status, headers, body };
}

export function withHeaders(answer: Reply, headers: readonly Header[]): Reply {
  return { ...answer, headers: [...answer.headers, ...headers] };
}

/** A request that reached a route, as the route's handler sees it. */
export interface Call {
  readonly served: Served;
  readonly route: Route;
  /** The parsed body: JSON, or the fields of a form. */
  readonly body: Json | undefined;
  /** A placeholder of the route's path, decoded. */
  param(name: string): string;
}

export interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With placeholders, such as `/api/v1/groups/:id`. */
  readonly path: string;
  /** The query parameters it knows; any other is refused. */
  readonly query?: readonly string[];
  /** The kind of body it needs; without it, a body is refused. */
  readonly body?: 'json' | 'form';
  handle(call: Call): Reply | Promise<Reply>;
}
