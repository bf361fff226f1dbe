import { bad, fine, type Finding, untold } from '../../doctor/finding.ts';
import { checked } from '../http/checked.ts';
import { jsonOf } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { broken, look } from './finding.ts';
import { get, READ_DEADLINE_MS } from './get.ts';
import { nextUrl } from './next-url.ts';
import { type Page, pageOf, UserRow } from './shapes.ts';
import { USERS_PATH } from './workspace.ts';

const CHECK = 'Secoda: pages';
const CURE = 'Look for a proxy in between that changes the answers.';
const UserPage = pageOf(UserRow);

/** Asks for pages of one user, so that even two users tell whether the next page is another one. */
export async function pagesFinding(connection: SecodaConnection): Promise<Finding> {
  if (!connection.habits.pageSize)
    return fine(CHECK, 'page_size is refused: pages are as long as Secoda makes them');
  const first = await look(() => pageAt(connection, 'page_size=1'));
  if ('error' in first) return broken(CHECK, first.error, CURE);
  const { links, results, count } = first.seen;
  if (count < 2) return untold(CHECK, 'there are not two users to page through');
  const size =
    results.length === 1 ? 'page_size is honoured' : `page_size is ignored: ${results.length} rows on a page`;
  if (links.next === null) {
    if (results.length === count) return fine(CHECK, `${size}, and all users are on the first`);
    return bad(CHECK, `${results.length} of ${count} users have no next page`, CURE);
  }
  const next = links.next;
  const second = await look(async () => {
    const url = nextUrl(next, connection.origin, `GET ${USERS_PATH}`);
    return { url, page: await pageAt(connection, url.search.slice(1)) };
  });
  if ('error' in second) return broken(CHECK, second.error, CURE);
  const { url, page } = second.seen;
  if (page.results[0]?.id === results[0]?.id) return bad(CHECK, 'the next page repeats the first', CURE);
  return fine(CHECK, `${size}; ${linkWords(url, connection.origin)}`);
}

function linkWords(next: URL, { origin }: URL): string {
  return next.origin === origin
    ? 'the next page is linked on the same origin'
    : `the next page is linked on ${next.origin}, of which only the query is used`;
}

async function pageAt(connection: SecodaConnection, query: string): Promise<Page<{ readonly id: string }>> {
  const where = `GET ${USERS_PATH}`;
  const answer = await get(connection, { path: USERS_PATH, query, where, deadlineMs: READ_DEADLINE_MS });
  return checked(UserPage, jsonOf(connection, answer, where), where);
}
