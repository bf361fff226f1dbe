import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import { bad, clockFinding, type Finding, fine, untold } from '../../core/report/finding.ts';
import { get, jsonBody, KeyRefused, READ_DEADLINE_MS } from './get.ts';
import { GROUPS_PATH, SecodaConnection, type SecodaOptions, USERS_PATH } from './connection.ts';
import { ACTIVITY, type Page, pageOf, UserRow } from './shapes.ts';
import { secodaWorkspace } from './workspace.ts';
import { nextUrl } from './pages.ts';
import { checked } from '../http/checked.ts';
import { AccessError, LeaseOver, SourceError, WriteError } from '../../errors.ts';

/**
 * Looks at everything that a sync reads of Secoda, in order. What cannot be told because something before it failed is
 * `null`. Whether the key may write shows only when it does: see `probeSecoda`. Throws `UsageError` for an address or a
 * key that nothing can be sent with.
 */
export async function diagnoseSecoda(options: SecodaOptions): Promise<readonly Finding[]> {
  const connection = new SecodaConnection(options);
  const where = `GET ${GROUPS_PATH}`;
  const request = { path: GROUPS_PATH, where, deadlineMs: READ_DEADLINE_MS };
  const first = await look(async () => jsonBody(connection, await get(connection, request), where));
  const error = 'error' in first ? first.error : null;
  const slash = connection.habits.slash ? 'a' : 'no';
  const findings = [
    addressFinding(connection.origin, error),
    connection.skewMs === null
      ? untold('Secoda: clock', 'Secoda did not say what time it is')
      : clockFinding('Secoda', connection.skewMs),
    keyFinding(error),
    error === null ? fine('Secoda: paths', `requests use ${slash} trailing slash`) : untold('Secoda: paths'),
  ];
  if (error !== null)
    return [...findings, ...['users', 'groups', 'pages'].map((of) => untold(`Secoda: ${of}`))];
  const workspace = secodaWorkspace(connection);
  const users = await look(() => workspace.users());
  const groups = await look(() => workspace.groups());
  const fix = 'Look at what Secoda answers there, and try again later.';
  return [
    ...findings,
    'error' in users ? broken('Secoda: users', users.error, fix) : usersFinding(users.seen, connection),
    'error' in groups ? broken('Secoda: groups', groups.error, fix) : groupsFinding(groups.seen),
    await pagesFinding(connection),
  ];
}

/** Whoever refuses is there; only what makes no sense speaks against the address. */
function addressFinding({ origin }: URL, error: Error | null): Finding {
  const check = 'Secoda: address';
  if (error === null || error instanceof KeyRefused) return fine(check, `${origin} answers`);
  const fix =
    'Check secoda.region or secoda.url, and that this machine can reach it (name resolution, firewall, proxy).';
  return broken(check, error, fix);
}

function keyFinding(error: Error | null): Finding {
  const check = 'Secoda: API key';
  if (error === null)
    return fine(check, 'accepted; whether it may change groups is for doctor --probe to show');
  return error instanceof KeyRefused ? broken(check, error, '') : untold(check);
}

function usersFinding(users: readonly WorkspaceUser[], { habits }: SecodaConnection): Finding {
  const check = 'Secoda: users';
  const fix = 'Check that the key belongs to the right workspace.';
  if (users.length === 0) return bad(check, 'no users are listed', fix);
  const nameless = users.filter(({ email }) => email === null).length;
  const inactive = users.filter(({ active }) => active === false).length;
  const services = users.filter(({ service }) => service).length;
  const fields = ACTIVITY.filter((field) => habits.activity.has(field)).join(', ');
  const told =
    fields === '' ? `nothing says who is active (none of ${ACTIVITY.join(', ')})` : `told by ${fields}`;
  const listed = `${users.length} listed, ${nameless} without an address, ${inactive} not active`;
  return fine(check, `${listed}, ${services} service accounts; ${told}`);
}

function groupsFinding(groups: readonly WorkspaceGroup[]): Finding {
  const memberships = groups.reduce((sum, { userIds }) => sum + userIds.length, 0);
  return fine('Secoda: groups', `${groups.length} listed, with ${memberships} memberships`);
}

const CHECK = 'Secoda: pages';
const FIX = 'Look for a proxy in between that changes the answers.';

const UserPage = pageOf(UserRow);

/** Asks for pages of one user, so that even two users tell whether the next page is another one. */
async function pagesFinding(connection: SecodaConnection): Promise<Finding> {
  if (!connection.habits.pageSize)
    return fine(CHECK, 'page_size is refused: pages are as long as Secoda makes them');
  const first = await look(() => pageAt(connection, 'page_size=1'));
  if ('error' in first) return broken(CHECK, first.error, FIX);
  const { links, results, count } = first.seen;
  if (count < 2) return untold(CHECK, 'there are not two users to page through');
  const size =
    results.length === 1 ? 'page_size is honoured' : `page_size is ignored: ${results.length} rows on a page`;
  if (links.next === null) {
    if (results.length === count) return fine(CHECK, `${size}, and all users are on the first`);
    return bad(CHECK, `${results.length} of ${count} users have no next page`, FIX);
  }
  const next = links.next;
  const second = await look(async () => {
    const url = nextUrl(next, connection.origin, `GET ${USERS_PATH}`);
    return { url, page: await pageAt(connection, url.search.slice(1)) };
  });
  if ('error' in second) return broken(CHECK, second.error, FIX);
  const { url, page } = second.seen;
  if (page.results[0]?.id === results[0]?.id) return bad(CHECK, 'the next page repeats the first', FIX);
  const linked =
    url.origin === connection.origin.origin
      ? 'the same origin'
      : `${url.origin}, of which only the query is used`;
  return fine(CHECK, `${size}; the next page is linked on ${linked}`);
}

async function pageAt(connection: SecodaConnection, query: string): Promise<Page<{ readonly id: string }>> {
  const where = `GET ${USERS_PATH}`;
  const answer = await get(connection, { path: USERS_PATH, query, where, deadlineMs: READ_DEADLINE_MS });
  return checked(UserPage, jsonBody(connection, answer, where), where);
}

/** What an error says, as a finding; `otherwise` is the fix where it does not bring its own. */
export function broken(check: string, error: Error, otherwise: string): Finding {
  return error instanceof KeyRefused
    ? bad(check, error.said, error.fix, true)
    : bad(check, error.message, otherwise);
}

/** The result, or the error that Secoda is the reason of. Any other error is thrown: it is no finding, but a fault of ours. */
export async function look<T>(
  read: () => Promise<T>,
): Promise<{ readonly seen: T } | { readonly error: Error }> {
  try {
    return { seen: await read() };
  } catch (error) {
    const expected = [SourceError, AccessError, WriteError, LeaseOver].some((kind) => error instanceof kind);
    if (expected && error instanceof Error) return { error };
    throw error;
  }
}
