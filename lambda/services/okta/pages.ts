import type * as z from 'zod';
import { SourceError } from '../../errors.ts';
import { GaveUp, Throttled } from '../http/backoff.ts';
import { checked } from '../http/checked.ts';
import { type OktaConnection, type Page, type Patience, READ_MS } from './connection.ts';
import type { Right } from './client.ts';
import { HttpRefusal } from './answer.ts';

/** What a list is made of, and how it may be read. */
export interface List<Row> {
  /** The first page. */
  readonly url: URL;
  readonly right: Right;
  /** Made once: to make one takes longer than to check a page with it. */
  readonly rows: z.ZodType<readonly Row[]>;
  /** Other first pages of the list, each less work for Okta than the one before. */
  readonly easier?: readonly URL[];
  /** An easier form is asked for once a page took longer, in milliseconds. */
  readonly slowMs?: number;
  readonly patience?: Patience;
}

interface PageReading<Row> {
  /** Whether two rows of the same id agree; unless given they do. A row may come twice when the list shifts while it is read. */
  readonly agree?: (a: Row, b: Row) => boolean;
  readonly onPage?: (rows: number) => void;
}

/** For `onPage` to throw: the rest of the list is not worth its requests. */
export class TooMany extends Error {}

/** Pages in a row that bring nothing new and still have a next one. A few empty ones are usual after deletions. */
const MOST_IDLE_PAGES = 50;

/** How often a list that shifted while it was read is read again from its start. */
const READ_AGAIN = 3;

/** A cursor expired in mid-list, or a row moved to another page and is not what it was. */
class Shifted extends SourceError {}

/**
 * Reads a list to its end, across empty pages too; each id once. `null` when Okta says that there is no such list (404
 * `E0000007`), even in the middle. A list that shifts meanwhile is read again from its start, and one that is too much for
 * Okta in an easier form. Throws `SourceError` when the end is not reached or rows contradict each other.
 */
export async function readList<Row extends { readonly id: string }>(
  connection: OktaConnection,
  list: List<Row>,
  reading: PageReading<Row> = {},
): Promise<readonly Row[] | null> {
  for (let again = 0; ; again += 1) {
    try {
      return await eased(connection, list, (easier) => readThrough(connection, easier, reading));
    } catch (error) {
      if (!(error instanceof Shifted)) throw error;
      if (again === READ_AGAIN) {
        const message = `${error.message}, each of the ${READ_AGAIN + 1} times the list was read: is it being changed? Run again later`;
        throw new SourceError(message, { cause: error.cause });
      }
      await connection.pauseBeforeReadingAgain();
    }
  }
}

/** An easier form of the list is tried after so long, in milliseconds: three end within the 30 s of a dead server. */
const EASIER_AFTER_MS = 10_000;

/**
 * Reads something of a list, and where Okta fails over it (5xx, no answer in time) of its next easier form. `expand=stats` is
 * slow for large pages (13 s were seen), or 500; Okta's advice is a smaller `limit`. What was found stays with the connection.
 */
export async function eased<Row, T>(
  connection: OktaConnection,
  list: List<Row>,
  read: (list: List<Row>) => Promise<T>,
): Promise<T> {
  const forms = [list.url, ...(list.easier ?? [])];
  const given: GaveUp[] = [];
  for (;;) {
    const form = Math.min(connection.formOf(list.rows), forms.length - 1);
    const last = form === forms.length - 1;
    const deadlineMs = last ? READ_MS - given.length * EASIER_AFTER_MS : EASIER_AFTER_MS;
    try {
      return await read({ ...list, url: forms[form] ?? list.url, patience: { deadlineMs, last } });
    } catch (error) {
      const gaveUp = error instanceof SourceError ? error.cause : null;
      if (!(gaveUp instanceof GaveUp) || gaveUp.last instanceof Throttled) throw error;
      given.push(gaveUp);
      if (last) throw inAll(given);
      connection.retried();
      connection.ease(list.rows, form + 1);
    }
  }
}

/** All forms failed: how often and how long they were tried, together. */
function inAll(given: readonly GaveUp[]): SourceError {
  const cause = given.reduce((a, b) => new GaveUp(b.last, a.attempts + b.attempts, a.ms + b.ms));
  return new SourceError(cause.message, { cause });
}

