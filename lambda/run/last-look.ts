import type { ChangeOutcome } from '../core/outcome.ts';
import type { Kept } from '../ports.ts';
import { lookAgain } from './look-again.ts';
import type { Writing } from './writing-step.ts';

/** Lists Secoda's groups once more, compares all that was written with it, and remembers what differs. */
export async function lookAtAll(input: Writing, users: Kept, written: readonly Kept[]): Promise<Kept> {
  const { sources, drawers } = input;
  const list = await drawers.users.get(users);
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const outcomes: (readonly [number, ChangeOutcome])[] = [];
  for (const kept of written) {
    const { shown } = await drawers.written.get(kept);
    const now = sources.clock.now();
    const { corrected, ...learned } = lookAgain({ ...input, now, users: list.users, groups, shown });
    await input.memory.merge(learned);
    outcomes.push(...corrected);
  }
  return drawers.written.put('look-again', { outcomes, shown: [] });
}
