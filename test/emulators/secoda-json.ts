import { type Call, type Reply, reply } from './exchange.ts';
import type { Json, JsonObject } from './json.ts';
import type { SecodaGroup, SecodaUser } from './secoda-state.ts';

/** How a description is shown: as it was sent, as a rich text, escaped, with other line ends. */
export type Descriptions = 'as sent' | 'html' | 'entities' | 'backslashes' | 'markdown' | 'crlf';

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
export const SHOWN_AS: Readonly<Record<Descriptions, (text: string) => string>> = {
  'as sent': (text) => text,
  html: (text) =>
    text
      .split('\n')
      .map((line) => `<p>${escaped(line)}</p>`)
      .join(''),
  entities: escaped,
  backslashes: (text) => text.replace(/[\\`*_{}[\]()#+.!-]/g, '\\$&'),
  markdown: (text) => text.replace(/^.+$/m, '**$&**'),
  crlf: (text) => `${text.replaceAll('\n', '\r\n')}\r\n`,
};

export function groupJson(
  group: SecodaGroup,
  workspaceId: string,
  shown: (user: SecodaUser) => boolean,
  descriptions: Descriptions,
): JsonObject {
  return {
    id: group.id,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
    users: [...group.users].filter(shown).map(({ id }) => id),
    name: group.name,
    icon: group.icon,
    description: group.description === null ? null : SHOWN_AS[descriptions](group.description),
    workspace_id: workspaceId,
    snowflake_role: null,
  };
}

/** Which fields of a user tell whether they are active. */
export type UserFields =
  /** As published (8.22.39). */
  | 'published'
  /** With `pending` as a text, as in the published example. */
  | 'pending as text'
  /** As old clients have it. */
  | 'is_active'
  | 'none';

export function userJson(user: SecodaUser, fields: UserFields, workspaceId: string): JsonObject {
  const { id, email, displayName, role } = user;
  const [first = '', ...rest] = displayName.split(' ');
  return {
    id,
    first_name: first,
    last_name: rest.join(' '),
    email,
    role,
    workspace_id: workspaceId,
    profile_picture: null,
    user_groups: [],
    bookmarks: [],
    workspace: null,
    service_account_count_popularity: 0,
    last_login: null,
    new_feature_acknowledged: false,
    ...activityOf(user, fields),
  };
}

function activityOf(user: SecodaUser, fields: UserFields): JsonObject {
  const { pending, disabled, serviceAccount } = user;
  if (fields === 'none') return {};
  if (fields === 'is_active') return { is_active: isActive(user) };
  return {
    pending: fields === 'published' ? pending : pending ? 'True' : 'False',
    disabled,
    is_service_account: serviceAccount,
  };
}

/** Whether somebody has signed in and is not suspended. */
export function isActive({ pending, disabled }: SecodaUser): boolean {
  return !pending && !disabled;
}

/** What stands in the place of a link or a number that is not there. `missing`: not even its key. */
export type Nothing = null | 'None' | '' | 'missing';

/** How numbered pages are cut. */
export interface Pages {
  /** Rows a page where the request does not say. */
  readonly usual: number;
  /** The most that `page_size` may ask for. */
  readonly max: number;
  readonly ignorePageSize: boolean;
  /** The origin that links show. */
  readonly origin: string;
  readonly nothing: Nothing;
}

/** Answers with one page of a list in the envelope of the API. */
export function paged<Item>(
  call: Call,
  pages: Pages,
  items: readonly Item[],
  render: (item: Item) => Json,
): Reply {
  const { query, path } = call.served;
  const asked = pages.ignorePageSize ? pages.usual : (natural(query.page_size) ?? pages.usual);
  const size = Math.min(asked, pages.max);
  const total = Math.max(1, Math.ceil(items.length / size));
  const page = query.page === undefined ? 1 : (natural(query.page) ?? 0);
  if (page < 1 || page > total) return reply(404, { detail: 'Invalid page.' });
  const nothing = pages.nothing === 'missing' ? undefined : pages.nothing;
  const link = (number: number): Json | undefined =>
    number < 1 || number > total
      ? nothing
      : `${pages.origin}${path}?${new URLSearchParams({ ...query, page: String(number) }).toString()}`;
  return reply(200, {
    links: { next: link(page + 1), previous: link(page - 1) },
    meta: {
      page,
      previous_page: page > 1 ? page - 1 : nothing,
      next_page: page < total ? page + 1 : nothing,
    },
    count: items.length,
    total_pages: total,
    results: items.slice((page - 1) * size, page * size).map(render),
  });
}

function natural(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
