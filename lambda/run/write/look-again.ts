import { createIdentity } from '../../core/people/identity.ts';
import type { GroupMemory } from '../../core/model/memory.ts';
import type { Fingerprint } from '../../core/model/fingerprint.ts';
import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';
import type { SyncRules } from '../../core/model/rules.ts';
import { contentOf, fingerprintOf } from '../../core/groups/content.ts';
import { verify } from '../../core/plan/verify.ts';
import type { WrittenGroup } from '../checkpoints.ts';
import { held, outcomeOf } from './slice.ts';

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
export function lookAgain(input: LookInput): SecondLook {
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
