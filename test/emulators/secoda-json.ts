import { type Call, type Reply, reply } from './exchange.ts';
import type { Json, JsonObject } from './json.ts';
import type { SecodaGroup, SecodaUser } from './secoda-state.ts';

export function groupJson(
  group: SecodaGroup,
  workspaceId: string,
  shown: (user: SecodaUser) => boolean,
): JsonObject {
  return {
    id: group.id,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
    users: [...group.users].filter(shown).map(({ id }) => id),
    name: group.name,
    icon: group.icon,
    description: group.description,
    workspace_id: workspaceId,
    snowflake_role: null,
  };
}

export function userJson({ id, email, displayName, role, active }: SecodaUser): JsonObject {
  const [first = '', ...rest] = displayName.split(' ');
  return {
    id,
    email,
    first_name: first,
    last_name: rest.join(' '),
    display_name: displayName,
    role,
    is_active: active,
    profile_image: null,
  };
}

/** How numbered pages are cut. */
export interface Pages {
  /** Rows a page where the request does not say. */
  readonly usual: number;
  /** The most that `page_size` may ask for. */
  readonly max: number;
  readonly ignorePageSize: boolean;
  /** The origin that links show. */
  readonly origin: string;
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
  const link = (number: number): string | null =>
    number < 1 || number > total
      ? null
      : `${pages.origin}${path}?${new URLSearchParams({ ...query, page: String(number) }).toString()}`;
  return reply(200, {
    links: { next: link(page + 1), previous: link(page - 1) },
    meta: { page, previous_page: page > 1 ? page - 1 : null, next_page: page < total ? page + 1 : null },
    count: items.length,
    total_pages: total,
    results: items.slice((page - 1) * size, page * size).map(render),
  });
}

function natural(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}
