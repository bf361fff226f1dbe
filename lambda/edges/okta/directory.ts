import type { OktaGroup } from '../../core/model.ts';
import { SourceError } from '../../errors.ts';
import type { Directory } from '../../ports.ts';
import { checked } from '../http/checked.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { People } from './people.ts';
import { groupUrl, listOf, PAGE_SIZE, rightsFor, type Selection } from './selection.ts';
import { inWordsOfTheSelection, nothingListed } from './selection-error.ts';
import { GroupRow, PersonRow } from './shapes.ts';

export interface OktaOptions extends ConnectionOptions {
  readonly selection: Selection;
}

/**
 * The Okta org as the sync reads it. Nothing is asked before the first call; calls may be made in any number at once, and
 * go out as the rate limits allow.
 *
 * Throws `UsageError` for an address or a private key that cannot be used. Its functions throw `SourceError` (could not be
 * read completely), `AccessError` (401, 403, no access token) and `UsageError` (the selection is wrong).
 */
export function createOktaDirectory(options: OktaOptions): Directory {
  const { selection, onProgress } = options;
  const connection = new OktaConnection(options, rightsFor(selection));
  const people = new People();
  const onPage =
    (what: 'groups' | 'members') =>
    (rows: number): void =>
      onProgress?.({ kind: 'read', what, rows });

  return {
    async groups() {
      const list = listOf(selection, connection.origin);
      const reading = { agree: sameGroup, onPage: onPage('groups') };
      try {
        return (await readList(connection, list, reading)) ?? nothingListed(selection, list.url);
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

    async members(groupId) {
      const url = groupUrl(connection.origin, groupId, `/users?limit=${PAGE_SIZE}`);
      const row = PersonRow.transform((person) => people.same(person));
      const reading = { agree: Object.is, onPage: onPage('members') };
      return readList(connection, { url, right: 'groups', row }, reading);
    },

    async count(groupId) {
      // A single group has no `expand=stats`; the list narrowed to it has.
      const list = listOf({ filter: `id eq "${groupId}"` }, connection.origin);
      const rows = (await readList(connection, list, { agree: sameGroup, onPage: onPage('groups') })) ?? [];
      return rows.find(({ id }) => id === groupId)?.usersCount ?? null;
    },

    traffic: () => connection.traffic(),
  };
}

/** Times may have moved between two pages; what is mapped may not. */
function sameGroup(a: OktaGroup, b: OktaGroup): boolean {
  return a.name === b.name && a.description === b.description;
}
