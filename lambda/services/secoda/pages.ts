import { SourceError } from '../../errors.ts';
import { GaveUp } from '../http/backoff.ts';
import { checked } from '../http/checked.ts';
import { isOk } from './answer.ts';
import { get, jsonBody } from './get.ts';
import type { SecodaConnection } from './connection.ts';
import type { List } from './learned-habits.ts';
import type { Page } from './shapes.ts';

/** Statuses by which a server may say that it minds the size of a page: validation, Django's “Invalid page”, too large. */
const REFUSALS: ReadonlySet<number> = new Set([400, 404, 413, 422]);

/** How long a page larger than the usual one is asked for, in milliseconds: the usual one needs the rest of the time. */
const LARGE_PAGE_DEADLINE_MS = 10_000;

/** One reading of a list from its first page to the one without a next. Throws `Contradiction` and `TooLarge`. */
async function readPages<Row, Kept extends { readonly id: string }>(
  connection: SecodaConnection,
  list: List<Row, Kept>,
  deadlineMs: number,
): Promise<readonly Kept[]> {
  const rows = new Map<string, Kept>();
  const asked = new Set<string>();
  await connection.pageSizes.ready();
  const size = connection.habits.pageSize ? connection.pageSizes.of(list) : null;
  const reading = { connection, list, size, deadlineMs, cost: { characters: 0, ms: 0 } };
  let first: Page<Row> | null = null;
  let query = size === null ? '' : `page_size=${size}`;
  for (let number = 1; ; number += 1) {
    asked.add(query);
    const page: Page<Row> = await readPage(reading, query, number);
    first ??= page;
    checkNumbers(page, number, first);
    for (const row of page.results) {
      const kept = list.keep(row);
      if (rows.has(kept.id)) throw new Contradiction(`page ${number} repeated ${kept.id}`);
      rows.set(kept.id, kept);
    }
    if (rows.size > page.count) {
      throw new Contradiction(
        `it listed ${rows.size} ${list.of} by page ${number}, and count said ${page.count}`,
      );
    }
    const { next } = page.links;
    if (next === null) {
      checkEnd(page, number, rows.size, list.of);
      connection.pageSizes.learn(list, { rows: rows.size, ...reading.cost });
      await connection.pageSizes.keep(list);
      return [...rows.values()];
    }
    if (page.results.length === 0) throw new Contradiction(`page ${number} was empty and named a next one`);
    query = queryOf(nextUrl(next, connection.origin, `GET ${list.path} page ${number}`), connection, size);
    if (asked.has(query)) {
      throw new Contradiction(`page ${number} named a next one that had been read before`);
    }
  }
}

interface ListReading<Row, Kept extends { readonly id: string }> {
  readonly connection: SecodaConnection;
  readonly list: List<Row, Kept>;
  /** Rows asked for at once; `null` leaves it to the server. */
  readonly size: number | null;
  readonly deadlineMs: number;
  /** Of all pages so far. */
  readonly cost: { characters: number; ms: number };
}

async function readPage<Row, Kept extends { readonly id: string }>(
  { connection, list, size, deadlineMs, cost }: ListReading<Row, Kept>,
  query: string,
  number: number,
): Promise<Page<Row>> {
  const where = `GET ${list.path} page ${number}`;
  const large = size !== null && size > list.pageSize;
  const request = { path: list.path, where, deadlineMs: large ? LARGE_PAGE_DEADLINE_MS : deadlineMs };
  const startedAt = connection.clock.now();
  let answer = await get(connection, { ...request, query }).catch((error: unknown) => {
    if (large && error instanceof SourceError && error.cause instanceof GaveUp)
      throw new TooLarge(error.message);
    throw error;
  });
  if (number === 1 && query !== '' && REFUSALS.has(answer.status)) {
    if (large) throw new TooLarge(`${where} of ${size} rows answered ${answer.status}`);
    // `page_size` is not documented; a server that minds it may still answer without it
    answer = await get(connection, request);
    if (isOk(answer)) connection.habits.pageSize = false;
  }
  if (number > 1 && answer.status === 404) {
    throw new Contradiction(`page ${number} was gone (404) when it was asked for`);
  }
  cost.ms += connection.clock.now() - startedAt;
  cost.characters += answer.text.length;
  return checked(list.page, jsonBody(connection, answer, where), where);
}

function checkNumbers<Row>(page: Page<Row>, number: number, first: Page<Row>): void {
  if (page.count !== first.count) {
    throw new Contradiction(`count went from ${first.count} to ${page.count} on page ${number}`);
  }
  const shown = page.meta?.page ?? number;
  if (shown !== number) throw new Contradiction(`page ${number} said that it was page ${shown}`);
}

function checkEnd<Row>(page: Page<Row>, pages: number, rows: number, of: string): void {
  if (rows !== page.count) {
    throw new Contradiction(`it listed ${rows} ${of} on ${pages} pages, and count said ${page.count}`);
  }
  // an empty list has one page, although some servers say none
  const total = Math.max(page.total_pages ?? pages, 1);
  if (total !== pages) throw new Contradiction(`it ended after page ${pages}, and total_pages said ${total}`);
}

/** A server that drops the page size from its links would cut the pages differently from there on: so it is kept. */
function queryOf(next: URL, { habits }: SecodaConnection, size: number | null): string {
  const url = new URL(next);
  if (habits.pageSize && size !== null && !url.searchParams.has('page_size')) {
    url.searchParams.set('page_size', String(size));
  }
  return url.search.slice(1);
}

/**
 * A link to the next page. Only its query is to be used: scheme, host and path may be those of a proxy, and the key goes
 * to the configured origin alone. Throws `SourceError` where it is no URL; `where` names the page that has it.
 */
export function nextUrl(link: string, origin: URL, where: string): URL {
  if (!URL.canParse(link, origin.href)) throw new SourceError(`${where}: links.next: expected a URL or null`);
  return new URL(link, origin);
}

/** The pages of a list do not agree with each other: it shifted while it was read, or the server is wrong. */
class Contradiction extends Error {}

/** A page larger than the usual one was refused, or not answered in time. */
class TooLarge extends Error {}

/** How often a list that contradicts itself is read again from its start. */
const READ_AGAIN = 3;

/** Between two readings, in milliseconds: whoever is changing the list may be done by then. */
const PAUSE_MS = 1_000;

/**
 * Every row of a list, each once. A numbered list that is changed while it is read repeats or skips rows; then it is
 * read again from its start. What comes back is complete and agrees with itself, else `SourceError`.
 */
export async function readList<Row, Kept extends { readonly id: string }>(
  connection: SecodaConnection,
  list: List<Row, Kept>,
  deadlineMs: number,
): Promise<readonly Kept[]> {
  let patienceMs = deadlineMs;
  for (let again = 0; ; again += 1) {
    try {
      return await readPages(connection, list, patienceMs);
    } catch (error) {
      if (error instanceof TooLarge) {
        connection.pageSizes.refuse(list);
        await connection.pageSizes.keep(list);
        patienceMs = deadlineMs - LARGE_PAGE_DEADLINE_MS;
        connection.willRetry('failure', 0);
        continue;
      }
      if (!(error instanceof Contradiction)) throw error;
      if (again === READ_AGAIN) {
        throw new SourceError(
          `GET ${list.path} contradicted itself each of the ${READ_AGAIN + 1} times it was read; the last time ${error.message}. Was the workspace being changed? Try again later.`,
        );
      }
      connection.willRetry('failure', PAUSE_MS);
      await connection.clock.sleep(PAUSE_MS);
    }
  }
}
