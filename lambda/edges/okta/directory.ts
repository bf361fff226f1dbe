import * as z from 'zod';
import type { OktaGroup } from '../../core/model.ts';
import { SourceError } from '../../errors.ts';
import type { Directory } from '../../ports.ts';
import { checked } from '../http/checked.ts';
import { ChangedPeople } from './changed-people.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { People } from './people.ts';
import { groupUrl, listOf, PAGE_SIZE, rightsFor, type Selection } from './selection.ts';
import { inWordsOfTheSelection, nothingListed } from './selection-error.ts';
import { GroupRow, PersonRow } from './shapes.ts';

/** An expression of so many ids makes an address of four thousand characters. */
const COUNTED_AT_ONCE = 100;

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
  const rows = z.array(
    PersonRow.transform((person) => people.same(person)),
    'a list',
  );
  const changed = new ChangedPeople(options);
  const onPage =
    (what: 'groups' | 'members') =>
    (rows: number): void =>
      onProgress?.({ kind: 'read', what, rows });

  /** A single group, and the groups of an app, have no `expand=stats`; the list narrowed to them has. */
  const countsOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const filter = ids.map((id) => `id eq "${id}"`).join(' or ');
    const list = listOf({ filter }, connection.origin);
    const rows = (await readList(connection, list, { agree: sameGroup, onPage: onPage('groups') })) ?? [];
    return new Map(rows.flatMap(({ id, usersCount }) => (usersCount === null ? [] : [[id, usersCount]])));
  };

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
      const reading = { agree: Object.is, onPage: onPage('members') };
      return readList(connection, { url, right: 'groups', rows }, reading);
    },

    async count(groupId) {
      return (await countsOf([groupId])).get(groupId) ?? null;
    },

    async counts(groupIds) {
      const batches = Array.from({ length: Math.ceil(groupIds.length / COUNTED_AT_ONCE) }, (_, n) =>
        countsOf(groupIds.slice(n * COUNTED_AT_ONCE, (n + 1) * COUNTED_AT_ONCE)),
      );
      return new Map((await Promise.all(batches)).flatMap((counts) => [...counts]));
    },

    changedSince: (time, limit) => changed.since(time, limit),

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
