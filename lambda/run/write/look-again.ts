import { createIdentity } from '../../core/people/identity.ts';
import type { Fingerprint, GroupMemory } from '../../core/model/memory.ts';
import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import type { SyncRules } from '../../core/model/rules.ts';
import { contentOf, fingerprintOf } from '../../core/groups/content.ts';
import { verify } from '../../core/plan/verify.ts';
import { mergeMemory } from '../../archive/memory.ts';
import type { CheckpointRef } from '../../ports.ts';
import type { Written, WrittenGroup } from '../checkpoints.ts';
import type { RunContext } from '../context.ts';
import { held, outcomeOf } from './slice.ts';

type Outcome = Written['outcomes'][number];

/** Lists Secoda's groups once more, compares all that was written with it, and remembers what differs. */
export async function lookAtAll(
  context: RunContext,
  users: CheckpointRef,
  written: readonly CheckpointRef[],
): Promise<CheckpointRef> {
  const { sources, checkpoints, archive } = context;
  const list = await checkpoints.users.get(users);
  const groups = new Map((await sources.workspace.groups()).map((group) => [group.id, group]));
  const outcomes: Outcome[] = [];
  /** Ids of groups whose last write was looked at: what was written before it shows no more. */
  const seen = new Set<string>();
  for (const kept of written.toReversed()) {
    const { outcomes: told, shown: all } = await checkpoints.written.get(kept);
    const shown = all.filter(({ group }) => !seen.has(group.id));
    for (const { group } of shown) seen.add(group.id);
    const now = sources.clock.now();
    const { corrected, ...learned } = lookAgain({ ...context, now, users: list.users, groups, shown });
    await mergeMemory(archive, learned);
    outcomes.push(...corrected, ...told.flatMap((each) => stillThere(each, groups)));
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

interface LookInput {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly rules: SyncRules;
  readonly fingerprint: Fingerprint;
  readonly users: readonly WorkspaceUser[];
  /** As listed after the last write. */
  readonly groups: ReadonlyMap<string, WorkspaceGroup>;
  readonly shown: readonly WrittenGroup[];
}

interface SecondLook {
  readonly remember: readonly GroupMemory[];
  readonly forget: readonly string[];
  /** By the position of the change in the plan. */
  readonly corrected: readonly (readonly [position: number, outcome: ChangeOutcome])[];
}

/**
 * Compares what was written with Secoda's groups as listed after the last write, as the next run will see them. A group that shows something else
 * than it answered, without having been edited since, was not honoured: that is what must be remembered, or the next
 * run would write it again. One that somebody edited meanwhile is left to the next run.
 */
function lookAgain(input: LookInput): SecondLook {
  const { rules, fingerprint, groups, now } = input;
  const identity = createIdentity(rules.people, input.users);
  const remember: GroupMemory[] = [];
  const corrected: (readonly [number, ChangeOutcome])[] = [];
  for (const { position, written, group, before, refused, due } of input.shown) {
    const seen = groups.get(group.id);
    if (seen === undefined) {
      const error = 'Secoda accepted the write, but does not list the group afterwards';
      corrected.push([position, { outcome: 'unsettled', written, unsettled: [], news: true, error }]);
      continue;
    }
    if (fingerprintOf(contentOf(seen), fingerprint) === fingerprintOf(contentOf(group), fingerprint))
      continue;
    // Without a time of change there is no telling an edit from a habit of Secoda's: leave it to the next run.
    if (seen.updatedAt === null || seen.updatedAt !== group.updatedAt) continue;
    const verified = verify(written, written.content ?? group, seen, identity, now, fingerprint, refused);
    remember.push(verified.memory);
    const outcome = outcomeOf(written, verified, before ?? undefined, identity);
    corrected.push([position, held(outcome, due)]);
  }
  return { remember, forget: [], corrected };
}
