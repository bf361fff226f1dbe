import * as z from 'zod';
import type { OktaGroup } from '../../core/model/directory.ts';
import { checked } from '../http/checked.ts';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { groupUrl } from './selection.ts';
import { GroupRow, GroupRows } from './shapes.ts';

/** An app in Okta, as far as somebody chooses one. */
export interface OktaApp {
  readonly id: string;
  readonly label: string;
}

const AppRows = z.array(z.object({ id: z.string(), label: z.string() }), 'a list');
const WHOLE = { agree: () => true, onPage: () => undefined };

/** The apps whose label begins so (`q` of Okta's list of apps). Throws as every read of Okta does. */
export async function oktaApps(options: ConnectionOptions, label: string): Promise<readonly OktaApp[]> {
  const connection = new OktaConnection(options, ['apps']);
  const url = new URL('/api/v1/apps', connection.origin);
  url.search = new URLSearchParams({ q: label, limit: '200' }).toString();
  return (await readList(connection, { url, right: 'apps', rows: AppRows }, WHOLE)) ?? [];
}

/** All groups that somebody is in, whole; in few requests however large the org is. Empty when the person is gone. */
export async function oktaGroupsOf(
  options: ConnectionOptions,
  personId: string,
): Promise<readonly OktaGroup[]> {
  const connection = new OktaConnection(options, ['users']);
  const url = new URL(`/api/v1/users/${encodeURIComponent(personId)}/groups`, connection.origin);
  return (await readList(connection, { url, right: 'users', rows: GroupRows }, WHOLE)) ?? [];
}

/** The groups with this id or name: one request for either. */
export async function oktaGroupsNamed(
  options: ConnectionOptions,
  text: string,
): Promise<readonly OktaGroup[]> {
  const connection = new OktaConnection(options, ['groups']);
  if (/^00g\w+$/.test(text)) {
    const page = await connection.read(groupUrl(connection.origin, text), 'groups');
    return page === null ? [] : [checked(GroupRow, page.json, page.where)];
  }
  const url = new URL('/api/v1/groups', connection.origin);
  const quoted = text.replaceAll(/["\\]/g, String.raw`\$&`);
  url.search = new URLSearchParams({ search: `profile.name eq "${quoted}"`, limit: '200' }).toString();
  return (await readList(connection, { url, right: 'groups', rows: GroupRows }, WHOLE)) ?? [];
}
