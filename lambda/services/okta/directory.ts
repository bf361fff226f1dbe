import type { OktaSelection } from '../../settings/services.ts';
import * as z from 'zod';
import type { OktaGroup, Person } from '../../core/model/directory.ts';
import { SourceError } from '../../errors.ts';
import type { Directory } from '../../ports.ts';
import { checked, compiled } from '../http/checked.ts';
import { ChangedPeople } from './changed-people.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { isRefusedQuery } from './answer.ts';
import {
  ASKED_AT_ONCE,
  chosen,
  groupUrl,
  inWordsOfTheSelection,
  listOf,
  nothingListed,
  oktaId,
  PAGE_SIZE,
  rightsFor,
  selects,
  urlOf,
} from './selection.ts';
import { GroupRow, GroupRows, PersonRow } from './shapes.ts';

/**
 * People a page: Okta allows 1,000 and recommends 200, but what is limited is requests. Once a page takes longer than
 * three seconds or fails, the recommended size is asked for.
 */
const MEMBERS_PAGE = 500;
const SLOW_MS = 3_000;

export interface OktaOptions extends ConnectionOptions {
  /** `okta.groups` of the configuration. */
  readonly selection: OktaSelection;
}

/**
 * The Okta org as the sync reads it. Nothing is asked before the first call; calls may be made in any number at once, and
 * go out as the rate limits allow.
 *
 * Throws `UsageError` for an address or a private key that cannot be used. Its functions throw `SourceError` (could not be
 * read completely), `AccessError` (401, 403, no access token) and `UsageError` (the selection is wrong).
 */
export function createOktaDirectory(options: OktaOptions): Directory {
  const { selection } = options;
  const connection = new OktaConnection(options, rightsFor(selection));
  const people = new SharedPeople();
  const row = PersonRow.transform((person) => people.same(person));
  const rows = compiled(z.array(row, 'a list'));
  const changed = new ChangedPeople(options);
  const listed = async (ids: readonly string[]): Promise<readonly OktaGroup[]> => {
    const filter = ids.map((id) => `id eq "${oktaId(id, 'groups')}"`).join(' or ');
    const list = listOf({ filter }, connection.origin);
    try {
      return (await readList(connection, list, { agree: sameGroup })) ?? [];
    } catch (error) {
      if (ids.length === 1 || !isRefusedQuery(error)) throw error;
      return (await Promise.all(ids.map((id) => listed([id])))).flat();
    }
  };

  return {
    async groups() {
      const list = listOf(selection, connection.origin);
      try {
        const found = await readList(connection, list, { agree: sameGroup });
        return found ?? nothingListed(selection, list.url);
      } catch (error) {
        throw inWordsOfTheSelection(error, selection);
      }
    },

    async group(id) {
      const page = await connection.read(groupUrl(connection.origin, id), 'groups');
      if (page === null) return null;
      const group = checked(GroupRow, page.json, page.where);
      if (group.id === id) return group;
      throw new SourceError(`${page.where}: Okta answered with another group, ${group.id}`);
    },

    selects: (id) => selects(connection, selection, id),

    chosen: (ids, changedAfter) => chosen(connection, selection, ids, changedAfter),

    async members(id) {
      const url = groupUrl(connection.origin, id, `/users?limit=${MEMBERS_PAGE}`);
      const easier = [groupUrl(connection.origin, id, `/users?limit=${PAGE_SIZE}`)];
      const list = { url, easier, slowMs: SLOW_MS, right: 'groups', rows } as const;
      return readList(connection, list, { agree: Object.is });
    },

    async listed(groupIds) {
      const batches = Array.from({ length: Math.ceil(groupIds.length / ASKED_AT_ONCE) }, (_, n) =>
        listed(groupIds.slice(n * ASKED_AT_ONCE, (n + 1) * ASKED_AT_ONCE)),
      );
      return new Map((await Promise.all(batches)).flat().map((group) => [group.id, group]));
    },

    changedSince: (...all) => changed.since(...all),

    blindTo: (known) => changed.blindTo(known),

    skewMs: () => connection.skewMs,

    traffic() {
      const [all, more] = [connection.traffic(), changed.traffic()];
      return {
        reads: all.reads + more.reads,
        writes: 0,
        throttled: all.throttled + more.throttled,
        retries: all.retries + more.retries,
      };
    },
  };
}

/** Times may have moved between two pages; what is mapped may not. */
function sameGroup(a: OktaGroup, b: OktaGroup): boolean {
  return a.name === b.name && a.description === b.description;
}

/**
 * Keeps one object for each person, however many groups they are in: two million memberships of a hundred thousand
 * people then cost little more than the people.
 */
class SharedPeople {
  readonly #byId = new Map<string, Person>();
  readonly #statuses = new Map<string, string>();

  /** The object that stands for this person; a new one when anything about them has changed. */
  same({ id, status, email, login }: Person): Person {
    const known = this.#byId.get(id);
    if (known?.status === status && known.email === email && known.login === login) return known;
    const shared = this.#statuses.get(status) ?? status;
    this.#statuses.set(shared, shared);
    const kept = { id, status: shared, email, login: login === email ? email : login };
    this.#byId.set(id, kept);
    return kept;
  }
}

const AppRows = z.array(z.object({ id: z.string(), label: z.string() }), 'a list');

/** The apps whose label begins so (`q` of Okta's list of apps). Throws as every read of Okta does. */
export async function oktaApps(options: ConnectionOptions, label: string) {
  const connection = new OktaConnection(options, ['apps']);
  const url = urlOf(connection.origin, '/api/v1/apps', { q: label, limit: '200' });
  return (await readList(connection, { url, right: 'apps', rows: AppRows })) ?? [];
}

/** The groups with this id or name: one request for either. */
export async function oktaGroupsNamed(options: ConnectionOptions, text: string) {
  const connection = new OktaConnection(options, ['groups']);
  if (/^00g\w+$/.test(text)) {
    const page = await connection.read(groupUrl(connection.origin, text), 'groups');
    return page === null ? [] : [checked(GroupRow, page.json, page.where)];
  }
  const search = `profile.name eq "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  const url = urlOf(connection.origin, '/api/v1/groups', { search, limit: '200' });
  return (await readList(connection, { url, right: 'groups', rows: GroupRows })) ?? [];
}

/** Groups whose names begin like a text: one page of them, for whoever mistyped one. */
export async function oktaGroupsLike(options: ConnectionOptions, text: string) {
  const connection = new OktaConnection(options, ['groups']);
  // Okta's `q` is a match of the beginning (developer.okta.com/docs/api, list groups).
  const query = { q: text.trim().slice(0, 2), limit: '200' };
  const page = await connection.read(urlOf(connection.origin, '/api/v1/groups', query), 'groups');
  return page === null ? [] : checked(GroupRows, page.json, page.where);
}
