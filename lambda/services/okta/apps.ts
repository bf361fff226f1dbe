import * as z from 'zod';
import { type ConnectionOptions, OktaConnection } from './connection.ts';
import { readList } from './pages.ts';

/** An app in Okta, as far as somebody chooses one. */
export interface OktaApp {
  readonly id: string;
  readonly label: string;
}

const AppRows = z.array(z.object({ id: z.string(), label: z.string() }), 'a list');

/** The apps whose label begins so (`q` of Okta's list of apps). Throws as every read of Okta does. */
export async function oktaApps(options: ConnectionOptions, label: string): Promise<readonly OktaApp[]> {
  const connection = new OktaConnection(options, ['apps']);
  const url = new URL('/api/v1/apps', connection.origin);
  url.search = new URLSearchParams({ q: label, limit: '200' }).toString();
  const list = { url, right: 'apps', rows: AppRows } as const;
  return (await readList(connection, list, { agree: () => true, onPage: () => undefined })) ?? [];
}
