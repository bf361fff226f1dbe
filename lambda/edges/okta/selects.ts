import * as z from 'zod';
import { SourceError } from '../../errors.ts';
import { checked } from '../http/checked.ts';
import type { OktaConnection } from './connection.ts';
import { readList } from './pages.ts';
import { isRefusedQuery } from './refusal.ts';
import { assignmentUrl, listOf, narrowedTo, type Selection } from './selection.ts';
import { nothingListed } from './selection-error.ts';

const Assignment = z.object({ id: z.string('a string') }, 'an assignment');

/**
 * Asks whether a group is in the selection, about nothing but this group: an answer of one row cannot be cut short. `null`
 * where Okta takes the selection's expression and refuses it together with an id, which it does not document.
 */
export async function selects(
  connection: OktaConnection,
  selection: Selection,
  id: string,
): Promise<boolean | null> {
  if ('app' in selection) {
    const page = await connection.read(assignmentUrl(connection.origin, selection.app, id), 'apps');
    if (page === null) return false;
    const assigned = checked(Assignment, page.json, page.where).id;
    if (assigned === id) return true;
    throw new SourceError(`${page.where}: Okta answered with another group, ${assigned}`);
  }
  const list = listOf(narrowedTo(id, selection), connection.origin);
  try {
    const rows = await readList(connection, list, { agree: () => true, onPage: () => undefined });
    return (rows ?? nothingListed(selection, list.url)).some((row) => row.id === id);
  } catch (error) {
    if (isRefusedQuery(error)) return null;
    throw error;
  }
}
