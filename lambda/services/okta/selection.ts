import type { OktaGroup } from '../../core/model/directory.ts';
import { SourceError, UsageError } from '../../errors.ts';
import { type List, readList, TooMany } from './pages.ts';
import type { Right } from './client.ts';
import { AssignmentRows, GroupRows } from './shapes.ts';
import * as z from 'zod';
import type { OktaSelection } from '../../settings/services.ts';
import { checked } from '../http/checked.ts';
import type { OktaConnection } from './connection.ts';
import { HttpRefusal, isRefusedQuery } from './answer.ts';

type Expression = Exclude<OktaSelection, { readonly app: string }>;

/** Okta's recommended page size for groups and members; the most that the assignments of an app allow. */
export const PAGE_SIZE = 200;

/** An expression of so many ids makes an address of four thousand characters. */
export const ASKED_AT_ONCE = 100;

/** Where Okta cannot count the people of a page's groups in time. */
const EASY_PAGE = 20;

/** The list of the selected groups. */
export function listOf(selection: OktaSelection, origin: URL, pageSize = PAGE_SIZE): List<OktaGroup> {
  if ('app' in selection) {
    const path = `/api/v1/apps/${encodeURIComponent(selection.app)}/groups`;
    const url = urlOf(origin, path, { expand: 'group', limit: String(pageSize) });
    return { url, right: 'apps', rows: AssignmentRows };
  }
  const counted = (limit: number) => groupsUrl(selection, origin, { expand: 'stats', limit: String(limit) });
  const bare = groupsUrl(selection, origin, { limit: String(pageSize) });
  const easier = [counted(Math.min(pageSize, EASY_PAGE)), bare];
  return { url: counted(pageSize), easier, right: 'groups', rows: GroupRows };
}

function groupsUrl(selection: Expression, origin: URL, parameters: Readonly<Record<string, string>>): URL {
  const [by, expression] = criteria(selection);
  return urlOf(origin, '/api/v1/groups', { [by]: expression, ...parameters });
}

function criteria(selection: Expression): readonly ['search' | 'filter', string] {
  if ('search' in selection) return ['search', selection.search];
  return ['filter', 'filter' in selection ? selection.filter : 'type eq "OKTA_GROUP"'];
}

/** The selection with no other groups left in it than those of which `and` is true. */
function narrowed(selection: Expression, and: string): Expression {
  const [by, expression] = criteria(selection);
  const both = `(${expression}) and ${and}`;
  return by === 'search' ? { search: both } : { filter: both };
}

/** Everything that a sync of this selection reads. */
export function rightsFor(selection: OktaSelection): readonly Right[] {
  return 'app' in selection ? ['groups', 'apps'] : ['groups'];
}

/** Of a list, or of what it is asked for with. */
export function urlOf(origin: URL, path: string, parameters: Readonly<Record<string, string>>): URL {
  const url = new URL(path, origin);
  url.search = new URLSearchParams(parameters).toString();
  return url;
}

/** Of a group, or with `rest` of something below it. Throws `SourceError` for an id that would name another path. */
export function groupUrl(origin: URL, id: string, rest = ''): URL {
  return new URL(`/api/v1/groups/${oktaId(id, 'groups')}${rest}`, origin);
}

/** The id as it is. Throws `SourceError` for one that would mean something else in a path or an expression. */
export function oktaId(id: string, of: 'groups' | 'users'): string {
  if (isOktaId(id)) return id;
  throw new SourceError(`GET /api/v1/${of}: ${JSON.stringify(id.slice(0, 40))} is not an Okta id`);
}

function isOktaId(id: string): boolean {
  return /^[\w-]+$/.test(id);
}

const Assignment = z.object({ id: z.string('a string') }, 'an assignment');

/**
 * Asks whether a group is in the selection, about nothing but this group: an answer of one row cannot be cut short. `null`
 * where Okta takes the selection's expression and refuses it together with an id, which it does not document.
 */
export async function selects(connection: OktaConnection, selection: OktaSelection, id: string) {
  if ('app' in selection) {
    const path = `/api/v1/apps/${encodeURIComponent(selection.app)}/groups/${oktaId(id, 'groups')}`;
    const page = await connection.read(new URL(path, connection.origin), 'apps');
    if (page === null) return false;
    const assigned = checked(Assignment, page.json, page.where).id;
    if (assigned === id) return true;
    throw new SourceError(`${page.where}: Okta answered with another group, ${assigned}`);
  }
  const list = listOf(narrowed(selection, `id eq "${oktaId(id, 'groups')}"`), connection.origin);
  try {
    const rows = await readList(connection, list);
    return (rows ?? nothingListed(selection, list.url)).some((row) => row.id === id);
  } catch (error) {
    if (isRefusedQuery(error)) return null;
    throw error;
  }
}

/** Those of these groups that are in the selection, and what may be and changed since, in one request (an app's: one more for each). */
export async function chosen(
  connection: OktaConnection,
  selection: OktaSelection,
  ids: readonly string[],
  changedAfter: number,
): Promise<readonly OktaGroup[] | null> {
  if (ids.length > ASKED_AT_ONCE || ids.some((id) => !isOktaId(id))) return null;
  const wanted = [
    ...ids.map((id) => `id eq "${id}"`),
    `lastUpdated gt "${new Date(changedAfter).toISOString()}"`,
  ];
  const expression = wanted.join(' or ');
  const narrow = 'app' in selection ? { filter: expression } : narrowed(selection, `(${expression})`);
  // Nobody asks how many people are in them.
  const url = groupsUrl(narrow, connection.origin, { limit: String(PAGE_SIZE) });
  let pages = 0;
  const onPage = (): void => {
    if (++pages > 1) throw new TooMany();
  };
  try {
    const rows = await readList(connection, { url, right: 'groups', rows: GroupRows }, { onPage });
    if (rows === null || !('app' in selection)) return rows;
    const asked = new Set(ids);
    const kept = await Promise.all(
      rows.map(async ({ id }) => !asked.has(id) || (await selects(connection, selection, id))),
    );
    return rows.filter((_, index) => kept[index]);
  } catch (error) {
    if (error instanceof TooMany || isRefusedQuery(error)) return null;
    throw error;
  }
}

/** Okta refuses a `search` or `filter` that it cannot read with this code: the configuration is wrong, not the source. */
const INVALID_CRITERIA = 'E0000031';

/** The error as one of the configuration where Okta refuses its `search` or `filter`; any other as it is. */
export function inWordsOfTheSelection(error: unknown, selection: OktaSelection): unknown {
  const refusal = error instanceof SourceError ? error.cause : undefined;
  if (!(refusal instanceof HttpRefusal) || refusal.code !== INVALID_CRITERIA) return error;
  const key = 'search' in selection ? 'okta.groups.search' : 'okta.groups.filter';
  return new UsageError([`${key} is not an expression that Okta understands. ${refusal.message}`]);
}

/** Throws for a listing that Okta says does not exist. */
export function nothingListed(selection: OktaSelection, { pathname }: URL): never {
  if ('app' in selection) {
    throw new UsageError([
      `okta.groups.app: Okta knows no app ${JSON.stringify(selection.app)} (GET ${pathname} answered 404): check the id (0oa…), and that the credentials' admin role covers this app`,
    ]);
  }
  throw new SourceError(
    `GET ${pathname}: Okta answered 404: is okta.orgUrl the address of the Okta org itself?`,
  );
}
