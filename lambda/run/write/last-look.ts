import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import type { CheckpointRef } from '../../ports.ts';
import { lookAgain } from './look-again.ts';
import type { Written } from '../checkpoints.ts';
import type { Writing } from '../context.ts';

type SliceOutcomes = Written['outcomes'][number];

/** Lists Secoda's groups once more, compares all that was written with it, and remembers what differs. */
export async function lookAtAll(
  input: Writing,
  users: CheckpointRef,
  written: readonly CheckpointRef[],
): Promise<CheckpointRef> {
  const { sources, checkpoints } = input;
  const list = await checkpoints.users.get(users);
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const outcomes: SliceOutcomes[] = [];
  /** Ids of groups whose last write was looked at: what was written before it shows no more. */
  const seen = new Set<string>();
  for (const kept of written.toReversed()) {
    const { outcomes: told, shown: all } = await checkpoints.written.get(kept);
    const shown = all.filter(({ group }) => !seen.has(group.id));
    for (const { group } of shown) seen.add(group.id);
    const now = sources.clock.now();
    const { corrected, ...learned } = lookAgain({ ...input, now, users: list.users, groups, shown });
    await input.memory.merge(learned);
    outcomes.push(...corrected, ...told.flatMap((each) => stillThere(each, groups)));
  }
  return checkpoints.written.put('look-again', { outcomes, shown: [] });
}

/** Whether there is something for the last look in it: a group was written, or is said to be gone. */
export function isToBeSeen([, { outcome, written }]: SliceOutcomes): boolean {
  return written !== null && outcome !== 'failed';
}

function stillThere(
  [position, told]: SliceOutcomes,
  groups: ReadonlyMap<string, WorkspaceGroup>,
): SliceOutcomes[] {
  const { outcome, written } = told;
  if (outcome !== 'applied' || written?.action !== 'delete' || !groups.has(written.secodaId ?? '')) return [];
  const error = 'Secoda accepted the deletion, but lists the group afterwards';
  const unsettled = written.remove.map(({ email, userId }) => email ?? userId);
  return [[position, { ...told, outcome: 'unsettled', unsettled, news: true, error }]];
}
