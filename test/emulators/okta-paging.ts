import { type Call, type Header, type Reply, reply } from './exchange.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';
import { badRequest } from './okta-errors.ts';

/** How a list is cut into pages. */
export interface Paging {
  readonly origin: string;
  /** The largest page that is served, whatever is asked for. */
  readonly cap: number;
  /** The least number of characters of a cursor: some of Okta's are very long. */
  readonly cursorLength: number;
}

export interface Limits {
  readonly usual: number;
  /** One unless said; where less is asked for, it is that many or a 400. */
  readonly least?: { readonly rows: number; readonly below: SmallPages };
  readonly max: number;
}

/** What becomes of a limit that is smaller than a list allows. */
export type SmallPages = 'raised' | 'refused';

/** Okta makes the link to the next page anew, and leaves this out: the rows there come without what was asked for. */
const NOT_REPEATED = 'expand';

/** What a list gives: `all` is in ascending order of `order`, of which those that `matches` accepts are shown. */
export interface Listing<Item> {
  readonly all: readonly Item[];
  readonly matches?: (item: Item) => boolean;
  readonly render: (item: Item) => JsonObject;
}

/**
 * Answers with one page of a list. The cursor names the last row that was given, not a position, so that rows that
 * come or go meanwhile neither repeat nor hide others.
 */
export function paged<Item extends { readonly order: number }>(
  call: Call,
  paging: Paging,
  limits: Limits,
  { all, matches = () => true, render }: Listing<Item>,
): Reply {
  const { query, path } = call.served;
  const { usual, max, least = { rows: 1, below: 'refused' } } = limits;
  const given = query.limit === undefined ? usual : Number(query.limit);
  const asked = least.below === 'raised' && given >= 1 ? Math.max(given, least.rows) : given;
  if (!Number.isInteger(asked) || asked < least.rows || asked > max) {
    return badRequest(`limit: '${query.limit ?? ''}' is not a number from ${least.rows} to ${max}`);
  }
  const last = query.after === undefined ? -1 : readCursor(query.after, path);
  if (last === undefined) return badRequest("after: The 'after' cursor is not one of this list");

  const size = Math.min(asked, paging.cap);
  const page: Item[] = [];
  let more = false;
  for (let index = firstAfter(all, last); index < all.length && !more; index += 1) {
    const item = all[index];
    if (item === undefined || !matches(item)) continue;
    if (page.length === size) more = true;
    else page.push(item);
  }
  const links: Header[] = [link(call, paging, query, 'self')];
  const final = page.at(-1);
  if (more && final !== undefined) {
    const after = cursor(final.order, path, paging.cursorLength);
    const repeated = Object.entries(query).filter(([name]) => name !== NOT_REPEATED);
    const asking = { ...Object.fromEntries(repeated), after, limit: String(asked) };
    links.push(link(call, paging, asking, 'next'));
  }
  return reply(200, page.map(render), links);
}

function link(call: Call, { origin }: Paging, query: Readonly<Record<string, string>>, rel: string): Header {
  const search = new URLSearchParams(query).toString();
  return ['link', `<${origin}${call.served.path}${search === '' ? '' : `?${search}`}>; rel="${rel}"`];
}

/** The index of the first item past `last`, found by halving. */
function firstAfter(items: readonly { readonly order: number }[], last: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.order ?? Infinity) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cursor(last: number, list: string, length: number): string {
  const text = JSON.stringify({ last, list, padding: '' });
  const padding = '.'.repeat(Math.max(0, Math.ceil((length * 3) / 4) - text.length));
  return Buffer.from(JSON.stringify({ last, list, padding })).toString('base64url');
}

function readCursor(text: string, list: string): number | undefined {
  const value = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
  if (!isJsonObject(value) || value.list !== list || typeof value.last !== 'number') return undefined;
  return value.last;
}
