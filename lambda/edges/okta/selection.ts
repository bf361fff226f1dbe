import type { OktaGroup } from '../../core/model.ts';
import { SourceError } from '../../errors.ts';
import type { List } from './pages.ts';
import type { Right } from './rights.ts';
import { AssignmentRows, GroupRows } from './shapes.ts';

/** Which Okta groups the sync looks at: `okta.groups` of the configuration. */
export type Selection = { readonly app: string } | Expression;
type Expression = { readonly search: string } | { readonly filter: string } | { readonly all: true };

/** Okta's recommended page size for groups and members; the most that the assignments of an app allow. */
export const PAGE_SIZE = 200;

/** The smallest page that can be asked for: Okta gives 20 groups of an app at least. */
export function smallestPage(selection: Selection): number {
  return 'app' in selection ? 20 : 1;
}

/** The list of the selected groups. */
export function listOf(selection: Selection, origin: URL, pageSize = PAGE_SIZE): List<OktaGroup> {
  if ('app' in selection) {
    const url = new URL(`/api/v1/apps/${encodeURIComponent(selection.app)}/groups`, origin);
    url.search = new URLSearchParams({ expand: 'group', limit: String(pageSize) }).toString();
    return { url, right: 'apps', rows: AssignmentRows };
  }
  const [by, expression] = criteria(selection);
  const url = new URL('/api/v1/groups', origin);
  url.search = new URLSearchParams({
    [by]: expression,
    expand: 'stats',
    limit: String(pageSize),
  }).toString();
  return { url, right: 'groups', rows: GroupRows };
}

function criteria(selection: Expression): readonly ['search' | 'filter', string] {
  if ('search' in selection) return ['search', selection.search];
  return ['filter', 'filter' in selection ? selection.filter : 'type eq "OKTA_GROUP"'];
}

/** The selection with no other group left in it than this one. */
export function narrowedTo(id: string, selection: Expression): Expression {
  const [by, expression] = criteria(selection);
  const narrowed = `(${expression}) and id eq "${oktaId(id, 'groups')}"`;
  return by === 'search' ? { search: narrowed } : { filter: narrowed };
}

/** A group's assignment to an app. */
export function assignmentUrl(origin: URL, app: string, id: string): URL {
  return new URL(`/api/v1/apps/${encodeURIComponent(app)}/groups/${oktaId(id, 'groups')}`, origin);
}

/** Everything that a sync of this selection reads. */
export function rightsFor(selection: Selection): readonly Right[] {
  return 'app' in selection ? ['groups', 'apps'] : ['groups'];
}

/** Of a group, or with `rest` of something below it. Throws `SourceError` for an id that would name another path. */
export function groupUrl(origin: URL, id: string, rest = ''): URL {
  return new URL(`/api/v1/groups/${oktaId(id, 'groups')}${rest}`, origin);
}

/** The id as it is. Throws `SourceError` for one that would mean something else in a path or an expression. */
export function oktaId(id: string, of: 'groups' | 'users'): string {
  if (/^[\w-]+$/.test(id)) return id;
  throw new SourceError(`GET /api/v1/${of}: ${JSON.stringify(id.slice(0, 40))} is not an Okta id`);
}
