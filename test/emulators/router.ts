import type { Route } from './exchange.ts';

/**
 * What becomes of the slash at the end of a path: `exact` takes paths as they are declared (without one), `both`
 * serves either form, `with` and `without` serve one form and redirect the other to it.
 */
export type Slash = 'exact' | 'both' | 'with' | 'without';

export type Found =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'moved'; readonly path: string }
  | { readonly kind: 'unknown' };

/** Finds the route that serves a path. */
export class Router {
  readonly #routes: readonly { route: Route; segments: readonly string[] }[];
  readonly #slash: Slash;

  constructor(routes: readonly Route[], slash: Slash) {
    this.#routes = routes.map((route) => ({ route, segments: route.path.split('/') }));
    this.#slash = slash;
  }

  find(method: string, path: string): Found {
    const slashed = path.length > 1 && path.endsWith('/');
    if (slashed && this.#slash === 'exact') return { kind: 'unknown' };
    const bare = slashed ? path.slice(0, -1) : path;
    const parts = bare.split('/');
    for (const { route, segments } of this.#routes) {
      if (route.method !== method) continue;
      const params = matched(segments, parts);
      if (params === undefined) continue;
      if (this.#slash === 'with' && !slashed) return { kind: 'moved', path: `${bare}/` };
      if (this.#slash === 'without' && slashed) return { kind: 'moved', path: bare };
      return { kind: 'route', route, params };
    }
    return { kind: 'unknown' };
  }
}

function matched(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith(':')) {
      const value = decoded(part);
      if (value === undefined || value === '') return undefined;
      params[segment.slice(1)] = value;
    } else if (segment !== part) {
      return undefined;
    }
  }
  return params;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
