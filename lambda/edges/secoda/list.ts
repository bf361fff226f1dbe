import type * as z from 'zod';
import { SourceError } from '../../errors.ts';
import type { SecodaConnection } from './connection.ts';
import { Contradiction, LARGE_PAGE_DEADLINE_MS, readPages, TooLarge } from './pages.ts';
import type { Page } from './shapes.ts';

/** One of Secoda's numbered lists. */
export interface List<Row, Kept extends { readonly id: string }> {
  readonly of: 'users' | 'groups';
  readonly path: string;
  /** The usual number of rows to ask for at once (see `PageSizes`). */
  readonly pageSize: number;
  readonly page: z.ZodType<Page<Row>>;
  /** What of a row is kept. */
  readonly keep: (row: Row) => Kept;
}

/** How often a list that contradicts itself is read again from its start. */
const READ_AGAIN = 3;
/** Between two readings, in milliseconds: whoever is changing the list may be done by then. */
const PAUSE_MS = 1_000;

/**
 * Every row of a list, each once. A numbered list that is changed while it is read repeats or skips rows; then it is
 * read again from its start. What comes back is complete and agrees with itself, else `SourceError`.
 */
export async function readList<Row, Kept extends { readonly id: string }>(
  connection: SecodaConnection,
  list: List<Row, Kept>,
  deadlineMs: number,
): Promise<readonly Kept[]> {
  let patienceMs = deadlineMs;
  for (let again = 0; ; again += 1) {
    try {
      return await readPages(connection, list, patienceMs);
    } catch (error) {
      if (error instanceof TooLarge) {
        connection.pageSizes.refuse(list);
        patienceMs = deadlineMs - LARGE_PAGE_DEADLINE_MS;
        connection.willRetry('failure', 0);
        continue;
      }
      if (!(error instanceof Contradiction)) throw error;
      if (again === READ_AGAIN) {
        throw new SourceError(
          `GET ${list.path} contradicted itself each of the ${READ_AGAIN + 1} times it was read; the last time ${error.message}. Was the workspace being changed? Try again later.`,
        );
      }
      connection.willRetry('failure', PAUSE_MS);
      await connection.clock.sleep(PAUSE_MS);
    }
  }
}
