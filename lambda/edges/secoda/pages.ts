import { checked } from '../http/checked.ts';
import { isOk, jsonOf } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { get } from './get.ts';
import type { List } from './list.ts';
import { nextUrl } from './next-url.ts';
import type { Page } from './shapes.ts';

/** The pages of a list do not agree with each other: it shifted while it was read, or the server is wrong. */
export class Contradiction extends Error {
  override name = 'Contradiction';
}

/** One reading of a list from its first page to the one without a next. Throws `Contradiction`. */
export async function readPages<Row, Kept extends { readonly id: string }>(
  connection: SecodaConnection,
  list: List<Row, Kept>,
  deadlineMs: number,
): Promise<readonly Kept[]> {
  const rows = new Map<string, Kept>();
  const asked = new Set<string>();
  let first: Page<Row> | null = null;
  let query = connection.habits.pageSize ? `page_size=${list.pageSize}` : '';
  for (let number = 1; ; number += 1) {
    asked.add(query);
    const page: Page<Row> = await readPage(connection, list, query, number, deadlineMs);
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
    connection.onProgress({ kind: 'read', what: list.of, rows: page.results.length, of: page.count });
    const { next } = page.links;
    if (next === null) {
      checkEnd(page, number, rows.size, list.of);
      return [...rows.values()];
    }
    if (page.results.length === 0) throw new Contradiction(`page ${number} was empty and named a next one`);
    query = queryOf(nextUrl(next, connection.origin, `GET ${list.path} page ${number}`), connection, list);
    if (asked.has(query)) {
      throw new Contradiction(`page ${number} named a next one that had been read before`);
    }
  }
}

async function readPage<Row, Kept extends { readonly id: string }>(
  connection: SecodaConnection,
  list: List<Row, Kept>,
  query: string,
  number: number,
  deadlineMs: number,
): Promise<Page<Row>> {
  const where = `GET ${list.path} page ${number}`;
  const request = { path: list.path, where, deadlineMs };
  let answer = await get(connection, { ...request, query });
  if (number === 1 && query !== '' && (answer.status === 400 || answer.status === 404)) {
    // `page_size` is not documented; a server that minds it may still answer without it
    answer = await get(connection, request);
    if (isOk(answer)) connection.habits.pageSize = false;
  }
  if (number > 1 && answer.status === 404) {
    throw new Contradiction(`page ${number} was gone (404) when it was asked for`);
  }
  return checked(list.page, jsonOf(connection, answer, where), where);
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
function queryOf<Row, Kept extends { readonly id: string }>(
  next: URL,
  { habits }: SecodaConnection,
  { pageSize }: List<Row, Kept>,
): string {
  const url = new URL(next);
  if (habits.pageSize && !url.searchParams.has('page_size')) {
    url.searchParams.set('page_size', String(pageSize));
  }
  return url.search.slice(1);
}
