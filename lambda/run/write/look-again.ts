import { createIdentity, type Identity } from '../../core/people/identity.ts';
import type { GroupMemory } from '../../core/model/memory.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { contentOf, fingerprintOf } from '../../core/groups/settled-content.ts';
import { verify } from '../../core/plan/verify.ts';
import { mergeMemory } from '../../archive/state-file.ts';
import type { CheckpointRef } from '../../ports.ts';
import type { Written, WrittenGroup } from '../checkpoints.ts';
import type { RunContext } from '../context.ts';
import { held, outcomeOf } from './slice.ts';

type Outcome = Written['outcomes'][number];

/**
 * Lists Secoda's groups once more, compares all that was written with it, as the next run will see it, and remembers what differs. A
 * group whose last write was looked at is let be: what was written before it shows no more.
 */
export async function lookAtAll(
  context: RunContext,
  users: CheckpointRef,
  written: readonly CheckpointRef[],
): Promise<CheckpointRef> {
  const { sources, checkpoints, archive, rules } = context;
  const list = await checkpoints.users.get(users);
  const identity = createIdentity(rules.people, list.users);
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const outcomes: Outcome[] = [];
  const seen = new Set<string>();
  for (const kept of written.toReversed()) {
    const { outcomes: told, shown } = await checkpoints.written.get(kept);
    const looks = shown
      .filter(({ group }) => !seen.has(group.id))
      .flatMap((each) => lookAgain(each, groups.get(each.group.id), identity, context) ?? []);
    for (const { group } of shown) seen.add(group.id);
    await mergeMemory(archive, { remember: looks.flatMap(({ remember }) => remember ?? []), forget: [] });
    outcomes.push(
      ...looks.map(({ corrected }) => corrected),
      ...told.flatMap((each) => stillThere(each, groups)),
    );
  }
  return checkpoints.written.put('look-again', { outcomes, shown: [] });
}

/** Whether there is something for the last look in it: a group was written, or is said to be gone. */
export function isToBeSeen([, { outcome, written }]: Outcome): boolean {
  return written !== null && outcome !== 'failed';
}

function stillThere([position, told]: Outcome, groups: ReadonlyMap<string, WorkspaceGroup>): Outcome[] {
  const { outcome, written } = told;
  if (outcome !== 'applied' || written?.action !== 'delete' || !groups.has(written.secodaId ?? '')) return [];
  const error = 'Secoda accepted the deletion, but lists the group afterwards';
  const unsettled = written.remove.map(({ email, userId }) => email ?? userId);
  return [[position, { ...told, outcome: 'unsettled', unsettled, news: true, error }]];
}

/**
 * Compares one group with what it showed when it was written; `null` where nothing is to be said. One that shows something else than it
 * answered, without having been edited since, was not honoured: that is what must be remembered, or the next run would write it again.
 * One that somebody edited meanwhile is left to the next run.
 */
function lookAgain(
  { position, written, group, before, refused, due }: WrittenGroup,
  seen: WorkspaceGroup | undefined,
  identity: Identity,
  { sources }: RunContext,
): { readonly corrected: Outcome; readonly remember?: GroupMemory } | null {
  if (seen === undefined) {
    const error = 'Secoda accepted the write, but does not list the group afterwards';
    return { corrected: [position, { outcome: 'unsettled', written, unsettled: [], news: true, error }] };
  }
  if (fingerprintOf(contentOf(seen)) === fingerprintOf(contentOf(group))) return null;
  // Without a time of change there is no telling an edit from a habit of Secoda's: leave it to the next run.
  if (seen.updatedAt === null || seen.updatedAt !== group.updatedAt) return null;
  const now = sources.clock.now();
  const verified = verify(written, written.content ?? group, seen, identity, now, refused);
  const outcome = outcomeOf(written, verified, before ?? undefined, identity);
  return { corrected: [position, held(outcome, due)], remember: verified.memory };
}