async function readThrough<Row extends { readonly id: string }>(
  connection: OktaConnection,
  list: List<Row>,
  { agree, onPage }: PageReading<Row>,
): Promise<readonly Row[] | null> {
  const rows = new Map<string, Row>();
  const seen = new Set<string>();
  let idle = 0;
  let url: URL | null = list.url;
  while (url !== null) {
    seen.add(url.href);
    const page: RowPage<Row> | null = await readPage(connection, list, url, seen.size).catch(
      (error: unknown) => {
        throw seen.size > 1 && isExpired(error) ? new Shifted(error.message, { cause: error.cause }) : error;
      },
    );
    if (page === null) return null;
    if (page.ms > (list.slowMs ?? Infinity)) connection.ease(list.rows, 1);
    const before = rows.size;
    for (const row of page.rows) {
      const known = rows.get(row.id);
      if (known === undefined) rows.set(row.id, row);
      else if (agree?.(known, row) === false)
        throw new Shifted(`${page.where}: ${row.id} is listed twice with different data`);
    }
    onPage?.(page.rows.length);
    if (page.next !== null && seen.has(page.next.href)) {
      throw new SourceError(`${page.where}: the next page is one that was read already: the list has no end`);
    }
    idle = rows.size > before ? 0 : idle + 1;
    if (idle > MOST_IDLE_PAGES)
      throw new SourceError(`${page.where}: ${idle} pages in a row brought nothing new, and another follows`);
    url = page.next;
  }
  return [...rows.values()];
}

/** How Okta answers to a cursor that it knows no more. */
function isExpired(error: unknown): error is SourceError {
  const refusal = error instanceof SourceError ? error.cause : null;
  return refusal instanceof HttpRefusal && (refusal.answered === 400 || refusal.answered === 410);
}

export interface RowPage<Row> {
  /** Method, path and which page. */
  readonly where: string;
  readonly rows: readonly Row[];
  readonly ms: number;
  /** `null` on the last page. */
  readonly next: URL | null;
}

/** Reads the page at `url`, the `number`th of the list. `null` when Okta says that there is no such list. */
export async function readPage<Row>(connection: OktaConnection, list: List<Row>, url = list.url, number = 1) {
  const page = await connection.read(url, list.right, list.patience);
  if (page === null) return null;
  const where = number === 1 ? page.where : `${page.where} (page ${number})`;
  const rows = checked(list.rows, page.json, where);
  const next = nextOf(page, url, where);
  return { where, rows, ms: page.ms, next: next === null ? null : completed(next, list.url) };
}

/**
 * Okta makes the link to the next page anew and leaves some of what was asked for out of it, `expand` above all: rows would
 * come without their group or their count from there on (okta-sdk-java #592, okta-sdk-nodejs #439). What the first request
 * had is added; what the link has stays as it is written, the cursor letter by letter.
 */
function completed(next: URL, first: URL): URL {
  const lacking = [...first.searchParams].filter(([name]) => !next.searchParams.has(name));
  if (lacking.length === 0) return next;
  const whole = new URL(next);
  whole.search = [next.search.slice(1), new URLSearchParams(lacking).toString()].filter(Boolean).join('&');
  return whole;
}

/** `null` on the last page. */
function nextOf({ link }: Page, current: URL, where: string): URL | null {
  const links = nextLinks(link);
  const targets = links === null ? [] : [...new Set(links)];
  const [target] = targets;
  if (links === null || targets.length > 1 || (target !== undefined && !URL.canParse(target, current.href))) {
    throw new SourceError(`${where}: the Link header cannot be read, so the next page is not known`);
  }
  return target === undefined ? null : new URL(target, current);
}

/**
 * The targets of relation `next` in `Link` headers, as they stand (RFC 8288). Several headers arrive joined by commas, and a
 * target may hold commas itself. `null`: the header is broken, so that whether there is a next page cannot be known.
 */
export function nextLinks(header: string): readonly string[] | null {
  const targets: string[] = [];
  let rest = header.trim();
  while (rest !== '') {
    const [, target, more = ''] = /^<([^>]*)>(.*)$/s.exec(rest) ?? [];
    if (target === undefined) return null;
    const { parameters, after } = untilComma(more);
    const relations = relationsIn(parameters);
    if (relations === null) return null;
    if (relations.includes('next')) targets.push(target);
    rest = after;
  }
  return targets;
}

/** The pieces between semicolons up to the first comma, neither of them in quotes: what follows the comma is the next link. */
function untilComma(text: string): { parameters: readonly string[]; after: string } {
  const parameters: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    if (quoted || (text[at] !== ';' && text[at] !== ',')) continue;
    parameters.push(text.slice(from, at));
    from = at + 1;
    if (text[at] === ',') return { parameters, after: text.slice(from).trim() };
  }
  return { parameters: [...parameters, text.slice(from)], after: '' };
}

/** `null` where a relation could hide: a mistaken “last page” would pass for people and groups that are gone. */
function relationsIn([before, ...parameters]: readonly string[]): readonly string[] | null {
  if (before?.trim() !== '') return null;
  const relations: string[] = [];
  for (const parameter of parameters) {
    if ((parameter.split('"').length - 1) % 2 !== 0) return null;
    const [name = '', ...value] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'rel') continue;
    const found = /^(?:"([^"]*)"|([^\s"]+))$/.exec(value.join('=').trim());
    if (found === null) return null;
    relations.push(...(found[1] ?? found[2] ?? '').toLowerCase().split(/\s+/));
  }
  return relations;
}
