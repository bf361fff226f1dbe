import { type Effect, rewrite, status } from './effects.ts';
import type { Reply } from './exchange.ts';
import { isJsonObject, type Json } from './json.ts';

/** The page lacks its last row (`rows` of them, if given), though everything else about it is as it should be. */
export function truncatePage(rows = 1): Effect {
  return rewrite(
    (reply) => withRows(reply, (page) => page.slice(0, Math.max(0, page.length - rows))),
    'truncatePage',
  );
}

/** The rows of the page before come again in place of this page's own, as when a numbered list shifts meanwhile. */
export function repeatPage(): Effect {
  return rewrite(
    (reply, previous) => withRows(reply, (page) => (previous === undefined ? page : rowsOf(previous))),
    'repeatPage',
  );
}

/** The page has no rows, and still a next one. */
export function emptyPageWithNext(): Effect {
  return rewrite((reply) => withRows(reply, () => []), 'emptyPageWithNext');
}

/** `count` says `n`, whatever there is. For Secoda: Okta's lists have no count. */
export function wrongCount(n: number): Effect {
  return rewrite(
    (reply) => (isJsonObject(reply.body) ? { ...reply, body: { ...reply.body, count: n } } : reply),
    'wrongCount',
  );
}

/** The link to the next page names another origin, such as `https://elsewhere.example`. */
export function nextOnAnotherHost(origin: string): Effect {
  const moved = (url: string): string => {
    const { pathname, search } = new URL(url);
    return `${origin}${pathname}${search}`;
  };
  return rewrite((reply) => {
    const headers = reply.headers.map(([name, value]) =>
      name.toLowerCase() === 'link' && value.includes('rel="next"')
        ? ([name, value.replace(/<([^>]*)>/, (_, url: string) => `<${moved(url)}>`)] as const)
        : ([name, value] as const),
    );
    const { body } = reply;
    if (!isJsonObject(body) || !isJsonObject(body.links)) return { ...reply, headers };
    const next = body.links.next;
    const links = { ...body.links, next: typeof next === 'string' ? moved(next) : next };
    return { ...reply, headers, body: { ...body, links } };
  }, 'nextOnAnotherHost');
}

/** Leaves out a field: `count`, `results.0.email`, or with a star for every element, `*.profile.email`. */
export function dropField(path: string): Effect {
  const steps = path.split('.');
  return rewrite(
    (reply) => (reply.body === undefined ? reply : { ...reply, body: without(reply.body, steps) }),
    `dropField ${path}`,
  );
}

/** A page for people where JSON is expected, such as a proxy's or a sign-in form, with the status 200. */
export function html(): Effect {
  const page = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>';
  return { ...status(200, page, { 'content-type': 'text/html; charset=utf-8' }), name: 'html' };
}

/** The status says 200 and the body is an error. */
export function errorBodyWith200(): Effect {
  const body = {
    errorCode: 'E0000009',
    errorSummary: 'Internal Server Error',
    detail: 'Internal Server Error',
  };
  return { ...status(200, body), name: 'errorBodyWith200' };
}

/** Answers of success that show nothing of what was asked for; nothing is carried out. */
export const showingNothing: readonly (readonly [name: string, Effect])[] = [
  ['204', status(204)],
  ['no text', status(200, '')],
  ['text', status(200, 'OK')],
  ['HTML', html()],
  ['another shape', status(200, { oops: true })],
  ['another group', status(200, { id: 'other', name: 'Other', users: [] })],
];

/** Answers as an effect that is a status would, after the handler has taken effect. */
export function carriedOut(effect: Effect): Effect {
  if (effect.kind !== 'status') throw new Error(`${effect.name} is no status`);
  const { status: code, body, headers } = effect;
  return rewrite(() => ({ status: code, body, headers }), `${effect.name}, carried out`);
}

function rowsOf({ body }: Reply): Json[] {
  const rows = isJsonObject(body) ? body.results : body;
  return Array.isArray(rows) ? rows : [];
}

function withRows(reply: Reply, change: (rows: Json[]) => Json[]): Reply {
  const { body } = reply;
  if (Array.isArray(body)) return { ...reply, body: change(body) };
  if (!isJsonObject(body) || !Array.isArray(body.results)) return reply;
  return { ...reply, body: { ...body, results: change(body.results) } };
}

function without(value: Json, [step, ...rest]: readonly string[]): Json {
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => (step === '*' || step === String(index) ? without(item, rest) : item));
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]) => {
    if (step !== '*' && step !== key) return [[key, item]] as const;
    return rest.length === 0 || item === undefined ? [] : ([[key, without(item, rest)]] as const);
  });
  return Object.fromEntries(entries);
}
