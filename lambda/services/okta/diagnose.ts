import type { OktaGroup, Person } from '../../core/model/directory.ts';
import { bad, clockFinding, type Finding, fine, untold } from '../../core/report/finding.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import type { OktaOptions } from './directory.ts';
import { eased, readPage, type RowPage } from './pages.ts';
import type { OktaSelection } from '../../settings/services.ts';
import { HttpRefusal, isRefusedQuery } from './answer.ts';
import { groupUrl, inWordsOfTheSelection, listOf, nothingListed, PAGE_SIZE, rightsFor } from './selection.ts';
import { PersonRows } from './shapes.ts';
import { ROLES } from './client.ts';
import { ChangedPeople, sampleOf } from './changed-people.ts';
import { fixIn } from './failure.ts';
import { AccessError, SourceError, UsageError } from '../../errors.ts';
import { TOKEN_PATH } from './executor.ts';

/**
 * Looks at everything that a sync needs of Okta, in order, and reads no more than a page of anything. What cannot be told
 * because something before it failed is `null`. Throws `UsageError` for an address or a key that cannot be used.
 */
export async function diagnoseOkta(options: OktaOptions): Promise<readonly Finding[]> {
  const { selection } = options;
  const connection = new OktaConnection(options, rightsFor(selection));
  const check = 'app' in selection ? 'Okta: app' : 'Okta: groups';
  const listing = await look(() => firstPage(connection, selection));
  const trouble = 'trouble' in listing ? listing.trouble : null;
  const findings = [
    addressFinding(connection.origin, trouble),
    connection.skewMs === null ? untold(CLOCK) : clockFinding('Okta', connection.skewMs),
    credentialsFinding(trouble),
  ];
  if ('trouble' in listing) {
    const told = findings.some(({ ok, check }) => ok === false && check !== CLOCK);
    const list = told ? untold(check) : broken(check, listing.trouble, 'Correct the configuration.');
    return [...findings, list, untold(PAGES), untold(MEMBERS), untold(CHANGES)];
  }
  const { rows } = listing.seen;
  // Somebody has to be in it for the next questions to mean something; the list of an app's groups does not say.
  const group = rows.find(({ usersCount }) => usersCount !== 0) ?? rows[0];
  const members = group === undefined ? null : await look(() => membersPage(connection, group));
  const known = members !== null && 'seen' in members ? (members.seen?.rows ?? []) : [];
  return [
    ...findings,
    listFinding(check, listing.seen),
    await pagesFinding(connection, selection, listing.seen),
    membersFinding(group, members),
    await changesFinding(options, options.clock.now() + (connection.skewMs ?? 0), known),
  ];
}

const CLOCK = 'Okta: clock';
const PAGES = 'Okta: pages';
const MEMBERS = 'Okta: members';

async function firstPage(connection: OktaConnection, selection: OktaSelection, pageSize = PAGE_SIZE) {
  const list = listOf(selection, connection.origin, pageSize);
  try {
    const page = await eased(connection, list, (easier) => readPage(connection, easier));
    return page ?? nothingListed(selection, list.url);
  } catch (error) {
    throw inWordsOfTheSelection(error, selection);
  }
}

/** Whoever refuses is there; only what makes no sense speaks against the address. */
function addressFinding({ origin }: URL, trouble: Trouble | null): Finding {
  const check = 'Okta: address';
  if (trouble?.with !== 'source') return fine(check, `${origin} answers`);
  const fix = 'Check okta.orgUrl, and that this machine can reach it (name resolution, firewall, proxy).';
  return broken(check, trouble, fix);
}

function credentialsFinding(trouble: Trouble | null): Finding {
  const check = 'Okta: credentials';
  if (trouble?.with === 'source') return untold(check);
  if (trouble?.with !== 'credentials') return fine(check, 'accepted');
  return broken(check, trouble, 'Check the credentials for Okta.');
}

function listFinding(check: string, { rows, next }: RowPage<OktaGroup>): Finding {
  const more = next === null ? '' : ', and there are more';
  if (rows.length > 0) return fine(check, `${rows.length} groups on the first page${more}`);
  return bad(check, 'no groups are listed', 'Check okta.groups, and what the admin role may view.');
}

