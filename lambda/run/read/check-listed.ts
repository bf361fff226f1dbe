import pMap from 'p-map';
import type { Plan } from '../../core/plan/change.ts';
import type { Memory } from '../../core/model/memory.ts';
import { SourceError } from '../../errors.ts';
import type { Workspace } from '../../ports.ts';
import type { Reading } from '../reading.ts';

const WIDTH = 5;

/**
 * Throws `SourceError` when Secoda's list leaves out a group that Secoda shows when asked for it by its id: a plan that rests on
 * such a list makes a second one. Asked for are the remembered groups in whose place others would be made or taken over.
 */
export async function checkListed(
  { changes }: Plan,
  { workspace: { groups }, usersReadAt: readAt }: Reading,
  memory: Memory,
  workspace: Pick<Workspace, 'group'>,
): Promise<void> {
  const replaced = new Set(
    changes.filter(({ action, adopted }) => action === 'create' || adopted).flatMap(({ oktaIds }) => oktaIds),
  );
  if (replaced.size === 0) return;
  const listed = new Set(groups.map(({ id }) => id));
  // What another run wrote after the list was read cannot be in it.
  const missing = [...memory.groups.values()].filter(
    ({ secodaId, oktaIds, triedAt }) =>
      !listed.has(secodaId) && triedAt < readAt && oktaIds.some((id) => replaced.has(id)),
  );
  await pMap(
    missing,
    async ({ secodaId }) => {
      if ((await workspace.group(secodaId)) === null) return;
      throw new SourceError(
        `GET /api/v1/auth/group does not list ${secodaId}, which Secoda shows when asked for it alone: may the API key see all groups?`,
      );
    },
    { concurrency: WIDTH },
  );
}