/** Whether the next page is another one; where there is none, of the smallest pages that Okta gives, so that few groups tell, too. */
async function pagesFinding(
  connection: OktaConnection,
  selection: OktaSelection,
  listing: RowPage<OktaGroup>,
) {
  const unknown = (why: string): Finding => untold(PAGES, `not known: ${why}`);
  const groups = listing.rows.length;
  // The smallest page that can be asked for: Okta gives 20 groups of an app at least.
  const size = 'app' in selection ? 20 : 1;
  if (listing.next === null && groups <= size)
    return unknown(`there are too few groups: Okta gives up to ${size} on one page`);
  const fix = 'Look for a proxy in between that changes the answers or their Link headers.';
  const small = listing.next === null ? await look(() => firstPage(connection, selection, size)) : null;
  if (small !== null && 'trouble' in small) {
    if (!isRefusedQuery(small.trouble.error)) return broken(PAGES, small.trouble, fix);
    return unknown(`Okta does not take pages of ${size}, and gives all ${groups} groups on a larger one`);
  }
  const { rows, next } = small?.seen ?? listing;
  if (next === null && rows.length >= groups)
    return unknown(`Okta gives all ${groups} groups on one page where ${size} are asked for`);
  if (next === null) return bad(PAGES, `a page of ${size} has no next page`, fix);
  const second = await look(() => readPage(connection, listOf(selection, connection.origin), next, 2));
  if ('trouble' in second) return broken(PAGES, second.trouble, fix);
  const known = new Set(rows.map(({ id }) => id));
  const more = second.seen?.rows ?? [];
  if (more.length === 0) return unknown('the next page is empty');
  if (more.some(({ id }) => known.has(id))) return bad(PAGES, 'the next page repeats the first', fix);
  return fine(PAGES, 'paging works');
}

function membersPage(connection: OktaConnection, { id }: OktaGroup): Promise<RowPage<Person> | null> {
  const url = groupUrl(connection.origin, id, `/users?limit=${PAGE_SIZE}`);
  return readPage(connection, { url, right: 'groups', rows: PersonRows });
}

function membersFinding(group: OktaGroup | undefined, page: Glance<RowPage<Person> | null> | null): Finding {
  if (group === undefined || page === null) return untold(MEMBERS, 'there is no group to look into');
  if ('trouble' in page) return broken(MEMBERS, page.trouble, 'Look at what Okta answers there.');
  if (page.seen === null) return untold(MEMBERS, `the group ${group.id} has gone meanwhile`);
  return fine(MEMBERS, `${page.seen.rows.length} people on the first page of the group ${group.id}`);
}

/** What `doctor` calls it. */
const CHANGES = 'Okta: changes';

/** A page of people is enough to see that they are told. */
const ENOUGH = 200;
const FIX = `Give the credentials for Okta a role that may ${ROLES.users}, of all users.`;
const WITHOUT = 'without them each run reads the members of every group';

/** Whether Okta tells who has changed; where it does not, that is a remark. `now`: by Okta's clock. `known`: some who are there. */
async function changesFinding(options: ConnectionOptions, now: number, known: readonly Person[]) {
  const nobody = sampleOf(known).length === 0;
  const seen = await look(async () => {
    const people = new ChangedPeople(options);
    const changed = await people.since(now, ENOUGH, known);
    return changed === null ? people.blindTo(known) : changed.blind;
  });
  if ('seen' in seen) {
    const blind = seen.seen;
    if (blind === null)
      return fine(CHANGES, 'Okta reports changed people, so unchanged groups can be skipped');
    return nobody ? untold(CHANGES, `not known: ${blind}`) : notTold(blind, FIX);
  }
  const { error, with: what } = seen.trouble;
  const fix = fixIn(error);
  const detail = fix === null ? error.message : error.message.slice(0, -fix.length).trimEnd();
  if (what !== 'rights' && what !== 'credentials') return untold(CHANGES, `${detail}; ${WITHOUT}`);
  return notTold(detail, fix);
}

function notTold(why: string, fix: string | null): Finding {
  return { ...untold(CHANGES, `Okta does not report changed people; ${WITHOUT}: ${why}`), fix };
}

/** What a look at Okta failed for: nothing sensible came, the credentials or their rights, or the configuration. */
interface Trouble {
  readonly with: 'source' | 'credentials' | 'rights' | 'configuration';
  readonly error: Error;
}

type Glance<T> = { readonly seen: T } | { readonly trouble: Trouble };

/** Throws what `Directory` would not throw: it is no finding, but a fault of ours. */
export async function look<T>(read: () => Promise<T>): Promise<Glance<T>> {
  try {
    return { seen: await read() };
  } catch (error) {
    if (error instanceof SourceError) return { trouble: { with: 'source', error } };
    if (error instanceof UsageError) return { trouble: { with: 'configuration', error } };
    if (!(error instanceof AccessError)) throw error;
    const { cause } = error;
    const unknown = cause instanceof HttpRefusal && (cause.answered === 401 || cause.path === TOKEN_PATH);
    return { trouble: { with: unknown ? 'credentials' : 'rights', error } };
  }
}

/** `otherwise`: the fix, where the error does not bring its own. */
export function broken(check: string, { error }: Trouble, otherwise: string): Finding {
  const [fix, denied] = [fixIn(error), error instanceof AccessError];
  if (fix === null) return bad(check, error.message, otherwise, denied);
  return bad(check, error.message.slice(0, -fix.length).trimEnd(), fix, denied);
}
